"""Which sound outputs this machine has. Importing sounddevice starts PortAudio: only in a process for sound."""

from __future__ import annotations


class SoundUnavailable(Exception):
    """Sound cannot be had; the message says why, and how to mend it."""


def outputs() -> list[str]:
    """The names of all outputs, the default one first; empty when there is none. Raises SoundUnavailable."""
    try:
        import sounddevice
    except OSError as error:
        raise SoundUnavailable(f"the PortAudio library cannot be loaded ({error}); install libportaudio2") from None
    try:
        devices = [device for device in sounddevice.query_devices() if device["max_output_channels"] > 0]
    except sounddevice.PortAudioError as error:
        raise SoundUnavailable(f"PortAudio cannot list the sound devices ({error}); restart the sound server") from None
    _, default = sounddevice.default.device
    return [device["name"] for device in sorted(devices, key=lambda device: device["index"] != default)]
