/** Patients: a pseudonym each, what to avoid for them, and the way to their session in two taps. */

import * as api from "./api.js";
import { Notes } from "./desk.js";
import { Made } from "./made.js";
import { Choice, Field, Minutes, Slider, Tick, useLoaded, Wrong } from "./parts.js";
import { html, useEffect, useState } from "./vendor/htm-preact.js";
import { day, happened, isLive, lasting, plays, rated } from "./session.js";

export const AVOID = [
  ["water", "Water", "sea, stream, waves"],
  ["dark", "Dark", "night, dusk, dim rooms"],
  ["forest", "Forest", "trees close by"],
  ["breath", "Breath", "pacing or watching the breath"],
  ["body", "Body", "attention to parts of the body"],
  ["behind", "Sounds from behind", "or from where they cannot look"],
  ["height", "Height", "hills, terraces, edges"],
  ["enclosed", "Enclosed", "small rooms, caves"],
];

const LANGUAGES = [["", "As this station"], ["en", "English"], ["es", "Español"]];

/** Everybody, those seen last first. */
export function Patients() {
  const { value, wrong, again } = useLoaded(() => api.patients(), []);
  const [sought, seek] = useState("");
  const found = (value ?? []).filter((each) => `${each.pseudonym} ${each.note}`.toLowerCase().includes(sought.toLowerCase()));
  return html`<main class="plain-page" id="page">
    <h1>Patients</h1>
    <p class="lead">Each has a pseudonym and no name. Who is who stays in your own files.</p>
    <${Wrong} words=${wrong} again=${again} />
    ${(value?.length ?? 0) > 6 && html`<${Field} id="seek" label="Find" value=${sought} onValue=${seek} type="search" />`}
    ${value && !value.length && html`<p>There is nobody here yet.</p>`}
    <ul class="people wide">
      ${found.map((each) => html`<li key=${each.id}>
        <a class="person" href=${`#/patients/${each.id}`}>
          <span class="pseudonym">${each.pseudonym}</span>
          ${each.note && html`<span class="about" dir="auto">${each.note}</span>`}
          <span class="sub">${each.seen ? `last here ${day(each.seen)}` : "first session"}</span>
        </a>
      </li>`)}
    </ul>
    <${NewPatient} />
  </main>`;
}

function NewPatient() {
  const [note, write] = useState("");
  const [wrong, beWrong] = useState("");
  const add = async (/** @type {Event} */ event) => {
    event.preventDefault();
    try {
      const { id } = await api.addPatient(note);
      location.hash = `#/patients/${id}/profile`;
    } catch (error) {
      beWrong(/** @type {Error} */ (error).message);
    }
  };
  return html`<form class="card" onSubmit=${add}>
    <h2>Somebody new</h2>
    <${Field} id="note" label="A few words for yourself" hint="No name. The pseudonym is made at random." value=${note} onValue=${write} maxlength="200" />
    <${Wrong} words=${wrong} />
    <button type="submit" class="act strong">Add a patient</button>
  </form>`;
}

