"""Bell and birds: one sound may be chosen by gaze, ray or touch, or none; what recedes, and that all stays as loud."""

from __future__ import annotations

import json
from math import atan2, cos, degrees, hypot, log10, sin
from typing import Any

import numpy as np
import pytest

from audio import cue_list
from scenes.bell_birds import BELL, BOWL, CUES, STEPS, BellBirds, BellBirdsSettings, remembered, weights
from scenes.valley.instruments import IN_REACH, MAKERS, OF_SPOT, PLACES, SPOTS
from scenes.valley.layers import given_back
from scenes.valley.sounds import TERRACE, Sounds
from scenes.valley.stillness import RISE_SECONDS, Stillness
from tests.core.places import NoHands
from vr_app import limits
from vr_app.api import Frame, Hand, Inputs, Pose, Stage, Vec3
from vr_app.catalogue import SettingsError, make_settings
from vr_app.remembered import Remembered
from vr_app.scripted.headset import looking_at
from vr_app.sound.silent import Silent
from vr_app.works.works import Works

HZ = 1 / 30
EYE: Vec3 = (0.0, 1.2, 0.0)
AWAY = Pose(EYE, (0.0, sin(0.05), 0.0, cos(0.05)))  # 6 degrees to the left, between all spots
ALL = cue_list.working()


class Heard(Silent):
    """Keeps what it was asked."""

    def __init__(self) -> None:
        self.beds: dict[int, tuple[str, float, Vec3 | None]] = {}
        self.strikes: list[tuple[str, Vec3, float, bool]] = []  # cue, place, gain, whether a gesture came before
        self.overs: list[float] = []
        self.gestures = self.calls = 0

    def play(self, cue: str, **how: Any) -> int:
        self.calls += 1
        if how.get("once"):
            self.strikes.append((cue, how["position"], how["gain_db"], self.gestures > 0))
            self.gestures = 0
        else:
            self.overs.append(how["fade"])
            self.beds[self.calls] = cue, how["gain_db"], how.get("position")
        return self.calls

    def shape(self, voice: int, *, gain_db: float, over: float) -> None:
        cue, _, place = self.beds[voice]
        self.beds[voice] = cue, gain_db, place
        self.overs.append(over)

    def stop(self, voice: int, *, fade: float = 1.0) -> None:
        del self.beds[voice]
        self.overs.append(fade)

    def gesture(self) -> None:
        self.gestures += 1

    def arrives(self, cue: str) -> float:
        """As it arrives, dB."""
        return next(
            gain - (given_back(place) if place else 0.0) for name, gain, place in self.beds.values() if name == cue
        )

    def loudness(self) -> float:
        powers = (
            10.0 ** ((ALL[cue].lufs + gain - (given_back(place) if place else 0.0)) / 10.0)
            for cue, gain, place in self.beds.values()
        )
        return 10.0 * log10(sum(powers))


class Pulses(NoHands):
    def __init__(self) -> None:
        self.pulses: list[str] = []

    def pulse(self, hand: Any, gain: float, seconds: float) -> None:
        self.pulses.append(hand)


class Terrace:
    """The place's sounds without its pictures."""

    def enter(self, stage: Stage) -> None:
        self.sounds = Sounds(stage.sound, "terrace")

    def update(self, frame: Frame, settings: BellBirdsSettings) -> None:
        self.sounds.outdoors(settings.time_of_day, 0.5, settings.music)


class Visit:
    """A scene that is played frame by frame."""

    def __init__(self, remembers: Remembered | None = None, **settings: Any) -> None:
        self.heard, self.hands = Heard(), Pulses()
        self.memory = (remembers or Remembered()).of("bell_birds")
        self.scene = BellBirds()
        self.scene.place = Terrace()  # type: ignore[assignment]
        self.scene.enter(Stage(self.hands, self.heard, self.memory, Works().of("bell_birds"), print, print))
        self.settings = BellBirdsSettings(**settings)
        self.time = self.guided = 0.0

    def frames(
        self,
        seconds: float,
        *,
        quiet: bool = False,
        head: Pose = AWAY,
        left: Hand | None = None,
        right: Hand | None = None,
    ) -> None:
        for _ in range(round(seconds / HZ)):
            self.time += HZ
            dt = 0.0 if quiet else HZ
            self.guided += dt
            given = Inputs(head, left=left, right=right)
            self.scene.update(Frame(0, self.time, self.guided, dt, quiet, given, self.settings))

    def by_hand(self, seconds: float, side: str, hand: Hand) -> None:
        self.frames(seconds, left=hand if side == "left" else None, right=hand if side == "right" else None)

    @property
    def chosen(self) -> str | None:
        return None if self.scene.chosen is None else MAKERS[self.scene.chosen]


