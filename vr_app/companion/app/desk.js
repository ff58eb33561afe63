/** Desk: what plays beside what comes, the cue list, every setting of the scene, and the session's notes. */

import * as api from "./api.js";
import { AROUND } from "./link.js";
import { Mirror } from "./mirror.js";
import { Act, Choice, DriverBar, Making, Slider, Told, useLoaded, Wrong, Written } from "./parts.js";
import { html, useEffect, useRef, useState } from "./vendor/htm-preact.js";
import { clock, ends, happened, isLive, lasting, louder, plays, primary, sceneOf, softer, SOFTEST_DB } from "./session.js";

const ADJUST_MS = 150; // between two values of a slider that is moved
const TRACE = 120; // points of the stillness that is drawn
const REFRESH_MS = 5000; // between two looks at the session's events
const ANCHORS = { breath: "Breath", sound: "Sound", sight: "Sight", hands: "Hands" };
const SENSED = 0.5; // of Breath.confidence: from here on it leads

/** @param {{link: import("./link.js").Link, draft: {text: string, at: number}}} the `draft` outlives the page */
export function Desk({ link, draft }) {
  const { state } = link;
  const { value: catalogue, wrong, again } = useLoaded(() => catalogueFor(state?.patient), [state?.patient, state?.session]);
  const [camera, look] = useState(/** @type {import("./link.js").Camera} */ ("eye"));
  const off = !isLive(state) || ends(state) || !link.drives || state.phase_locked;
  return html`<main class="desk" id="page">
    <h1 class="unseen">Desk</h1>
    <${DriverBar} link=${link} place="desk" />
    <${Wrong} words=${wrong} again=${again} />
    <div class="column">
      <section class="programme" aria-label="Programme: what plays">
        <h2>Now <span class="sub">${state?.status?.cue ?? ""}</span></h2>
        <${Mirror} link=${link} camera=${camera} />
        <${Choice} id="camera" legend="Camera" value=${camera} onValue=${look}
          options=${[["eye", "Patient’s view"], ["beside", "From beside"], ["around", "Around the work"]]} />
        ${camera === "around" && html`<${Around} link=${link} />`}
        <${Making} link=${link} place="making" off=${off} />
        <${Told} link=${link} place="making" />
      </section>
      <${Body} state=${state} />
    </div>
    <div class="column">
      <${Cues} link=${link} catalogue=${catalogue} off=${off} />
      <${Story} link=${link} draft=${draft} />
    </div>
    <div class="column">
      <${Whole} link=${link} off=${off} />
      <${Scene} link=${link} catalogue=${catalogue} off=${off} />
    </div>
  </main>`;
}

/** Where the camera around the work stands. It moves this picture, and nothing that the patient sees. */
function Around({ link }) {
  const [orbit, put] = useState(AROUND);
  const to = (/** @type {Partial<import("./link.js").Orbit>} */ part) => put((before) => ({ ...before, ...part }));
  useEffect(() => link.turn(orbit), [link, orbit]);
  const metres = (/** @type {number} */ value) => `${value.toFixed(1)} m`;
  return html`<div class="around" role="group" aria-label="Where the camera stands">
    <${Slider} id="yaw" label="Turn" low=${-3.1} high=${3.1} step=${0.1} value=${orbit.yaw} onValue=${(yaw) => to({ yaw })}
      told=${(/** @type {number} */ value) => sideOf(value)} />
    <${Slider} id="height" label="Height" low=${0.2} high=${3} step=${0.1} value=${orbit.height} told=${metres} onValue=${(height) => to({ height })} />
    <${Slider} id="distance" label="Distance" low=${0.6} high=${5} step=${0.1} value=${orbit.distance} told=${metres} onValue=${(distance) => to({ distance })} />
  </div>`;
}

/** @param {number} yaw radians, 0 behind the patient, to the left */
function sideOf(yaw) {
  const degrees = Math.round((yaw * 180) / Math.PI);
  if (!degrees) return "from behind";
  return `${Math.abs(degrees)}° ${degrees > 0 ? "left" : "right"}`;
}

/** What there is for whoever is here; for anybody while the records are locked. @param {string|undefined} pseudonym */
async function catalogueFor(pseudonym) {
  const known = pseudonym ? await api.patients().catch(() => []) : [];
  return api.catalogue(known.find((each) => each.pseudonym === pseudonym)?.id);
}

