/** What a patient made: each work with its consent, erasing one, and handing over those that they want at home. */

import * as api from "./api.js";
import { Act, Tick, useLoaded, Wrong } from "./parts.js";
import { html, useEffect, useLayoutEffect, useRef, useState } from "./vendor/htm-preact.js";
import { day, isLive, lasting, plays, sentence } from "./session.js";

/** @typedef {import("./api.js").Work} Work */

const KINDS = { painting: "Painting", mandala: "Mandala", triptych: "Before, now, next", garden: "Sound garden", place: "A place of their own", card: "Card" };
const LOOK_MS = 600; // between two looks at what is being made

/** A part of the patient's page. @param {{link: import("./link.js").Link, id: string, pseudonym: string}} the */
export function Made({ link, id, pseudonym }) {
  const { value, wrong, again } = useLoaded(() => api.works(id), [id]);
  const [said, say] = useState("");
  const heading = useRef(/** @type {HTMLElement|null} */ (null));
  const { state } = link;
  const theirs = Boolean(pseudonym) && state?.patient === pseudonym && isLive(state);
  const why = theirs
    ? "Their session is under way. What they want at home can be asked, and a work erased, once it is over."
    : state?.phase_locked
      ? "VR is locked. From the injection until they are cleared, nobody is asked what they want at home."
      : "";
  const erased = (/** @type {string} */ words) => {
    say(words);
    again();
    heading.current?.focus();
  };
  const going = (value ?? []).filter((work) => work.consent?.given && !work.stays);
  return html`<section class="made" aria-labelledby="made">
    <h2 id="made" tabindex="-1" ref=${heading}>What was made</h2>
    <${Wrong} words=${wrong} again=${again} />
    <p role="status" class=${said ? "" : "unseen"}>${said}</p>
    ${value && !value.length && html`<p>Nothing yet.</p>`}
    ${value && value.length > 0 && html`
      <p class="sub">All of it stays in these records. Ask about each work, and switch on what they would like to have at home.</p>
      ${why && html`<p class="answer slow">${why}</p>`}
      <ul class="works">
        ${value.map((work) => html`<li key=${work.work}>
          <${Piece} patient=${id} work=${work} off=${Boolean(why)} busy=${theirs} again=${again} onErased=${erased} />
        </li>`)}
      </ul>
      <${HandOver} key=${id} patient=${id} going=${going.length} off=${plays(state)} />`}
  </section>`;
}

/** One work. Nothing of it is scored. @param {{work: Work, patient: string, off: boolean, busy: boolean, again: () => void, onErased: (words: string) => void}} the */
function Piece({ patient, work, off, busy, again, onErased }) {
  const [wrong, beWrong] = useState("");
  const [asked, ask] = useState(/** @type {boolean|null} */ (null)); // until the records tell the same
  const given = work.consent?.given ?? false;
  useEffect(() => ask(null), [work]);
  const consent = (/** @type {boolean} */ on) => {
    ask(on);
    api.setConsent(patient, work.work, on).then(
      () => (beWrong(""), again()),
      (error) => (ask(null), beWrong(error.message)),
    );
  };
  const named = KINDS[work.kind] ?? KINDS.painting;
  const spent = [made(work), work.seconds ? lasting(work.seconds) : ""].filter(Boolean).join(", ");
  return html`<article class="card work" aria-label=${`${named}, ${day(work.began)}`}>
    <${Small} glimpse=${work.glimpse} />
    <div class="told-of">
      <h3>${named}</h3>
      <p class="sub">${day(work.began)}</p>
      ${spent && html`<p class="sub">${spent}</p>`}
      <p class="sub">${work.finished ? "hangs in their gallery" : "not kept yet; they can go on with it"}</p>
      ${work.trouble && html`<p class="why">${work.trouble}</p>`}
    </div>
    <div class="decided">
      ${work.stays
        ? html`<p class="sub">${work.stays}</p>`
        : html`<${Tick} id=${`home-${work.work}`} label="They want it at home" hint=${word(work.consent)}
            checked=${asked ?? given} off=${off && !given} onChecked=${consent} />`}
      <${Wrong} words=${wrong} />
      <${Erase} patient=${patient} work=${work} named=${named} off=${busy} onErased=${onErased} onWrong=${beWrong} />
    </div>
  </article>`;
}

/** @param {Work} work */
function made({ kind, strokes }) {
  if (kind === "garden") return "";
  return `${strokes.toLocaleString()} ${strokes === 1 ? "stroke" : "strokes"}`;
}

/** What was said last, and to whom. @param {Work["consent"]} consent */
function word(consent) {
  if (!consent) return "not asked yet";
  return html`${consent.given ? "they said yes to" : "not any more, they told"} <span dir="auto">${consent.by}</span>, ${day(consent.at)}`;
}