def fingertip(place: Vec3) -> Hand:
    joints = np.zeros((26, 8), np.float32)
    joints[:, :3] = place
    return Hand(Pose((place[0], place[1], place[2] + 0.1)), None, joints=joints)


def spots() -> list[tuple[int, str]]:
    return [(spot, MAKERS[maker]) for spot, maker in enumerate(OF_SPOT)]


@pytest.mark.parametrize(("spot", "maker"), spots())
def test_each_sound_can_be_chosen_by_gaze_alone_and_comes_forward(spot: int, maker: str) -> None:
    visit = Visit()
    visit.frames(3.0)
    before = {cue: visit.heard.arrives(cue) for cue in CUES.values()}
    visit.frames(2.4, head=looking_at(SPOTS[spot].centre))
    assert visit.chosen == maker
    after = {cue: visit.heard.arrives(cue) for cue in CUES.values()}
    for name, cue in CUES.items():
        assert 3.0 < after[cue] - before[cue] < 7.0 if name == maker else after[cue] - before[cue] < -3.0
    if maker in ("bell", "bowl"):
        assert visit.heard.strikes[-1][0] == maker
    assert min(visit.heard.overs) >= 4.0, "nothing comes or goes faster"


@pytest.mark.parametrize("side", ["left", "right"])
def test_a_ray_and_a_press_of_either_hand_choose_at_once(side: str) -> None:
    visit = Visit()
    aim = looking_at(SPOTS[0].centre, (0.2, 0.9, -0.2))
    open_, pressed = (Hand(Pose((0.2, 0.9, -0.2)), aim, select=select) for select in (0.0, 1.0))
    visit.by_hand(0.5, side, open_)
    assert visit.scene.chosen is None
    visit.by_hand(0.1, side, pressed)
    assert visit.chosen == "bell"
    assert visit.heard.strikes[-1][3], "the governor is told of the gesture"


@pytest.mark.parametrize("side", ["left", "right"])
@pytest.mark.parametrize("tracked", [True, False], ids=["joints", "controller"])
@pytest.mark.parametrize("spot", IN_REACH)
def test_a_hand_that_comes_to_a_bowl_makes_it_sound_at_once_and_chooses_nothing(
    side: str, tracked: bool, spot: int
) -> None:
    visit, there = Visit(), SPOTS[spot].centre
    made = fingertip if tracked else lambda place: Hand(Pose(place))
    visit.by_hand(0.2, side, made((there[0], there[1] + 0.5, there[2])))
    visit.by_hand(2 * HZ, side, made(there))
    assert [strike[0] for strike in visit.heard.strikes] == ["bowl"]
    assert visit.heard.strikes[0][1] == there and visit.heard.strikes[0][3]
    assert visit.hands.pulses == [side]
    assert visit.scene.chosen is None
    visit.by_hand(2.2, side, made(there))
    assert visit.chosen == "bowl", "a hand that stays rests on it"


def test_a_hand_that_is_lost_on_a_bowl_and_found_again_strikes_nothing_more() -> None:
    visit, there = Visit(), SPOTS[IN_REACH[0]].centre
    visit.frames(0.2, right=fingertip((there[0], there[1] + 0.5, there[2])))
    visit.frames(0.2, right=fingertip(there))
    for _ in range(5):
        visit.frames(0.4)
        visit.frames(0.4, right=fingertip(there))
    assert len(visit.heard.strikes) == 1


