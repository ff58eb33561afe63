"""Whole visits as the product plays them: station, picture, companion, records; and hands that paint or strike.

The hands follow one script, again and again the same, whichever headset is worn: the scripted one reads it with each
picture process, Monado's remote driver is led through it in real time.
"""

from __future__ import annotations

import itertools
import json
import os
import signal as signals
import struct
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import signal

from headless_harness.census import NotingKit
from headless_harness.companion_client import PATIENCE_SECONDS, Browser, do, state_of, told
from headless_harness.monado.remote import RemoteClient, RemoteHand, RemoteState
from headless_harness.monado.rig import MonadoRig
from headless_harness.sound.recorded import Samples
from headless_harness.station import Session, Wrong
from scenes.making.brushes import BRUSHES
from scenes.making.palette import COLOURS, WORDS, Palette
from scenes.sound_garden import ALL_SPOTS, BOWLS, TAPE_SPOT, THINGS
from scenes.valley.attention import REST_SECONDS
from scenes.valley.instruments import SPOTS
from scenes.valley.scales import cents
from vr_app.api import Comfort, Hand, Vec3
from vr_app.course import Mode
from vr_app.records.records import Records, public_key
from vr_app.records.spool import Spool
from vr_app.remembered import Remembered
from vr_app.scripted.headset import looking_at
from vr_app.scripted.script import SEATED_HEAD, load_input_script
from vr_app.works.chunks import HEAD_BYTES, Read, read_chunks
from vr_app.works.operations import Kind

PASSPHRASE: Final = "seven quiet herons"
SETUP: Final = {"clinic": "Harbour Clinic", "clinicians": ["Ada"], "passphrase": PASSPHRASE}
PAINT, GARDEN = "light_paint", "sound_garden"  # scenes, and the plans that lead to them in their second step
BOWL: Final = SPOTS[BOWLS[0]]  # to the right
RECORDS: Final = ALL_SPOTS[TAPE_SPOT].centre  # the stone that begins and ends a recording
REST: Final[Vec3] = (0.3, 0.8, -0.3)  # where a hand lies, metres
D2: Final = 73.416  # Hz, the garden's lowest
DRONE_SECONDS: Final = 4.0  # until it is gone once it is off
SOME_SECONDS: Final = 1.0
BESIDE: Final = (0.8, 0.85, 0.9, 1.1, 1.15, 1.2)  # of a tone's frequency: where no tone of it is
COME_SECONDS: Final = 2.0  # until tools can be taken once they are asked for
MINUTES: Final = 3.0  # of a script
HZ: Final = 90.0  # at which Monado is told where the hands are
STARTED: Final = ("--no-monitor", "--hold", "--plan")


# --- hands


class Hands:
    """Writes what the right hand does, line by line; `seconds` are those until the next line."""

    def __init__(self) -> None:
        self.lines: list[dict[str, Any]] = []
        self.at = 0.0
        self.be(REST, 0.0, 1.0)

    def be(self, place: Vec3, press: float, seconds: float) -> None:
        self.lines.append({"at": round(self.at, 3), "right": [*place, 0, 0, 0, 1], "select": [0, press]})
        self.at += seconds

    def stroke(self, y: float) -> None:
        """A quarter of a metre to the right, at this height."""
        self.be((-0.1, y, -0.45), 0.0, 0.2)
        self.be((-0.1, y, -0.45), 1.0, 0.8)
        self.be((0.15, y, -0.45), 1.0, 0.1)
        self.be((0.15, y, -0.45), 0.0, 0.2)

    def take(self, place: Vec3) -> None:
        """Press on something that can be taken."""
        self.be(place, 0.0, 0.2)
        self.be(place, 1.0, 0.25)
        self.be(place, 0.0, 0.2)

    def strike(self, place: Vec3) -> None:
        """Down on it, and away again."""
        above = place[0], place[1] + 0.35, place[2]
        self.be(above, 0.0, 0.5)
        self.be(place, 0.0, 0.5)
        self.be(above, 0.0, 11.0)  # in which it has grown softer

    def rest_on(self, place: Vec3) -> None:
        """Look at it until it is taken, and ahead again; the hand lies still."""
        there = looking_at(place)
        for head, seconds in ((SEATED_HEAD, 0.5), (there, REST_SECONDS + 0.6), (there, 0.5), (SEATED_HEAD, 0.5)):
            self.be(REST, 0.0, seconds)
            self.lines[-1]["head"] = [*head.position, *head.orientation]