/** One patient: ready a session, profile, what was. @param {{link: import("./link.js").Link, id: string}} the */
export function PatientPage({ link, id }) {
  const people = useLoaded(() => api.patients(), [id]);
  const past = useLoaded(() => api.sessions(id), [id]);
  const catalogue = useLoaded(() => api.catalogue(id), [id]);
  const patient = people.value?.find((each) => each.id === id);
  const last = past.value?.find((each) => each.plan);
  const plans = (catalogue.value?.plans ?? []).filter((plan) => !plan.demonstration);
  const usual = plans.find((plan) => plan.name === last?.plan && !plan.left_out && !plan.broken);
  const busy = plays(link.state);
  return html`<main class="plain-page" id="page">
    <p class="way"><a href="#/patients">Patients</a></p>
    <h1>${patient?.pseudonym ?? "Patient"}</h1>
    ${patient?.note && html`<p class="lead" dir="auto">${patient.note}</p>`}
    <${Wrong} words=${people.wrong || past.wrong || catalogue.wrong} again=${() => [people, past, catalogue].forEach((each) => each.again())} />
    ${busy && html`<p class="answer slow">A session plays now. End it before another is made ready.</p>`}
    ${usual && past.value && html`<${Ready} link=${link} patient=${id} plan=${usual} minutes=${last?.minutes || usual.minutes} again=${true} off=${busy} />`}
    <h2>${usual ? "Or another plan" : "Plans"}</h2>
    <ul class="plans">
      ${plans.filter((plan) => plan !== usual).map((plan) => html`<li key=${plan.name}>
        <${Ready} link=${link} patient=${id} plan=${plan} minutes=${plan.minutes} off=${busy} />
      </li>`)}
    </ul>
    <p><a class="act link" href=${`#/patients/${id}/profile`}>Comfort profile: what to avoid</a></p>
    <${Made} link=${link} id=${id} pseudonym=${patient?.pseudonym ?? ""} />
    <h2>Before</h2>
    ${past.value && !past.value.length && html`<p>No session yet.</p>`}
    <ul class="sessions">
      ${(past.value ?? []).map((each) => html`<li key=${each.id}><${Past} session=${each} plans=${plans} /></li>`)}
    </ul>
  </main>`;
}

/** A plan with its length, and one button that readies it in the calm room; or why it is left out. */
function Ready({ link, patient, plan, minutes, again = false, off }) {
  const [length, last] = useState(Math.max(Math.round(minutes), 1));
  const [saying, say] = useState({ busy: false, wrong: "" });
  const why = plan.broken || plan.left_out;
  const ready = async () => {
    if (off || saying.busy) return;
    say({ busy: true, wrong: "" });
    try {
      await api.beginSession({ patient, plan: plan.name, minutes: length, name: link.who.name });
      location.hash = "#/bedside";
    } catch (error) {
      say({ busy: false, wrong: /** @type {Error} */ (error).message });
    }
  };
  return html`<article class=${`card plan ${again ? "usual" : ""} ${why ? "left-out" : ""}`}>
    <div>
      ${again && html`<p class="sub">As last time</p>`}
      <${again ? "h2" : "h3"}>${plan.title}<//>
      <p>${plan.summary}</p>
      ${!plan.headset && html`<p class="sub">Read aloud, without a headset.</p>`}
      ${why && html`<p class="why">${why}</p>`}
      <${Wrong} words=${saying.wrong} />
    </div>
    ${!why && html`<div class="ready">
      <${Minutes} value=${length} low=${1} high=${20} onValue=${last} />
      <button type="button" class=${again ? "act strong" : "act"} data-act="ready" aria-busy=${saying.busy ? "true" : null} aria-disabled=${off ? "true" : null} onClick=${ready}>
        <span class="label">Make ready</span><span class="unseen"> ${plan.title}</span>
      </button>
    </div>`}
  </article>`;
}

/** A session that was, unfolded on request. */
function Past({ session, plans }) {
  const [open, unfold] = useState(false);
  const whole = useLoaded(async () => (open ? api.session(session.id) : null), [open, session.id]);
  const title = plans.find((plan) => plan.name === session.plan)?.title ?? session.plan;
  return html`<article class="past">
    <button type="button" class="fold" aria-expanded=${String(open)} onClick=${() => unfold(!open)}>
      <span>${day(session.began)}</span> <strong>${title}</strong> <span class="sub">${lasting(session.minutes * 60)}${session.by ? html` · <span dir="auto">${session.by}</span>` : ""}</span>
    </button>
    ${session.ratings.length > 0 && html`<p class="sub rated">How they were, 0 to 10: ${rated(session.ratings)}</p>`}
    ${open && html`<${Wrong} words=${whole.wrong} again=${whole.again} />`}
    ${open && whole.value && html`<ul class="events">${whole.value.events.map((each, index) => html`<li key=${index} dir="auto">${happened(each.words)}</li>`)}</ul>
      <${Notes} notes=${whole.value.notes} />`}
  </article>`;
}

/** What suits this patient, and what is left out for them. @param {{link: import("./link.js").Link, id: string}} the */
export function ProfilePage({ link, id }) {
  const loaded = useLoaded(() => api.profile(id), [id]);
  const people = useLoaded(() => api.patients(), [id]);
  const [value, change] = useState(/** @type {import("./api.js").Profile|null} */ (null));
  const [saying, say] = useState({ saved: false, wrong: "" });
  useEffect(() => change(loaded.value), [loaded.value]);
  const name = people.value?.find((each) => each.id === id)?.pseudonym ?? "";
  const set = (part) => (change({ ...value, ...part }), say({ saved: false, wrong: "" }));
  const save = async (/** @type {Event} */ event) => {
    event.preventDefault();
    try {
      await api.setProfile(id, value);
      say({ saved: true, wrong: "" });
    } catch (error) {
      say({ saved: false, wrong: /** @type {Error} */ (error).message });
    }
  };
  return html`<main class="plain-page" id="page">
    <p class="way"><a href="#/patients">Patients</a> <span aria-hidden="true">›</span> <a href=${`#/patients/${id}`}>${name}</a></p>
    <h1>Comfort profile</h1>
    <p class="lead">Ask; never guess. What is ticked is left out of this patient’s plans.</p>
    <${Wrong} words=${loaded.wrong} again=${loaded.again} />
    ${value && html`<form class="profile" onSubmit=${save}>
      <fieldset class="ticks"><legend>Avoid</legend>
        ${AVOID.map(([flag, label, hint]) => html`<${Tick} key=${flag} id=${`avoid-${flag}`} label=${label} hint=${hint}
          checked=${value.avoid.includes(flag)}
          onChecked=${(on) => set({ avoid: on ? [...value.avoid, flag] : value.avoid.filter((each) => each !== flag) })} />`)}
      </fieldset>
      <${Choice} id="hand" legend="Hand they use" value=${value.hand} options=${[["left", "Left"], ["right", "Right"]]} onValue=${(hand) => set({ hand })} />
      <${Choice} id="text" legend="Words in the headset" value=${value.text} options=${[["regular", "Regular"], ["large", "Large"]]} onValue=${(text) => set({ text })} />
      <${Choice} id="words" legend="Words of the guide" value=${value.words} options=${[["all", "All"], ["few", "Few"], ["none", "None"]]} onValue=${(words) => set({ words })} />
      <${Choice} id="posture" legend="How they sit" value=${value.posture} options=${[["upright", "Upright"], ["reclined", "Reclined"], ["lying", "Lying"]]} onValue=${(posture) => set({ posture })} />
      <${Choice} id="language" legend="Language in the headset" value=${value.language} options=${LANGUAGES} onValue=${(language) => set({ language })} />
      <${Slider} id="brightness" label="Brightness" low=${0.3} high=${1} step=${0.05} value=${value.brightness} told=${(/** @type {number} */ share) => `${Math.round(share * 100)} %`} onValue=${(brightness) => set({ brightness })} />
      <${Wrong} words=${saying.wrong} />
      <div class="saves">
        <button type="submit" class="act strong">Keep this profile</button>
        <p role="status">${saying.saved ? html`Kept. <a href=${`#/patients/${id}`}>Choose a plan</a>` : ""}</p>
      </div>
      ${isLive(link.state) && html`<p class="hint">It holds from the next session that is made ready.</p>`}
    </form>`}
  </main>`;
}