def test_no_drumming_makes_more_strikes_than_there_may_be() -> None:
    visit, there = Visit(), SPOTS[IN_REACH[0]].centre
    for _ in range(20):
        visit.frames(2 * HZ, right=fingertip((there[0], there[1] + 0.5, there[2])))
        visit.frames(HZ, right=fingertip(there))
    assert 2 <= len(visit.heard.strikes) <= limits.STRIKES_PER_SECOND * 2


def test_another_may_be_chosen_at_any_time_and_nothing_has_to_be() -> None:
    visit = Visit()
    visit.frames(30.0)
    assert visit.scene.chosen is None
    assert visit.memory.get("take_home") is None
    for spot in (5, 6, 0):
        visit.frames(2.4, head=looking_at(SPOTS[spot].centre))
        assert visit.chosen == MAKERS[OF_SPOT[spot]]


def test_while_quiet_nothing_is_taken_and_the_bell_goes_on() -> None:
    visit = Visit()
    visit.frames(40.0, quiet=True, head=looking_at(SPOTS[5].centre))
    assert visit.scene.chosen is None
    assert {strike[0] for strike in visit.heard.strikes} == {"bell"}
    assert visit.scene.stillness.settled == 0.0


def test_what_was_chosen_is_remembered_and_taken_home_by_its_name() -> None:
    remembers = Remembered()
    first = Visit(remembers)
    first.frames(2.4, head=looking_at(SPOTS[6].centre))
    home = json.loads(first.memory.get("take_home") or b"")
    assert (home["kind"], home["lines"]) == ("sound", ["The water"])
    second = Visit(remembers)
    second.frames(10.0)
    assert second.chosen is None, "it is not chosen again by itself"
    assert second.scene.warmth[MAKERS.index("water")] > 0.1, "its light says which it was"
    assert sum(second.scene.warmth) == second.scene.warmth[MAKERS.index("water")]


@pytest.mark.parametrize("kept", [None, b"", b"\xff", b"[]", b'{"sound": 3}', b'{"sound": "drum"}', b"3"])
def test_a_memory_that_makes_no_sense_is_none(kept: bytes | None) -> None:
    assert remembered(kept) is None


@pytest.mark.parametrize("given", [{"thinning": float("nan")}, {"thinning": 1.5}, {"density": 0.0}, {"bell": "loud"}])
def test_settings_out_of_range_are_refused(given: dict[str, Any]) -> None:
    with pytest.raises(SettingsError):
        make_settings(BellBirds, given)


def test_a_sound_that_is_off_is_neither_heard_nor_chosen() -> None:
    visit = Visit(harp="off", bell="off")
    visit.frames(2.4, head=looking_at(SPOTS[5].centre))
    visit.frames(40.0, head=looking_at(SPOTS[0].centre))
    assert visit.scene.chosen is None
    assert "wind_harp" not in {cue for cue, _, _ in visit.heard.beds.values()}
    assert not visit.heard.strikes
    assert max(visit.scene.warmth) == 0.0


@pytest.mark.parametrize("hour", TERRACE)
@pytest.mark.parametrize("chosen", [None, *range(len(MAKERS))])
def test_whatever_is_chosen_and_however_still_it_is_as_loud_as_a_bed(hour: str, chosen: int | None) -> None:
    for thinning in (0.0, 1.0):
        visit = Visit(time_of_day=hour, thinning=thinning)
        visit.scene.chosen = chosen
        for step in range(STEPS + 1):
            visit.scene.stillness.step = step
            visit.frames(HZ)
            assert visit.heard.loudness() == pytest.approx(limits.BED_LUFS, abs=0.75 * limits.BED_TOLERANCE_LU)


def test_with_all_layers_off_the_terrace_alone_is_a_bed() -> None:
    visit = Visit(birds="off", harp="off", water="off", leaves="off")
    visit.frames(1.0)
    assert visit.heard.loudness() == pytest.approx(limits.BED_LUFS, abs=limits.BED_TOLERANCE_LU)


