/** What follows from a State for the controls: which are alive, what they ask for. No pixels, and no state sentences. */

/** @typedef {import("./link.js").State} State */
/** @typedef {import("./link.js").Status} Status */
/** @typedef {import("./link.js").Command} Command */

/** vr_app.director.Mode, as Status tells it. */
const MODE = { WAITING: "waiting in the calm room", PLAYING: "playing", STOPPED: "stopped in the calm room" };
const ENDING = ["leaving", "over"];

export const SOFTER_DB = 3;
export const SOFTEST_DB = -24;

/** Whether there is somebody whose session could be ended. @param {State|null} state */
export function isLive(state) {
  return Boolean(state?.status) && state?.status?.mode !== "over";
}

/** Whether somebody is under way, or about to be: then its end is in reach on every page. @param {State|null} state */
export function underWay(state) {
  const status = state?.status;
  if (!isLive(state) || !status) return false;
  return status.mode !== MODE.WAITING || (status.worn && Boolean(state?.session || state?.patient));
}

/** Whether the plan plays. @param {State|null} state */
export function plays(state) {
  return state?.status?.mode === MODE.PLAYING;
}

/** Whether the session is on its way out, or out. @param {State|null} state */
export function ends(state) {
  return ENDING.includes(state?.status?.mode ?? "");
}

/**
 * What the one large button asks for now.
 * @param {State|null} state
 * @returns {{label: string, sub: string, command: Command|null}} `command` null: nothing to ask for
 */
export function primary(state) {
  const status = state?.status;
  if (!state || !status) return { label: "Begin", sub: "no picture yet", command: null };
  if (state.phase_locked) return { label: "Begin", sub: "VR is locked", command: null };
  if (ends(state)) return { label: "Begin", sub: "the session is over", command: null };
  if (state.undo > 0) return { label: "Next", sub: "ending; Undo goes on", command: null };
  const { mode, position, quiet, waits, cue, next_cue, speak } = status;
  const go = { type: "Go" };
  if (mode === MODE.WAITING && position.step === 0 && position.step_seconds === 0) {
    return { label: "Begin", sub: cue || status.plan, command: go };
  }
  if (mode !== MODE.PLAYING || quiet) return { label: "Go on", sub: cue || status.plan, command: go };
  if (speak) return { label: "Next", sub: "after you have spoken", command: null };
  if (!next_cue) return { label: "Next", sub: "this is the last part", command: null };
  return { label: "Next", sub: next_cue, command: waits ? go : { type: "GoTo", step: position.step + 1 } };
}

/** What the End button asks for: gently first, and now while that can still be taken back. @param {State|null} state */
export function ending(state) {
  const status = state?.status;
  const now = status?.mode !== MODE.STOPPED && ((state?.undo ?? 0) > 0 || status?.mode === "leaving");
  return now
    ? { label: "Stop now", sub: "at once", command: { type: "StopNow" }, now: true }
    : { label: "End", sub: "gently, 4 s", command: { type: "EndGently" }, now: false };
}

/** @param {Status|null|undefined} status @returns {number} dB after one more *Softer* */
export function softer(status) {
  return Math.max((status?.volume_db ?? 0) - SOFTER_DB, SOFTEST_DB);
}

/** @param {Status|null|undefined} status @returns {number} dB after *Louder again*; never above usual */
export function louder(status) {
  return Math.min((status?.volume_db ?? 0) + SOFTER_DB, 0);
}

/**
 * The scene whose settings are turned now: that of the plan's cue, whatever is shown meanwhile.
 * @param {State|null} state @param {import("./api.js").Catalogue|null} catalogue
 */
export function sceneOf(state, catalogue) {
  const status = state?.status;
  const cue = catalogue?.plans.find((plan) => plan.name === status?.plan_name)?.cues[status?.position.step ?? 0];
  return catalogue?.scenes.find((scene) => scene.id === (cue?.scene ?? status?.here)) ?? null;
}

/**
 * Asking the patient how they are: what the control says, and asks for; while it is asked, to leave it.
 * @param {State|null} state
 */
export function rating(state) {
  const status = state?.status;
  const told = rated(status?.ratings ?? []);
  if (status?.rating) return { sub: "asked: tap to leave it", asked: true, command: { type: "TakeBack", name: `rating ${status.rating}` } };
  const when = (status?.position.step ?? 0) === 0 ? "before" : "after";
  return { sub: told || "0 to 10, if they like", asked: false, command: { type: "Rate", when } };
}

/** "12 strokes, 3 min 20 s" @param {{strokes: number, seconds: number}} making */
export function made({ strokes, seconds }) {
  return `${strokes.toLocaleString()} ${strokes === 1 ? "stroke" : "strokes"}, ${lasting(seconds)}`;
}

/** "before 4, after 7"; of each the last. @param {{when: string, value: number}[]} ratings */
export function rated(ratings) {
  const last = new Map(ratings.map(({ when, value }) => [when, value]));
  return ["before", "after"].filter((when) => last.has(when)).map((when) => `${when} ${last.get(when)}`).join(", ");
}

/** The station's words as a sentence: it tells remedies without capital and stop. @param {string} words */
export function sentence(words) {
  const capital = words.charAt(0).toUpperCase() + words.slice(1);
  return /[.!?]$/.test(capital) ? capital : `${capital}.`;
}

/** An event of the record for people: "EndGently" as "End gently", "GoTo 1" as "Go to part 2". @param {string} event */
export function happened(event) {
  const step = /^GoTo (\d+)$/.exec(event);
  if (step) return `Go to part ${Number(step[1]) + 1}`;
  const words = event.replace(/([a-z])([A-Z])/g, (_, before, after) => `${before} ${after.toLowerCase()}`);
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** "6 min", "1 min 30 s". @param {number} seconds */
export function lasting(seconds) {
  const whole = Math.max(Math.round(seconds), 0);
  const [minutes, rest] = [Math.floor(whole / 60), whole % 60];
  if (!minutes) return `${rest} s`;
  return rest ? `${minutes} min ${rest} s` : `${minutes} min`;
}

/** "3:05". @param {number} seconds */
export function clock(seconds) {
  const whole = Math.max(Math.floor(seconds), 0);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

/** "28 November, 15:40", in the browser's language. @param {string} iso */
export function day(iso) {
  const when = new Date(iso);
  if (!iso || Number.isNaN(when.getTime())) return "";
  return when.toLocaleString(undefined, { day: "numeric", month: "long", hour: "2-digit", minute: "2-digit" });
}