/** What comes, beside what plays: a cue is chosen first, and GO plays it. */
function Cues({ link, catalogue, off }) {
  const { state } = link;
  const status = state?.status;
  const [chosen, choose] = useState(/** @type {number|null} */ (null));
  const now = status?.position.step ?? 0;
  useEffect(() => choose(null), [now, status?.plan_name]);
  const first = primary(state);
  const cues = state?.cues ?? [];
  const step = chosen ?? (plays(state) && !status.quiet ? now + 1 : now);
  const title = cues[step] ?? cues.at(-1) ?? "";
  const command = chosen === null ? first.command : { type: "GoTo", step: chosen };
  const cue = catalogue?.plans.find((plan) => plan.name === status?.plan_name)?.cues[step];
  const scene = catalogue?.scenes.find((each) => each.id === cue?.scene);
  return html`<section class="cues" aria-label="Preview and cue list">
    <h2>Preview</h2>
    <div class="preview">
      <p class="cue-title">${title}</p>
      <p class="sub">${scene?.summary ?? ""}</p>
      <p class="sub">${cue ? lasting(cue.minutes * 60) : ""}${cue?.note ? ` · ${cue.note}` : ""}</p>
      <${Act} name="go" kind="go" label="GO" sub=${chosen !== null ? "from its beginning" : command ? first.label : first.sub}
        busy=${link.waits("go")} off=${off || !command}
        onPress=${() => link.do(command, { key: "go", place: "cues", label: "GO" })} />
    </div>
    <${Told} link=${link} place="cues" />
    <ol class="list" aria-label="Cues">
      ${cues.map(
        (each, index) => html`<li key=${index}>
          <button type="button" class="cue" aria-pressed=${String(index === step)}
            aria-current=${index === now ? "step" : null} onClick=${() => choose(index)}>
            <span class="number">${index + 1}</span><span>${each}</span>
            <span class="sub">${index === now ? (plays(state) ? "plays" : "here") : index < now ? "over" : ""}</span>
          </button>
        </li>`,
      )}
    </ol>
  </section>`;
}

/** Controls made from the scene's own Settings, its anchors, and the patient's closed eyes. */
function Scene({ link, catalogue, off }) {
  const { state } = link;
  const status = state?.status;
  const scene = sceneOf(state, catalogue);
  const adjust = useAdjust(link, scene?.id ?? "");
  const anchors = status?.anchors ?? [];
  const why = Object.fromEntries((catalogue?.scenes ?? []).map((each) => [each.anchor, each.left_out]));
  return html`<section class="scene" aria-label="This scene">
    <h2>${scene?.title ?? "This scene"}</h2>
    ${scene && !scene.settings.length && html`<p class="sub">It has nothing to set.</p>`}
    ${(scene?.settings ?? []).map((each) => html`<${Setting} key=${`${scene.id}.${each.name}`} setting=${each} off=${off}
      value=${status?.settings[each.name] ?? each.default} onValue=${(value) => adjust(each, value)} />`)}
    ${anchors.length > 0 &&
    html`<${Choice} id="anchor" legend="Anchor for this part" off=${off} value=${status?.anchor ?? ""}
      hint=${anchors.map((each) => why[each]).find(Boolean)}
      options=${[["", "As planned"], ...anchors.map((each) => [each, ANCHORS[each] ?? each])]}
      onValue=${(anchor) => link.do({ type: "SetAnchor", anchor }, { key: "anchor", place: "scene", label: "Anchor" })} />`}
    <${Told} link=${link} place="scene" />
  </section>`;
}

/** @returns {(setting: {name: string, label: string}, value: number|string) => void} asks for the newest value, not for each on the way */
function useAdjust(link, scene) {
  const waiting = useRef(/** @type {Map<string, [string, number|string]>} */ (new Map())); // by name: label and value
  const timer = useRef(/** @type {any} */ (null));
  const flush = () => {
    timer.current = null;
    for (const [name, [label, value]] of waiting.current) {
      link.do({ type: "Adjust", scene, name, value }, { key: `set ${name}`, place: "scene", label });
    }
    waiting.current.clear();
  };
  useEffect(() => () => clearTimeout(timer.current), [scene]);
  return ({ name, label }, value) => {
    waiting.current.set(name, [label, value]);
    timer.current ??= setTimeout(flush, ADJUST_MS);
  };
}

