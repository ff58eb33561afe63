/** The first run: whose clinic and room this is, what is odd in a patient's vitals, how loud, and the passphrase. */

import * as api from "./api.js";
import { Field, Slider, Tick, Wrong } from "./parts.js";
import { html, useEffect, useRef, useState } from "./vendor/htm-preact.js";

const LEAST_LETTERS = 10; // of a passphrase
const THRESHOLDS = [
  ["systolic", "Systolic pressure above", "mmHg", 60, 300],
  ["diastolic", "Diastolic pressure above", "mmHg", 30, 200],
  ["pulse", "Pulse above", "a minute", 30, 250],
  ["saturation", "Oxygen saturation below", "%", 50, 100],
];
const STEPS = ["Your clinic", "Your room", "Kept private"];

/** @param {{onDone: () => void}} the */
export function Setup({ onDone }) {
  const [step, go] = useState(0);
  const [answers, change] = useState({
    clinic: "", room: "", clinicians: [""], passphrase: "", again: "", volume_db: -6, rehearsal: false,
    thresholds: { systolic: "", diastolic: "", pulse: "", saturation: "" },
  });
  const [saying, say] = useState({ busy: false, wrong: "", key: "" });
  const heading = useRef(/** @type {HTMLElement|null} */ (null));
  useEffect(() => heading.current?.focus(), [step, saying.key]);
  const set = (/** @type {object} */ part) => change({ ...answers, ...part });
  const next = async (/** @type {Event} */ event) => {
    event.preventDefault();
    const wrong = lacking(step, answers);
    if (wrong || step < STEPS.length - 1) {
      say({ ...saying, wrong });
      if (!wrong) go(step + 1);
      return;
    }
    say({ busy: true, wrong: "", key: "" });
    try {
      const { recovery_key } = await api.setUp(sent(answers));
      say({ busy: false, wrong: "", key: recovery_key });
    } catch (error) {
      say({ busy: false, wrong: /** @type {Error} */ (error).message, key: "" });
    }
  };
  if (saying.key) return html`<${RecoveryKey} words=${saying.key} heading=${heading} clinic=${answers.clinic} onDone=${onDone} />`;
  return html`<main class="alone" id="page">
    <p class="brand">Harborlight</p>
    <p class="step">Step ${step + 1} of ${STEPS.length}</p>
    <h1 tabindex="-1" ref=${heading}>${STEPS[step]}</h1>
    <form onSubmit=${next} novalidate>
      ${step === 0 && html`<${Clinic} answers=${answers} set=${set} />`}
      ${step === 1 && html`<${Room} answers=${answers} set=${set} />`}
      ${step === 2 && html`<${Private} answers=${answers} set=${set} />`}
      <${Wrong} words=${saying.wrong} />
      <div class="steps">
        ${step > 0 ? html`<button type="button" class="act" onClick=${() => go(step - 1)}>Back</button>` : html`<span></span>`}
        <button type="submit" class="act strong" aria-busy=${saying.busy ? "true" : null}>${step === STEPS.length - 1 ? "Finish" : "Next"}</button>
      </div>
    </form>
  </main>`;
}

function Clinic({ answers, set }) {
  const names = answers.clinicians;
  const name = (index, words) => set({ clinicians: names.map((each, at) => (at === index ? words : each)) });
  return html`
    <p class="lead">Nothing of this leaves this computer.</p>
    <${Field} id="clinic" label="Name of the clinic" value=${answers.clinic} onValue=${(clinic) => set({ clinic })} />
    <${Field} id="room" label="Name of this room" value=${answers.room} onValue=${(room) => set({ room })} />
    <fieldset class="names"><legend>Who works here</legend>
      <p class="hint">The patient reads the name of whoever sits beside them.</p>
      ${names.map((each, index) => html`<${Field} key=${index} id=${`name-${index}`} label=${`Name ${index + 1}`} value=${each} onValue=${(words) => name(index, words)} />`)}
      <button type="button" class="act small" onClick=${() => set({ clinicians: [...names, ""] })}>One more name</button>
    </fieldset>`;
}

