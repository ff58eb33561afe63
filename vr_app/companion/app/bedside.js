/** Bedside, the default page: one sentence, the patient's view, what to read, and few large controls in thumb's reach. */

import * as api from "./api.js";
import { Mirror } from "./mirror.js";
import { Act, DriverBar, End, Making, Said, Told, Undo, useLoaded, Wrong } from "./parts.js";
import { html, useRef } from "./vendor/htm-preact.js";
import { day, ends, isLive, lasting, plays, primary, rating, softer, SOFTEST_DB } from "./session.js";

const SETTLE_MS = 900; // a button that has just become another takes no tap so long: gloves tap twice
const RECENT = 5;

/** @param {{link: import("./link.js").Link, prefs: import("./prefs.js").Prefs}} the */
export function Bedside({ link, prefs }) {
  const { state } = link;
  const over = state?.status?.mode === "over";
  return html`<main class="bedside" id="page">
    <h1 class="unseen">Bedside</h1>
    <${Sentence} state=${state} />
    <div class="seen">
      <div class="watched">
        <${Mirror} link=${link} />
        <${Making} link=${link} place="dock" off=${!isLive(state) || over || !link.drives} />
      </div>
      ${state && !over && (state.session || state.patient || plays(state)) ? html`<${Prompter} state=${state} />` : html`<${Welcome} state=${state} />`}
    </div>
    <${Dock} link=${link} hand=${prefs.hand} />
  </main>`;
}

/** The one sentence that says how things stand; an alarm stands before it in the same place. */
export function Sentence({ state }) {
  const notice = state?.notice ?? "";
  return html`<div class=${`sentence ${notice ? "alarmed" : ""}`}>
    <div role="alert">${notice && html`<p class="notice">${notice}</p>`}</div>
    <${Said} words=${state ? state.words : "Looking for the station."} />
  </div>`;
}

/** The line to be read, how much of its pause is left, and the line after. */
function Prompter({ state }) {
  const status = state?.status;
  const prompt = status?.prompt;
  if (!status || !prompt?.line) return html`<${Outline} state=${state} />`;
  const saying = prompt.words_left > 0;
  const pause = Math.ceil(prompt.pause_left);
  return html`<section class="prompter" aria-label="Words to read">
    <p class="how">${prompt.live ? "Read aloud" : "The recording says"}${status.quiet ? " · held while quiet" : ""}</p>
    <p class="line" dir="auto">${prompt.words}</p>
    <p class=${saying ? "pause" : "pause counting"}>
      <span class="pause-words">${saying ? `then ${pause} s of silence` : `${pause} s of silence`}</span>
      <${Silence} key=${prompt.line} left=${prompt.pause_left} saying=${saying} />
    </p>
    <p class="next" dir="auto"><span class="which">Next</span> ${prompt.following || "This was the last line."}</p>
  </section>`;
}

/** The pause as a bar that empties. */
function Silence({ left, saying }) {
  const most = useRef(left);
  most.current = Math.max(most.current, left);
  const share = saying ? 1 : left / (most.current || 1);
  return html`<span class="silence" aria-hidden="true"><span style=${{ transform: `scaleX(${share})` }}></span></span>`;
}

/** While there is nothing to read: where the plan stands. */
function Outline({ state }) {
  const status = state?.status;
  return html`<section class="prompter" aria-label="The plan">
    <p class="how">${status ? "No words to read just now" : "No words yet"}</p>
    ${status && html`<p class="line">${status.plan}</p>`}
    ${status &&
    !state.phase_locked &&
    html`<ol class="outline">
      ${state.cues.map(
        (cue, step) => html`<li key=${step} aria-current=${step === status.position.step ? "step" : null}>${cue}</li>`,
      )}
    </ol>`}
    ${state?.phase_locked && html`<p><a class="act link" href="#/desk">Unlock VR, on the Desk</a></p>`}
    ${status && !state.phase_locked && !ends(state) && html`<p class="next">${lasting(status.seconds_left)} left of the plan</p>`}
  </section>`;
}

