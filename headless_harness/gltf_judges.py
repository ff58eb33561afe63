"""Two who did not make our glTF files and read them, in Chromium: Khronos' validator, and three.js, which draws them.

Both come from npm (`npm ci` in headless_harness/npm, once; `make test` does it); neither is shipped.
"""

from __future__ import annotations

import base64
import io
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from PIL import Image

from headless_harness import chromium
from vr_app.api import Pose
from vr_app.scripted.headset import Pixels

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, Route

NPM: Final = Path(__file__).parent / "npm"
_SITE: Final = "http://judge.invalid/"
_KINDS: Final = {".js": "text/javascript", ".mjs": "text/javascript"}
_PAGE: Final = """<!doctype html><body style="margin:0"><script>var exports = {};</script>
<script src="gltf-validator/gltf_validator.dart.js"></script>
<script type="importmap">{"imports": {"three": "./three/build/three.module.js"}}</script>
<script type="module">
import * as THREE from "three";
import { GLTFLoader } from "./three/examples/jsm/loaders/GLTFLoader.js";
const bytes = text => Uint8Array.from(atob(text), c => c.charCodeAt(0));
window.validate = async text => await exports.validateBytes(bytes(text), { maxIssues: 40 });
window.seen = async (text, at, vertical, wide, tall) => {
  const { scene } = await new GLTFLoader().parseAsync(bytes(text).buffer, "");
  const whole = new THREE.Scene(); whole.add(scene, new THREE.HemisphereLight(0xffffff, 0x888888, 2.5));
  const renderer = new THREE.WebGLRenderer({ antialias: true, alpha: true, preserveDrawingBuffer: true });
  renderer.setSize(wide, tall, false); renderer.setClearColor(0, 0);
  const camera = new THREE.PerspectiveCamera(vertical, wide / tall, 0.01, 1000); camera.position.set(...at);
  renderer.render(whole, camera);
  const picture = renderer.domElement.toDataURL("image/png"); renderer.dispose(); renderer.forceContextLoss();
  return picture.split(",")[1];
};
window.ready = true;
</script>"""


def missing() -> str:
    """What cannot be done without, and how to have it; "" when all is there."""
    if lack := chromium.missing():
        return lack
    if not all((NPM / "node_modules" / name).is_dir() for name in ("gltf-validator", "three")):
        return "the judges of glTF files are missing: npm ci in headless_harness/npm"
    return ""


class Judges:
    """Both, in one page."""

    def __init__(self, page: Page) -> None:
        self._page = page

    def validate(self, glb: bytes) -> Mapping[str, Any]:
        """The validator's report: `issues` with numErrors, numWarnings, messages."""
        report: Mapping[str, Any] = self._page.evaluate("text => validate(text)", _text(glb))
        return report

    def seen(self, glb: bytes, head: Pose, vertical: float, size: tuple[int, int]) -> Pixels:
        """As three.js draws it for a head that looks along -z, `vertical` degrees high: (h, w, 4)."""
        asked = [_text(glb), list(head.position), vertical, *size]
        drawn = self._page.evaluate("asked => seen(...asked)", asked)
        return np.asarray(Image.open(io.BytesIO(base64.b64decode(drawn))).convert("RGBA"))


@contextmanager
def judges(browser: Browser) -> Iterator[Judges]:
    page = browser.new_page()
    try:
        page.route("**/*", _served)
        page.goto(_SITE)
        page.wait_for_function("window.ready === true")
        yield Judges(page)
    finally:
        page.close()


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _served(route: Route) -> None:
    name = route.request.url.removeprefix(_SITE)
    path = NPM / "node_modules" / name
    if not name:
        route.fulfill(body=_PAGE, content_type="text/html")
    elif path.suffix in _KINDS and path.is_file():
        route.fulfill(body=path.read_bytes(), content_type=_KINDS[path.suffix])
    else:
        route.fulfill(status=404)
