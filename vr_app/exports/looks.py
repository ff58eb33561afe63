"""What a brush looks like outside Harborlight, by its name; one that is not known looks as plain as ink."""

from __future__ import annotations

from typing import Final, Literal, NamedTuple

Form = Literal["tube", "leaves", "specks"]
Grain = Literal["ink", "sand", "light"]  # on paper


class Look(NamedTuple):
    """A brush: the form of its strokes, and how their surface answers to light."""

    form: Form = "tube"
    flat: float = 1.0  # thickness of a tube's section as a share of its width
    rough: float = 0.8  # glTF's roughness
    light: float = 0.0  # share of its colour that it radiates by itself
    grain: Grain = "ink"


PLAIN: Final = Look()
LOOKS: Final[dict[str, Look]] = {
    "ribbon": Look(flat=0.16, rough=0.55, light=0.75, grain="light"),
    "ink": PLAIN,
    "chalk": Look(rough=1.0, grain="sand"),
    "leaf": Look("leaves", rough=0.7),
    "dust": Look("specks", rough=1.0, light=0.35, grain="sand"),
    "tube": Look(rough=0.4, light=1.0, grain="light"),
}


def look(brush: str) -> Look:
    return LOOKS.get(brush, PLAIN)


def told(brush: str) -> str:
    """Its name where others read it: whatever is not ours may be anybody's words."""
    return brush if brush in LOOKS else "stroke"
