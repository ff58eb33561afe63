/** What is asked of the server by HTTP. Every failure is an `ApiError` whose message is one sentence for people. */

import { sentence } from "./session.js";

export class ApiError extends Error {
  /** @param {string} message @param {number} status 0: the server did not answer */
  constructor(message, status) {
    super(message);
    this.status = status;
  }
}

/**
 * @typedef {{build: string, first_run: boolean, locked: boolean, clinic: string, room: string, clinicians: string[],
 *   me: string, rehearsal: boolean, headset: string, volume_db: number, thresholds: Record<string, number>|null}} Home
 * @typedef {{id: string, pseudonym: string, note: string, seen: string}} Patient `seen`: ISO time of the last session
 * @typedef {{avoid: string[], hand: string, text: string, brightness: number, posture: string,
 *   words: string, language: string}} Profile
 * @typedef {{type: "Amount", name: string, label: string, low: number, high: number, step: number, unit: string,
 *   default: number}} Amount
 * @typedef {{type: "Pick", name: string, label: string, words: string[], default: string}} Pick
 * @typedef {{title: string, scene: string, minutes: number, note: string}} Cue
 * @typedef {{name: string, title: string, summary: string, minutes: number, headset: boolean, demonstration: boolean,
 *   cues: Cue[], left_out: string, broken: string}} Plan
 * @typedef {{id: string, title: string, summary: string, flags: string[], anchor: string|null,
 *   settings: (Amount|Pick)[], left_out: string, broken: string}} Scene
 * @typedef {{plans: Plan[], scenes: Scene[]}} Catalogue vr_app/describe.py's, with `left_out` saying why
 * @typedef {{at: number, words: string}} Happening `at`: session seconds
 * @typedef {{id: string, plan: string, minutes: number, began: string, by: string, events: Happening[],
 *   notes: Happening[], ratings: {at: number, when: string, value: number}[]}} Session
 * @typedef {{given: boolean, at: string, by: string}} Consent
 * @typedef {{ground: string, lines: {colour: string, wide: number, points: number[]}[]}} Glimpse in a square of 100
 * @typedef {{work: string, scene: string, kind: string, began: string, changed: string, strokes: number, seconds: number,
 *   finished: boolean, stays: string, trouble: string, consent: Consent|null, glimpse: Glimpse}} Work `stays`: why it cannot go home
 * @typedef {{token: string, state: string, done: number, of: number, words: string}} HandOver `state`: making, ready or failed
 */

/** @param {string} method @param {string} path @param {unknown} [body] @returns {Promise<any>} */
async function ask(method, path, body) {
  let answer;
  try {
    answer = await fetch(path, {
      method,
      headers: { Accept: "application/json", "Content-Type": "application/json", "X-Harborlight": "1" },
      body: body === undefined ? undefined : JSON.stringify(body),
      cache: "no-store",
    });
  } catch {
    throw new ApiError("The station does not answer this page just now; try again in a moment.", 0);
  }
  const told = await answer.json().catch(() => null);
  if (!answer.ok) throw new ApiError(sentence(told?.error ?? `the station refused this (${answer.status})`), answer.status);
  return told;
}

/** @returns {Promise<Home>} */
export const home = () => ask("GET", "/api/home");
/** @param {object} answers @returns {Promise<{recovery_key: string}>} */
export const setUp = (answers) => ask("POST", "/api/setup", answers);
/** @param {string} passphrase */
export const unlock = (passphrase) => ask("POST", "/api/unlock", { passphrase });
export const lock = () => ask("POST", "/api/lock", {});
/** @param {string} name */
export const beMe = (name) => ask("POST", "/api/me", { name });

/** @returns {Promise<Patient[]>} those seen last first */
export async function patients() {
  const found = /** @type {Patient[]} */ (await ask("GET", "/api/patients"));
  return found.sort((one, other) => other.seen.localeCompare(one.seen) || one.pseudonym.localeCompare(other.pseudonym));
}

/** @param {string} note @returns {Promise<Patient>} */
export const addPatient = (note) => ask("POST", "/api/patients", { note });
/** @param {string} id @returns {Promise<Profile>} */
export const profile = (id) => ask("GET", `/api/patients/${encodeURIComponent(id)}/profile`);
/** @param {string} id @param {Profile} value */
export const setProfile = (id, value) => ask("PUT", `/api/patients/${encodeURIComponent(id)}/profile`, value);

/** @param {string} [patient] @returns {Promise<Catalogue>} */
export async function catalogue(patient) {
  return catalogueOf(await ask("GET", `/api/catalogue${patient ? `?patient=${encodeURIComponent(patient)}` : ""}`));
}

/** @param {{patient: string, plan: string, minutes: number, name: string}} wanted @returns {Promise<{session: string|null}>} null: nothing of it is kept */
export const beginSession = (wanted) => ask("POST", "/api/sessions", wanted);
/** @param {string} patient @returns {Promise<Session[]>} the newest first */
export async function sessions(patient) {
  const found = /** @type {Session[]} */ (await ask("GET", `/api/sessions?patient=${encodeURIComponent(patient)}`));
  return found.sort((one, other) => other.began.localeCompare(one.began));
}
/** @param {string} id @returns {Promise<Session>} */
export const session = (id) => ask("GET", `/api/sessions/${encodeURIComponent(id)}`);
/** @param {string} id @param {string} text @param {number} at session seconds */
export const addNote = (id, text, at) => ask("POST", `/api/sessions/${encodeURIComponent(id)}/notes`, { text, at });


/** @param {string} patient */
const worksOf = (patient) => `/api/patients/${encodeURIComponent(patient)}/works`;
/** @param {string} patient @returns {Promise<Work[]>} the newest first */
export const works = (patient) => ask("GET", worksOf(patient));
/** @param {string} patient @param {string} work @param {boolean} given */
export const setConsent = (patient, work, given) => ask("PUT", `${worksOf(patient)}/${encodeURIComponent(work)}/consent`, { given });
/** For good. @param {string} patient @param {string} work */
export const eraseWork = (patient, work) => ask("DELETE", `${worksOf(patient)}/${encodeURIComponent(work)}`);
/** Begins to make one file of all that may go home. @param {string} patient @returns {Promise<HandOver>} */
export const handOver = (patient) => ask("POST", `/api/patients/${encodeURIComponent(patient)}/hand-over`, {});
/** @param {string} token @returns {Promise<HandOver>} */
export const handOverOf = (token) => ask("GET", `/api/hand-over/${token}`);
/** Where its file is fetched, once. @param {string} token */
export const filesOf = (token) => `/api/hand-over/${token}/files`;

/** @param {any} told @returns {Catalogue} */
function catalogueOf(told) {
  const plans = told.plans.map((/** @type {any} */ plan) => ({
    ...plan,
    title: plan.title || plan.name,
    left_out: plan.left_out ? sentence(plan.left_out) : "",
  }));
  const scenes = told.scenes.map((/** @type {any} */ scene) => ({
    ...scene,
    title: scene.title || scene.id,
    left_out: scene.left_out ? sentence(scene.left_out) : "",
  }));
  return { plans, scenes };
}
