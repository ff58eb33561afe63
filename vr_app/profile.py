"""A patient's comfort profile: values only."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from msgspec import Meta, Struct

AVOID: Final = ("water", "dark", "forest", "breath", "body", "behind", "height", "enclosed")


class Profile(Struct, frozen=True):
    avoid: frozenset[str] = frozenset()  # of AVOID
    hand: Literal["left", "right"] = "right"
    text: Literal["regular", "large"] = "regular"
    brightness: Annotated[float, Meta(ge=0.0, le=1.0)] = 1.0
    posture: Literal["upright", "reclined", "lying"] = "upright"
    words: Literal["all", "few", "none"] = "all"
