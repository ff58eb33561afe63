"""The life of an OpenXR session as pure logic: (session, happening) -> (session, what to do now).

OpenXR 1.1 section 9.3, with two simplifications that hold on every runtime: whatever is lost, session and instance
are both let go and sought anew; and a session that the runtime ends by EXITING is never started again by itself.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum

from vr_app.headset import Event, ExitAsked, Found, Lost, Running, Visibility


class State(Enum):
    SEEKING = "seeking"  # nothing is connected; runtime or headset are being looked for
    IDLE = "idle"
    READY = "ready"
    SYNCHRONIZED = "synchronized"
    VISIBLE = "visible"
    FOCUSED = "focused"
    STOPPING = "stopping"
    OVER = "over"  # ended by runtime or application, never sought again


class Happening(Enum):
    CONNECTED = "connected"  # xrCreateSession succeeded
    IDLE = "idle"  # these eight: XrEventDataSessionStateChanged
    READY = "ready"
    SYNCHRONIZED = "synchronized"
    VISIBLE = "visible"
    FOCUSED = "focused"
    STOPPING = "stopping"
    LOSS_PENDING = "loss pending"
    EXITING = "exiting"
    BEGUN = "begun"  # xrBeginSession succeeded
    ENDED = "ended"  # xrEndSession succeeded
    LOST = "lost"  # session or instance lost, or calls that will not succeed again
    CLOSED = "closed"  # the application closes the headset


class Duty(Enum):
    BEGIN = "xrBeginSession"
    END = "xrEndSession"
    DISCONNECT = "destroy session and instance"


@dataclass(frozen=True, slots=True)
class Session:
    state: State = State.SEEKING
    begun: bool = False  # between xrBeginSession and xrEndSession
    found: bool = False  # Found was told since the connection was made

    @property
    def connected(self) -> bool:
        return self.state is not State.SEEKING and self.state is not State.OVER

    @property
    def running(self) -> bool:
        """Frames are expected."""
        return self.begun and self.state is not State.STOPPING

    @property
    def visibility(self) -> Visibility:
        focused = self.state is State.FOCUSED
        return Visibility(focused or self.state is State.VISIBLE, focused)


_FOLLOWED = {
    Happening.SYNCHRONIZED: State.SYNCHRONIZED,
    Happening.VISIBLE: State.VISIBLE,
    Happening.FOCUSED: State.FOCUSED,
    Happening.STOPPING: State.STOPPING,
}
_PARTED = {
    Happening.LOSS_PENDING: State.SEEKING,
    Happening.LOST: State.SEEKING,
    Happening.EXITING: State.OVER,
    Happening.CLOSED: State.OVER,
}


def step(session: Session, happening: Happening) -> tuple[Session, Duty | None]:
    """The session after `happening`, and the one thing that must be done now. Stale happenings change nothing."""
    if not session.connected:
        return _step_apart(session, happening), None
    if happening in _PARTED:
        return Session(_PARTED[happening]), Duty.DISCONNECT
    if happening in _FOLLOWED:
        must_end = happening is Happening.STOPPING and session.begun
        return replace(session, state=_FOLLOWED[happening]), Duty.END if must_end else None
    match happening:
        case Happening.READY:  # also after STOPPING and IDLE, any number of times
            return replace(session, state=State.READY, begun=False), Duty.BEGIN
        case Happening.IDLE:
            return replace(session, state=State.IDLE, begun=False), None
        case Happening.BEGUN:
            return replace(session, begun=True, found=True), None
        case Happening.ENDED:
            return replace(session, begun=False), None
        case _:
            return session, None


def _step_apart(session: Session, happening: Happening) -> Session:
    """The same while nothing is connected."""
    if happening is Happening.CLOSED:
        return Session(State.OVER)
    if happening is Happening.CONNECTED and session.state is State.SEEKING:
        return Session(State.IDLE)
    return session


def tidings(before: Session, after: Session, why: str, runtime: str) -> list[Event]:
    """What the application must hear of the change; `why` says where it came from, `runtime` who is connected."""
    news: list[Event] = []
    if before.visibility != after.visibility and not after.visibility.visible:
        news.append(after.visibility)
    if before.running != after.running:
        news.append(Running(after.running, why))
    if after.found and not before.found:
        news.append(Found(runtime))
    if before.visibility != after.visibility and after.visibility.visible:
        news.append(after.visibility)
    if before.connected and after.state is State.SEEKING:
        news.append(Lost(why))
    if before.connected and after.state is State.OVER:
        news.append(ExitAsked(why))
    return news