Act = Callable[[Hands], None]


def paints(hands: Hands) -> None:
    """Three strokes with two brushes; one is taken back, comes again, and is taken back."""
    hands.stroke(0.95)
    hands.take(on_the_palette("ink"))
    hands.stroke(1.10)
    hands.take(on_the_palette("ribbon"))
    hands.stroke(1.25)
    for word in ("undo", "redo", "undo"):
        hands.take(on_the_palette(word))


def goes_on(hands: Hands) -> None:
    """Stroke after stroke, each a little higher."""
    for step in range(20):
        hands.stroke(0.85 + 0.03 * step)


def keeps(hands: Hands) -> None:
    hands.take(on_the_palette("keep"))
    hands.be(REST, 0.0, 1.0)


def rests(hands: Hands) -> None:
    hands.be(REST, 0.0, 5.0)


def strikes_and_records(hands: Hands) -> None:
    """The eyes begin a recording or end it, and a bowl is struck: one in two turns is recorded, whenever it begins."""
    hands.rest_on(RECORDS)
    hands.strike(BOWL.centre)


def on_the_palette(name: str) -> Vec3:
    """Where a brush or a word stands for who sits upright."""
    palette = Palette(NotingKit())
    palette._arrange(Comfort().raised)
    return palette.centre(len(COLOURS) + [*BRUSHES, *WORDS].index(name))


def written(path: Path, act: Act) -> float:
    """Seconds of one turn of it."""
    hands = Hands()
    began = hands.at
    act(hands)
    turn = hands.at - began
    while hands.at < 60.0 * MINUTES:
        act(hands)
    path.write_text("\n".join(map(json.dumps, hands.lines)))
    return turn


# --- headsets


class Headset(NamedTuple):
    """What a station is started with, and who leads the hands."""

    arguments: Sequence[str]
    environment: Mapping[str, str]
    lead: Callable[[Path], None]  # through this script from now on


@contextmanager
def scripted(folder: Path) -> Iterator[Headset]:
    """The script is read by the next picture process."""
    (folder / "run").mkdir(mode=0o700, exist_ok=True)
    arguments = ("--headset", "headless", "--zero-counts", "--size", "64x64", "--script", str(folder / "hands.jsonl"))
    yield Headset(arguments, {"XDG_RUNTIME_DIR": str(folder / "run")}, lambda path: None)


@contextmanager
def on_monado(folder: Path) -> Iterator[Headset]:
    with MonadoRig(90, driver="remote") as rig, rig.remote() as remote:
        leader = _Leader(remote)
        try:
            yield Headset(("--headset", "openxr", "--zero-counts"), {**rig.env, "DISPLAY": ""}, leader.lead)
        finally:
            leader.close()


class _Leader:
    """Moves Monado's hands on a thread of its own."""

    def __init__(self, remote: RemoteClient) -> None:
        self._remote = remote
        self._script, self._began = load_input_script(Path(os.devnull)), time.monotonic()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def lead(self, path: Path) -> None:
        self._script, self._began = load_input_script(path), time.monotonic()

    def close(self) -> None:
        self._over.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._over.wait(1.0 / HZ):
            inputs = self._script.inputs(time.monotonic() - self._began)
            self._remote.send(RemoteState(inputs.head, _remote(inputs.left), _remote(inputs.right)))


def _remote(hand: Hand | None) -> RemoteHand:
    if hand is None:
        return RemoteHand()
    return RemoteHand(hand.grip, trigger=hand.select, trigger_click=hand.select > 0.5, active=True)


# --- the clinic's computer


