"""Sound devices by PortAudio: which there are, streams with native callbacks, and time as their clock counts it.

The only importer of sounddevice, whose import starts PortAudio. PortAudio sees devices come and go only when it is
started anew (`look_again`).
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from time import perf_counter_ns
from typing import Any, ClassVar, Final, Literal

os.environ.setdefault("JACK_NO_START_SERVER", "1")  # asking whether there is a server must not make one

try:
    import sounddevice
except OSError as error:  # the library is not there; the session goes on without sound
    sounddevice: Any = None  # type: ignore[no-redef]
    _LACKING = f"the PortAudio library cannot be loaded ({error}); install libportaudio2"

from audio.block import CHANNELS, RATE
from audio.capture import Capture, listen
from audio.playout import Playout, play

LATENCY_SECONDS: Final = 0.020  # asked of the system's own mixer; what a JACK server has is its own
MOST_CHANNELS: Final = 8
_JACK: Final = "JACK Audio Connection Kit"
_LOOKS: Final = 5  # at two clocks, of which the quickest counts


class SoundUnavailable(Exception):
    """No device can be used; one line with its remedy."""


def outputs() -> list[str]:
    """Every output by its name, the system's own first. Raises SoundUnavailable."""
    return _names("output")


def inputs() -> list[str]:
    """The same of microphones."""
    return _names("input")


def can_look_again() -> bool:
    """PortAudio cannot be ended, and so not started anew, in a process whose JACK server is gone: it aborts."""
    return sounddevice is None or all(api["name"] != _JACK for api in sounddevice.query_hostapis())


def look_again() -> None:
    """See devices that have come or gone; no stream may be open."""
    if sounddevice is not None:
        sounddevice._terminate()
        sounddevice._initialize()


class _Device:
    """A stream with a native callback, from the moment it is made until `close`."""

    kind: ClassVar[Literal["output", "input"]]
    callback: ClassVar[int]  # address
    missing: ClassVar[str]

    def __init__(self, memory: Playout | Capture, wanted: str = "") -> None:
        """The first device whose name has `wanted` in it, else the system's own. Raises SoundUnavailable."""
        self._memory = memory
        wrong = ""
        for index, channels in _ways(self.kind, wanted):
            try:
                self._stream = self._opened(index, channels)
            except (sounddevice.PortAudioError, ValueError) as error:
                wrong = wrong or f"{_name(index)} cannot be used at {RATE // 1000} kHz ({_reason(error)})"
                continue
            self.name = _name(index)
            self.instead = bool(wanted) and wanted.lower() not in self.name.lower()
            return
        raise SoundUnavailable(wrong or self.missing)

    def _opened(self, index: int, channels: int) -> Any:
        self._memory.attach(channels)
        stream = sounddevice._StreamBase(
            kind=self.kind, samplerate=RATE, blocksize=0, device=index, channels=channels, dtype="float32",
            latency=LATENCY_SECONDS, clip_off=True, dither_off=True, extra_settings=_settings(index),
            callback=sounddevice._ffi.cast("PaStreamCallback*", self.callback),
            userdata=sounddevice._ffi.cast("void*", self._memory.memory.ctypes.data),
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

    def close(self) -> None:
        """A device that is gone is let go of too."""
        self._stream.abort(ignore_errors=True)
        self._stream.close(ignore_errors=True)


class Output(_Device):
    """Plays what the playout buffer has."""

    kind = "output"
    callback = play.address
    missing = "no sound output is there; connect the headset or loudspeakers"

    @property
    def latency(self) -> float:
        """Seconds from the playout buffer to the ear, as the device tells it."""
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


class Input(_Device):
    """Brings what a microphone hears."""

    kind = "input"
    callback = listen.address
    missing = "no microphone is there; connect one"


def _devices() -> Any:
    """All there are. Raises SoundUnavailable."""
    if sounddevice is None:
        raise SoundUnavailable(_LACKING)
    try:
        return sounddevice.query_devices()
    except sounddevice.PortAudioError as error:
        raise SoundUnavailable(f"the sound devices cannot be listed ({error}); restart the sound server") from None


def _choices(kind: str, wanted: str) -> Iterator[int]:
    """Indices of devices: those asked for by name, the system's own, then the others' own."""
    devices = _devices()
    able = [index for index, device in enumerate(devices) if device[f"max_{kind}_channels"] > 0]
    if not can_look_again():  # ALSA's "jack" is the same server, through one layer more
        able = [index for index in able if devices[index]["name"] != "jack"]
    if wanted:
        yield from (index for index in able if wanted.lower() in devices[index]["name"].lower())
    apis = (api[f"default_{kind}_device"] for api in sounddevice.query_hostapis())
    own = [sounddevice.default.device[kind == "output"], *apis]
    yield from (index for index in dict.fromkeys(own) if index in able)


def _ways(kind: str, wanted: str) -> Iterator[tuple[int, int]]:
    """Device and channels: two, or one where there is no more, then all of those that will not be opened in part."""
    for index in dict.fromkeys(_choices(kind, wanted)):
        most = sounddevice.query_devices(index)[f"max_{kind}_channels"]
        yield index, min(most, CHANNELS)
        if CHANNELS < most <= MOST_CHANNELS:
            yield index, most


def _names(kind: str) -> list[str]:
    able = [device["name"] for device in _devices() if device[f"max_{kind}_channels"] > 0]
    return list(dict.fromkeys([*map(_name, _choices(kind, "")), *able]))


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
