"""A place of your own: the cabin's porch over the bay, whose light, shelter, view and company the patient chooses.

Small carved things lie on the table; whatever a gaze, a hand's ray or a fingertip rests on is chosen, and the place
changes slowly. A key may be taken, a stone put into a box. All of it is remembered, and none of it has to be done.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import atan2, cos, hypot, radians, sin
from typing import Annotated, Final

from scenes.valley import porch
from scenes.valley.attention import Attention
from scenes.valley.outdoors import Outdoors, OutdoorSettings
from scenes.valley.own_place import (
    FIRST_KEY,
    MILDEST,
    SAID,
    THE_LID,
    THE_STONE,
    TOKENS,
    Chosen,
    Glide,
    OwnPlace,
    read,
    smooth,
    taken_home,
    written,
)  # fmt: skip
from scenes.valley.place import PORCH
from scenes.valley.porch_view import PorchView
from vr_app.api import Choice, Frame, Kit, Pass, Pose, Scene, SceneInfo, Stage, Vec3

DARKEST: Final = ("day_end", *(word for _, word in porch.DARK))
THEIRS: Final = "patient's"  # of a setting: as the patient chose
EYE: Final[Vec3] = (0.0, 1.2, 0.0)
LABEL_METRES, LABEL_BELOW = 1.42, radians(18.5)  # beyond the table, between what lies there and the captions
HIGH_LABEL_BELOW: Final = radians(12.5)  # over rack and lid, which stand higher
HEIGHTS: Final = (0.0172, 0.0255)  # of capitals at that distance: 0.69 and 1.03 degrees
WELCOME: Final = "Here it is, as you left it. Any of it may change."
WELCOME_SECONDS: Final = (2.0, 12.0)  # of the scene, in which that stands there
WELCOME_AT: Final = Pose((0.0, 1.36, -2.3))
WELCOME_HEIGHT: Final = 0.034  # of its capitals: 0.85 degrees
FADE_SECONDS: Final = 1.0
REST_SECONDS: Final = 2.2
FROM_WARMTH: Final = 0.12  # of attention, from which a thing's words come: none where eyes only pass
BOX_WORDS: Final = ("It goes into the box", "It comes out again", "The lid closes", "The lid opens", "Back on its hook")
INTO, OUT, CLOSES, OPENS, BACK = range(5)


@dataclass(frozen=True, slots=True)
class PlaceSettings(OutdoorSettings):
    """Each choice may be made for a patient who cannot point, at the moment its setting changes."""

    light: Annotated[str, Choice((THEIRS, *porch.WORDS["light"]))] = THEIRS
    shelter: Annotated[str, Choice((THEIRS, *porch.WORDS["shelter"]))] = THEIRS
    view: Annotated[str, Choice((THEIRS, *porch.WORDS["view"]))] = THEIRS
    company: Annotated[str, Choice((THEIRS, *porch.WORDS["company"]))] = THEIRS
    key: Annotated[str, Choice((THEIRS, "none", *porch.KEYS))] = THEIRS
    stone: Annotated[str, Choice((THEIRS, "beside", "in_the_box"))] = THEIRS
    lid: Annotated[str, Choice((THEIRS, "open", "closed"))] = THEIRS
    offered: Annotated[str, Choice(("nothing", "choices", "box", "all"))] = "all"  # what answers to attention
    darkest: Annotated[str, Choice(DARKEST)] = "blue_hour"  # of the hours that lie on the table
    visit: Annotated[str, Choice(("as_it_was", "anew"))] = "as_it_was"


class _Hour:
    """What Outdoors reads of settings."""

    __slots__ = ("music", "time_of_day", "weather")

    def __init__(self) -> None:
        self.time_of_day, self.weather, self.music = "day_end", "fair", "none"


def _is_offered(token: tuple[str, str], settings: PlaceSettings) -> bool:
    """Whether an hour is not darker than what may be chosen; all else is."""
    return token not in porch.DARK[DARKEST.index(settings.darkest) :]


class SafePlace(Scene):
    """What is rested on acts once; while quiet nothing does, but what is under way arrives."""

    info = SceneInfo(
        id="safe_place",
        title="A place of your own",
        summary="A porch over the bay: choose its light, shelter, view and company; a key, and a box for a stone.",
        kind="centering",
        minutes=(8.0, 12.0),
        flags=frozenset({"imagery", "water"}),
        golden_times=(0.0, 10.0),
    )
    Settings = PlaceSettings

    def build(self, kit: Kit) -> None:
        self.outdoors = Outdoors(kit, PORCH, "porch")
        self.porch = PorchView(kit, self.outdoors.sky)
        keys = tuple(SAID["key", shape] for shape in porch.KEYS)
        words = (*(SAID[name] for name in TOKENS), *keys, *BOX_WORDS)
        self._labels = [tuple(kit.text(each, height=high, width=0.6) for high in HEIGHTS) for each in words]
        self._welcome = kit.text(WELCOME, height=WELCOME_HEIGHT, width=1.5)

    def enter(self, stage: Stage) -> None:
        self._stage = stage
        self.outdoors.enter(stage)
        self._hour = _Hour()
        self._before: PlaceSettings | None = None
        self.place = OwnPlace(Chosen())
        self.attention = Attention(self.place.spots(1.0), REST_SECONDS)
        self._side = 1.0
        self._time = 0.0  # session seconds of the last frame
        self._offers = {"choices": Glide(FADE_SECONDS, 1.0), "box": Glide(FADE_SECONDS, 1.0)}
        self._warmth = [0.0] * 21  # of tokens (16), keys, stone and lid, as they are drawn
        count = len(self.attention.spots)
        self._shown, self._said = [0.0] * count, [*range(count)]  # of each label: how far it is seen, and which words
        self._done: int | None = None  # what was just taken says no more until it is left
        self._welcomed = 0.0
        self._again = False  # a place was remembered
        self._at: tuple[Pose, ...] = ()  # of labels, for the side and posture of `_seated`
        self._seated = (0.0, 0.0)

    def update(self, frame: Frame) -> None:
        settings: PlaceSettings = frame.settings
        if self._before is None:
            self._begin(frame, settings)
        passed = min(max(frame.time - self._time, 0.0), 0.1)
        self._time = frame.time
        self._side = -1.0 if frame.comfort.hand == "left" else 1.0
        self._follow(settings)
        if not self.place.still or frame.index == 0 or self._seated != (self._side, frame.comfort.raised):
            self._arrange(frame.comfort.raised)
        for part, glide in self._offers.items():
            glide.go(float(settings.offered in (part, "all")), passed)
        taken = self.attention.update(frame)
        if taken is not None and self._offered(taken, settings):
            self._take(taken)
        self.place.update(passed)
        self._warm(settings, passed)
        self._hours(settings)
        self.outdoors.update(frame, self._hour)
        begins, ends = WELCOME_SECONDS
        there = self._again and begins <= frame.scene_time < ends
        self._welcomed = min(max(self._welcomed + (passed if there else -passed) / FADE_SECONDS, 0.0), 1.0)

    def draw(self, frame: Frame, out: Pass) -> None:
        settings: PlaceSettings = frame.settings
        self.porch.grow(self.place.hedge.share)
        self.outdoors.begin(out)
        self.porch.draw(out, self.place, self._side, self._warmth, DARKEST.index(settings.darkest))
        self.outdoors.draw(frame, out)
        self.porch.draw_coming(out, self.place, self._side)
        large = frame.comfort.large_text
        for n, opacity in enumerate(self._shown):
            if opacity > 0.0:
                out.text(self._labels[self._said[n]][large], self._at[n], smooth(opacity))
        if self._welcomed > 0.0:
            out.text(self._welcome, WELCOME_AT, smooth(self._welcomed))

    # --- what is chosen

    def _begin(self, frame: Frame, settings: PlaceSettings) -> None:
        """As it was at the last visit, at once, or the mildest."""
        kept = read(self._stage.memory.get("place")) if settings.visit == "as_it_was" else None
        self._again = kept is not None
        chosen = kept or Chosen()
        self._before = type(settings)()
        self._steer(chosen, settings)
        self.place = OwnPlace(chosen)
        self._time = frame.time
        self._before = settings

    def _follow(self, settings: PlaceSettings) -> None:
        """What was set since the last frame is chosen."""
        if settings is not self._before and self._steer(self.place.chosen, settings):
            self._keep()
        self._before = settings

    def _steer(self, chosen: Chosen, settings: PlaceSettings) -> bool:
        """Choose what is set otherwise than before; whether anything was."""
        before = self._before
        changed = False
        for name in MILDEST:
            word = getattr(settings, name)
            if word not in (THEIRS, getattr(before, name)):
                chosen.words[name], changed = word, True
        assert before is not None
        if settings.key not in (THEIRS, before.key):
            chosen.key, changed = ("" if settings.key == "none" else settings.key), True
        if settings.stone not in (THEIRS, before.stone):
            chosen.stone_in, changed = settings.stone == "in_the_box", True
        if settings.lid not in (THEIRS, before.lid):
            chosen.open, changed = settings.lid == "open", True
        light = chosen.words["light"]
        if light != settings.light and not _is_offered(("light", light), settings):
            chosen.words["light"] = ""
        return changed

    def _offered(self, n: int, settings: PlaceSettings) -> bool:
        if n < FIRST_KEY and not _is_offered(TOKENS[n], settings):
            return False
        return settings.offered in ("all", "choices" if n < THE_STONE else "box")

    def _take(self, n: int) -> None:
        """Attention rested on it long enough, or pressed."""
        place = self.place
        if n < FIRST_KEY:
            if not place.choose(*TOKENS[n]):
                return
        elif n < THE_STONE:
            place.take_key(porch.KEYS[n - FIRST_KEY])
        elif n == THE_STONE:
            place.touch_stone()
        elif place.stone_moves:
            return  # the lid waits for it
        else:
            place.touch_lid()
        sound = self._stage.sound
        sound.gesture()
        cue, gain = ("acknowledge", -8.0) if n < FIRST_KEY else ("chime", -12.0) if n < THE_STONE else ("stone", -8.0)
        sound.play(cue, position=self.attention.spots[n].centre, gain_db=gain, once=True, seed=n)
        self._done = n if n >= FIRST_KEY else None
        self._keep()

    def _keep(self) -> None:
        chosen = self.place.chosen
        chosen.light_seen = chosen.words["light"] or self._hour.time_of_day
        self._stage.memory.put("place", written(chosen))
        self._stage.memory.put("take_home", taken_home(chosen))

    # --- what is seen of it

    def _hours(self, settings: PlaceSettings) -> None:
        hour = self._hour
        hour.time_of_day = self.place.chosen.words["light"] or settings.time_of_day
        hour.weather, hour.music = settings.weather, settings.music

    def _warm(self, settings: PlaceSettings, passed: float) -> None:
        """Warmth and labels follow attention, where something is offered."""
        attention = self.attention
        if not any(attention.warmth) and not any(self._shown) and not any(self._warmth):
            return
        choices, box = self._offers["choices"].share, self._offers["box"].share
        if self._done != attention.at:
            self._done = None
        for n, warmth in enumerate(attention.warmth):
            offered = self._offered(n, settings)
            hidden = n < FIRST_KEY and not offered and TOKENS[n] in porch.DARK
            share = 0.0 if hidden else choices if n < THE_STONE else box
            self._warmth[n if n < FIRST_KEY else 16 + n - FIRST_KEY] = smooth(warmth) * share
            seen = self._shown[n]
            if seen == 0.0:
                self._said[n] = self._words_of(n)
            speaks = offered and n == attention.at and n != self._done and warmth > FROM_WARMTH
            if speaks or seen:
                step = passed / FADE_SECONDS
                self._shown[n] = min(max(seen + (step if speaks else -step), 0.0), 1.0)

    def _words_of(self, n: int) -> int:
        """The label that says what a spot is, or what it would do."""
        chosen, own = self.place.chosen, FIRST_KEY + len(porch.KEYS)
        if n < FIRST_KEY:
            return n
        if n < THE_STONE:
            return own + BACK if chosen.key == porch.KEYS[n - FIRST_KEY] else n
        if n == THE_STONE:
            return own + (OUT if chosen.stone_in else INTO)
        return own + (CLOSES if chosen.open else OPENS)

    def _arrange(self, raised: float) -> None:
        """Spots where things are, labels above them."""
        self._seated = (self._side, raised)
        spots = self.place.spots(self._side)
        self.attention.spots[:] = spots
        self._at = tuple(
            _label_at(spot.centre, raised - (LABEL_BELOW if n < FIRST_KEY else HIGH_LABEL_BELOW))
            for n, spot in enumerate(spots)
        )


assert FIRST_KEY + len(porch.KEYS) + 1 == THE_LID  # the order of `_labels` and of `OwnPlace.spots`


def _label_at(thing: Vec3, pitch: float) -> Pose:
    """Before the eyes, in the direction of a thing, `pitch` radians above level, facing them."""
    x, z = thing[0] - EYE[0], thing[2] - EYE[2]
    yaw = atan2(-x, -z)
    flat = hypot(x, z)
    out, up = LABEL_METRES * cos(pitch), LABEL_METRES * sin(pitch)
    at = (EYE[0] + out * x / flat, EYE[1] + up, EYE[2] + out * z / flat)
    return Pose.facing(at, yaw, pitch)
