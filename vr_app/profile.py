"""A patient's comfort profile: what to avoid, and what suits eyes, hands and body; and why it leaves something out.

Values only: the companion, its records and the catalogue all use them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from dataclasses import replace
from typing import Annotated, Any, Final, Literal

import msgspec
from msgspec import Meta, Struct

from vr_app.commands import Anchor, Language, SetComfort, Spoken

Avoid = Literal["water", "dark", "forest", "breath", "body", "behind", "height", "enclosed"]
Posture = Literal["upright", "reclined", "lying"]

# What each says of a scene, or of words; the page shows it.
AVOID: Final[Mapping[Avoid, str]] = {
    "water": "The sea or a stream is near, or is heard.",
    "dark": "It is dusk or night, or a place without much light.",
    "forest": "One is among trees, or close to a wood.",
    "breath": "Something is paced like a breath, or words invite to breathe.",
    "body": "Attention is led to parts of one's own body.",
    "behind": "Something sounds from behind.",
    "height": "One looks down from high up, or ground falls away close by.",
    "enclosed": "One is in a room with walls around.",
}
# What an anchor leads attention to, whatever the scene shows.
ANCHORS: Final[Mapping[Anchor, frozenset[Avoid]]] = {
    "breath": frozenset({"breath"}),
    "sound": frozenset(),
    "sight": frozenset(),
    "hands": frozenset({"body"}),
}
DARK_HOURS: Final = frozenset({"blue_hour", "night"})
OF_THE_HOUR: Final = ("time_of_day", "light")  # settings that say which it is
SKY: Final = "sky"  # a scene that leads the eyes up, and so suits who lies
LOOK_AND_LISTEN: Final = "Look and listen 5"  # the plan that no profile leaves out


class ProfileError(Exception):
    """A profile that cannot be used: one sentence."""


class Profile(Struct, frozen=True, forbid_unknown_fields=True):
    """What suits one patient."""

    avoid: frozenset[Avoid] = frozenset()
    hand: Literal["left", "right"] = "right"
    text: Literal["regular", "large"] = "regular"
    brightness: Annotated[float, Meta(ge=0.3, le=1.0)] = 1.0
    posture: Posture = "upright"
    words: Spoken = "all"  # of the guide; the ways out are always said
    language: Language = ""  # "": the station's


def profile_of(data: Any) -> Profile:
    """From builtins as JSON has them. Raises ProfileError."""
    try:
        return msgspec.convert(data, Profile, strict=True)
    except msgspec.ValidationError as error:
        raise ProfileError(f"this profile cannot be used ({error}); correct it and save again") from None


def setting_flags(settings: object) -> frozenset[str]:
    """What a scene's settings make of it."""
    dark = any(getattr(settings, name, "") in DARK_HOURS for name in OF_THE_HOUR)
    dark = dark or getattr(settings, "darkest", "") == "night"
    return frozenset({"dark"}) if dark else frozenset()


def within(settings: Any, avoid: Set[str]) -> Any:
    """The same settings, but a patient who avoids the dark is offered no dark hour to choose, unless a plan says so."""
    if "dark" in avoid and getattr(settings, "darkest", "") == "blue_hour":
        return replace(settings, darkest="day_end")
    return settings


def left_out(profile: Profile, flags: Set[str], title: str = "") -> str | None:
    """Why something with these flags is left out for this patient, in a sentence for the therapist; None: it is not.

    What is home, and what brings back there, is never left out: nobody asks about it.
    """
    found = [flag for flag in AVOID if flag in profile.avoid and flag in flags]
    if not found:
        return None
    name = f"'{title}' is left out" if title else "Left out"
    return f"{name}: {listed(found)} {'is' if len(found) == 1 else 'are'} to be avoided for this patient."


def scene_left_out(profile: Profile, flags: Set[str], title: str = "") -> str | None:
    """The same of a scene, which also has to suit how the patient sits or lies."""
    if why := left_out(profile, flags, title):
        return why
    if profile.posture == "lying" and SKY not in flags:
        name = f"'{title}' is left out" if title else "Left out"
        return f"{name}: it is not for lying down; raise the chair, or choose what is under the sky."
    return None


def anchor_left_out(profile: Profile, anchor: Anchor, flags: Set[str] = frozenset()) -> str | None:
    """The same of an anchor, with the flags of the scene that it leads to."""
    return left_out(profile, ANCHORS[anchor] | flags, f"the anchor {anchor}")


def comfort(profile: Profile) -> SetComfort:
    """What a session is told of it."""
    return SetComfort(brightness=profile.brightness, text=profile.text, hand=profile.hand)


def listed(words: Iterable[str]) -> str:
    """ "a", "a and b", "a, b and c"."""
    *some, last = words
    return f"{', '.join(some)} and {last}" if some else last
