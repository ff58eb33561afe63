"""Input scripts: what is refused in which words, and that a recording plays again what it recorded."""

from __future__ import annotations

from math import sqrt
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vr_app.api import Hand, Inputs, Pose
from vr_app.scripted.script import InputScript, Moment, ScriptFileError, load_input_script, save_input_script

REACH = st.floats(-3.0, 3.0)


@st.composite
def poses(draw: st.DrawFn) -> Pose:
    parts = draw(st.tuples(*[st.floats(-1.0, 1.0)] * 4).filter(lambda q: sum(x * x for x in q) > 0.01))
    size = sqrt(sum(part * part for part in parts))
    x, y, z, w = (part / size for part in parts)
    return Pose(draw(st.tuples(REACH, REACH, REACH)), (x, y, z, w))


@given(poses(), poses(), st.floats(0.0, 1.0))
def test_between_two_lines_a_pose_moves_straight_and_stays_a_rotation(a: Pose, b: Pose, share: float) -> None:
    script = InputScript([Moment(0.0, head=a), Moment(2.0, head=b)])
    head = script.inputs(2.0 * share).head
    assert sum(part * part for part in head.orientation) == pytest.approx(1.0)
    for now, one, other in zip(head.position, a.position, b.position, strict=True):
        assert now == pytest.approx(one + (other - one) * share, abs=1e-9)


@given(st.lists(st.tuples(poses(), poses(), st.floats(0.0, 1.0), st.booleans()), min_size=1, max_size=8))
def test_a_recording_plays_again(
    tmp_path_factory: pytest.TempPathFactory, moments: list[tuple[Pose, Pose, float, bool]]
) -> None:
    recorded = [
        (index * 0.5, Inputs(head, True, Hand(grip, grip, select, 0.0, stop), None))
        for index, (head, grip, select, stop) in enumerate(moments)
    ]
    path = tmp_path_factory.mktemp("recording") / "made.jsonl"
    save_input_script(path, recorded)
    script = load_input_script(path)
    for at, inputs in recorded:
        played = script.inputs(at)
        assert inputs.left is not None
        assert played.left is not None
        assert played.right is None
        assert (played.left.stop, played.left.select) == (inputs.left.stop, inputs.left.select)
        assert played.head.position == pytest.approx(inputs.head.position, abs=1e-4)
        assert played.left.grip.orientation == pytest.approx(inputs.left.grip.orientation, abs=1e-4)


def test_bare_hands_have_joints_and_are_recorded_so(tmp_path: Path) -> None:
    path = tmp_path / "bare.jsonl"
    script = InputScript([Moment(0.0, left=Pose((0.1, 0.8, -0.4)), bare=True)])
    save_input_script(path, [(0.0, script.inputs(0.0))])
    hand = load_input_script(path).inputs(0.0).left
    assert hand is not None
    assert hand.joints is not None
    assert hand.joints[10, :3].tolist() == pytest.approx([0.1, 0.8, -0.4])


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("{", "line 2: "),
        ("[1]", "a line is an object with 'at'"),
        ('{"head": null}', "a line is an object with 'at'"),
        ('{"at": 1, "nose": 3}', "a line is an object with 'at'"),
        ('{"at": -1}', "'at' must hold numbers in 0"),
        ('{"at": NaN}', "'at' must hold numbers"),
        ('{"at": 1, "head": [0, 1, 2]}', "'head' is null or seven numbers"),
        ('{"at": 1, "head": [0, 1, 2, 0, 0, 0, 9]}', "quaternion of length 9.00"),
        ('{"at": 1, "select": [2, 0]}', "'select' must hold numbers in 0..1"),
        ('{"at": 1, "stop": true}', "'stop' is \\[left, right\\]"),
        ('{"at": 1, "worn": 1}', "'worn' is true or false"),
    ],
)
def test_a_bad_line_is_named(tmp_path: Path, line: str, told: str) -> None:
    path = tmp_path / "bad.jsonl"
    path.write_text('{"at": 0}\n' + line + "\n", encoding="utf-8")
    with pytest.raises(ScriptFileError, match=told) as caught:
        load_input_script(path)
    assert "bad.jsonl, line 2" in str(caught.value)


def test_a_missing_script_says_so(tmp_path: Path) -> None:
    with pytest.raises(ScriptFileError, match="No such file"):
        load_input_script(tmp_path / "none.jsonl")
