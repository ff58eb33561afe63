/** What this one screen remembers: light, hand, and whether Space is GO. Never anything of a patient. */

/** @typedef {{light: "auto"|"light"|"dim", hand: "right"|"left", spaceGoes: boolean}} Prefs */

/** @type {Prefs} */
const DEFAULTS = { light: "auto", hand: "right", spaceGoes: false };
const KEY = "harborlight.screen";
const darkRoom = matchMedia("(prefers-color-scheme: dark)");

/** @returns {Prefs} */
export function loadPrefs() {
  try {
    return { ...DEFAULTS, ...JSON.parse(localStorage.getItem(KEY) ?? "{}") };
  } catch {
    return { ...DEFAULTS }; // storage is switched off, or holds something else
  }
}

/** @param {Prefs} prefs */
export function savePrefs(prefs) {
  try {
    localStorage.setItem(KEY, JSON.stringify(prefs));
  } catch {
    return; // it then lasts as long as the page
  }
}

/** @param {Prefs} prefs @returns {"light"|"dim"} */
export function lightOf(prefs) {
  if (prefs.light !== "auto") return prefs.light;
  return darkRoom.matches ? "dim" : "light";
}

/** Calls `told` whenever the system's own light or dark changes; returns how to end that. @param {() => void} told */
export function onDarkRoom(told) {
  darkRoom.addEventListener("change", told);
  return () => darkRoom.removeEventListener("change", told);
}

const TAB = "harborlight.tab";

/** This tab's own random id, kept over reloads of the same tab, so that a reload still drives. @returns {string} */
export function tabId() {
  try {
    return sessionStorage.getItem(TAB) ?? newTabId();
  } catch {
    return randomId();
  }
}

/** Another one from now on: a tab that was duplicated begins with its original's. @returns {string} */
export function newTabId() {
  const id = randomId();
  try {
    sessionStorage.setItem(TAB, id);
  } catch {
    return id; // storage is switched off; it lasts as long as the page
  }
  return id;
}

function randomId() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
