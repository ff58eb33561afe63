"""The benchmark's arithmetic, its judgement, and what it says when it cannot run."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pytest

from headless_harness import bench
from headless_harness.census import Census
from headless_harness.gpu_frames import time_scene
from vr_app.api import Frame, Kit, Pass, Pose, Scene, SceneInfo
from vr_app.folders import cache_folder
from vr_app.render.context import open_context


def _asked(**changed: object) -> argparse.Namespace:
    return argparse.Namespace(
        **{"peers": False, "zero_counts": True, "json": False, "rounds": 3, "frames": 1000, "scene": None, **changed}
    )


def _measured(microseconds: float, frames: int = 100) -> bench.Measured:
    process = np.full(frames, round(microseconds * 1e3), np.int64)
    return bench.Measured(process - 100_000, process, collections=0, machine_stalls=1)


def _figures(name: str, *rounds: float) -> bench.Figures:
    return bench.figures_of(name, [_measured(each) for each in rounds], net_bytes=100.0)


def test_a_program_is_judged_by_the_median_of_its_rounds() -> None:
    figures = _figures("x", 900.0, 4_000.0, 1_000.0)
    assert figures.process_us == pytest.approx(1_000.0)
    assert figures.rounds_us == pytest.approx((900.0, 4_000.0, 1_000.0))
    assert figures.thread_max_ms == pytest.approx(3.9)
    assert figures.machine_stalls == 3


def test_one_slow_frame_shows_in_the_mean_and_in_the_maximum() -> None:
    slow = _measured(1_000.0)
    slow.thread_ns[50] = slow.process_ns[50] = 11_000_000
    figures = bench.figures_of("x", [slow], None)
    assert figures.process_us == pytest.approx(1_100.0)
    assert figures.thread_max_ms == pytest.approx(11.0)
    assert figures.thread_p50_ms == pytest.approx(0.9)


def test_goals_are_ratios_against_the_peers_that_ran() -> None:
    rows = [_figures(bench.OURS, 900.0), _figures(bench.WRAPPERS, 2_000.0), _figures(bench.PANDA, 2_000.0)]
    goals = {goal.what: goal for goal in bench.judge(rows)}
    wrappers, panda = goals[f"processor time against {bench.WRAPPERS}"], goals[f"processor time against {bench.PANDA}"]
    assert wrappers.value == panda.value == pytest.approx(0.45)
    assert (wrappers.met, panda.met) == (True, False)
    assert not any(bench.PANDA in goal.what for goal in bench.judge(rows[:2]))


def test_a_collection_or_a_leak_fails_its_goal() -> None:
    row = _figures(bench.OURS, 900.0)
    assert all(goal.met for goal in bench.judge([row]))
    leaky = bench.figures_of(bench.OURS, [_measured(900.0)], net_bytes=3_000.0)
    assert [goal.what for goal in bench.judge([leaky]) if not goal.met] == ["net allocation, bytes a frame"]


def test_figures_are_told_as_json_and_as_a_table() -> None:
    rows = [_figures(bench.OURS, 900.0), _figures(bench.WRAPPERS, 2_000.0)]
    goals = bench.judge(rows)
    told = json.loads(json.dumps(bench.told(rows, goals, _asked())))
    assert [row["program"] for row in told["programs"]] == [bench.OURS, bench.WRAPPERS]
    assert all(goal["met"] for goal in told["goals"])
    lines = bench.table(rows, goals).splitlines()
    assert lines[1].startswith(bench.OURS)
    assert len({len(line) for line in lines[:3]}) == 1


@pytest.mark.parametrize("wrong", [{"rounds": 0}, {"frames": 9}])
def test_nonsense_is_refused(wrong: dict[str, int], capsys: pytest.CaptureFixture[str]) -> None:
    assert bench.main(_asked(**wrong)) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_without_monado_one_line_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(bench, "missing", lambda: "Monado is not installed: apt-get install monado-service")
    assert bench.main(_asked()) == 1
    assert capsys.readouterr().err == "bench: Monado is not installed: apt-get install monado-service\n"


def test_without_a_peer_one_line_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert bench.main(_asked(peers=True)) == 1
    assert capsys.readouterr().err == "bench: the peer panda3d-openxr is not installed: pip install panda3d-openxr\n"


def _of_scene(name: str, gpu_ms: tuple[float, ...] = ()) -> bench.OfScene:
    return bench.OfScene(_figures(name, 900.0), Census(name, 5, 90_000, {"plain": (0,)}), gpu_ms)


def test_a_scene_is_judged_like_the_whole_and_by_its_gpu_time_where_one_was_measured() -> None:
    rows = [_of_scene("lantern"), _of_scene("room", (3.0,) * 98 + (6.0, 7.0))]
    goals = {goal.what: goal for goal in bench.judge_scenes(rows)}
    assert goals["lantern: thread p99, ms"].met
    assert goals["room: net allocation, bytes a frame"].met
    assert "lantern: GPU p99, ms" not in goals
    gpu = goals["room: GPU p99, ms"]
    assert gpu.at_most == pytest.approx(0.85 * 7.5)
    assert gpu.value == pytest.approx(6.01)
    assert gpu.met


def test_scenes_are_told_as_json_and_as_a_table() -> None:
    rows = [_of_scene("lantern"), _of_scene("room", (3.0, 3.0, 4.0))]
    goals = bench.judge_scenes(rows)
    told = json.loads(json.dumps(bench.told_scenes(rows, goals, _asked(scene="all"))))
    lantern, room = told["scenes"]
    assert (lantern["scene"], lantern["draws"], lantern["triangles"]) == ("lantern", 5, 90_000)
    assert lantern["gpu_ms"] is None
    assert room["gpu_ms"] == {"p50": 3.0, "p99": pytest.approx(3.98), "max": 4.0}
    assert room["process_us"] == pytest.approx(900.0)
    text = bench.table_of_scenes(rows, goals)
    assert len({len(line) for line in text.splitlines()[:3]}) == 1
    assert "no GPU here" in text
    assert "no GPU here" not in bench.table_of_scenes(rows[1:], goals)


def test_a_scene_that_is_not_there_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert bench.main(_asked(scene="attic")) == 2
    told = capsys.readouterr().err
    assert told.startswith("bench: no scene 'attic'")
    assert "--scene takes all, " in told and ", lantern, " in told
    assert told.count("\n") == 1


def test_scenes_are_judged_against_the_peers_that_ran_beside_them() -> None:
    rows, others = [_of_scene("room")], [_figures(bench.WRAPPERS, 1200.0), _figures(bench.PANDA, 1500.0)]
    goals = {goal.what: goal for goal in bench.judge_scenes(rows, others)}
    wrappers, panda = (goals[f"room: processor time against {peer}"] for peer in (bench.WRAPPERS, bench.PANDA))
    assert wrappers.value == pytest.approx(0.75) and wrappers.met
    assert panda.value == pytest.approx(0.6) and not panda.met
    text = bench.table_of_scenes(rows, list(goals.values()), others)
    assert bench.WRAPPERS in text and "NOT met" in text
    told = bench.told_scenes(rows, list(goals.values()), _asked(scene="room"), others)
    assert [row["program"] for row in told["programs"]] == [bench.WRAPPERS, bench.PANDA]


def test_a_run_leaves_the_real_sessions_folders_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Sequence[str]] = []

    def run(name: str, command: Sequence[str], environment: Mapping[str, str | None], frames: int) -> str:
        home = environment["HARBORLIGHT_HOME"]
        assert home is not None
        assert Path(home, "cache").resolve() == cache_folder().resolve()
        seen.append(command)
        raise bench.BenchError("enough")

    class Rig:
        env: Mapping[str, str] = {}

    monkeypatch.setattr(bench, "_run", run)
    program = bench.ours(zero_counts=True, scene="room", name="room")
    for measure in (program.time, program.net_bytes):
        with pytest.raises(bench.BenchError):
            measure(Rig(), 100)  # type: ignore[arg-type]
    assert "--report" in seen[0]
    assert all("--zero-counts" in command for command in seen)


class Card(Scene):
    info = SceneInfo("card", "Card", "A card.", "home")

    def build(self, kit: Kit) -> None:
        self.card = kit.mesh({"position": np.array([[-1, -1, 0], [1, -1, 0], [0, 1, 0]]), "index": np.arange(3)})
        self.matt = kit.material("plain")

    def draw(self, frame: Frame, out: Pass) -> None:
        out.draw(self.card, self.matt, Pose((0.0, 1.2, -2.0)))


def test_every_frame_of_a_scene_is_timed_on_its_gpu() -> None:
    with open_context("egl"):
        times = time_scene(Card, (64, 64), 12)
    assert len(times) == 12
    assert all(0.0 < spent < 1_000.0 for spent in times)


def test_a_peer_tells_its_frames_after_the_warm_up_and_its_leak() -> None:
    program = (
        "import sys\n"
        "from headless_harness.peers.meter import asked\n"
        "meter, kept = asked(), []\n"
        "while True:\n"
        "    kept.append(bytes(5_000))\n"
        "    if not meter.frame(): break\n"
        "meter.tell()\n"
    )
    command = [sys.executable, "-c", program, "20", "50", "--allocations"]
    said = subprocess.run(command, capture_output=True, text=True, check=True, timeout=30).stdout
    told = json.loads(said)
    assert len(told["thread_ns"]) == len(told["process_ns"]) == 50
    assert all(spent >= 0 for spent in told["process_ns"])
    assert told["net_bytes"] == pytest.approx(5_000, rel=0.1)
