/** Controls that several pages share. Words that somebody typed are always text nodes, never markup. */

import { html, useCallback, useEffect, useRef, useState } from "./vendor/htm-preact.js";
import { ending, lasting, made, underWay } from "./session.js";

/** @typedef {import("./link.js").Link} Link */

/** Draws anew whenever the link tells of something. @param {Link} link */
export function useLink(link) {
  const [, draw] = useState(0);
  useEffect(() => link.watch(() => draw((count) => count + 1)), [link]);
}

/**
 * What `load` gives, once and whenever one of `about` changes.
 * @template T @param {() => Promise<T>} load @param {unknown[]} about
 * @returns {{value: T|null, wrong: string, again: () => void}}
 */
export function useLoaded(load, about) {
  const [told, tell] = useState({ value: null, wrong: "" });
  const newest = useRef(0);
  const again = useCallback(() => {
    const mine = ++newest.current;
    load().then(
      (value) => mine === newest.current && tell({ value, wrong: "" }),
      (error) => mine === newest.current && tell((before) => ({ ...before, wrong: error.message })),
    );
  }, about);
  useEffect(() => {
    again();
    return () => void (newest.current += 1);
  }, [again]);
  return { ...told, again };
}

/**
 * A button that asks the station for something, and shows that it is on its way. One that may not be pressed stays
 * in the order of the keyboard and says why.
 * @param {{label: string, sub?: string, kind?: string, busy?: boolean, off?: boolean, pressed?: boolean,
 *   name?: string, onPress: () => void}} the
 */
export function Act({ label, sub, kind = "", busy = false, off = false, pressed, name, onPress }) {
  return html`<button
    type="button"
    class=${`act ${kind}`}
    data-act=${name}
    aria-disabled=${off ? "true" : null}
    aria-pressed=${pressed === undefined ? null : String(pressed)}
    aria-busy=${busy ? "true" : null}
    onClick=${() => !off && onPress()}
  >
    <span class="label">${label}</span>${sub !== undefined && html`<span class="sub">${sub}</span>`}
  </button>`;
}

/** What the station answered to the controls of a place; it stays until it is dismissed. */
export function Told({ link, place }) {
  const told = link.told(place);
  return html`<div class="told" role="status">
    ${told.map(
      (each) => html`<p key=${each.key} class=${`answer ${each.how}`}>
        <span><strong>${each.label}:</strong> ${each.why}</span>
        ${each.how !== "slow" &&
        html`<button type="button" class="plain" onClick=${() => link.dismiss(each.key)}>
          Dismiss<span class="unseen"> what was said of ${each.label}</span>
        </button>`}
      </p>`,
    )}
  </div>`;
}

/** The station's sentence. It is read out when it says something else, not whenever its clock moves on. */
export function Said({ words }) {
  const told = useRef("");
  const still = (/** @type {string} */ each) => each.replace(/\d+/g, "");
  if (still(told.current) !== still(words)) told.current = words;
  return html`<p class="words" aria-hidden="true">${words}</p>
    <p class="unseen" aria-live="polite">${told.current}</p>`;
}

/** End, gently and then now. @param {{link: Link, place: string}} the */
export function End({ link, place }) {
  const { label, sub, command, now } = ending(link.state);
  return html`<${Act}
    name="end"
    kind=${now ? "end now" : "end"}
    label=${label}
    sub=${sub}
    busy=${link.waits("end")}
    off=${link.state?.status?.mode === "over"}
    onPress=${() => link.do(command, { key: "end", place, label })}
  />`;
}

/** Takes an End back while that is possible; its place is kept free meanwhile. */
export function Undo({ link, place }) {
  const left = Math.ceil(link.state?.undo ?? 0);
  if (!left) return html`<span class="undo-place"></span>`;
  return html`<${Act}
    name="undo"
    kind="undo"
    label="Undo"
    sub=${`go on · ${left} s`}
    busy=${link.waits("undo")}
    onPress=${() => link.undo(place)}
  />`;
}

/** On every page but Bedside: how the session stands, and its end in one tap. */
export function StopBar({ link }) {
  if (!underWay(link.state)) return null;
  return html`<aside class="stopbar" aria-label="The session that goes on">
    <${Told} link=${link} place="stopbar" />
    <${Said} words=${link.state.notice || link.state.words} />
    <${Undo} link=${link} place="stopbar" />
    <${End} link=${link} place="stopbar" />
  </aside>`;
}

/** Somebody else drives: who does, and taking over. */
export function DriverBar({ link, place }) {
  const { state } = link;
  if (!state?.driver || link.drives) return null;
  return html`<div class="driver" role="status">
    <p><span dir="auto">${state.driver_name || "Somebody else"}</span> drives. You see everything, and every stop works from here.</p>
    <button type="button" class="act small" aria-busy=${link.waits("drive") ? "true" : null} onClick=${() => link.drive(place)}>
      Take over
    </button>
  </div>`;
}

/** The station's alarm, on pages that do not show it large. */
export function Alarm({ state }) {
  return html`<div role="alert">${state?.notice && html`<p class="alarm">${state.notice}</p>`}</div>`;
}

