"""Sound devices by PortAudio: which there are, one opened for the ring, and time as its stream counts it.

The only importer of sounddevice, whose import starts PortAudio. PortAudio sees devices come and go only when it is
started anew (`look_again`).
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from time import perf_counter_ns
from typing import Any, Final

os.environ.setdefault("JACK_NO_START_SERVER", "1")  # asking whether there is a server must not make one

import sounddevice

from audio.block import CHANNELS, RATE
from audio.ring import Ring, play

LATENCY_SECONDS: Final = 0.020  # asked of the system's own mixer; what a JACK server has is its own
MOST_CHANNELS: Final = 8
_JACK: Final = "JACK Audio Connection Kit"
_LOOKS: Final = 5  # at two clocks, of which the quickest counts


class DeviceError(Exception):
    """A device that cannot be used; one line with its remedy."""


def outputs() -> list[str]:
    """What can be chosen, the system's own choice first."""
    return list(dict.fromkeys(_name(index) for index in _choices("")))


def can_look_again() -> bool:
    """PortAudio cannot be ended, and so not started anew, in a process whose JACK server is gone: it aborts."""
    return all(api["name"] != _JACK for api in sounddevice.query_hostapis())


def look_again() -> None:
    """See devices that have come or gone; no stream may be open."""
    sounddevice._terminate()
    sounddevice._initialize()


class Output:
    """A device that plays what the ring has, from the moment it is made until `close`."""

    def __init__(self, ring: Ring, wanted: str = "") -> None:
        """The first output whose name has `wanted` in it, else the system's own. Raises DeviceError."""
        self._ring = ring
        wrong = ""
        for index, channels in _ways(wanted):
            try:
                self._stream = self._opened(index, channels)
            except (sounddevice.PortAudioError, ValueError) as error:
                wrong = wrong or f"{_name(index)} cannot play at {RATE // 1000} kHz ({_reason(error)})"
                continue
            self.name = _name(index)
            self.instead = bool(wanted) and wanted.lower() not in self.name.lower()
            return
        raise DeviceError(wrong or "no sound output is there; connect the headset or loudspeakers")

    def _opened(self, index: int, channels: int) -> Any:
        self._ring.attach(channels)
        stream = sounddevice._StreamBase(
            kind="output", samplerate=RATE, blocksize=0, device=index, channels=channels, dtype="float32",
            latency=LATENCY_SECONDS, clip_off=True, dither_off=True, extra_settings=_settings(index),
            callback=sounddevice._ffi.cast("PaStreamCallback*", play.address),
            userdata=sounddevice._ffi.cast("void*", self._ring.memory.ctypes.data),
        )  # fmt: skip
        try:
            stream.start()
        except sounddevice.PortAudioError:
            stream.close(ignore_errors=True)
            raise
        return stream

    @property
    def active(self) -> bool:
        return bool(self._stream.active)

    @property
    def latency(self) -> float:
        """Seconds from the ring to the ear, as the device tells it."""
        return float(self._stream.latency)

    def clock_offset(self) -> int:
        """What must be added to the stream's time for this machine's `perf_counter_ns`, ns."""
        found = []
        for _ in range(_LOOKS):
            before = perf_counter_ns()
            stream = self._stream.time
            after = perf_counter_ns()
            found.append((after - before, (before + after) // 2 - round(stream * 1e9)))
        return int(min(found)[1])

    def close(self) -> None:
        """Silence; a device that is gone is let go of too."""
        self._ring.shut()
        self._stream.abort(ignore_errors=True)
        self._stream.close(ignore_errors=True)


def _choices(wanted: str) -> Iterator[int]:
    """Indices of outputs: those asked for by name, the system's own, then the others' own."""
    devices = sounddevice.query_devices()
    playing = [index for index, device in enumerate(devices) if device["max_output_channels"] > 0]
    if wanted:
        yield from (index for index in playing if wanted.lower() in devices[index]["name"].lower())
    if not can_look_again():  # ALSA's "jack" is the same server, through one layer more
        playing = [index for index in playing if devices[index]["name"] != "jack"]
    own = [sounddevice.default.device[1], *(api["default_output_device"] for api in sounddevice.query_hostapis())]
    yield from (index for index in dict.fromkeys(own) if index in playing)


def _ways(wanted: str) -> Iterator[tuple[int, int]]:
    """Device and channels: two, or one where there is no more, then all of those that will not be opened in part."""
    for index in _choices(wanted):
        most = sounddevice.query_devices(index)["max_output_channels"]
        yield index, min(most, CHANNELS)
        if CHANNELS < most <= MOST_CHANNELS:
            yield index, most


def _name(index: int) -> str:
    return str(sounddevice.query_devices(index)["name"])


def _api(index: int) -> str:
    return str(sounddevice.query_hostapis(sounddevice.query_devices(index)["hostapi"])["name"])


def _settings(index: int) -> Any:
    """Windows' own mixer may play what a device cannot."""
    if sys.platform == "win32" and _api(index) == "Windows WASAPI":
        return sounddevice.WasapiSettings(auto_convert=True)
    return None


def _reason(error: Exception) -> str:
    """PortAudio's own words, without its numbers."""
    words = str(error.args[0]) if error.args else type(error).__name__
    return words.removeprefix("Error opening _StreamBase: ").split(" [")[0]