function Room({ answers, set }) {
  const threshold = (name, words) => set({ thresholds: { ...answers.thresholds, [name]: words } });
  return html`
    <fieldset class="thresholds"><legend>Vitals that ask “measured again?”</legend>
      <p class="hint">Your clinic’s own figures. Harborlight reminds and keeps both values; it never advises. All four, or none of them.</p>
      ${THRESHOLDS.map(([name, label, unit]) => html`<${Field} key=${name} id=${name} label=${`${label}, ${unit}`} inputmode="numeric" value=${answers.thresholds[name]} onValue=${(words) => threshold(name, words)} />`)}
    </fieldset>
    <${Slider} id="loud" label="How loud a session begins" low=${-24} high=${0} step=${3} value=${answers.volume_db}
      told=${(/** @type {number} */ db) => (db ? `${-db} dB softer than most` : "the most there is")} onValue=${(volume_db) => set({ volume_db })} />
    <${Tick} id="rehearsal" label="Rehearsal only" hint="A synthetic voice reads the words. No patients." checked=${answers.rehearsal} onChecked=${(rehearsal) => set({ rehearsal })} />`;
}

function Private({ answers, set }) {
  return html`
    <p class="lead">All that is kept of patients is encrypted. This passphrase opens it; nobody else can.</p>
    <${Field} id="passphrase" type="password" autocomplete="new-password" label="Passphrase" hint=${`${LEAST_LETTERS} characters or more. Four words that do not belong together are good.`} value=${answers.passphrase} onValue=${(passphrase) => set({ passphrase })} />
    <${Field} id="again" type="password" autocomplete="new-password" label="The same once more" value=${answers.again} onValue=${(again) => set({ again })} />`;
}

/** What keeps a step from being done, in a sentence. */
function lacking(step, answers) {
  if (step === 0 && !answers.clinic.trim()) return "Please give the clinic a name.";
  if (step === 0 && !answers.room.trim()) return "Please give this room a name; its number will do.";
  if (step === 0 && !answers.clinicians.some((name) => name.trim())) return "Please enter at least one name.";
  if (step === 1 && given(answers.thresholds).length) {
    const odd = THRESHOLDS.find(([name, , , low, high]) => !between(answers.thresholds[name], low, high));
    return odd ? `“${odd[1]}” takes a whole number from ${odd[3]} to ${odd[4]}; or empty all four.` : "";
  }
  if (step === 2 && answers.passphrase.length < LEAST_LETTERS) return `The passphrase needs ${LEAST_LETTERS} characters or more.`;
  if (step === 2 && answers.passphrase !== answers.again) return "The two passphrases differ; type both once more.";
  return "";
}

/** @param {string} words @param {number} low @param {number} high */
function between(words, low, high) {
  const figure = Number(words);
  return words.trim() !== "" && Number.isInteger(figure) && figure >= low && figure <= high;
}

/** @param {Record<string, string>} thresholds @returns {[string, string][]} those that were entered */
function given(thresholds) {
  return Object.entries(thresholds).filter(([, words]) => words.trim());
}

/** The answers as the server takes them. */
function sent({ again: _, clinicians, thresholds, ...others }) {
  const figures = given(thresholds).map(([name, words]) => [name, Number(words)]);
  return {
    ...others,
    clinicians: clinicians.map((name) => name.trim()).filter(Boolean),
    thresholds: Object.fromEntries(figures),
  };
}

/** Shown once; the page goes on when somebody says that it is on paper. */
function RecoveryKey({ words, heading, clinic, onDone }) {
  const [kept, keep] = useState(false);
  return html`<main class="alone" id="page">
    <p class="brand">Harborlight</p>
    <h1 tabindex="-1" ref=${heading}>Your recovery key</h1>
    <p class="lead">It opens the records when the passphrase is lost. It is shown this once. Keep it on paper, away from this computer.</p>
    <p class="recovery-key">${words}</p>
    <p class="printed">Recovery key of Harborlight, ${clinic}. Keep it locked away.</p>
    <button type="button" class="act" onClick=${() => print()}>Print it</button>
    <${Tick} id="kept" label="I have it on paper" checked=${kept} onChecked=${keep} />
    <div class="steps"><span></span>
      <button type="button" class="act strong" aria-disabled=${kept ? null : "true"} onClick=${() => kept && onDone()}>Open Harborlight</button>
    </div>
  </main>`;
}