/** A few of its lines, to know it by. @param {{glimpse: Work["glimpse"]}} the */
function Small({ glimpse }) {
  if (!glimpse.lines.length) return html`<svg class="glimpse none" viewBox="0 0 100 100" aria-hidden="true">${[10, 22, 34].map((radius) => html`<circle key=${radius} cx="50" cy="50" r=${radius} />`)}</svg>`;
  return html`<svg class="glimpse" viewBox="0 0 100 100" aria-hidden="true">
    <rect width="100" height="100" fill=${glimpse.ground} />
    ${glimpse.lines.map((line, index) => html`<polyline key=${index} points=${line.points.join(" ")} fill="none" stroke=${line.colour}
      stroke-width=${line.wide} stroke-linecap="round" stroke-linejoin="round" />`)}
  </svg>`;
}

/** Asks once more, in its place. */
function Erase({ patient, work, named, off, onErased, onWrong }) {
  const [sure, beSure] = useState(false);
  const [busy, beBusy] = useState(false);
  const place = useRef(/** @type {HTMLElement|null} */ (null));
  const was = useRef(false);
  useLayoutEffect(() => { // before the next key can come
    if (sure || was.current) place.current?.querySelector("button")?.focus(); // where the button was that is gone
    was.current = sure;
  }, [sure]);
  const erase = async () => {
    if (busy) return;
    beBusy(true);
    try {
      await api.eraseWork(patient, work.work);
      onErased(`Erased: ${named}, ${day(work.began)}. It is gone from the records and from their places.`);
    } catch (error) {
      onWrong(/** @type {Error} */ (error).message);
      beBusy(false);
      beSure(false);
    }
  };
  if (!sure) {
    return html`<div ref=${place}><button type="button" class="plain" data-act="erase" aria-disabled=${off ? "true" : null} onClick=${() => !off && beSure(true)}>
      Erase it<span class="unseen">: ${named}, ${day(work.began)}</span>
    </button></div>`;
  }
  return html`<div class="sure" role="group" aria-label="Erase it for good?" ref=${place}>
    <p>Erase it for good? It leaves the records and their gallery, and nobody can bring it back. Backups from before still hold it.</p>
    <div class="pair">
      <${Act} name="erase-not" label="Leave it" onPress=${() => beSure(false)} />
      <${Act} name="erase-sure" kind="end" label="Erase it" busy=${busy} onPress=${erase} />
    </div>
  </div>`;
}

/** One button that gives one file with all that they want at home. @param {{patient: string, going: number, off: boolean}} the */
function HandOver({ patient, going, off }) {
  const [told, tell] = useState(/** @type {import("./api.js").HandOver|null} */ (null));
  const [wrong, beWrong] = useState("");
  const making = told?.state === "making";
  useEffect(() => {
    if (!making) return undefined;
    const timer = setTimeout(() => look(told.token), LOOK_MS);
    return () => clearTimeout(timer);
  }, [told]);
  const failed = (/** @type {Error} */ error) => (tell(null), beWrong(error.message));
  const begin = () => (beWrong(""), api.handOver(patient).then(arrived, failed));
  const look = (/** @type {string} */ token) => api.handOverOf(token).then(arrived, failed);
  const arrived = (/** @type {import("./api.js").HandOver} */ now) => {
    if (now.state === "failed") return void failed(new Error(sentence(now.words)));
    tell(now);
    if (now.state === "ready") save(now.token);
  };
  return html`<div class="card hand-over">
    <div>
      <h3>To take home</h3>
      <p>${how(going)}</p>
      <p class="sub">One file with pictures, 3D files and a page that opens on any phone or computer. Nothing in it says whose it is.</p>
    </div>
    <${Act} name="hand-over" kind="strong" label="Hand over" sub=${making ? "being made" : "as one file"} busy=${making} off=${off || !going || making} onPress=${begin} />
    <div class="how-far" role="status">
      ${making && html`<label for="how-far">${told.done} of ${told.of} ${told.of === 1 ? "is" : "are"} ready. A large work can take some minutes; keep this page open.</label>
        <progress id="how-far" max=${told.of} value=${told.done}></progress>`}
      ${told?.state === "ready" && html`<p>It is in this browser’s downloads. Put it on their stick or into a letter, then delete it there: it is not locked.</p>`}
      ${told?.state === "ready" && told.words && html`<p class="sub">${sentence(told.words)}</p>`}
      ${off && going > 0 && !making && html`<p class="sub">A session plays. It can be made when that is over.</p>`}
    </div>
    <${Wrong} words=${wrong} />
  </div>`;
}

/** @param {number} going */
function how(going) {
  if (!going) return "None of these is to go home yet.";
  return going === 1 ? "One of these goes home." : `${going} of these go home.`;
}

/** The browser saves it as it saves all files. @param {string} token */
function save(token) {
  const way = document.createElement("a");
  way.href = api.filesOf(token);
  way.download = "";
  way.click();
}
