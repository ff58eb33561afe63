"""The filler without a thread: orders on a real desk, a device that is called by hand, and none at all."""

from __future__ import annotations

from multiprocessing import get_context
from pathlib import Path

import numpy as np
import pytest

from audio import cue_list
from audio.block import BLOCK, RATE, Samples, frames, silence
from audio.capture import WRITTEN, Capture, bring
from audio.filler import CHAIN, DEPTHS, Filler
from audio.listening import Listening
from audio.microphones import Tape
from audio.packs import Recording, recordings
from audio.playout import Playout, note_time, take
from audio.recording import load
from vr_app.limits import BED_LUFS, BED_TOLERANCE_LU, SILENCE_SECONDS
from vr_app.shared import now_ns
from vr_app.sound.desk import Desk, Ear, State, frame_at
from vr_app.sound.options import SoundOptions
from vr_app.sound.orders import Begin, Cease, Gesture, Hear, Listen, Order, Play, Record, Say, Shape, Silence, Turn

NAN = float("nan")
TONE = np.sin(2.0 * np.pi * 440.0 * np.arange(2 * RATE) / RATE).astype(np.float32) * 0.2


class Stage:
    """A desk, a filler, and a device of 512 frames whose clock is counted."""

    def __init__(self, vault: Path) -> None:
        self.desk = Desk(Desk.cells(get_context("spawn")))
        self.desk.expect_engine()
        self.playout = Playout()
        self.room, self.patient, self.tape = Capture(), Capture(), Tape(SoundOptions(vault=vault, key=bytes(32)))
        self.listening = Listening(self.desk, self.room, self.patient, self.tape)
        self.now = now_ns()
        lines = {("tide", "one"): Recording(TONE)}
        self.filler = Filler(self.desk, self.playout, self.listening, cue_list.working(), lines, now=lambda: self.now)
        self.desk.read_from_here()

    def device(self) -> None:
        self.playout.attach(2)
        self.filler.begin(0, 0.010)
        self.filler.turn()

    def turn(self) -> None:
        self.filler.kept_at = self.now
        self.filler.turn()

    def ask(self, *orders: Order) -> None:
        for order in orders:
            assert self.desk.ask(order)

    def speak(self) -> None:
        """Both microphones bring 512 frames of a hum of 150 Hz."""
        for microphone in (self.room, self.patient):
            at = (int(microphone.memory[WRITTEN]) + np.arange(512)) / RATE
            hum = sum(np.sin(2.0 * np.pi * 150.0 * k * at) / k for k in range(1, 6))
            bring(microphone.memory, np.asarray(0.05 * hum, np.float32).reshape(-1, 1))

    def hear(self, seconds: float) -> Samples:
        """What the device is given, 512 frames at a time; each leaves 10 ms later."""
        parts = []
        for _ in range(max(1, round(seconds * RATE / 512))):
            note_time(self.playout.memory, self.now / 1e9 + 0.010)
            self.speak()
            part = np.zeros((512, 2), np.float32)
            take(self.playout.memory, part)
            parts.append(part)
            self.now += 512 * 1_000_000_000 // RATE
            self.turn()
        return np.concatenate(parts)


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    return Stage(tmp_path)


def _level(sound: Samples) -> float:
    return float(20.0 * np.log10(np.sqrt(np.mean(np.square(sound, dtype=float))) + 1e-12))


def test_a_bed_comes_up_by_itself_and_a_strike_within_the_depth_kept(stage: Stage) -> None:
    stage.device()
    stage.ask(Begin(), Play(1, "surf"))
    stage.hear(4.0)
    assert stage.filler.graph.levels.bed == pytest.approx(BED_LUFS, abs=BED_TOLERANCE_LU + 4.0)
    before = stage.filler.graph.levels.strikes
    stage.ask(Gesture(), Play(2, "chime"))
    stage.hear(0.05)
    assert stage.filler.graph.levels.strikes == before + 1
    assert stage.playout.starved == 0


def test_a_line_is_heard_at_the_moment_that_was_asked_for(stage: Stage) -> None:
    stage.device()
    stage.hear(1.0)
    at = stage.now + 500_000_000
    stage.ask(Begin(), Say(1, "tide", "one", at))
    began = stage.now
    sound = stage.hear(1.5)
    first = np.nonzero(np.abs(sound[:, 0]) > 1e-3)[0][0] / RATE
    asked = (at - began) / 1e9 - 0.010  # what is given to the device is heard 10 ms later
    assert first == pytest.approx(asked, abs=0.006)