def test_the_others_thin_out_one_by_one_and_not_at_all_at_thinning_0() -> None:
    thin, whole = BellBirdsSettings(thinning=1.0), BellBirdsSettings(thinning=0.0)
    chosen = MAKERS.index("water")
    for step in range(STEPS + 1):
        there = [name for name, weight in weights(thin, chosen, step).items() if weight > -30.0]
        assert "water" in there and len(there) == max(STEPS - step, 1)
        assert weights(whole, chosen, step) == weights(whole, chosen, 0)
    assert [name for name, weight in weights(thin, None, STEPS).items() if weight > -30.0] == ["birds"]


def test_the_bell_is_never_hurried_nor_as_even_as_a_clock() -> None:
    visit = Visit(density=1.5)
    times, known = [], 0
    for _ in range(round(150.0 / HZ)):
        visit.frames(HZ)
        if len(visit.heard.strikes) > known:
            known = len(visit.heard.strikes)
            times.append(visit.time)
    gaps = np.diff(times)
    assert len(gaps) > 5 and gaps.min() > 5.0 and np.ptp(gaps) > 1.0


def test_two_visits_alike_are_alike() -> None:
    told = []
    for _ in range(2):
        visit = Visit()
        visit.frames(20.0)
        visit.frames(2.4, head=looking_at(SPOTS[0].centre))
        visit.frames(20.0, right=fingertip(SPOTS[1].centre))
        told.append((visit.heard.strikes, visit.heard.beds, visit.scene.warmth))
    assert told[0] == told[1]


def test_everything_is_before_the_patient_and_only_what_hands_are_for_is_near() -> None:
    for place in (*PLACES, *(spot.centre for spot in SPOTS)):
        assert abs(degrees(atan2(place[0], -place[2]))) < 100.0
    for number, spot in enumerate(SPOTS):
        away = hypot(*(spot.centre[k] - EYE[k] for k in range(3))) - spot.radius
        if number in IN_REACH:
            assert hypot(spot.centre[0], spot.centre[2]) < 0.85, "in reach"
        else:
            assert away > limits.CONTENT_NEAREST_METRES
    assert {BELL, BOWL} <= set(OF_SPOT)


# --- how still a head is


def still(seconds: float, stillness: Stillness, begin: float = 0.0, **inputs: Any) -> list[int]:
    """A head that breathes and trembles a little; the steps it came through."""
    random, steps = np.random.default_rng(4), []
    for k in range(round(seconds / HZ)):
        t = begin + k * HZ
        x, y, z = random.normal(0.0, 0.0006, 3)
        head = Pose(
            (x, 1.2 + y + 0.004 * sin(1.3 * t), z + 0.006 * sin(1.3 * t)), (random.normal(0, 0.001), 0.0, 0.0, 1.0)
        )
        stillness.update(Frame(0, t, t, HZ, False, Inputs(**({"head": head} | inputs)), None))
        steps.append(stillness.step)
    return steps


def look_about(seconds: float, stillness: Stillness) -> None:
    for k in range(round(seconds / HZ)):
        yaw = 0.5 * sin(0.9 * k * HZ)
        head = Pose(EYE, (0.0, sin(yaw / 2), 0.0, cos(yaw / 2)))
        stillness.update(Frame(0, k * HZ, k * HZ, HZ, False, Inputs(head=head), None))


def test_a_head_that_breathes_settles_slowly_and_one_that_looks_about_soon_has_not() -> None:
    stillness = Stillness(STEPS)
    steps = still(RISE_SECONDS + 5.0, stillness)
    assert steps[round(15.0 / HZ)] == 0 and steps[-1] == STEPS
    assert (np.diff(steps) >= 0).all()
    look_about(25.0, stillness)
    assert stillness.settled < 0.1 and stillness.step == 0


def test_a_short_look_takes_back_no_step_and_a_lost_head_changes_nothing() -> None:
    stillness = Stillness(STEPS)
    still(RISE_SECONDS * 0.6, stillness)
    step = stillness.step
    look_about(2.0, stillness)
    assert stillness.step == step > 0
    settled = stillness.settled
    still(5.0, stillness, head_tracked=False)
    assert stillness.settled == settled
