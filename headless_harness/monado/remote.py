"""Moves the head and hands of Monado's remote driver: one TCP connection, the whole state in every packet.

Layout: struct r_remote_data in Monado's src/xrt/drivers/remote/r_interface.h, protocol "mndrmt3", little-endian,
376 bytes. The service listens on every interface: keep it in a private network namespace or behind a firewall.
"""

from __future__ import annotations

import socket
import struct
from dataclasses import dataclass, fields
from types import TracebackType
from typing import Any, Self

from vr_app.api import Pose, Vec3
from vr_app.headset import Fov, View

_MAGIC = b"mndrmt3\0"
_HEAD = struct.Struct("<8s 4f7f4x 4f7f4x 7f ?3x")
_HAND = struct.Struct("<7f 3f 3f 5f 8f 13?3x")
PACKET_BYTES = _HEAD.size + 2 * _HAND.size


@dataclass(frozen=True, slots=True)
class RemoteHand:
    """One hand with its controller. Analogue values lie in 0..1, sticks in -1..1, velocities are per second.

    `curl` is little finger to thumb, 0 open to 1 closed, and seen only while `hand_tracking`.
    """

    pose: Pose = Pose()
    linear_velocity: Vec3 = (0.0, 0.0, 0.0)
    angular_velocity: Vec3 = (0.0, 0.0, 0.0)
    curl: tuple[float, float, float, float, float] = (0.0, 0.0, 0.0, 0.0, 0.0)
    trigger: float = 0.0
    squeeze: float = 0.0
    squeeze_force: float = 0.0
    stick: tuple[float, float] = (0.0, 0.0)
    pad_force: float = 0.0
    pad: tuple[float, float] = (0.0, 0.0)
    hand_tracking: bool = False
    active: bool = False
    system_click: bool = False
    system_touch: bool = False
    a_click: bool = False
    a_touch: bool = False
    b_click: bool = False
    b_touch: bool = False
    trigger_click: bool = False
    trigger_touch: bool = False
    stick_click: bool = False
    stick_touch: bool = False
    pad_touch: bool = False


@dataclass(frozen=True, slots=True)
class RemoteState:
    """Everything the driver knows. Without `views` it keeps its own two eyes; theirs are relative to the head."""

    head: Pose = Pose((0.0, 1.6, 0.0))
    left: RemoteHand = RemoteHand()
    right: RemoteHand = RemoteHand()
    views: tuple[View, View] | None = None


_FLAGS = tuple(field.name for field in fields(RemoteHand) if field.type == "bool")
_NO_VIEW = View(Pose(), Fov(0.0, 0.0, 0.0, 0.0))


def _of_pose(pose: Pose) -> tuple[float, ...]:
    return (*pose.orientation, *pose.position)


def _to_pose(values: tuple[Any, ...]) -> Pose:
    x, y, z, w, px, py, pz = values
    return Pose((px, py, pz), (x, y, z, w))


def _of_hand(hand: RemoteHand) -> bytes:
    return _HAND.pack(
        *_of_pose(hand.pose),
        *hand.linear_velocity,
        *hand.angular_velocity,
        *hand.curl,
        hand.trigger,
        hand.squeeze,
        hand.squeeze_force,
        *hand.stick,
        hand.pad_force,
        *hand.pad,
        *(getattr(hand, name) for name in _FLAGS),
    )


def _to_hand(packet: bytes) -> RemoteHand:
    values = _HAND.unpack(packet)
    return RemoteHand(
        pose=_to_pose(values[0:7]),
        linear_velocity=values[7:10],
        angular_velocity=values[10:13],
        curl=values[13:18],
        trigger=values[18],
        squeeze=values[19],
        squeeze_force=values[20],
        stick=values[21:23],
        pad_force=values[23],
        pad=values[24:26],
        **dict(zip(_FLAGS, values[26:], strict=True)),
    )


def pack(state: RemoteState) -> bytes:
    """`state` as the driver reads it, PACKET_BYTES long."""
    left, right = state.views or (_NO_VIEW, _NO_VIEW)
    head = _HEAD.pack(
        _MAGIC,
        *left.fov,
        *_of_pose(left.pose),
        *right.fov,
        *_of_pose(right.pose),
        *_of_pose(state.head),
        state.views is not None,
    )
    return head + _of_hand(state.left) + _of_hand(state.right)


def unpack(packet: bytes) -> RemoteState:
    """The state in `packet`. Raises ValueError for another length or another version of the protocol."""
    if len(packet) != PACKET_BYTES or not packet.startswith(_MAGIC):
        raise ValueError(f"{len(packet)} bytes that start with {packet[:8]!r} are no packet of Monado's remote driver")
    values = _HEAD.unpack_from(packet)
    views = (View(_to_pose(values[5:12]), Fov(*values[1:5])), View(_to_pose(values[16:23]), Fov(*values[12:16])))
    return RemoteState(
        head=_to_pose(values[23:30]),
        left=_to_hand(packet[_HEAD.size : _HEAD.size + _HAND.size]),
        right=_to_hand(packet[_HEAD.size + _HAND.size :]),
        views=views if values[30] else None,
    )


class RemoteClient:
    """The one connection the driver serves; used with `with`. `state` is what was sent last."""

    def __init__(self, port: int, seconds: float = 5.0) -> None:
        """Connect to the driver on this machine. Raises OSError when nothing answers within `seconds`."""
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=seconds)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        # On connecting, the driver sends its state at rest, then the latest one; 25.0.0 leaves their header empty.
        self._receive()
        self.state = unpack(_MAGIC + self._receive()[len(_MAGIC) :])

    def _receive(self) -> bytes:
        packet = self._socket.recv(PACKET_BYTES, socket.MSG_WAITALL)
        if len(packet) != PACKET_BYTES:
            raise ConnectionError("Monado's remote driver hung up; it serves one client at a time")
        return packet

    def send(self, state: RemoteState) -> None:
        """Replace the whole state; the runtime reports it about 4 ms later."""
        self._socket.sendall(pack(state))
        self.state = state

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        self._socket.close()
