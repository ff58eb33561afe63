"""Questions that may hang or crash whoever asks: each is asked in a process of its own by `harborlight doctor`.

Run as `python -m vr_app.doctor_probes runtime|graphics|screen|sound`; the answer is a line of JSON on standard output.
An answer with "why" says what is wrong, and "remedy" how to mend it.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from typing import Any

from vr_app.headset import HeadsetUnavailable

Answer = dict[str, Any]


def runtime() -> Answer:
    """The active OpenXR runtime: its extensions, name and headset."""
    from vr_app.xr.runtime import NoDevice, find_system, offered_extensions, open_runtime

    answer: Answer = {}
    try:
        answer["extensions"] = sorted(offered_extensions())
        opened = open_runtime("harborlight doctor", ())
    except HeadsetUnavailable as reason:
        return answer | {"why": reason.why, "remedy": reason.remedy}
    answer["name"] = opened.name
    try:
        answer["headset"] = find_system(opened).name
    except NoDevice as reason:
        answer["no_headset"] = {"why": reason.why, "remedy": reason.remedy}
    except HeadsetUnavailable as reason:
        answer |= {"why": reason.why, "remedy": reason.remedy}
    finally:
        opened.close()
    return answer


def graphics() -> Answer:
    """An OpenGL context of the kind that is drawn with."""
    from vr_app.render.context import ContextError, open_context

    try:
        with open_context("window" if sys.platform == "win32" else "egl") as context:
            return {"renderer": context.renderer_name, "version": context.version, "software": context.software}
    except ContextError as error:
        why, _, remedy = str(error).partition("; ")
        return {"why": why, "remedy": remedy}


def screen() -> Answer:
    """Whether a window can be opened."""
    from vr_app.render.context import ContextError, open_context

    try:
        with open_context("window"):
            return {"opened": True}
    except ContextError as error:
        why, _, remedy = str(error).partition("; ")
        return {"why": why, "remedy": remedy} if remedy else {"why": why}


def sound() -> Answer:
    """The names of the sound outputs. PortAudio starts when sounddevice is imported, and may hang there."""
    from audio.devices import SoundUnavailable, outputs

    try:
        return {"outputs": outputs()}
    except SoundUnavailable as error:
        why, _, remedy = str(error).partition("; ")
        return {"why": why, "remedy": remedy}


PROBES: dict[str, Callable[[], Answer]] = {"runtime": runtime, "graphics": graphics, "screen": screen, "sound": sound}

if __name__ == "__main__":
    print(json.dumps(PROBES[sys.argv[1]]()), flush=True)
