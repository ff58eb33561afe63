"""What travels between the station's processes: msgpack by msgspec, with a schema version; never pickle."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct

from vr_app.commands import MEMORY_BYTES, Anchor, Command, LoadPlan, PatientId, Slot, When
from vr_app.script import NO_PROMPT, Prompt

SCHEMA = 1
MOST_BYTES = 4096  # of a message: a pipe takes so many whole or not at all (POSIX PIPE_BUF)


class Message(Struct, frozen=True):
    """A command on its way: `id` is the sender's own number, by which the answer is known."""

    schema: int
    id: int
    body: msgspec.Raw
    by: str = ""  # who gives it, where the sender knows a name


class Reply(Struct, frozen=True, tag=True):
    """The answer to a command; `refused` says in one line why not, None: done."""

    id: int
    refused: str | None = None


class Opened(Struct, frozen=True, tag=True):
    """The render process has its headset: of which kind, and what stands behind it in words."""

    kind: Literal["openxr", "desktop", "scripted"]
    words: str


class Farewell(Struct, frozen=True, tag=True):
    """The render process ends because it is done or cannot begin: its exit status, and the one line for people."""

    status: int
    words: str = ""
    lasting: bool = True  # False: the same may succeed in a moment, when the headset is back


class Put(Struct, frozen=True, tag=True):
    """A scene remembers something of whoever is here: of which visit, so that nobody else is ever credited with it."""

    visit: int
    scene: str
    key: str
    value: bytes


class Keep(Struct, frozen=True, tag=True):
    """To the companion: this belongs into a patient's records. It answers with Kept under `number`."""

    number: int
    patient: str  # id
    scene: str
    key: str
    value: bytes


Report = Reply | Opened | Farewell | Put | Keep


class Recall(Struct, frozen=True, tag=True):
    """From the companion: what this patient's records hold follows; LoadPlan for them comes after all of it."""

    patient: PatientId


class Recalled(Struct, frozen=True, tag=True):
    """One thing of it."""

    patient: PatientId
    scene: Slot
    key: Slot
    value: Annotated[bytes, Meta(max_length=MEMORY_BYTES)]


class Erased(Struct, frozen=True, tag=True):
    """A work of this patient was erased from the records: no picture is told of it any more. Comes after Recall."""

    patient: PatientId
    work: Slot


class Kept(Struct, frozen=True, tag=True):
    """What had to be kept under this number is on the disk."""

    number: int


Bookkeeping = Recall | Recalled | Erased | Kept  # what the companion alone says, and no page


class Position(Struct, frozen=True):
    """Where a plan stands: enough to take it up again in the same second."""

    step: int = 0
    step_seconds: float = 0.0  # guided time in this step
    scene_seconds: float = 0.0  # guided time of its scene
    exposure_seconds: float = 0.0  # for which the headset has been worn, whatever was played
    anchor: Anchor | Literal[""] = ""  # that was switched to for the rest of this step
    eyes_closed: bool = False


class Rated(Struct, frozen=True):
    """What the patient answered when asked how they are, from 0 to 10; `seconds` of the session, as it was given."""

    when: When
    value: int
    seconds: float


class Start(Struct, frozen=True, tag=True):
    """What a render process begins with. It is locked until one of `orders` says otherwise."""

    orders: tuple[Command, ...]
    resume: Position | None = None
    again: bool = False  # it takes the place of one that was lost or replaced
    load: LoadPlan | None = None  # another plan than the one it was made for
    visit: int = 0  # what it says of all that scenes put
    known: tuple[tuple[str, str, bytes], ...] = ()  # what they find there: scene, key, value
    rated: tuple[Rated, ...] = ()  # in this session, before the process that was lost


class Check(Struct, frozen=True, tag=True):
    """To a process that stands by: could this plan be played? It answers with a Reply under `id`."""

    id: int
    load: LoadPlan


class Breath(Struct, frozen=True):
    """What is known of the patient's breath."""

    rate: float  # breaths a minute; 0: not known
    phase: float  # 0..1: in until 0.4, out until 1
    confidence: float  # 0..1; from 0.5 on it leads


class Making(Struct, frozen=True):
    """The work that is made just now: what may be seen of it from beside. Nothing is scored."""

    strokes: int
    seconds: int  # that it was made in, all visits together


