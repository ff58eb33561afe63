/** What the patient sees, or a camera beside them: pictures onto a canvas, with their age. */

import { html, useEffect, useRef, useState } from "./vendor/htm-preact.js";
import { isLive } from "./session.js";

export const MIRROR_HZ = 15;
export const OLD_SECONDS = 2;

const WHAT = { eye: "What the patient sees", beside: "From beside the patient", around: "Around what they make" };

/** @param {{link: import("./link.js").Link, camera?: import("./link.js").Camera}} the */
export function Mirror({ link, camera = "eye" }) {
  const canvas = useRef(/** @type {HTMLCanvasElement|null} */ (null));
  const shown = useRef(/** @type {{at: number, age: number, camera: import("./link.js").Camera}|null} */ (null)); // on the screen since, ms; its age then
  const [, draw] = useState(0);
  useEffect(() => {
    let over = false;
    link.view(camera, MIRROR_HZ, async (picture) => {
      const bitmap = await createImageBitmap(new Blob([picture.jpeg], { type: "image/jpeg" })).catch(() => null);
      if (over || !canvas.current) return;
      if (bitmap) {
        paint(canvas.current, bitmap);
        if (!shown.current) draw(1); // the first one takes the place of words
        shown.current = { at: performance.now(), age: picture.age, camera: picture.camera };
      }
      requestAnimationFrame(() => link.seen(picture.number));
    });
    return () => {
      over = true;
      shown.current = null;
      link.view(camera, 0, null);
    };
  }, [link, camera]);

  const age = shown.current && shown.current.age + (performance.now() - shown.current.at) / 1000;
  const old = age !== null && age > OLD_SECONDS;
  const what = WHAT[shown.current?.camera ?? camera];
  return html`<figure class=${`mirror ${old ? "old" : ""} ${age === null ? "empty" : ""}`}>
    <div class="view"><canvas ref=${canvas} width="512" height="512" role="img" aria-label=${what}></canvas></div>
    ${age === null && html`<p class="none">${isLive(link.state) ? "The picture comes in a moment." : "No picture yet."}</p>`}
    <figcaption>
      <span>${what}</span>
      <span class="age">${age === null ? "" : ageWords(age)}</span>
    </figcaption>
    <div role="status">
      ${old && html`<p class="old-words">This picture is older than 2 s. What the patient sees may be another.</p>`}
    </div>
  </figure>`;
}

/** @param {number} seconds */
function ageWords(seconds) {
  if (seconds < 1) return "now";
  return seconds < 60 ? `${Math.floor(seconds)} s old` : `${Math.floor(seconds / 60)} min old`;
}

/** @param {HTMLCanvasElement} canvas @param {ImageBitmap} bitmap */
function paint(canvas, bitmap) {
  if (canvas.width !== bitmap.width || canvas.height !== bitmap.height) {
    canvas.width = bitmap.width;
    canvas.height = bitmap.height;
    canvas.style.setProperty("--shape", String(bitmap.width / bitmap.height));
  }
  canvas.getContext("2d")?.drawImage(bitmap, 0, 0);
  bitmap.close();
}
