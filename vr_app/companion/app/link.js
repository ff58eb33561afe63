/** The socket to the station: what the session is now, what is asked of it, and coming back when it is lost. */

import { newTabId } from "./prefs.js";
import { sentence } from "./session.js";

/** @type {Camera[]} */
const CAMERAS = ["eye", "beside", "around"];
/** @type {Orbit} */
export const AROUND = { yaw: 0.6, height: 1.5, distance: 2 };

/**
 * @typedef {{line: string, words: string, words_left: number, pause_left: number, following: string, live: boolean}} Prompt
 * @typedef {{when: "before"|"after", value: number, seconds: number}} Rated
 * @typedef {{rate: number, phase: number, confidence: number}} Breath
 * @typedef {{time: number, mode: string, here: string, plan: string, plan_name: string, steps: number,
 *   position: {step: number, step_seconds: number, scene_seconds: number}, seconds_left: number, locked: boolean,
 *   quiet: boolean, worn: boolean, focused: boolean, head_tracked: boolean, headset: string, posture: string,
 *   caption: string, fault: string, prompt: Prompt, speak: boolean, sound: string, sound_wrong: boolean,
 *   rehearsal: boolean, cue: string, next_cue: string, waits: boolean, anchors: string[], anchor: string,
 *   eyes_closed: boolean, veiled: boolean, making: {strokes: number, seconds: number}|null, volume_db: number, exposure_seconds: number, settings: Record<string, number|string>,
 *   breath: Breath|null, stillness: number, rating: string, ratings: Rated[]}} Status
 * @typedef {{status: Status|null, age: number, words: string, notice: string, phase_locked: boolean, driver: string,
 *   driver_name: string, clients: string[], session: string|null, patient: string, cues: string[], undo: number, recording: string}} State
 * @typedef {{type: string, [field: string]: unknown}} Command
 * @typedef {{id: number, key: string, place: string, label: string, sent: number,
 *   how: "sent"|"slow"|"refused"|"lost", why: string}} Asked
 * @typedef {"eye"|"beside"|"around"} Camera
 * @typedef {{yaw: number, height: number, distance: number}} Orbit radians, 0 behind the patient; metres
 * @typedef {{number: number, camera: "eye"|"beside"|"around", time: number, age: number, jpeg: Uint8Array}} Picture
 */

export const SLOW_MS = 1000; // an answer that takes longer is said to
const RETRY_MS = 1000;
const LOST_MS = 1500; // without a socket: the page says so
const SILENT_MS = 4000; // an open socket that tells nothing is taken for dead: cables are pulled without a farewell
const TICK_MS = 250;
const HEADER_BYTES = 24;
const LOST_WORDS = "The station did not hear this; ask again.";

export class Link {
  /**
   * @param {{url: string, build: string, client: string, name: string}} who
   */
  constructor(who) {
    this.who = who;
    /** @type {State|null} */ this.state = null;
    /** @type {Map<string, Asked>} by the control that asked */ this.asked = new Map();
    this.gone = ""; // why the server closed, when it said so
    this.up = false;
    this._told = 0; // when the last frame came, ms
    this._since = performance.now(); // of being up, or down
    this._numbers = 0;
    this._view = { camera: "eye", hz: 0, orbit: AROUND };
    this._offered = false; // to drive, on this connection
    /** @type {object[]} */ this._early = []; // asked for while the connection opens: an End need not wait to be seen
    /** @type {Set<() => void>} */ this._watchers = new Set();
    /** @type {((picture: Picture) => void)|null} */ this._onPicture = null;
    /** @type {Array<() => void>} */ this._onBack = [];
    /** @type {WebSocket|null} */ this._socket = null;
    /** @type {ReturnType<typeof setTimeout>|undefined} */ this._retry = undefined;
    this._closed = false;
    this._tick = setInterval(() => this._look(), TICK_MS);
    this._open();
  }

  /** Tells of every change; returns how to end that. @param {() => void} watcher */
  watch(watcher) {
    this._watchers.add(watcher);
    return () => void this._watchers.delete(watcher);
  }

  /** Called whenever a lost connection is back. @param {() => void} told */
  onBack(told) {
    this._onBack.push(told);
  }

  /** Seconds for which there has been no connection; 0 while there is one, or until that is worth a word. */
  get lostSeconds() {
    const passed = performance.now() - this._since;
    return this.up || passed < LOST_MS ? 0 : passed / 1000;
  }

  /** Whether this tab drives. */
  get drives() {
    return this.state?.driver === this.who.client;
  }

  /** Seconds since the picture process told of itself; null: it never has. */
  get age() {
    if (!this.state?.status) return null;
    return this.state.age + (performance.now() - this._told) / 1000;
  }

  /** Ask for something; `key` names the control, `place` where its answer is read. @param {Command} command */
  do(command, /** @type {{key: string, place: string, label: string}} */ asking) {
    this._ask("Do", asking, { command });
  }

  /** Take over. @param {string} place */
  drive(place) {
    this._ask("Drive", { key: "drive", place, label: "Take over" }, {});
  }

  /** Take back an End. @param {string} place */
  undo(place) {
    this._ask("Undo", { key: "undo", place, label: "Undo" }, {});
  }

  /** Whether the control `key` waits for its answer. @param {string} key */
  waits(key) {
    const how = this.asked.get(key)?.how;
    return how === "sent" || how === "slow";
  }

  /** What there is to be read at `place`, the newest last. @param {string} place @returns {Asked[]} */
  told(place) {
    return [...this.asked.values()].filter((each) => each.place === place && each.how !== "sent");
  }

  /** It has been read. @param {string} key */
  dismiss(key) {
    this.asked.delete(key);
    this._tell();
  }