class Room:
    """One clinic's computer, begun again and again; what it keeps lies in `folder`."""

    def __init__(self, folder: Path, headset: Headset, *more: str) -> None:
        """`more`: what `harborlight run` is told besides."""
        self.folder, self.headset = folder, headset
        self.environment = {**headset.environment, "XDG_DATA_HOME": str(folder / "data")}
        self.records = folder / "data" / "harborlight" / "records"
        self.patient = ""
        self._more = more
        self._script = folder / "hands.jsonl"
        self.turn = 0.0  # seconds of the act

    def act(self, act: Act) -> None:
        """What the hands do: from now on, or from the next plan on that is loaded."""
        self.plan(act)
        self.lead()

    def plan(self, act: Act) -> None:
        """What they do from the next plan on that is loaded, or once they are led."""
        self.turn = written(self._script, act)

    def lead(self) -> None:
        self.headset.lead(self._script)

    @contextmanager
    def open(self, plan: str = PAINT) -> Iterator[Sitting]:
        """A run of the station, and the therapist's page; who has not left it by then is killed."""
        session = Session(self.environment, *self.headset.arguments, *self._more, "--port", "0", *STARTED, plan)
        try:
            session.wait_for("companion", lambda state: state["companion_owes"] == "frames")
            sitting = Sitting(self, session, Browser(session))
            sitting.come_in()
            yield sitting
        finally:
            session.kill()

    def memories(self) -> dict[tuple[str, str], bytes]:
        """Of the patient, as the records have them once what was kept aside is home; nobody else has these open."""
        with Records.open(self.records, PASSPHRASE) as records:
            with Spool(self.records / "aside", public_key(self.records)) as spool:
                records.take_in(spool)
            return records.memories(self.patient)


class Sitting:
    """A run of the station with a page."""

    def __init__(self, room: Room, session: Session, browser: Browser) -> None:
        self.room, self.session, self.browser = room, session, browser
        self._numbers = itertools.count(1)

    def come_in(self) -> None:
        if self.room.patient:
            self.ask("POST", "/api/unlock", {"passphrase": PASSPHRASE})
        else:
            self.ask("POST", "/api/setup", SETUP)
            self.room.patient = str(self.ask("POST", "/api/patients", {"note": ""})["id"])

    def ask(self, *what: Any) -> Any:
        """Of the companion by HTTP. Raises Wrong."""
        answer = self.browser.ask(*what)
        if "error" in answer:
            raise Wrong(f"{what}: {answer}")
        return answer

    def tell(self, mode: Mode, **command: Any) -> None:
        """By the page's socket, once the session is in this mode. Raises Wrong."""
        with self.browser.socket() as socket:
            state_of(socket, mode.value)
            if refused := do(socket, next(self._numbers), command):
                raise Wrong(f"{command}: {refused}")

    def visit(self, plan: str = PAINT) -> None:
        """The patient's next visit begins, and the place is there."""
        self.load(plan)
        self.enter(plan)

    def load(self, plan: str = PAINT) -> None:
        self.ask("POST", "/api/sessions", {"plan": plan, "patient": self.room.patient})

    def enter(self, plan: str) -> None:
        """Into its second step, at once."""
        self.go_on()
        self.tell(Mode.PLAYING, type="GoTo", step=1)
        self.be_in(plan)

    def go_on(self) -> None:
        self.tell(Mode.HELD, type="Go")

    def be_in(self, scene: str) -> None:
        self.session.wait_for(scene, lambda state: _here(state) == scene)

    def set(self, scene: str, name: str, value: str) -> None:
        self.tell(Mode.PLAYING, type="Adjust", scene=scene, name=name, value=value)

    def lose_the_picture(self) -> None:
        """It is killed, and comes again."""
        lost = self.session.child("render")
        os.kill(lost, signals.SIGKILL)
        self.session.wait_for("another", lambda state: state["children"].get("render", lost) != lost)

    def strokes(self) -> int:
        """That are seen of what is made just now."""
        making = self.session.state()["status"]["making"]
        return making["strokes"] if making else 0

    def recording(self, holds: Callable[[str], bool]) -> str:
        """What the page says of the record, once it is as wanted. Raises Wrong."""
        end = time.monotonic() + PATIENCE_SECONDS
        with self.browser.socket() as socket:
            while not holds(said := str(told(socket, "State")["recording"])):
                if time.monotonic() > end:
                    raise Wrong(f"the record: {said}")
        return said

    def stop(self) -> None:
        self.tell(Mode.PLAYING, type="StopNow")
        self.be_in("room")

    def end_gently(self) -> None:
        """The visit ends as most do; nobody stays for all of the way back. Raises Wrong."""
        self.tell(Mode.PLAYING, type="EndGently")
        self.be_in("return")
        self.leave()

    def leave(self) -> None:
        """The run ends as it is to end. Raises Wrong."""
        if status := self.session.close():
            raise Wrong(f"the station ended with {status}: {self.session.said[-3:]}")


def _here(state: Mapping[str, Any]) -> str:
    return state["status"]["here"] if state["status"] and state["status"]["clear"] else ""


# --- visits


class Painted(NamedTuple):
    """What two visits left."""

    first: dict[tuple[str, str], bytes]  # memories after the first
    shown: int  # strokes that were seen as the second one began
    second: dict[tuple[str, str], bytes]


