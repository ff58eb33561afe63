"""What is heard about a seat in the valley: few soft beds, by hour, that come and go as slowly as the light.

A bed alone is made at -32 LUFS. The gains here, in dB, let those of a place together come near that again.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, Literal, NamedTuple

from vr_app.api import AudioEngine

FADE_SECONDS: Final = 8.0  # of a bed that comes or goes with the hour
FORCE_STEP: Final = 0.05  # of the wind, by which it is turned at least
MUSIC: Final = ("none", "morning", "valley", "evening")  # slow chords, none by default
_MUSIC_DB: Final = -7.0
Beds = Mapping[str, float]  # by cue

# On the shore the surf leads, and the hour adds what lives there.
SHORE: Final[Mapping[str, Beds]] = MappingProxyType(
    {
        "day_end": {"surf": -1.0, "wind": -10.0, "birds": -13.0},
        "first_light": {"surf": -1.5, "wind": -13.0, "birds": -9.0},
        "blue_hour": {"surf": -1.0, "wind": -11.0, "night": -14.0},
        "night": {"surf": -1.5, "wind": -14.0, "night": -9.0},
    }
)
# In the grove the air leads; bird, leaves, wire and bell have places of their own (scenes/valley/murmurs.py).
GROVE: Final[Mapping[str, Beds]] = MappingProxyType(
    {
        "day_end": {"wind": -2.0, "birds": -14.0},
        "first_light": {"wind": -2.5, "birds": -11.0},
        "blue_hour": {"wind": -2.0, "night": -14.0},
        "night": {"wind": -2.3, "night": -10.0},
    }
)
# On the terrace the bay is far down; what sounds there by itself has places of its own (scenes/valley/layers.py).
TERRACE: Final[Mapping[str, Beds]] = MappingProxyType(
    {
        "day_end": {"wind": -2.0, "surf": -4.5},
        "first_light": {"wind": -3.0, "surf": -3.5},
        "blue_hour": {"wind": -3.0, "surf": -4.0, "night": -14.0},
        "night": {"wind": -4.0, "surf": -4.0, "night": -9.0},
    }
)
# By the hearth the embers lead, and the bay is some way off.
HEARTH: Final[Mapping[str, Beds]] = MappingProxyType(
    {
        "day_end": {"embers": -3.0, "surf": -7.0, "wind": -9.0, "birds": -12.0},
        "first_light": {"embers": -3.0, "surf": -7.0, "wind": -11.0, "birds": -9.0},
        "blue_hour": {"embers": -2.5, "surf": -7.0, "wind": -10.0, "night": -13.0},
        "night": {"embers": -2.5, "surf": -7.0, "wind": -12.0, "night": -9.0},
    }
)
# On the porch the bay lies some twenty metres off, and the garden is as near as the sea.
PORCH: Final[Mapping[str, Beds]] = MappingProxyType(
    {
        "day_end": {"surf": -3.0, "wind": -7.0, "birds": -8.0},
        "first_light": {"surf": -4.0, "wind": -9.0, "birds": -5.0},
        "blue_hour": {"surf": -3.0, "wind": -7.0, "night": -9.0},
        "night": {"surf": -4.0, "wind": -9.0, "night": -5.0},
    }
)
# In the bay's lee the surf is small; what that takes is given back here, for a bed is a bed.
LEE_DB: Final = 4.5
JETTY: Final[Mapping[str, Beds]] = MappingProxyType(
    {hour: {**beds, "surf": beds["surf"] + LEE_DB} for hour, beds in SHORE.items()}
)
# Behind the calm room's window it is always day's end. How far it is takes some 8 dB, given back here: a bed is a bed.
INDOORS: Final[Beds] = MappingProxyType({"surf": 4.5, "wind": 0.5})
# How each bed is there: parameters of its cue.
_OUT_THERE: Final[Mapping[str, Beds]] = {"birds": {"often": 0.6, "song": 0.9}, "night": {"owl": 0.5}}
_FROM_ABOVE: Final[Mapping[str, Beds]] = {
    "surf": {"distance": 0.8, "size": 0.5, "pebbles": 0.0},
    "wind": {"leaves": 0.5},
    "night": {"owl": 0.5},
}
_ON_THE_JETTY: Final[Mapping[str, Beds]] = {  # in the bay's lee: small waves, no stones
    **_OUT_THERE,
    "surf": {"distance": 0.35, "size": 0.55, "pebbles": 0.15},
}
_BY_THE_HEARTH: Final[Mapping[str, Beds]] = {**_OUT_THERE, "surf": {"distance": 0.7, "size": 0.7, "pebbles": 0.0}}
_FROM_A_PORCH: Final[Mapping[str, Beds]] = {"surf": {"distance": 0.6, "size": 0.7, "pebbles": 0.2}, **_OUT_THERE}
_THROUGH_A_WINDOW: Final[Mapping[str, Beds]] = {
    "surf": {"distance": 0.95, "size": 0.6, "pebbles": 0.0},
    "wind": {"force": 0.7, "leaves": 0.4},
}


class Heard(NamedTuple):
    """What is heard at a place."""

    room: str  # of audio/reverb.py
    hours: Mapping[str, Beds]  # by time of day
    ways: Mapping[str, Beds]  # parameters of each bed's cue


PlaceName = Literal["room", "shore", "grove", "terrace", "jetty", "hearth", "porch"]
PLACES: Final[Mapping[PlaceName, Heard]] = MappingProxyType(
    {
        "room": Heard("calm room", {"day_end": INDOORS}, _THROUGH_A_WINDOW),
        "shore": Heard("shore", SHORE, _OUT_THERE),
        "grove": Heard("valley", GROVE, _OUT_THERE),
        "terrace": Heard("valley", TERRACE, _FROM_ABOVE),
        "jetty": Heard("shore", JETTY, _ON_THE_JETTY),
        "hearth": Heard("valley", HEARTH, _BY_THE_HEARTH),
        "porch": Heard("valley", PORCH, _FROM_A_PORCH),
    }
)


class Sounds:
    """Of one visit. The session ends what was begun here when the place is left."""

    def __init__(self, sound: AudioEngine, place: PlaceName) -> None:
        self._sound = sound
        self._heard = PLACES[place]
        self._voices: dict[str, int] = {}
        self._wanted: Beds = {}
        self._force = 0.0
        self.gain_db = 0.0  # of all beds out there: what has a place may take its share of their loudness
        self._asked: tuple[str, str, float] | None = None
        sound.enter(self._heard.room)
        if place == "room":
            self.want(INDOORS)

    def outdoors(self, hour: str, wind: float, music: str = "none") -> None:
        """In every frame; `wind` is the light's strength of it, 0 to 1."""
        asked = (hour, music, self.gain_db)
        if asked != self._asked:
            self._asked = asked
            beds = {**self._heard.hours.get(hour, self._heard.hours["day_end"])}
            if music != "none":
                beds[f"chords_{music}"] = _MUSIC_DB
            self.want({cue: gain_db + self.gain_db for cue, gain_db in beds.items()})
        force = 0.6 + 0.8 * wind
        if "wind" in self._voices and abs(force - self._force) > FORCE_STEP:
            self._force = force
            self._sound.turn(self._voices["wind"], "force", force, over=FADE_SECONDS)

    def want(self, beds: Beds) -> None:
        """These beds, and no others, from now on."""
        if beds == self._wanted:
            return
        self._wanted = beds
        for cue in [cue for cue in self._voices if cue not in beds]:
            self._sound.stop(self._voices.pop(cue), fade=FADE_SECONDS)
        for cue, gain_db in beds.items():
            if cue in self._voices:
                self._sound.shape(self._voices[cue], gain_db=gain_db, over=FADE_SECONDS)
            else:
                self._begin(cue, gain_db)

    def _begin(self, cue: str, gain_db: float) -> None:
        voice = self._sound.play(cue, gain_db=gain_db, fade=FADE_SECONDS / 2.0, seed=sum(cue.encode()))
        self._voices[cue] = voice
        for name, value in self._heard.ways.get(cue, {}).items():
            self._sound.turn(voice, name, value, over=0.0)
