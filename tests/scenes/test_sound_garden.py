"""Sound garden: no note is wrong, loops come back, a lost hand strikes nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from audio import performance
from headless_harness.garden_play import Garden, heard, played, pointing, taken_home
from scenes.sound_garden import A_SECOND, CUES, DEAF, LIGHTS, LOOP_AT, SAID, SIGN_AT, THINGS, SoundGardenSettings
from scenes.valley.looper import EMPTY, LOOPS, PLAYS, SOFT, Loop, Looper, unpacked
from scenes.valley.scales import SCALES, cents
from scenes.valley.tape import Tape
from vr_app import limits
from vr_app.api import Hand, Pose, Vec3, Voice
from vr_app.companion.works import going_home
from vr_app.exports.garden import is_recording, item_of
from vr_app.exports.handover import hand_over
from vr_app.records.values import Consent, Made
from vr_app.remembered import Remembered
from vr_app.scripted.headset import looking_at
from vr_app.sound.silent import Silent
from vr_app.works.chunks import read_chunks
from vr_app.works.works import Works


@pytest.mark.parametrize("scale", SCALES)
def test_no_two_notes_of_a_scale_are_wrong_together(scale: str) -> None:
    for one, other in product(range(20), repeat=2):
        apart = abs(cents(scale, one) - cents(scale, other)) % 1200
        apart = min(apart, 1200 - apart)
        assert apart <= 2 or apart >= 180, "no semitone"
        assert not 560 < apart < 640, "no tritone"
    assert cents(scale, 0) == 1200, "the drone's own note"


def _struck() -> Looper:
    looper = Looper()
    looper.touch(0)
    for thing in (1, 4):
        looper.hear(thing, 60)
        looper.update(1.5)
    looper.touch(0)
    return looper


def test_a_loop_plays_what_was_struck_softens_goes_and_comes_back() -> None:
    looper = _struck()
    assert looper.loops[0].state == PLAYS
    heard = [thing for _ in range(65) for _, thing, _ in looper.update(0.1)]
    assert heard.count(1) >= 2 and heard.count(4) >= 2
    looper.touch(0)
    assert looper.loops[0].state == SOFT
    looper.touch(0)
    assert looper.loops[0].state == EMPTY
    looper.undo()
    assert looper.loops[0].state == SOFT


def test_a_loop_is_kept_as_bytes_and_nonsense_is_an_empty_one() -> None:
    loop = _struck().loops[0]
    assert unpacked(loop.packed()) == loop
    for data in (None, b"", b"\xff" * 9, loop.packed()[:-1]):
        assert unpacked(data) == Loop()


class Heard(Silent):
    def __init__(self) -> None:
        self.struck: list[str] = []
        self.brings: Voice | None = None  # the microphone

    def play(self, cue: str, **how: Any) -> int:
        if how.get("once"):
            self.struck.append(cue)
        return len(self.struck)

    def voice(self) -> Any:
        return self.brings


class Visit(Garden):
    """Where what is struck is noted and not heard."""

    def __init__(self, works: Works | None = None, **settings: Any) -> None:
        self.heard, self.settings = Heard(), SoundGardenSettings(**settings)
        super().__init__(self.heard, works, beds=False)
        self.scene.stage = replace(self.scene.stage, note=lambda words: self.notes.append(words))
        self.notes: list[str] = []

    def step(self, left: Hand | None = None, right: Hand | None = None, **how: Any) -> None:
        self.frame((left, right), self.settings, passed=1 / 30, **how)

    def strike(self, thing: int, *, left: bool = False) -> None:
        """From above, and away again."""
        x, y, z = THINGS[thing][0]
        for up in (0.5, 0.4, 0.3, 0.2, 0.1, 0.1, 0.3, 0.5):
            hand = at(x, y + up, z)
            self.step(*((hand, None) if left else (None, hand)))

    def press(self, place: Vec3) -> None:
        """The left ray, on and off."""
        for select in (0.0, 1.0, 0.0):
            self.step(pointing(place, select))


def at(x: float, y: float, z: float) -> Hand:
    return Hand(Pose((x, y, z)))


def test_a_tip_strikes_once_and_a_lost_hand_or_no_number_strikes_nothing() -> None:
    visit = Visit()
    x, y, z = THINGS[1][0]
    for up in (0.5, 0.4, 0.3, 0.2, 0.1, 0.1):
        visit.step(right=at(x, y + up, z))
    assert visit.heard.struck == ["garden_bowl"]
    for hand in (None, at(x, y, z), at(float("nan"), y, z), at(x, y, z)):
        visit.step(right=hand)
    assert visit.heard.struck == ["garden_bowl"], "it came back where it was"


def test_both_hands_on_one_thing_strike_it_once() -> None:
    visit = Visit()
    x, y, z = THINGS[1][0]
    for up in (0.5, 0.4, 0.3, 0.2, 0.1, 0.1):
        visit.step(at(x, y + up, z), at(x, y + up, z))
    assert visit.heard.struck == ["garden_bowl"]


def test_loops_come_back_with_the_work() -> None:
    works = Works()
    visit = Visit(works)
    visit.scene.looper = _struck()
    visit.scene._save(0)
    assert Visit(works).scene.looper.loops[0] == visit.scene.looper.loops[0]


# --- recording


def recorded(visit: Visit) -> list[Any]:
    return [work for _, work in visit.works.finished()]


def test_what_is_played_is_recorded_travels_and_is_handed_over(tmp_path: Path) -> None:
    remembered = Remembered()
    visit = Visit(Works(remembered), recording="on")
    visit.step()
    visit.press(SIGN_AT[2])
    for thing in (1, 4, 8):
        visit.strike(thing)
    visit.press(SIGN_AT[2])
    visit.works.finish()
    ((_, pieces),) = remembered.pieces().items()  # as they lie in the records
    sketch = read_chunks(pieces).sketch
    assert is_recording(sketch) and sketch.finished and sketch.seen == 1, "its picture"
    now = datetime.now(UTC)
    made = Made("0001abcdefgh", "sound_garden", now, now, tuple(pieces), Consent(True, now, "Kim"))
    assert going_home([made])["0001abcdefgh"].things == sketch.things, "by the companion's page too"
    told: list[str] = []
    folder = hand_over(tmp_path / "home", [item_of(sketch, consent=True)], tell=told.append)
    sound, rate = soundfile.read(folder / "garden-1.flac")
    assert not told and rate == 48_000 and np.abs(sound).max() > 0.02
    live = performance.read(recorded(visit)[0]._sketch.things)
    assert np.array_equal(sound, np.concatenate([np.round(b * 2.0**23) / 2.0**23 for b in performance.blocks(live)]))


def test_a_stone_that_is_looked_at_says_what_it_does_and_what_is_struck_says_nothing() -> None:
    visit = Visit(recording="on", drone="off")

    def said(place: Vec3) -> str:
        """After a second and a half: not long enough for it to be taken."""
        for _ in range(30):
            visit.step(head=looking_at((0.0, 8.0, -1.0)))
        for _ in range(45):
            visit.step(head=looking_at(place))
        return SAID[visit.scene.named.of] if visit.scene.named.opacity > 0.9 else ""

    assert [said(at) for at in SIGN_AT] == ["Other notes", "One change back", "Record"]
    assert said(LOOP_AT[1]) == "Begin a loop" and said(THINGS[3][0]) == ""
    visit.press(LOOP_AT[1])
    visit.press(SIGN_AT[2])
    assert (said(LOOP_AT[1]), said(SIGN_AT[2])) == ("Play it", "End it")
    visit.settings = SoundGardenSettings(recording="off")
    assert said(SIGN_AT[2]) == "", "it does nothing then"


def test_nothing_is_recorded_where_it_was_not_agreed_on_or_not_begun() -> None:
    for settings, pressed in (("off", True), ("on", False)):
        visit = Visit(recording=settings)
        visit.step()
        if pressed:
            visit.press(SIGN_AT[2])
        visit.strike(1)
        visit.scene.leave()
        assert visit.heard.struck and not recorded(visit), (settings, pressed)


def test_a_recording_without_a_strike_is_none_and_loops_stay_findable() -> None:
    works = Works()
    visit = Visit(works, recording="on")
    visit.scene._save(0)
    visit.scene.work.put("scale", b"dusk")
    visit.press(SIGN_AT[2])
    visit.press(SIGN_AT[2])
    assert not recorded(visit) and Visit(works).scene.scale == "dusk"


def test_what_was_turned_before_the_first_strike_never_fills_a_recording() -> None:
    remembered = Remembered()
    works = Works(remembered)
    tape = Tape(Heard(), works.of("sound_garden"), CUES)
    harp = tape.play("wind_harp", position=(0.0, 1.0, -2.0))
    tape.begin(0.0)
    for turn in range(400):
        tape.update(0.1 * turn)
        tape.shape(harp, gain_db=-20.0 + turn % 9, over=1.0)
    tape.play("garden_bowl", position=(0.4, 0.6, -1.0), once=True)
    tape.struck(60)
    tape.update(50.0)
    tape.end()
    works.finish()
    ((_, pieces),) = remembered.pieces().items()
    found = performance.read(read_chunks(pieces).sketch.things)
    begins = [each.seconds for each in found.timeline if each.do.func is performance._play]  # type: ignore[attr-defined]
    assert not found.remark and len(begins) == 2, "the harp, as it was left, and the bowl"
    assert begins[0] < begins[1] == pytest.approx(39.9)


def test_switched_off_it_ends_and_is_kept() -> None:
    visit = Visit(recording="on")
    visit.step()
    visit.press(SIGN_AT[2])
    visit.strike(1)
    visit.settings = SoundGardenSettings(recording="off")
    visit.step()
    assert len(recorded(visit)) == 1 and not visit.scene.tape.runs


def test_one_that_was_cut_off_is_kept_as_far_as_it_goes_and_the_loops_come_back() -> None:
    remembered = Remembered()
    works = Works(remembered)
    visit = Visit(works, recording="on")
    visit.scene.looper = _struck()
    visit.scene._save(0)
    visit.press(SIGN_AT[2])
    for _ in range(20):
        visit.strike(1)
    works.save(0.0)
    works.save(2.0)  # the process is lost here
    again = Visit(Works(Remembered({(s, k): v for (s, k), v in remembered._known.items()})), recording="on")
    assert again.scene.looper.loops[0] == _struck().loops[0]
    (work,) = recorded(again)
    assert len(performance.read(work._sketch.things).timeline) > 4


# --- in real play


def test_a_lively_player_stays_within_every_figure() -> None:
    """Both hands strike eight times a second, a loop plays: what is heard is judged, then what is taken home."""
    mix, struck, garden = played(15.0)
    found = heard(mix, played(15.0, mute=True)[0], struck)
    assert not found.wrong(), found
    assert found.ordered == limits.STRIKES_PER_SECOND, "it was lively"
    home = np.concatenate([block.copy() for block in taken_home(garden)])
    assert np.abs(home).max() < 10.0 ** (limits.TRUE_PEAK_DBTP / 20.0) and np.abs(home).max() > 0.05


def test_all_four_loops_play_and_the_patient_is_still_heard() -> None:
    visit = Visit()
    many = Loop(PLAYS, 2.0, tuple((0.02 * n, n % len(THINGS), 60) for n in range(100)))
    visit.scene.looper = Looper([many] * LOOPS)
    visit.step()
    for _ in range(60):
        visit.step()
    before = len(visit.heard.struck)
    visit.strike(1)
    assert 1 <= len(visit.heard.struck) - before <= A_SECOND
    assert visit.scene._struck[-1] > 0.0 and visit.pulses.count == 1
    for place in LOOP_AT:
        visit.press(place)
    assert all(loop.state == SOFT for loop in visit.scene.looper.loops), "a full one is softened, never written over"


# --- what goes wrong


def hums(time: int, pitch: float = 220.0) -> Voice:
    return Voice(time, pitch, -30.0, 0.9)


def lit(visit: Visit) -> int:
    return int((visit.scene.rows[LOOPS * LIGHTS + 3 :, 12] > 0.01).sum())


@pytest.mark.parametrize("brings", [None, hums(5), hums(5, float("nan"))])
def test_a_microphone_that_brings_nothing_is_told_once_and_a_hand_draws(brings: Voice | None) -> None:
    """Refused or absent: nothing comes; unplugged while humming: the last of it stays as it is."""
    visit = Visit(voice="on")
    visit.heard.brings = brings
    for _ in range(150):
        visit.step()
    assert visit.notes == [DEAF] and "\n" not in DEAF
    for row in visit.scene.rows[LOOPS * LIGHTS + 3 :]:
        row[12] = 0.0
    for n in range(30):
        visit.step(right=at(0.3 + 0.01 * n, 1.5, -0.6)._replace(select=1.0))
    assert lit(visit) >= 10 and visit.notes == [DEAF]
    visit.strike(1)
    assert visit.heard.struck == ["garden_bowl"]


def test_a_microphone_that_comes_back_moves_the_light_again() -> None:
    visit = Visit(voice="on")
    for n in range(300):
        visit.heard.brings = hums(n) if n > 200 else None
        visit.step()
    assert lit(visit) > 20 and visit.notes == [DEAF]


def test_tracking_lost_in_mid_strike_strikes_nothing_and_the_next_one_does() -> None:
    visit = Visit()
    x, y, z = THINGS[1][0]
    for up in (0.5, 0.4, 0.3):
        visit.step(right=at(x, y + up, z))
    visit.step()
    visit.step(right=at(x, y, z))
    assert not visit.heard.struck
    visit.step(right=at(x, y + 0.5, z))
    visit.strike(1)
    assert visit.heard.struck == ["garden_bowl"]


def test_poses_that_are_no_numbers_stop_nothing() -> None:
    visit = Visit(voice="on", recording="on")
    visit.press(SIGN_AT[2])
    for bad in (float("nan"), float("inf"), -float("inf")):
        joints = np.full((26, 8), bad, np.float32)
        hand = Hand(Pose((bad, 0.6, -0.6), (bad,) * 4), Pose((bad,) * 3, (bad,) * 4), bad, bad, joints=joints)
        for _ in range(3):
            visit.step(hand, hand, head=Pose((bad,) * 3, (bad,) * 4))
            visit.step(hand._replace(joints=None), hand, quiet=True)
    assert not visit.heard.struck and np.isfinite(visit.scene.rows).all()
    visit.strike(1, left=True)
    assert visit.heard.struck == ["garden_bowl"]


def test_a_tip_strikes_before_it_is_there_by_as_long_as_sound_takes() -> None:
    """At any speed: from 10 to 60 ms before, and one that only passes by strikes nothing."""
    (x, y, z), radius, *_ = THINGS[8]
    for speed in (0.5, 1.0, 2.0):
        visit = Visit()
        early = next(t for t in np.arange(-0.3, 0.1, 1 / 90) if _came(visit, (x, y + radius - speed * t, z)))
        assert -0.062 <= early <= -0.010, speed
    visit = Visit()
    assert not any(_came(visit, (x - 0.13, y - 1.0 * t, z)) for t in np.arange(-0.3, 0.3, 1 / 90))


def _came(visit: Visit, place: Vec3) -> bool:
    visit.frame((None, at(*place)), visit.settings)
    return bool(visit.heard.struck)