/** Nobody's session is open: who is here today? */
function Welcome({ state }) {
  const { value, wrong, again } = useLoaded(() => api.patients(), []);
  const over = ends(state);
  return html`<section class="welcome" aria-labelledby="who">
    <h2 id="who">${over ? "Who is next?" : "Who is here today?"}</h2>
    <${Wrong} words=${wrong} again=${again} />
    <ul class="people">
      ${(value ?? []).slice(0, RECENT).map(
        (each) => html`<li key=${each.id}>
          <a class="person" href=${`#/patients/${each.id}`}>
            <span class="pseudonym">${each.pseudonym}</span>
            <span class="sub">${each.seen ? `last here ${day(each.seen)}` : "first session"}</span>
          </a>
        </li>`,
      )}
    </ul>
    ${over && state.session && html`<p><a class="act link" href="#/desk">Write a note about this session</a></p>`}
    <p class="others">
      <a href="#/patients">${value?.length ? "Somebody else, or new" : "Add the first patient"}</a>
    </p>
  </section>`;
}

/** @returns {() => boolean} whether the button has been what it is for long enough to be meant */
function useSettled({ label, sub, command }) {
  const was = useRef({ words: label + sub, asked: false, changed: -SETTLE_MS });
  if (was.current.words !== label + sub) {
    was.current = { words: label + sub, asked: false, changed: was.current.asked ? performance.now() : -SETTLE_MS };
  }
  was.current.asked = command !== null;
  return () => performance.now() - was.current.changed >= SETTLE_MS;
}

/** The controls along the lower edge; for a left hand in reverse, End again at the outer corner. */
function Dock({ link, hand }) {
  const { state } = link;
  const status = state?.status;
  const order = (/** @type {unknown[]} */ controls) => (hand === "left" ? controls.reverse() : controls);
  const ask = (key, label, command) => link.do(command, { key, place: "dock", label });
  const live = isLive(state) && !ends(state);
  const off = !live || !link.drives || state.phase_locked;
  const how = rating(state);
  const first = primary(state);
  const settled = useSettled(first);
  const begin = html`<${Act} name="go" kind="go" label=${first.label} sub=${first.sub} busy=${link.waits("go")}
    off=${!first.command || off}
    onPress=${() => first.command && settled() && ask("go", first.label, first.command)} />`;
  const toggle = (key, label, on, sub, command) => html`<${Act} name=${key} label=${label} sub=${sub} pressed=${on}
    busy=${link.waits(key)} off=${off} onPress=${() => ask(key, label, command)} />`;
  const quiet = status?.quiet ?? false;
  const speak = status?.speak ?? false;
  const db = status?.volume_db ?? 0;
  return html`<div class=${`dock ${hand}`} role="region" aria-label="Controls">
    <${DriverBar} link=${link} place="dock" />
    <${Told} link=${link} place="dock" />
    <div class="above">
      ${order([
        html`<${Act} key="place" name="place" label="Place view" busy=${link.waits("place")} off=${off}
          onPress=${() => ask("place", "Place view", { type: "PlaceView" })} />`,
        html`<${Act} key="rate" name="rate" label="Ask how they are" sub=${how.sub} pressed=${how.asked}
          busy=${link.waits("rate")} off=${off} onPress=${() => ask("rate", "Ask how they are", how.command)} />`,
        html`<${Act} key="queasy" name="queasy" label="Queasy" busy=${link.waits("queasy")} off=${!live}
          onPress=${() => ask("queasy", "Queasy", { type: "Queasy" })} />`,
        html`<${Act} key="ground" name="ground" label="Ground now" busy=${link.waits("ground")} off=${!live}
          onPress=${() => ask("ground", "Ground now", { type: "GroundNow" })} />`,
        html`<${Undo} key="undo" link=${link} place="dock" />`,
      ])}
    </div>
    <div class="below">
      ${order([
        begin,
        toggle("quiet", "Quiet", quiet, quiet ? "on: tap to go on" : "guide waits", { type: "SetQuiet", quiet: !quiet }),
        toggle("speak", "Speak", speak, speak ? "on: tap when done" : "sound dips", { type: "Speak", on: !speak }),
        html`<${Act} key="softer" name="softer" label="Softer" sub=${db ? `${db} dB` : "as usual"} busy=${link.waits("softer")}
          off=${off || db <= SOFTEST_DB}
          onPress=${() => ask("softer", "Softer", { type: "SetVolume", db: softer(status) })} />`,
        html`<${End} key="end" link=${link} place="dock" />`,
      ])}
    </div>
  </div>`;
}