class Status(Struct, frozen=True):
    """A session as it is now: a whole snapshot, never a difference, so whoever reconnects is right at once."""

    time: float  # session seconds
    mode: str  # vr_app.director.Mode, in words
    here: str  # id of the scene that is shown; "" is mist alone
    clear: bool  # no mist before it
    plan: str  # its title
    position: Position
    steps: int
    seconds_left: float  # guided, to the end of the plan
    locked: bool
    quiet: bool
    worn: bool
    focused: bool
    head_tracked: bool
    headset: str  # runtime and device in words
    posture: Literal["upright", "reclined", "lying"] = "upright"
    caption: str = ""  # what the patient reads now
    answers: dict[str, str] = {}  # of the panels that were asked, by name
    fault: str = ""  # the last one
    prompt: Prompt = NO_PROMPT  # for who reads live
    speak: bool = False  # the therapist speaks, and all else steps back
    sound: str = ""  # the device, or what is wrong, in words; "" where no sound is wanted
    sound_wrong: bool = False  # the patient hears nothing, or not what they should
    rehearsal: bool = False  # a synthesiser speaks: no patient session
    plan_name: str = ""  # of the file it was read from
    cue: str = ""  # title of the cue that plays, or would
    next_cue: str = ""  # of the one after it; "": there is none
    waits: bool = False  # the cue is over, and the next one begins at a Go
    anchors: tuple[Anchor, ...] = ()  # that may be switched to here
    anchor: Anchor | Literal[""] = ""  # that was switched to
    eyes_closed: bool = False
    volume_db: float = 0.0
    exposure_seconds: float = 0.0  # for which the headset has been worn
    settings: dict[str, float | str] = {}  # of the scene that the plan plays now, as they are
    breath: Breath | None = None  # as a controller on the belly has it; None: nobody asked for it
    stillness: float = 0.0  # of the head, 0..1; 1: as still as a head can be
    visit: str = ""  # the mark of LoadPlan
    rating: When | Literal[""] = ""  # that stands before the patient, or is about to
    ratings: tuple[Rated, ...] = ()  # in the order they were given; a later one of the same kind holds
    veiled: bool = False  # what the patient makes is hidden, or on its way to be
    making: Making | None = None  # None: nothing is made here


class Refused(Exception):
    """A message that cannot be carried out; the text is the one line for whoever sent it."""


_encoder = msgspec.msgpack.Encoder()
_message = msgspec.msgpack.Decoder(Message)
_command = msgspec.msgpack.Decoder(Command)
_bookkeeping: msgspec.msgpack.Decoder[Command | Bookkeeping] = msgspec.msgpack.Decoder(Command | Bookkeeping)
_report = msgspec.msgpack.Decoder(Report)
_start: msgspec.msgpack.Decoder[Start | Check] = msgspec.msgpack.Decoder(Start | Check)
_status = msgspec.msgpack.Decoder(Status)


def encode_command(number: int, command: Command | Bookkeeping, by: str = "") -> bytes:
    """Raises Refused when the command is longer than MOST_BYTES."""
    data = _encoder.encode(Message(SCHEMA, number, msgspec.Raw(_encoder.encode(command)), by))
    if len(data) > MOST_BYTES:
        raise Refused(f"a message of {len(data)} bytes is too long; shorten the words")
    return data


def decode_message(data: bytes) -> Message:
    """The envelope. Raises Refused for bytes that are none, or of a newer schema."""
    try:
        message = _message.decode(data)
    except msgspec.MsgspecError as error:
        raise Refused(f"not a message ({error})") from None
    if message.schema != SCHEMA:
        raise Refused(f"a message of schema {message.schema}, this is {SCHEMA}; restart Harborlight after its update")
    return message


def decode_command(message: Message) -> Command:
    """What is asked. Raises Refused for an unknown command or a value out of range."""
    try:
        command: Command = _command.decode(message.body)
    except msgspec.MsgspecError as error:
        raise Refused(f"not understood: {error}") from None
    return command


def decode_asked(message: Message) -> Command | Bookkeeping:
    """The same of the companion, which also looks after the records. Raises Refused."""
    try:
        return _bookkeeping.decode(message.body)
    except msgspec.MsgspecError as error:
        raise Refused(f"not understood: {error}") from None


def encode(value: Report | Status | Start | Check) -> bytes:
    return _encoder.encode(value)


def decode_report(data: bytes) -> Report:
    """Raises Refused for anything else."""
    try:
        report: Report = _report.decode(data)
    except msgspec.MsgspecError as error:
        raise Refused(f"not a report ({error})") from None
    return report


def decode_start(data: bytes) -> Start | Check:
    """Raises msgspec.MsgspecError for anything else."""
    return _start.decode(data)


def decode_status(data: bytes) -> Status | None:
    """None for anything else: the next one comes in a tenth of a second."""
    try:
        return _status.decode(data)
    except msgspec.MsgspecError:
        return None