def test_a_line_that_is_late_is_taken_up_where_it_would_be(stage: Stage) -> None:
    stage.device()
    stage.hear(1.0)
    stage.ask(Say(1, "tide", "one", stage.now - 1_500_000_000))
    sound = stage.hear(1.5)
    heard = np.nonzero(np.abs(sound[:, 0]) > 1e-3)[0]
    assert heard[0] / RATE < 0.08 and heard[-1] / RATE == pytest.approx(0.5, abs=0.06)
    stage.ask(Say(2, "tide", "one", stage.now - 5_000_000_000))  # over by now
    assert _level(stage.hear(0.5)) < -80.0


def test_what_is_struck_too_late_is_left_out(stage: Stage) -> None:
    stage.device()
    stage.hear(0.5)
    stage.ask(Play(1, "chime", stage.now - 400_000_000))
    assert _level(stage.hear(0.5)) < -120.0


@pytest.mark.parametrize("by_supervisor", [True, False])
def test_silence_is_there_in_time_from_every_depth(stage: Stage, *, by_supervisor: bool) -> None:
    for depth in range(len(DEPTHS)):
        stage.device()
        stage.filler._depth = depth
        stage.ask(Begin(), Play(depth + 1, "surf"))
        loud = _level(stage.hear(4.0)[-RATE:])
        if by_supervisor:
            stage.desk.silence()
        else:
            stage.ask(Silence())
        sound = stage.hear(0.6)
        late = sound[frames(SILENCE_SECONDS - 0.010) :]
        assert _level(late[:4800]) < loud - 60.0
        stage.hear(0.5)


def test_the_render_process_is_gone_all_fades_in_three_seconds_and_comes_back(stage: Stage) -> None:
    stage.device()
    stage.ask(Begin(), Play(1, "surf"))
    loud = _level(stage.hear(4.0)[-RATE:])
    stage.desk.hold(held=True)
    fading = stage.hear(3.6)
    assert loud - 30.0 < _level(fading[RATE : 2 * RATE]) < loud - 3.0
    assert _level(stage.hear(0.5)) < loud - 55.0
    stage.desk.hold(held=False)
    stage.hear(4.0)
    assert _level(stage.hear(1.0)) > loud - 8.0


def test_another_render_process_begins_with_its_own_sounds(stage: Stage) -> None:
    stage.device()
    stage.ask(Begin(), Play(1, "surf"), Play(2, "wind"))
    stage.hear(2.0)
    stage.ask(Begin(), Play(1, "night"))
    stage.hear(1.5)
    assert stage.filler.graph.sounding == 1


def test_orders_about_voices_that_are_none_change_nothing(stage: Stage) -> None:
    stage.device()
    stage.ask(Play(1, "no such cue"), Shape(9, -6.0, 1.0), Cease(8), Turn(1, "no", NAN), Say(3, "no", "line"))
    stage.ask(Play(2, "surf"), Turn(2, "no such", 1.0), Turn(2, "wind", NAN))
    stage.hear(0.2)
    assert stage.filler.graph.sounding == 1
    assert stage.filler.graph.levels.faults == 0


def test_the_ear_turns_and_the_breath_leads(stage: Stage) -> None:
    stage.device()
    stage.ask(Play(1, "surf"))
    stage.hear(0.5)
    led = []
    for step in range(200):
        stage.desk.post_ear(Ear(stage.now, (0.0, 1.2, 0.0), (0.0, 0.0, 0.0, 1.0), step / 200.0, 1.0))
        stage.hear(0.01)
        led.append(next(iter(stage.filler._cued.values())).phase)  # type: ignore[attr-defined]
    assert led[-1] == pytest.approx(1.0, abs=0.15)
    assert stage.filler.graph.levels.refused == 0


def test_without_a_device_time_goes_on_and_nothing_piles_up(stage: Stage) -> None:
    stage.filler.shut()
    stage.ask(Play(1, "chime"), Say(2, "tide", "one"))
    for _ in range(200):
        stage.now += 20_000_000
        stage.filler.turn()
    heard = stage.desk.heard()
    assert heard is not None and heard.frame == pytest.approx(4.0 * RATE, abs=0.025 * RATE)
    assert frame_at(heard, stage.now) == heard.frame
    assert stage.filler.graph.place(2) is None  # it has been said to nobody
    stage.device()
    assert _level(stage.hear(0.2)) < -45.0  # what still rings has to rise from silence