/** A sentence that says what went wrong. */
export function Wrong({ words, again }) {
  return html`<div role="alert">
    ${words &&
    html`<p class="answer refused">
      <span>${words}</span>${again && html`<button type="button" class="plain" onClick=${again}>Try again</button>`}
    </p>`}
  </div>`;
}

/** The work that is made just now, nothing of it judged, and one press that hides it gently and brings it back. */
export function Making({ link, place, off }) {
  const status = link.state?.status;
  if (!status || (!status.making && !status.veiled)) return null;
  const { making, veiled } = status;
  return html`<div class="making" role="group" aria-label="What they make">
    <p>${making ? html`<strong>${made(making)}</strong>` : "Nothing is made just now"}<span class="sub">${veiled ? "hidden in mist" : ""}</span></p>
    <${Act} name="veil" label=${veiled ? "Show it again" : "Hide it in mist"} pressed=${veiled} busy=${link.waits("veil")} off=${off}
      onPress=${() => link.do({ type: "Veil", on: !veiled }, { key: "veil", place, label: veiled ? "Show it again" : "Hide it in mist" })} />
  </div>`;
}

/** Words that somebody typed: in their own direction, long ones folded. @param {{words: string}} the */
export function Written({ words }) {
  const [whole, unfold] = useState(false);
  const lines = words.split("\n").length;
  const long = lines > 6 || words.length > 600;
  return html`<div class="written">
    <p class=${long && !whole ? "folded" : ""} dir="auto">${words}</p>
    ${long &&
    html`<button type="button" class="plain" aria-expanded=${String(whole)} onClick=${() => unfold(!whole)}>
      ${whole ? "Show less" : `Show all ${lines > 6 ? `${lines.toLocaleString()} lines` : "of it"}`}
    </button>`}
  </div>`;
}

/** One line of text. */
export function Field({ id, label, hint, value, onValue, type = "text", ...others }) {
  return html`<div class="field">
    <label for=${id}>${label}</label>
    ${hint && html`<p class="hint" id=${`${id}-hint`}>${hint}</p>`}
    <input
      id=${id}
      type=${type}
      dir="auto"
      value=${value}
      autocomplete="off"
      aria-describedby=${hint ? `${id}-hint` : null}
      onInput=${(/** @type {any} */ event) => onValue(event.target.value)}
      ...${others}
    />
  </div>`;
}

const HELD_MS = 1500; // a control stays as it was put so long, until the station tells the same

/**
 * The value to be shown, and how to put it elsewhere: as it was put first, then as the station tells.
 * @template T @param {T} value @returns {[T, (put: T) => void]}
 */
function useHeld(value) {
  const [held, hold] = useState(/** @type {{value: T}|null} */ (null));
  useEffect(() => {
    if (!held) return undefined;
    if (held.value === value) return void hold(null);
    const timer = setTimeout(() => hold(null), HELD_MS);
    return () => clearTimeout(timer);
  }, [held, value]);
  return [held ? held.value : value, (put) => hold({ value: put })];
}

/** A few words of which one holds. @param {{options: [string, string][]}} the value and its words */
export function Choice({ id, legend, hint, options, value, onValue, off = false }) {
  const [shown, put] = useHeld(value);
  return html`<fieldset class="choice" disabled=${off}>
    <legend>${legend}</legend>
    ${hint && html`<p class="hint">${hint}</p>`}
    <div class="options">
      ${options.map(
        ([each, words]) => html`<label key=${each} class="option">
          <input type="radio" name=${id} value=${each} checked=${each === shown} onChange=${() => (put(each), onValue(each))} />
          <span>${words}</span>
        </label>`,
      )}
    </div>
  </fieldset>`;
}

/** A tick. */
export function Tick({ id, label, hint, checked, off = false, onChecked }) {
  return html`<label class="tick" for=${id}>
    <input
      type="checkbox"
      id=${id}
      checked=${checked}
      disabled=${off}
      onChange=${(/** @type {any} */ event) => onChecked(event.target.checked)}
    />
    <span>${label}${hint && html`<small>${hint}</small>`}</span>
  </label>`;
}

/** A slider. While it is held its own value is shown, then what the station tells. */
export function Slider({ id, label, low, high, step, value, told, off = false, onValue }) {
  const [shown, put] = useHeld(value);
  return html`<div class="slider">
    <label for=${id}>${label}</label>
    <output for=${id}>${told(shown)}</output>
    <input
      id=${id}
      type="range"
      min=${low}
      max=${high}
      step=${step || "any"}
      value=${shown}
      disabled=${off}
      aria-valuetext=${told(shown)}
      onInput=${(/** @type {any} */ event) => {
        put(Number(event.target.value));
        onValue(Number(event.target.value));
      }}
    />
  </div>`;
}

/** A length in whole minutes, by two large buttons. */
export function Minutes({ value, low, high, onValue }) {
  const to = (/** @type {number} */ minutes) => onValue(Math.min(Math.max(minutes, low), high));
  return html`<div class="minutes" role="group" aria-label="How long">
    <button type="button" class="act small" aria-label="One minute less" onClick=${() => to(value - 1)}>−</button>
    <output aria-live="polite">${lasting(value * 60)}</output>
    <button type="button" class="act small" aria-label="One minute more" onClick=${() => to(value + 1)}>+</button>
  </div>`;
}
