/** What belongs to this one screen and who sits before it: light, hand, keys. */

import { Choice, Tick, Wrong } from "./parts.js";
import { html } from "./vendor/htm-preact.js";

/**
 * @param {{prefs: import("./prefs.js").Prefs, setPrefs: (prefs: import("./prefs.js").Prefs) => void,
 *   home: import("./api.js").Home, onMe: (name: string) => void, onLock: () => void, wrong: string}} the
 */
export function Screen({ prefs, setPrefs, home, onMe, onLock, wrong }) {
  return html`<main class="plain-page" id="page">
    <h1>This screen</h1>
    <p class="lead">${home.clinic}, ${home.room}. ${home.headset}</p>
    <${Choice} id="light" legend="Light" value=${prefs.light} options=${[["auto", "As the computer"], ["light", "Light"], ["dim", "Dim"]]} onValue=${(light) => setPrefs({ ...prefs, light })} />
    <${Choice} id="side" legend="Which hand reaches the controls" value=${prefs.hand} options=${[["left", "Left"], ["right", "Right"]]} onValue=${(hand) => setPrefs({ ...prefs, hand })} />
    <h2>Keys</h2>
    <p>Esc ends gently, on every page. Esc twice stops now.</p>
    <${Tick} id="space" label="Space is GO" hint="on Bedside and Desk, while no button or field is chosen" checked=${prefs.spaceGoes} onChecked=${(spaceGoes) => setPrefs({ ...prefs, spaceGoes })} />
    <h2>Who sits here</h2>
    <div class="options names">
      ${home.clinicians.map((name) => html`<button key=${name} type="button" class="act small" aria-pressed=${String(name === home.me)} dir="auto" onClick=${() => onMe(name)}>${name}</button>`)}
    </div>
    <${Wrong} words=${wrong} />
    <h2>Leaving</h2>
    <button type="button" class="act" onClick=${onLock}><span class="label">Lock these pages</span><span class="sub">a session goes on</span></button>
  </main>`;
}
