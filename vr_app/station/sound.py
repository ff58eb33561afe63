"""The sound's process: what the supervisor starts. Its own end and its pipes say when it is over."""

from __future__ import annotations

import logging
import os
import sys
from functools import partial
from multiprocessing.connection import Connection
from typing import Any, Final

from vr_app import logs
from vr_app.sound.desk import Desk
from vr_app.sound.options import SoundOptions
from vr_app.station.parent import die_with_parent, leave_signals_to_the_supervisor

log = logging.getLogger(__name__)

ANOTHER: Final = 75  # exit status: only a process that is started anew can open a device


def main(cells: Any, options: SoundOptions, verbose: bool, hears: Connection, says: Connection) -> None:
    """The process's whole life: until the supervisor closes its end of the pipe."""
    die_with_parent()
    leave_signals_to_the_supervisor()
    if not verbose:
        _hush_libraries()
    with logs.start("sound", verbose=verbose):
        status = _played(Desk(cells), options, hears)
    if status:
        os._exit(status)  # a device that hangs would hold up an orderly end


def _played(desk: Desk, options: SoundOptions, hears: Connection) -> int:
    from audio import engine

    try:
        log.info("%s", engine.run(desk, options, partial(_hung_up, hears)))
    except engine.DeviceGone:
        log.warning("the device can only be had by another process")
        return ANOTHER
    except Exception:
        log.exception("the sound process failed")
        return 1
    return 0


def _hush_libraries() -> None:
    """ALSA and PortAudio write to the terminal whatever they try; our own words still go there."""
    sys.stderr = os.fdopen(os.dup(2), "w", buffering=1)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    os.close(nowhere)


def _hung_up(hears: Connection) -> bool:
    """Whether the supervisor has closed its end; it sends nothing else."""
    try:
        return hears.poll()
    except OSError:
        return True
