"""Peer: nine cubes through panda3d-openxr, started as its README says, with Panda3D's window on an X display.

Without the window, which is cleared and shown each frame, it costs about a fifth less.
"""

from __future__ import annotations

import logging
import os

from direct.showbase.ShowBase import ShowBase
from p3dopenxr.p3dopenxr import P3DOpenXR
from panda3d.core import FrameBufferProperties, load_prc_file_data

from headless_harness.peers.meter import asked

load_prc_file_data("", "audio-library-name null\nnotify-level-display error")


def main() -> None:
    meter = asked()
    base = ShowBase()
    logging.getLogger().setLevel(logging.WARNING)  # the library's own default is DEBUG, into every frame
    properties = FrameBufferProperties(FrameBufferProperties.get_default())
    properties.set_back_buffers(0)
    properties.set_rgba_bits(8, 8, 8, 8)  # without alpha it asks for a format that Monado has not
    properties.set_srgb_color(True)
    properties.set_depth_bits(1)
    headset = P3DOpenXR(base)
    headset.init(fb_props=properties)
    for x in (-1.0, 0.0, 1.0):
        for z in (0.5, 1.5, 2.5):
            cube = base.loader.load_model("models/box")
            cube.set_pos(x, 3.0, z)
            cube.set_scale(0.3)
            cube.reparent_to(base.render)

    while True:
        base.task_mgr.step()
        if headset.session.session_active() and not meter.frame():
            break
    meter.tell()
    os._exit(0)  # its own way out destroys the session after the context and crashes


if __name__ == "__main__":
    main()
