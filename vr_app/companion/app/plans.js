/** Plans: what each holds, what is left out for whom and why, and trying one without a patient. */

import * as api from "./api.js";
import { Act, Told, useLoaded, Wrong } from "./parts.js";
import { html, useState } from "./vendor/htm-preact.js";
import { lasting, plays } from "./session.js";

/** @param {{link: import("./link.js").Link}} the */
export function Plans({ link }) {
  const people = useLoaded(() => api.patients(), []);
  const [patient, choose] = useState("");
  const { value, wrong, again } = useLoaded(() => api.catalogue(patient || undefined), [patient]);
  const titles = Object.fromEntries((value?.scenes ?? []).map((scene) => [scene.id, scene.title]));
  const whose = people.value?.find((each) => each.id === patient)?.pseudonym;
  return html`<main class="plain-page" id="page">
    <h1>Plans</h1>
    <div class="field">
      <label for="for">Seen for</label>
      <select id="for" value=${patient} onChange=${(event) => choose(event.target.value)}>
        <option value="">Nobody in particular</option>
        ${(people.value ?? []).map((each) => html`<option key=${each.id} value=${each.id}>${each.pseudonym}</option>`)}
      </select>
    </div>
    <${Wrong} words=${people.wrong || wrong} again=${again} />
    <${Told} link=${link} place="plans" />
    <ul class="plans">
      ${(value?.plans ?? []).map((plan) => html`<li key=${plan.name}><${Plan} link=${link} plan=${plan} titles=${titles} patient=${patient} /></li>`)}
    </ul>
    <h2>Scenes</h2>
    <ul class="scenes">
      ${(value?.scenes ?? []).map((scene) => html`<li key=${scene.id} class=${`card ${scene.left_out || scene.broken ? "left-out" : ""}`}>
        <h3>${scene.title}</h3><p>${scene.summary}</p>
        ${scene.flags.length > 0 && html`<p class="sub">${scene.flags.join(", ")}</p>`}
        ${(scene.broken || scene.left_out) && html`<p class="why">${scene.broken || scene.left_out}</p>`}
      </li>`)}
    </ul>
    ${whose && html`<p><a class="act link" href=${`#/patients/${patient}`}>Make one ready for ${whose}</a></p>`}
  </main>`;
}

function Plan({ link, plan, titles, patient }) {
  const why = plan.broken || plan.left_out;
  const kept = link.state?.session && link.state.status?.mode !== "over"; // somebody's session is loaded
  const off = !link.drives || plays(link.state) || Boolean(kept);
  const key = `try ${plan.name}`;
  return html`<article class=${`card plan ${why ? "left-out" : ""}`}>
    <div>
      <h2>${plan.title} <span class="sub">${lasting(plan.minutes * 60)}</span></h2>
      <p>${plan.summary}</p>
      ${plan.demonstration && html`<p class="sub">To show how it works; not for patients.</p>`}
      <ol class="holds">${plan.cues.map((cue, index) => html`<li key=${index}>${cue.title || titles[cue.scene] || cue.scene} <span class="sub">${lasting(cue.minutes * 60)}</span></li>`)}</ol>
      ${why && html`<p class="why">${why}</p>`}
    </div>
    ${!plan.broken && !patient && html`<${Act} label="Try it yourself" sub="nothing is recorded" busy=${link.waits(key)} off=${off}
      onPress=${() => link.do({ type: "LoadPlan", plan: plan.name }, { key, place: "plans", label: `Try ${plan.title}` })} />`}
  </article>`;
}