/** @param {{setting: import("./api.js").Amount|import("./api.js").Pick}} the */
function Setting({ setting, value, off, onValue }) {
  if (setting.type === "Pick") {
    return html`<${Choice} id=${`set-${setting.name}`} legend=${setting.label} off=${off} value=${value} onValue=${onValue}
      options=${setting.words.map((each) => [each, spoken(each)])} />`;
  }
  const { name, label, low, high, step, unit } = setting;
  const digits = step && Number.isInteger(step) ? 0 : step >= 0.1 ? 1 : 2;
  const told = (/** @type {number} */ number) => `${number.toFixed(digits)}${unit ? ` ${unit}` : ""}`;
  return html`<${Slider} id=${`set-${name}`} label=${label} low=${low} high=${high} step=${step} told=${told}
    value=${Number(value)} off=${off} onValue=${onValue} />`;
}

/** "blue_hour" as it is said. @param {string} name */
function spoken(name) {
  const words = name.replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** What holds whichever scene plays: volume, closed eyes, the lock. */
function Whole({ link, off }) {
  const { state } = link;
  const status = state?.status;
  const db = status?.volume_db ?? 0;
  const ask = (key, label, command) => link.do(command, { key, place: "whole", label });
  const volume = (value) => ask("volume", "Volume", { type: "SetVolume", db: value });
  const eyes = status?.eyes_closed ?? false;
  return html`<section class="whole" aria-label="Sound and eyes">
    <h2>Sound and eyes</h2>
    <${Slider} id="volume" label="Volume" low=${SOFTEST_DB} high=${0} step=${1} value=${db} off=${off} onValue=${volume}
      told=${(/** @type {number} */ value) => (value ? `${value} dB` : "as usual")} />
    <div class="pair">
      <${Act} name="softer" label="Softer" off=${off || db <= SOFTEST_DB} busy=${link.waits("volume")} onPress=${() => volume(softer(status))} />
      <${Act} name="louder" label="Louder again" off=${off || db >= 0} busy=${link.waits("volume")} onPress=${() => volume(louder(status))} />
    </div>
    <div class="pair">
      <${Act} name="eyes" label="Eyes closed" sub=${eyes ? "on: dimmed" : "sound leads"} pressed=${eyes} off=${off}
        busy=${link.waits("eyes")} onPress=${() => ask("eyes", "Eyes closed", { type: "SetEyes", closed: !eyes })} />
      <${Act} name="place" label="Place view" sub="as they sit now" off=${off} busy=${link.waits("place")}
        onPress=${() => ask("place", "Place view", { type: "PlaceView" })} />
    </div>
    <${Phase} link=${link} ask=${ask} />
    <${Told} link=${link} place="whole" />
  </section>`;
}

/** The lock for the time in which the medicine acts; opening it takes a second, named step. */
function Phase({ link, ask }) {
  const { state } = link;
  const [sure, beSure] = useState(false);
  const locked = state?.phase_locked ?? false;
  useEffect(() => beSure(false), [locked]);
  const off = !link.drives;
  if (!locked) {
    const busy = plays(state); // a session is ended, not locked away
    return html`<${Act} name="lock" label="Lock VR" sub=${busy ? "once nothing plays" : "before the injection"} off=${off || busy} busy=${link.waits("phase")}
      onPress=${() => ask("phase", "Lock VR", { type: "SetPhase", locked: true })} />`;
  }
  if (!sure) {
    return html`<${Act} name="unlock" label="Unlock VR" sub="asks once more" off=${off} onPress=${() => beSure(true)} />`;
  }
  return html`<div class="sure">
    <p>VR stays locked while the medicine acts. Unlocking is recorded under the name <strong dir="auto">${link.who.name}</strong>.</p>
    <div class="pair">
      <${Act} label="Keep it locked" onPress=${() => beSure(false)} />
      <${Act} name="unlock-sure" label="Unlock it" busy=${link.waits("phase")} off=${off}
        onPress=${() => ask("phase", "Unlock VR", { type: "SetPhase", locked: false })} />
    </div>
  </div>`;
}

/** Breath and stillness, drawn. */
function Body({ state }) {
  const status = state?.status;
  const trace = useRef(/** @type {number[]} */ ([]));
  const last = useRef(-1);
  if (status && Math.floor(status.time * 2) !== last.current) {
    last.current = Math.floor(status.time * 2);
    trace.current = [...trace.current, status.stillness].slice(-TRACE);
  }
  const breath = status?.breath;
  const sensed = breath && breath.confidence >= SENSED;
  const swell = breath ? (breath.phase < 0.4 ? breath.phase / 0.4 : (1 - breath.phase) / 0.6) : 0;
  const points = trace.current.map((still, index) => `${(index / (TRACE - 1)) * 240},${44 - still * 40}`).join(" ");
  return html`<section class="body" aria-label="Breath and stillness">
    <h2>Breath and stillness</h2>
    <div class="drawn">
      <svg viewBox="0 0 96 96" role="img" aria-label=${breath ? `Breath: ${breath.rate.toFixed(1)} a minute` : "No breath is sensed"}>
        <circle class="rim" cx="48" cy="48" r="42" />
        ${breath && html`<circle class=${sensed ? "lung" : "lung unsure"} cx="48" cy="48" r=${16 + 24 * swell} />`}
      </svg>
      <p>${breath ? html`<strong>${breath.rate.toFixed(1)}</strong> breaths a minute` : "Nobody asked for the breath."}
        ${breath && html`<span class="sub">${sensed ? "sensed" : "not sure"}</span>`}</p>
    </div>
    <div class="drawn">
      <svg class="trace" viewBox="0 0 240 48" preserveAspectRatio="none" role="img" aria-label=${`Stillness of the head: ${Math.round((status?.stillness ?? 0) * 100)} of 100`}>
        <line x1="0" y1="44" x2="240" y2="44" /><polyline points=${points} />
      </svg>
      <p>Stillness of the head, last minute</p>
    </div>
  </section>`;
}

/** The ribbon of events, and notes with the session's time. */
function Story({ link, draft }) {
  const { state } = link;
  const id = state?.session ?? null;
  const { value, wrong, again } = useLoaded(async () => (id ? api.session(id) : null), [id, state?.status?.mode]);
  useEffect(() => {
    const timer = setInterval(again, REFRESH_MS);
    return () => clearInterval(timer);
  }, [again]);
  const events = value?.events ?? [];
  return html`<section class="story" aria-label="Events and notes">
    <h2>Events and notes</h2>
    <${Wrong} words=${wrong} />
    ${!id && html`<p class="sub">No session is being recorded, so there is nothing to write to.</p>`}
    <ol class="ribbon" aria-label="Events" tabindex="0">
      ${events.map((each, index) => html`<li key=${index}><time>${clock(each.at)}</time> <span dir="auto">${happened(each.words)}</span></li>`)}
      ${!events.length && html`<li class="sub">Nothing has happened yet.</li>`}
    </ol>
    ${id && html`<${NoteForm} session=${id} time=${state?.status?.time ?? 0} draft=${draft} onSaved=${again} />`}
    <${Notes} notes=${value?.notes ?? []} />
  </section>`;
}

/** A note bears the session's time at which one began to write it. */
export function NoteForm({ session, time, draft, onSaved }) {
  const [, draw] = useState(0);
  const [saying, say] = useState({ busy: false, wrong: "" });
  const write = (/** @type {string} */ text) => {
    if (!draft.text) draft.at = time;
    draft.text = text;
    draw((count) => count + 1);
  };
  const save = async (/** @type {Event} */ event) => {
    event.preventDefault();
    if (!draft.text.trim() || saying.busy) return;
    say({ busy: true, wrong: "" });
    try {
      await api.addNote(session, draft.text, draft.at);
      draft.text = "";
      say({ busy: false, wrong: "" });
      onSaved();
    } catch (error) {
      say({ busy: false, wrong: `${/** @type {Error} */ (error).message} Your note is still here.` });
    }
  };
  return html`<form class="note" onSubmit=${save}>
    <label for="note">Note at <time>${clock(draft.text ? draft.at : time)}</time></label>
    <textarea id="note" rows="3" dir="auto" value=${draft.text} onInput=${(event) => write(event.target.value)}></textarea>
    <${Wrong} words=${saying.wrong} />
    <button type="submit" class="act small" aria-busy=${saying.busy ? "true" : null} aria-disabled=${draft.text.trim() ? null : "true"}>Keep the note</button>
  </form>`;
}

/** @param {{notes: import("./api.js").Happening[]}} the */
export function Notes({ notes }) {
  return html`<ul class="notes" aria-label="Notes">
    ${[...notes].reverse().map((each, index) => html`<li key=${notes.length - index}><time>${clock(each.at)}</time><${Written} words=${each.words} /></li>`)}
  </ul>`;
}
