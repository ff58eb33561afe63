/** Opens the pages: asks how things stand, keeps the link, and shows the page that the address names. */

import * as api from "./api.js";
import { Bedside } from "./bedside.js";
import { Desk } from "./desk.js";
import { Link } from "./link.js";
import { Alarm, StopBar, useLink } from "./parts.js";
import { PatientPage, Patients, ProfilePage } from "./patients.js";
import { Plans } from "./plans.js";
import { lightOf, loadPrefs, onDarkRoom, savePrefs, tabId } from "./prefs.js";
import { Screen } from "./screen.js";
import { Setup } from "./setup.js";
import { Lost, Unlock, Who } from "./unlock.js";
import { html, render, useEffect, useRef, useState } from "./vendor/htm-preact.js";
import { isLive, plays, primary, sentence } from "./session.js";

const TABS = [
  ["bedside", "Bedside"],
  ["desk", "Desk"],
  ["patients", "Patients"],
  ["plans", "Plans"],
  ["screen", "This screen"],
];
const TWICE_MS = 2000; // a second Esc within this stops now, as in the station's own window
const RETRY_MS = 1000;
const INTERACTIVE = "button, a, input, select, textarea, summary, [tabindex]";

/** @returns {string[]} the parts of the address, "#/patients/7" as ["patients", "7"] */
function useRoute() {
  const read = () => location.hash.replace(/^#\/?/, "").split("/").filter(Boolean).map(decodeURIComponent);
  const [route, go] = useState(read);
  useEffect(() => {
    const changed = () => go(read());
    addEventListener("hashchange", changed);
    return () => removeEventListener("hashchange", changed);
  }, []);
  return route.length ? route : ["bedside"];
}

function App() {
  const [home, setHome] = useState(/** @type {api.Home|null} */ (null));
  const [wrong, beWrong] = useState("");
  const [prefs, choose] = useState(loadPrefs);
  const lost = (/** @type {api.ApiError} */ error) => beWrong(error.status ? error.message : "Looking for the station. A session that runs goes on.");
  const ask = () => api.home().then((told) => (setHome(told), beWrong("")), lost);
  useEffect(() => void ask(), []);
  useEffect(() => {
    if (!wrong || home) return undefined;
    const timer = setTimeout(ask, RETRY_MS);
    return () => clearTimeout(timer);
  });
  useLight(prefs);
  const setPrefs = (/** @type {import("./prefs.js").Prefs} */ value) => (savePrefs(value), choose(value));
  if (!home) return html`<p class="opening" role="status">${wrong || "Harborlight is opening."}</p>`;
  if (home.first_run) return html`<${Setup} onDone=${ask} />`;
  return html`<${Linked} home=${home} onHome=${ask} prefs=${prefs} setPrefs=${setPrefs} />`;
}

/** Light or dim, and the hand, on the whole document. @param {import("./prefs.js").Prefs} prefs */
function useLight(prefs) {
  useEffect(() => {
    const show = () => (document.documentElement.dataset.light = lightOf(prefs));
    document.documentElement.dataset.hand = prefs.hand;
    show();
    return onDarkRoom(show);
  }, [prefs]);
}

/** Everything that has a socket. */
function Linked({ home, onHome, prefs, setPrefs }) {
  const [link] = useState(() => {
    const url = `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/ws`;
    return new Link({ url, build: home.build, client: tabId(), name: home.me });
  });
  useEffect(() => {
    link.onBack(onHome);
    return () => link.close();
  }, [link]);
  useEffect(() => link.rename(home.me), [home.me]);
  useLink(link);
  const [wrong, beWrong] = useState("");
  const then = (/** @type {Promise<unknown>} */ done) => done.then(() => (beWrong(""), onHome()), (error) => beWrong(error.message));
  const beMe = (/** @type {string} */ name) => then(api.beMe(name));
  useKeys(link, prefs);
  if (link.lostSeconds) return html`<${Lost} link=${link} />`;
  // Nothing is locked before somebody who wears a headset is led: the controls stay, and only the records wait.
  if (home.locked && !(plays(link.state) && link.state?.status?.worn)) return html`<${Unlock} link=${link} home=${home} onOpen=${onHome} />`;
  if (!home.me && home.clinicians.length) return html`<${Who} link=${link} home=${home} onMe=${beMe} wrong=${wrong} />`;
  return html`<${Pages} link=${link} home=${home} prefs=${prefs} setPrefs=${setPrefs} onMe=${beMe} onLock=${() => then(api.lock())} wrong=${wrong} />`;
}

/** Esc ends gently, everywhere and in every field; Space is GO where somebody wanted that. */
function useKeys(link, prefs) {
  const escaped = useRef(-TWICE_MS);
  useEffect(() => {
    const pressed = (/** @type {KeyboardEvent} */ event) => {
      if (event.repeat || event.ctrlKey || event.altKey || event.metaKey) return;
      if (event.key === "Escape" && isLive(link.state)) {
        const twice = event.timeStamp - escaped.current < TWICE_MS;
        escaped.current = event.timeStamp;
        const place = document.querySelector(".bedside") ? "dock" : "stopbar";
        link.do({ type: twice ? "StopNow" : "EndGently" }, { key: "end", place, label: twice ? "Stop now" : "End" });
      } else if (event.key === " " && prefs.spaceGoes && !(/** @type {Element} */ (event.target).closest(INTERACTIVE))) {
        const { command, label } = primary(link.state);
        const place = document.querySelector(".bedside") ? "dock" : document.querySelector(".desk") ? "cues" : "";
        if (command && place && link.drives) link.do(command, { key: "go", place, label });
        event.preventDefault();
      }
    };
    addEventListener("keydown", pressed);
    return () => removeEventListener("keydown", pressed);
  }, [link, prefs.spaceGoes]);
}

/** The pages proper, below their tabs. */
function Pages({ link, home, prefs, setPrefs, onMe, onLock, wrong }) {
  const [page, id, part] = useRoute();
  const draft = useRef({ text: "", at: 0 }).current; // of a note, while other pages are looked at
  const first = useRef(true);
  useEffect(() => {
    document.title = `${TABS.find(([name]) => name === page)?.[1] ?? "Bedside"} · Harborlight`;
    if (first.current) return void (first.current = false);
    scrollTo(0, 0);
    focusPage();
  }, [page, id, part]);
  const bedside = !TABS.some(([name]) => name === page && name !== "bedside");
  const shown = () => {
    if (page === "desk") return html`<${Desk} link=${link} draft=${draft} />`;
    if (page === "patients" && id && part === "profile") return html`<${ProfilePage} key=${id} link=${link} id=${id} />`;
    if (page === "patients" && id) return html`<${PatientPage} key=${id} link=${link} id=${id} />`;
    if (page === "patients") return html`<${Patients} />`;
    if (page === "plans") return html`<${Plans} link=${link} />`;
    if (page === "screen") return html`<${Screen} prefs=${prefs} setPrefs=${setPrefs} home=${home} onMe=${onMe} onLock=${onLock} wrong=${wrong} />`;
    return html`<${Bedside} link=${link} prefs=${prefs} />`;
  };
  return html`<div class=${bedside ? "frame whole" : "frame"}>
    <a class="skip" href="#page" onClick=${(event) => (event.preventDefault(), focusPage())}>To the page</a>
    <header class="top">
      <nav aria-label="Pages"><ul>
        ${TABS.map(([name, words]) => html`<li key=${name}><a href=${`#/${name}`} aria-current=${name === page || (name === "bedside" && bedside) ? "page" : null}>${words}</a></li>`)}
      </ul></nav>
      <${Facts} link=${link} home=${home} />
    </header>
    ${!bedside && html`<${Alarm} state=${link.state} />`}
    ${shown()}
    ${!bedside && html`<${StopBar} link=${link} />`}
  </div>`;
}

/** Keyboard and screen reader begin at the page's own heading. */
function focusPage() {
  const heading = document.querySelector("#page h1");
  if (!(heading instanceof HTMLElement)) return;
  heading.tabIndex = -1;
  heading.focus({ preventScroll: true });
}

/** Short facts beside the tabs: whose session, what is kept of it, headset, sound. */
function Facts({ link, home }) {
  const { state } = link;
  const status = state?.status;
  /** @type {[string, boolean][]} words, and whether they ask for a look */
  const facts = [];
  if (home.locked) facts.push(["Records locked", true]);
  if (home.rehearsal || status?.rehearsal) facts.push(["Rehearsal", false]);
  if (state?.patient) facts.push([state.patient, false]);
  if (state?.session || state?.patient) facts.push(recordingFact(state.recording));
  if (status) facts.push([status.worn ? "Headset on" : "Headset off", plays(state) && !status.worn]);
  if (status?.sound_wrong) facts.push([status.sound || "No sound", true]);
  return html`<ul class="facts" aria-label="At a glance">
    ${facts.map(([words, odd]) => html`<li key=${words} class=${odd ? "odd" : ""}>${words}</li>`)}
  </ul>`;
}

/** @param {string} recording @returns {[string, boolean]} */
function recordingFact(recording) {
  return recording === "saved" ? ["Record kept", false] : [sentence(recording || "not kept"), true];
}

const root = /** @type {HTMLElement} */ (document.getElementById("app"));
root.replaceChildren();
render(html`<${App} />`, root);
