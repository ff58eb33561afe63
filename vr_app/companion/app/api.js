/** What is asked of the server by HTTP. Every failure is an `ApiError` whose message is one sentence for people. */

export class ApiError extends Error {
  /** @param {string} message @param {number} status 0: the server did not answer */
  constructor(message, status) {
    super(message);
    this.status = status;
  }

  /** Whether it was refused for want of a passphrase. */
  get locked() {
    return this.status === 401 || this.status === 423;
  }
}

/**
 * @typedef {{build: string, first_run: boolean, locked: boolean, clinic: string, room: string, clinicians: string[],
 *   me: string, rehearsal: boolean, headset: string, volume_db: number, thresholds: Record<string, number>|null}} Home
 * @typedef {{id: string, pseudonym: string, note: string, seen: string}} Patient `seen`: ISO time of the last session
 * @typedef {{avoid: string[], hand: string, text: string, brightness: number, posture: string,
 *   words: string}} Profile
 * @typedef {{name: string, kind: "range"|"choice", low: number, high: number, step: number, unit: string,
 *   words: string[], value: number|string}} Setting
 * @typedef {{title: string, scene: string, minutes: number}} Cue
 * @typedef {{name: string, title: string, summary: string, minutes: number, cues: Cue[], left_out: string,
 *   broken: string}} Plan
 * @typedef {{id: string, title: string, summary: string, flags: string[], settings: Setting[], left_out: string,
 *   broken: string}} Scene
 * @typedef {{plans: Plan[], scenes: Scene[], anchors: {name: string, left_out: string}[]}} Catalogue
 * @typedef {{at: number, words: string}} Happening `at`: session seconds
 * @typedef {{id: string, plan: string, minutes: number, began: string, by: string, events: Happening[],
 *   notes: Happening[]}} Session
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
  if (!answer.ok) throw new ApiError(told?.error ?? `The station refused this (${answer.status}).`, answer.status);
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
  const found = listed(await ask("GET", "/api/patients"), "patients").map(patientOf);
  return found.sort((one, other) => other.seen.localeCompare(one.seen) || one.pseudonym.localeCompare(other.pseudonym));
}

/** @param {string} note @returns {Promise<Patient>} */
export const addPatient = async (note) => patientOf(await ask("POST", "/api/patients", { note }));
/** @param {string} id @returns {Promise<Profile>} */
export const profile = (id) => ask("GET", `/api/patients/${encodeURIComponent(id)}/profile`);
/** @param {string} id @param {Profile} value */
export const setProfile = (id, value) => ask("PUT", `/api/patients/${encodeURIComponent(id)}/profile`, value);

/** @param {string} [patient] @returns {Promise<Catalogue>} */
export async function catalogue(patient) {
  return catalogueOf(await ask("GET", `/api/catalogue${patient ? `?patient=${encodeURIComponent(patient)}` : ""}`));
}

/** @param {{patient: string, plan: string, minutes: number, name: string}} wanted @returns {Promise<{session: string}>} */
export const beginSession = (wanted) => ask("POST", "/api/sessions", wanted);
/** @param {string} patient @returns {Promise<Session[]>} the newest first */
export async function sessions(patient) {
  const found = listed(await ask("GET", `/api/sessions?patient=${encodeURIComponent(patient)}`), "sessions");
  return found.map(sessionOf).sort((one, other) => other.began.localeCompare(one.began));
}
/** @param {string} id @returns {Promise<Session>} */
export const session = async (id) => sessionOf(await ask("GET", `/api/sessions/${encodeURIComponent(id)}`));
/** @param {string} id @param {string} text @param {number} at session seconds */
export const addNote = (id, text, at) => ask("POST", `/api/sessions/${encodeURIComponent(id)}/notes`, { text, at });

// What the server sends, as the pages read it: this is the one place that knows its field names.

/** A bare list, or one under its name. @param {any} told @param {string} name @returns {any[]} */
function listed(told, name) {
  return Array.isArray(told) ? told : (told?.[name] ?? []);
}

/** @param {any} told @returns {Patient} */
function patientOf(told) {
  return { id: told.id, pseudonym: told.pseudonym, note: told.note ?? "", seen: told.seen ?? "" };
}

/** @param {any} told @returns {Session} */
function sessionOf(told) {
  const line = told.line ?? told; // in a list a session is its line alone
  return {
    id: line.id,
    plan: line.plan,
    minutes: told.minutes ?? 0,
    began: line.begun,
    by: line.by,
    events: (told.events ?? []).map(happeningOf),
    notes: (told.notes ?? []).map(happeningOf),
  };
}

/** @param {any} told @returns {Happening} */
function happeningOf(told) {
  return { at: told.seconds ?? 0, words: told.text ?? told.body?.what ?? told.kind };
}

/** @param {any} told @returns {Catalogue} */
function catalogueOf(told) {
  return {
    plans: listed(told.plans, "plans").map((plan) => ({
      ...plan,
      cues: plan.cues ?? [],
      left_out: plan.left_out ?? "",
      broken: plan.broken ?? "",
    })),
    scenes: listed(told.scenes, "scenes").map((scene) => ({
      ...scene,
      settings: scene.settings ?? [],
      flags: scene.flags ?? [],
      left_out: scene.left_out ?? "",
      broken: scene.broken ?? "",
    })),
    anchors: (told.anchors ?? []).map((/** @type {any} */ each) => ({ name: each.name, left_out: each.left_out ?? "" })),
  };
}
