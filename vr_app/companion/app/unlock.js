/** What stands before the pages: the passphrase, who sits here, and the station that cannot be reached. */

import * as api from "./api.js";
import { Field, StopBar, Wrong } from "./parts.js";
import { html, useState } from "./vendor/htm-preact.js";
import { clock, underWay } from "./session.js";

/** @param {{link: import("./link.js").Link, home: import("./api.js").Home, onOpen: () => void}} the */
export function Unlock({ link, home, onOpen }) {
  const [passphrase, write] = useState("");
  const [saying, say] = useState({ busy: false, wrong: "" });
  const open = async (/** @type {Event} */ event) => {
    event.preventDefault();
    if (saying.busy) return;
    say({ busy: true, wrong: "" });
    try {
      await api.unlock(passphrase);
      onOpen();
    } catch (error) {
      say({ busy: false, wrong: /** @type {Error} */ (error).message });
    }
  };
  return html`<main class="alone" id="page">
    <p class="brand">Harborlight</p>
    <h1>${home.clinic || "These pages are locked"}</h1>
    <p class="lead">${home.room ? `${home.room}. ` : ""}The records are locked.${underWay(link.state) ? " The session goes on, and can be ended below." : ""}</p>
    <form onSubmit=${open}>
      <${Field} id="passphrase" type="password" autocomplete="current-password" label="Passphrase" value=${passphrase} onValue=${write} />
      <${Wrong} words=${saying.wrong} />
      <div class="steps"><span></span><button type="submit" class="act strong" aria-busy=${saying.busy ? "true" : null}>Unlock</button></div>
    </form>
    <p class="hint">Forgotten? The recovery key on paper opens them too: type it here.</p>
    <${StopBar} link=${link} />
  </main>`;
}

/** @param {{link: import("./link.js").Link, home: import("./api.js").Home, onMe: (name: string) => void}} the */
export function Who({ link, home, onMe, wrong }) {
  return html`<main class="alone" id="page">
    <p class="brand">Harborlight</p>
    <h1>Who sits here?</h1>
    <p class="lead">The patient reads your name.</p>
    <ul class="people">
      ${home.clinicians.map((name) => html`<li key=${name}><button type="button" class="person" dir="auto" onClick=${() => onMe(name)}>${name}</button></li>`)}
    </ul>
    <${Wrong} words=${wrong} />
    <${StopBar} link=${link} />
  </main>`;
}

/** A headset, as a line. */
function Visor() {
  return html`<svg class="visor" viewBox="0 0 52 52" aria-hidden="true">
    <path d="M8 24q0-8 18-8t18 8v6q0 7-9 7-5 0-9-5-4 5-9 5-9 0-9-7z" /><path d="M8 22q2-12 18-12t18 12" />
  </svg>`;
}

/** No connection: the session goes on, and how it is stopped without this page. */
export function Lost({ link }) {
  return html`<main class="alone lost" id="page">
    <div role="alert">
      <h1>This page has lost the station</h1>
      <p class="lead"><strong>The session goes on</strong> as it was, and so does the patient’s own stop.</p>
    </div>
    <h2>To stop it</h2>
    <ul class="ways">
      <li><kbd>E</kbd> <span>in Harborlight’s own window on the room’s PC: ends gently</span></li>
      <li><kbd>S</kbd> <span>there: stops now</span></li>
      <li><${Visor} /> <span>or help the patient take the headset off: it falls quiet by itself</span></li>
    </ul>
    <p class="hint">It tries again every second · <span class="clock">${clock(link.lostSeconds)}</span></p>
    ${link.gone && html`<p class="answer slow"><span>${link.gone}</span><button type="button" class="plain" onClick=${() => location.reload()}>Open this page anew</button></p>`}
    ${link.state && html`<p class="hint">Last heard: ${link.state.words}</p>`}
  </main>`;
}
