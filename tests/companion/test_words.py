"""Every state has its sentence, and the most pressing thing is said."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from tests.companion.doubles import status
from vr_app import limits
from vr_app.companion.words import sentence
from vr_app.course import Mode


@pytest.mark.parametrize("mode", Mode)
def test_every_mode_has_a_sentence_of_its_own(mode: Mode) -> None:
    words = sentence(status(mode), 0.0, "")
    assert words.endswith(".") and words[0].isupper()
    assert words != sentence(status(Mode.OVER if mode is not Mode.OVER else Mode.HELD), 0.0, "")


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({}, "Playing Lantern, 4:05 left."),
        ({"cue": "Shore"}, "Playing Lantern: Shore, 4:05 left."),
        ({"quiet": True}, "Quiet: the guide rests. Lantern, 4:05 left."),
        ({"speak": True, "quiet": True}, "You are speaking: guide and sound step back. Lantern, 4:05 left."),
        ({"waits": True, "cue": "Shore", "next_cue": "Return"}, "“Shore” is over; Go plays “Return”."),
        ({"eyes_closed": True}, "Playing Lantern, 4:05 left, eyes closed."),
        ({"worn": False}, "Playing Lantern, 4:05 left. The headset is off."),
        (
            {"head_tracked": False},
            "Playing Lantern, 4:05 left. The headset has lost its place; the picture stands still.",
        ),
        ({"sound_wrong": True, "sound": "no device"}, "Playing Lantern, 4:05 left. Sound: no device."),
        ({"focused": False}, "Playing Lantern, 4:05 left. A menu of the headset lies in front; the guide rests."),
        ({"rehearsal": True}, "Playing Lantern, 4:05 left. A rehearsal: no session for a patient."),
        (
            {"exposure_seconds": limits.EXPOSURE_MINUTES * 60.0, "head_tracked": False},
            "Playing Lantern, 4:05 left. The headset has been worn for 20 minutes; it is time to take it off.",
        ),
    ],
)
def test_while_a_plan_plays(more: dict[str, Any], told: str) -> None:
    assert sentence(status(**more), 0.0, "") == told


def test_a_lock_is_said_wherever_one_is() -> None:
    assert sentence(status(Mode.LOCKED), 0.0, "").startswith("VR is locked: nothing plays")
    assert sentence(status(Mode.GROUNDED, locked=True), 0.0, "").endswith("VR is locked.")


def test_a_picture_that_is_started_again_is_said_to_be_so() -> None:
    assert sentence(None, 0.0, "") == "The picture is being started."
    assert sentence(None, 0.0, "The picture has stopped") == "The picture has stopped."
    assert sentence(status(), 4.2, "").startswith("No word from the picture for 4 s; it is being started again")
    assert sentence(status(Mode.OVER), 400.0, "") == "The session is over."


def test_a_mode_of_a_later_version_is_told_in_its_own_words() -> None:
    assert sentence(msgspec.structs.replace(status(), mode="asleep"), 0.0, "") == "Asleep."