  /** Pictures of `camera` go to `shown`, `hz` a second. @param {Camera} camera @param {number} hz */
  view(camera, hz, /** @type {((picture: Picture) => void)|null} */ shown) {
    this._view = { ...this._view, camera, hz };
    this._onPicture = shown;
    this._send({ type: "View", ...this._view });
  }

  /** Where the camera around the work stands, on this screen and for nobody's eyes. @param {Orbit} orbit */
  turn(orbit) {
    this._view = { ...this._view, orbit };
    if (this._view.hz > 0) this._send({ type: "View", ...this._view });
  }

  /** That picture is on the screen. @param {number} picture */
  seen(picture) {
    this._send({ type: "Seen", picture });
  }

  /** Another clinician sits here. @param {string} name */
  rename(name) {
    if (name === this.who.name) return;
    this.who = { ...this.who, name };
    this._hello();
  }

  /** No more of it. */
  close() {
    this._closed = true;
    clearInterval(this._tick);
    clearTimeout(this._retry);
    this._socket?.close();
  }

  _ask(type, { key, place, label }, fields) {
    const id = ++this._numbers;
    const asked = { id, key, place, label, sent: performance.now(), how: "sent", why: "" };
    this.asked.delete(key); // so that it becomes the newest
    this.asked.set(key, /** @type {Asked} */ (asked));
    const frame = { type, id, ...fields };
    if (this._socket?.readyState === WebSocket.CONNECTING) this._early.push(frame);
    else if (!this._send(frame)) Object.assign(asked, { how: "lost", why: LOST_WORDS });
    this._tell();
  }

  _send(frame) {
    if (this._socket?.readyState !== WebSocket.OPEN) return false;
    this._socket.send(JSON.stringify(frame));
    return true;
  }

  _open() {
    const socket = new WebSocket(this.who.url);
    socket.binaryType = "arraybuffer";
    socket.onopen = () => this._opened(socket);
    socket.onmessage = (event) => this._heard(socket, event.data);
    socket.onclose = () => this._lost(socket);
    this._socket = socket;
  }

  _opened(socket) {
    if (socket !== this._socket) return;
    this._told = performance.now();
    this._offered = false;
    this._hello();
    for (const frame of this._early.splice(0)) this._send(frame);
    if (this._view.hz > 0) this._send({ type: "View", ...this._view });
  }

  _hello() {
    this._send({ type: "Hello", build: this.who.build, client: this.who.client, name: this.who.name });
  }

  _lost(socket) {
    if (socket !== this._socket || this._closed) return;
    if (this.up) this._since = performance.now();
    this.up = false;
    this._socket = null;
    this._early = [];
    for (const asked of this.asked.values()) {
      if (asked.how === "sent" || asked.how === "slow") Object.assign(asked, { how: "lost", why: LOST_WORDS });
    }
    this._retry = setTimeout(() => this._open(), RETRY_MS);
    this._tell();
  }

  _heard(socket, data) {
    if (socket !== this._socket) return;
    if (data instanceof ArrayBuffer) return this._onPicture?.(pictureOf(data));
    const frame = JSON.parse(data);
    if (frame.type === "State") this._hearState(frame);
    else if (frame.type === "Answer") this._hearAnswer(frame);
    else if (frame.type === "Gone") this._hearGone(frame);
    this._tell();
  }

  _hearState(frame) {
    const back = !this.up && this.state !== null;
    if (!this.up) this._since = performance.now();
    this.up = true; // only now: a server that sends the page away also opens a socket first
    this.gone = "";
    this._told = performance.now();
    if (back) this._onBack.forEach((told) => told());
    this.state = { ...frame, status: frame.status && { ...frame.status, prompt: promptOf(frame.status.prompt) } };
    if (frame.driver || this._offered) return;
    this._offered = true; // nobody drives: whoever looks at the page first does
    this.drive("dock");
  }

  _hearAnswer({ id, refused }) {
    const asked = [...this.asked.values()].find((each) => each.id === id);
    if (!asked) return;
    if (refused) Object.assign(asked, { how: "refused", why: sentence(refused) });
    else this.asked.delete(asked.key);
  }

  /** Another page has this one's name, or the server ends: in both cases it comes back under a new one. */
  _hearGone({ why }) {
    this.gone = sentence(why);
    this.who = { ...this.who, client: newTabId() };
  }

  _look() {
    const now = performance.now();
    if (this._socket?.readyState === WebSocket.OPEN && now - this._told > SILENT_MS) {
      const silent = this._socket;
      silent?.close(); // its own farewell may take a minute when the cable is out
      this._lost(silent);
    }
    for (const asked of this.asked.values()) {
      if (asked.how === "sent" && now - asked.sent > SLOW_MS) {
        Object.assign(asked, { how: "slow", why: "The station has not answered yet." });
      }
    }
    this._tell();
  }

  _tell() {
    this._watchers.forEach((watcher) => watcher());
  }
}

/** msgspec sends a NamedTuple as a list. @param {any} told @returns {Prompt} */
function promptOf(told) {
  if (!Array.isArray(told)) return told ?? { line: "", words: "", words_left: 0, pause_left: 0, following: "", live: false };
  const [line, words, words_left, pause_left, following, live] = told;
  return { line, words, words_left, pause_left, following, live };
}

/** @param {ArrayBuffer} data @returns {Picture} */
function pictureOf(data) {
  const head = new DataView(data);
  return {
    number: head.getUint32(0, true),
    camera: CAMERAS[head.getUint8(4)] ?? "eye",
    time: head.getFloat64(8, true),
    age: head.getFloat64(16, true),
    jpeg: new Uint8Array(data, HEADER_BYTES),
  };
}