def test_starving_keeps_more_ready_and_a_calm_minute_less(stage: Stage) -> None:
    stage.device()
    stage.hear(0.1)
    for wanted in (DEPTHS[1], DEPTHS[2], DEPTHS[2]):
        take(stage.playout.memory, np.zeros((4 * DEPTHS[2], 2), np.float32))
        stage.filler.turn()
        stage.filler.tell()
        assert stage.desk.depth == wanted and stage.playout.ready > wanted - BLOCK
    assert stage.desk.starved == 3
    for wanted in (DEPTHS[1], DEPTHS[0], DEPTHS[0]):
        stage.now += 61_000_000_000
        stage.turn()
        stage.filler.tell()
        assert stage.desk.depth == wanted


def test_prepared_lines_are_read_by_script_and_line_and_a_broken_one_is_left_out(tmp_path: Path) -> None:
    np.save(tmp_path / "tide.one.npy", TONE)
    (tmp_path / "tide.two.npy").write_bytes(b"not numpy")
    found = recordings(tmp_path)
    assert [*found] == [("tide", "one")] and found["tide", "one"].frames == len(TONE)
    assert recordings(None) == {}


def test_states_are_told(stage: Stage) -> None:
    stage.filler.stands(State.NONE, "no sound output is there; connect the headset or loudspeakers")
    stage.filler.tell()
    assert (stage.desk.state, stage.desk.seen) == (State.NONE, False)
    stage.filler.stands(State.PLAYING, "a headset")
    stage.filler.tell()
    assert (stage.desk.state, stage.desk.told, stage.desk.seen) == (State.PLAYING, "a headset", True)
    stage.desk.expect_engine()
    assert stage.desk.state is State.LOST  # of a session that had a device, not one that begins


def test_a_block_is_accounted_for(stage: Stage) -> None:
    stage.device()
    stage.hear(0.5)
    account = stage.filler.account()
    assert account.blocks == stage.playout.written // BLOCK
    assert 0.0 < account.median <= account.p99 <= account.longest
    assert silence().shape == (BLOCK, 2) and CHAIN < 2 * BLOCK


def test_the_therapist_is_heard_over_it_while_that_is_wanted_and_after_a_stop(stage: Stage) -> None:
    stage.device()
    stage.hear(0.5)
    stage.ask(Begin(), Hear(on=True))
    assert _level(stage.hear(0.8)[frames(0.12) :]) > -45.0
    stage.ask(Silence())
    stage.hear(0.6)
    assert _level(stage.hear(0.4)) > -45.0
    stage.ask(Hear(on=False))
    stage.hear(0.3)
    assert _level(stage.hear(0.2)) < -100.0


def test_what_the_patients_microphone_hears_is_on_the_desk_while_somebody_listens(stage: Stage) -> None:
    stage.device()
    stage.hear(0.2)
    assert stage.desk.voice() is None
    stage.ask(Listen(on=True))
    stage.hear(0.5)
    heard = stage.desk.voice()
    assert heard is not None and heard[1] == pytest.approx(150.0, rel=0.01) and heard[3] > 0.9
    stage.ask(Begin())
    stage.hear(0.1)
    quiet = stage.desk.voice()
    stage.hear(0.1)
    assert stage.desk.voice() == quiet


def test_a_memo_is_sealed(stage: Stage, tmp_path: Path) -> None:
    stage.device()
    stage.ask(Record("memo"), Gesture(), Play(1, "stone"))
    stage.hear(0.02)
    assert stage.tape.look(stage.listening.records) == ""
    stage.ask(Play(2, "stone"))
    stage.hear(1.5)
    recorder = stage.tape.recorder
    stage.ask(Record(""))
    stage.hear(0.02)
    assert stage.tape.look(stage.listening.records) == "" and stage.tape.recorder is None
    assert recorder is not None and recorder.wait(5.0) and recorder.dropped == 0
    (path,) = tmp_path.glob("memo-*.sealed")
    recorded = load(path, bytes(32))
    assert recorded.sound.shape[1] == 1 and _level(recorded.sound) > -75.0


def test_without_a_key_nothing_is_recorded_and_that_is_told(stage: Stage, tmp_path: Path) -> None:
    tape = Tape(SoundOptions(vault=tmp_path))
    assert "unlock the records" in tape.look("memo")
    assert tape.look("memo") == "" and tape.recorder is None and not [*tmp_path.iterdir()]