def paint_and_come_back(room: Room) -> Painted:
    """A visit in which one paints, and loses the picture in between; another in which what was made is kept."""
    room.act(paints)
    with room.open() as sitting:
        sitting.visit()
        sitting.set(PAINT, "tools", "at_once")
        time.sleep(COME_SECONDS + room.turn)
        sitting.lose_the_picture()
        sitting.go_on()
        sitting.be_in(PAINT)
        time.sleep(room.turn)
        sitting.end_gently()
    first = room.memories()
    room.act(keeps)
    with room.open() as sitting:
        sitting.visit()
        shown = sitting.strokes()
        sitting.set(PAINT, "tools", "at_once")
        time.sleep(COME_SECONDS + 2.0 * room.turn)
        sitting.stop()
        sitting.leave()
    return Painted(first, shown, room.memories())


class Played(NamedTuple):
    """What a visit in the sound garden left."""

    since: float  # monotonic seconds from which a bowl was struck
    until: float  # and to which; then the place fades
    memories: dict[tuple[str, str], bytes]


def strike_and_record(room: Room) -> Played:
    """A visit in which one records, again and again, how a bowl is struck; nothing else sounds but the sea."""
    room.plan(strikes_and_records)
    with room.open(GARDEN) as sitting:
        sitting.visit(GARDEN)
        room.lead()  # who looks aside while a visit begins turns the place about
        sitting.set(GARDEN, "drone", "off")
        sitting.set(GARDEN, "recording", "on")
        time.sleep(DRONE_SECONDS)
        since = time.monotonic()
        time.sleep(2.5 * room.turn)
        until = time.monotonic()
        sitting.end_gently()
    return Played(since, until, room.memories())


# --- what was made


def pieces(memories: Mapping[tuple[str, str], bytes]) -> dict[tuple[str, str], bytes]:
    """Of works, by scene and key."""
    return {whose: value for whose, value in memories.items() if "/" in whose[1]}


def works(memories: Mapping[tuple[str, str], bytes], scene: str = PAINT) -> list[Read]:
    """In the order they were begun. Raises Wrong for one that is not whole."""
    found = Remembered(memories).pieces()
    read = [read_chunks(each) for (place, _), each in sorted(found.items()) if place == scene]
    if trouble := [each.trouble for each in read if each.trouble]:
        raise Wrong(f"a work is not whole: {trouble}")
    return read


def seen(read: Read) -> list[tuple[str, bytes]]:
    """Brush and points of each stroke that is."""
    return [(stroke.brush, stroke.points.tobytes()) for stroke in read.sketch.shown().values()]


def operations(memories: Mapping[tuple[str, str], bytes], than: Mapping[tuple[str, str], bytes] = {}) -> list[Kind]:
    """What the journals of light paint tell, in order; with `than`, what they tell beyond it."""
    found: list[Kind] = []
    for (scene, key), piece in sorted(pieces(memories).items()):
        at = HEAD_BYTES
        while scene == PAINT and (scene, key) not in than and at < len(piece):
            kind, length = struct.unpack_from("<BH", piece, at)
            found.append(Kind(kind))
            at += 3 + length
    return found


# --- what is heard


def tone_of_the_bowl() -> float:
    """Hz, in the scale that a garden begins with."""
    step = next(step for centre, _, _, step in THINGS if centre == BOWL.centre)
    return float(D2 * 2.0 ** (cents("bright", step) / 1200.0))


def rise(samples: Samples, rate: int, hertz: float) -> float:
    """dB by which a tone comes out of what is heard beside it, from SOME_SECONDS to the next, at most.

    `samples` [n, 2]. What is heard there too, a hole as well, is no tone.
    """
    mono = samples.mean(axis=1, dtype=np.float64)
    frequencies, _, spectrum = signal.stft(mono, rate, nperseg=8192, noverlap=8192 - 1024, boundary=None)
    some = round(SOME_SECONDS * rate / 1024)

    def power(at: float) -> NDArray[np.float64]:
        near = np.abs(frequencies / at - 1.0) < 0.03
        total = np.concatenate([[0.0], np.cumsum((np.abs(spectrum[near]) ** 2).sum(axis=0) + 1e-12)])
        return np.asarray(total[some:] - total[:-some])

    share = power(hertz) / sum(power(away * hertz) for away in BESIDE)
    return float(10.0 * np.log10(share[some:] / share[:-some]).max())
