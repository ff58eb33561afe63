"""What a frame draws and what it shows are the same part of the image, whatever the scale; on a real runtime."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from typing import Any

import pytest
import xr

from headless_harness.monado.rig import MonadoRig
from tests.xr.playing import focused, one_turn, play_until
from vr_app.headset import OpenFrame, Target, scaled
from vr_app.timing.governor import SCALES
from vr_app.timing.ledger import Ledger
from vr_app.xr import calls
from vr_app.xr.headset import open_openxr

pytestmark = pytest.mark.monado
Rect = tuple[int, int, int, int]


def shown_rects(end_info_address: int) -> list[Rect]:
    """x, y, width and height of each eye's part of the image in an XrFrameEndInfo; empty without a layer."""
    info = xr.FrameEndInfo.from_address(end_info_address)
    if not info.layer_count:
        return []
    layers = ctypes.cast(info._layers, ctypes.POINTER(ctypes.c_void_p))
    layer = xr.CompositionLayerProjection.from_address(layers[0])
    views = ctypes.cast(layer._views, ctypes.POINTER(xr.CompositionLayerProjectionView))
    rects = [views[eye].sub_image.image_rect for eye in range(layer.view_count)]
    return [(rect.offset.x, rect.offset.y, rect.extent.width, rect.extent.height) for rect in rects]


def test_each_frame_shows_what_it_drew(monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[list[Rect]] = []
    native = calls.native

    def watched(name: str, prototype: Any, address: int) -> Callable[..., int]:
        call = native(name, prototype, address)
        if name != "xrEndFrame":
            return call

        def end(session: int, info: int) -> int:
            shown.append(shown_rects(info))
            return call(session, info)

        return end

    monkeypatch.setattr(calls, "native", watched)
    monkeypatch.delenv("DISPLAY", raising=False)
    with MonadoRig(90, layers=True) as rig:
        for name, value in rig.env.items():
            monkeypatch.setenv(name, value)
        ledger = Ledger(1000)
        with open_openxr(ledger) as headset:
            play_until(headset, ledger, focused)
            full = headset.info.eye_size
            textures: set[int] = set()
            for scale in (*SCALES, *reversed(SCALES), 0.5, 1.0):
                drawn: list[Target] = []

                def draw(frame: OpenFrame, scale: float = scale, drawn: list[Target] = drawn) -> None:
                    frame.locate_views()
                    drawn += frame.targets(scale)
                    assert list(frame.targets(scale)) == drawn

                while not drawn:
                    one_turn(headset, ledger, draw)
                width, height = scaled(full, scale)
                assert [target[1:] for target in drawn] == [(width, height)] * 2
                assert shown[-1] == [(0, 0, width, height), (width, 0, width, height)]
                textures |= {target.texture for target in drawn}
            assert len(textures) <= 4  # the swapchain's own images, never made anew
        assert rig.findings() == ""
