"""From render to pixels in a browser: `python -m headless_harness.mirror_latency [--seconds S] [--json]`.

A whole session on the scripted headset with its companion, without rasterising, and Debian's Chromium that draws what
comes onto a canvas. The time of a picture is the sum of its age when the companion sent it, by the host's clock; of
its way, for which a whole round trip right after it stands; and of the time until the frame with it was drawn, by the
page's clock. So it is never told shorter than it was. What a picture costs the render process: mirror_cost.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from typing import Any, Final

from playwright.sync_api import Error

from headless_harness.chromium import browser
from headless_harness.station import Wrong
from headless_harness.stop_trials import bare_page, playing

HZ: Final = 15
MEDIAN_MS, P95_MS = 80.0, 150.0

# Draws each picture, tells it to be seen, and keeps [age, way, drawn, bytes] in milliseconds; all after `seconds`.
PAGE: Final = """
([build, camera, hz, seconds]) => new Promise((ready, failed) => {
  const socket = new WebSocket(`ws://${location.host}/ws`);
  socket.binaryType = "arraybuffer";
  document.body.innerHTML = '<canvas width="640" height="480"></canvas>';
  const canvas = document.querySelector("canvas").getContext("2d");
  const seen = [], asked = new Map();
  let id = 0;
  const tell = (what) => socket.send(JSON.stringify(what));
  const drawn = () => new Promise((resolve) => requestAnimationFrame(() => {
    const channel = new MessageChannel();  // its message comes after this frame was drawn
    channel.port1.onmessage = resolve;
    channel.port2.postMessage(0);
  }));
  const show = async (data) => {
    const arrived = performance.now();
    const age = new DataView(data).getFloat64(16, true) * 1000;
    const one = [age, 0, 0, data.byteLength];
    asked.set(++id, (back) => { one[1] = back - arrived; });
    tell({type: "Do", id, command: {type: "Watch"}});  // is refused by the companion itself, at once
    const bitmap = await createImageBitmap(new Blob([new Uint8Array(data, 24)], {type: "image/jpeg"}));
    canvas.drawImage(bitmap, 0, 0, 640, 480);
    await drawn();
    one[2] = performance.now() - arrived;
    seen.push(one);
    tell({type: "Seen", picture: new DataView(data).getUint32(0, true)});
  };
  socket.onopen = () => {
    tell({type: "Hello", build, client: "latency", name: "Harness"});
    tell({type: "View", camera, hz});
    setTimeout(() => ready(seen.filter((one) => one[1])), seconds * 1000);
  };
  socket.onclose = () => failed(new Error("the companion closed"));
  socket.onmessage = ({data}) => {
    if (data instanceof ArrayBuffer) { show(data); return; }
    const frame = JSON.parse(data);
    if (frame.type === "Answer") { asked.get(frame.id)(performance.now()); asked.delete(frame.id); }
  };
})
"""


def measured(seconds: float, counting: int) -> list[list[float]]:
    """A row for each picture: its age at sending, a round trip, until drawn, in milliseconds; bytes. Raises Wrong."""
    with playing(counting, watched=False) as (session, _), browser() as chromium:
        try:
            page = bare_page(chromium, session)
            build = page.evaluate("fetch('/api/home').then((home) => home.json())")["build"]
            page.evaluate(PAGE, [build, "eye", HZ, 2.0])  # the first pictures make what the mirror needs
            rows: list[list[float]] = page.evaluate(PAGE, [build, "eye", HZ, seconds])
        except Error as error:
            raise Wrong(f"the page failed: {error}") from None
        return rows


def figures_of(rows: Sequence[Sequence[float]]) -> dict[str, Any]:
    """Raises Wrong where there were none."""
    if not rows:
        raise Wrong("no picture came")
    columns = {"age_at_sending": 0, "round_trip": 1, "until_drawn": 2}
    told = {name: _told([row[column] for row in rows]) for name, column in columns.items()}
    total = _told([age + way + drawn for age, way, drawn, _ in rows])
    kept = total["p50"] <= MEDIAN_MS and total["p95"] <= P95_MS
    size = round(sum(row[3] for row in rows) / len(rows) / 1024, 1)
    return {"pictures": len(rows), "kib": size, "ms": {**told, "render_to_pixels": total}, "kept": kept}


def _told(values: Sequence[float]) -> dict[str, float]:
    ordered = sorted(values)
    return {
        "p50": round(ordered[len(ordered) // 2], 1),
        "p95": round(ordered[min(int(len(ordered) * 0.95), len(ordered) - 1)], 1),
        "max": round(ordered[-1], 1),
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit status: 0 when median and 95th percentile are as promised."""
    parser = argparse.ArgumentParser(prog="mirror_latency", description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--counting", type=int, default=0, help="processes that only count, beside it")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    try:
        figures = figures_of(measured(options.seconds, options.counting))
    except Wrong as error:
        print(f"mirror_latency: {error}", file=sys.stderr)
        return 1
    if options.json:
        print(json.dumps(figures, indent=2))
    else:
        print(f"{figures['pictures']} pictures of {figures['kib']:g} KiB")
        for name, spread in figures["ms"].items():
            print(f"{name:18}{spread['p50']:8.1f} ms median{spread['p95']:8.1f} p95{spread['max']:8.1f} max")
        print(f"at most {MEDIAN_MS:g} and {P95_MS:g} ms: {'met' if figures['kept'] else 'NOT'}")
    return 0 if figures["kept"] else 1


if __name__ == "__main__":
    sys.exit(main())
