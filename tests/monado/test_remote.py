"""Packets of the remote driver: the layout of r_interface.h, and nothing lost on the way."""

from __future__ import annotations

import struct
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headless_harness.monado.remote import PACKET_BYTES, RemoteHand, RemoteState, pack, unpack
from vr_app.api import Pose
from vr_app.headset import Fov, View

_FLOAT = st.floats(width=32, allow_nan=False, allow_infinity=False)
_POSE = st.builds(Pose, st.tuples(*[_FLOAT] * 3), st.tuples(*[_FLOAT] * 4))
_HAND = st.builds(
    RemoteHand,
    pose=_POSE,
    linear_velocity=st.tuples(*[_FLOAT] * 3),
    angular_velocity=st.tuples(*[_FLOAT] * 3),
    curl=st.tuples(*[_FLOAT] * 5),
    stick=st.tuples(_FLOAT, _FLOAT),
    pad=st.tuples(_FLOAT, _FLOAT),
    **dict.fromkeys(("trigger", "squeeze", "squeeze_force", "pad_force"), _FLOAT),
    **dict.fromkeys(("active", "hand_tracking", "a_click", "b_click", "system_click", "pad_touch"), st.booleans()),
)
_VIEW = st.builds(View, _POSE, st.builds(Fov, *[_FLOAT] * 4))
_STATE = st.builds(RemoteState, _POSE, _HAND, _HAND, st.none() | st.tuples(_VIEW, _VIEW))


@given(_STATE)
def test_a_state_survives_the_packet(state: RemoteState) -> None:
    assert unpack(pack(state)) == state


def test_the_packet_has_the_drivers_layout() -> None:
    """Offsets of struct r_remote_data: head at 8, centre at 104, controllers of 120 bytes at 136 and 256."""
    hand = RemoteHand(Pose((5.0, 6.0, 7.0), (1.0, 2.0, 3.0, 4.0)), trigger=0.5, pad=(0.25, 0.75), active=True)
    view = View(Pose((0.5, 0.0, 0.0)), Fov(-1.0, 1.0, 0.75, -0.75))
    packet = pack(RemoteState(Pose((1.0, 2.0, 3.0)), hand, replace(hand, pad_touch=True), (view, view)))
    assert len(packet) == PACKET_BYTES == 376
    assert packet[:8] == b"mndrmt3\0"
    assert struct.unpack_from("<4f", packet, 8) == (-1.0, 1.0, 0.75, -0.75)
    assert struct.unpack_from("<7f", packet, 56 + 16) == (0.0, 0.0, 0.0, 1.0, 0.5, 0.0, 0.0)
    assert struct.unpack_from("<7f", packet, 104) == (0.0, 0.0, 0.0, 1.0, 1.0, 2.0, 3.0)
    assert packet[132] == 1
    assert struct.unpack_from("<7f", packet, 136) == (1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0)
    assert struct.unpack_from("<f", packet, 136 + 72) == (0.5,)
    assert struct.unpack_from("<2f", packet, 136 + 96) == (0.25, 0.75)
    assert packet[136 + 104 : 136 + 106] == b"\0\1"
    assert packet[256 + 116] == 1
    assert packet[136 + 116] == 0


@pytest.mark.parametrize("packet", [b"", bytes(376), pack(RemoteState())[:-1], pack(RemoteState()) + b"\0"])
def test_what_is_no_packet_is_refused(packet: bytes) -> None:
    with pytest.raises(ValueError, match="remote driver"):
        unpack(packet)
