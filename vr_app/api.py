"""Values and base classes; the only application module that a scene imports.

Units everywhere: metres, radians, seconds, linear Rec. 709 radiance. The world is right-handed with +y up,
-z ahead of the seated patient and its origin on the floor under the chair. Quaternions are (x, y, z, w).
What is made anew in every frame is a NamedTuple: as frozen as a dataclass at half the cost.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from math import cos, sin
from typing import Any, ClassVar, Literal, NamedTuple, Protocol, TypeVar

import numpy as np
import numpy.typing as npt

Vec3 = tuple[float, float, float]
Vec4 = tuple[float, float, float, float]
Quat = tuple[float, float, float, float]
Arrays = Mapping[str, npt.NDArray[Any]]
Anchor = Literal["breath", "sound", "sight", "hands"]  # what attention may rest on; one may be switched for another


class Pose(NamedTuple):
    """A position in metres and a unit quaternion (x, y, z, w)."""

    position: Vec3 = (0.0, 0.0, 0.0)
    orientation: Quat = (0.0, 0.0, 0.0, 1.0)

    @staticmethod
    def facing(position: Vec3, yaw: float, pitch: float = 0.0) -> Pose:
        """At `position`, turned `yaw` radians counter-clockwise (to the left) about +y, then tilted `pitch` radians
        about its own +x: what looks along -z looks up."""
        sy, cy, sx, cx = sin(yaw / 2), cos(yaw / 2), sin(pitch / 2), cos(pitch / 2)
        return Pose(position, (cy * sx, sy * cx, -sy * sx, cy * cx))


class Ray(NamedTuple):
    """A half line: origin in metres, unit direction."""

    origin: Vec3
    direction: Vec3


class Hand(NamedTuple):
    """One hand or controller during one frame. `select` and `squeeze` lie in 0..1.

    A headset may give a grip of NaN with a `stop` that is held; scenes never see such a hand.
    """

    grip: Pose
    aim: Pose | None = None
    select: float = 0.0
    squeeze: float = 0.0
    stop: bool = False  # menu or upper face button: the patient's way out, never used by a scene
    joints: npt.NDArray[np.float32] | None = None  # (26, 8): position, orientation, radius in XrHandJointEXT order


class Breath(NamedTuple):
    """The patient's breath, as a controller on the belly has it."""

    rate: float  # breaths a minute; 0: not known
    phase: float  # 0..1: in until 0.4, out until 1; never leaps while the rate is known
    confidence: float  # 0..1; from 0.5 on it may lead


class Inputs(NamedTuple):
    """What the patient's body does, constant for a whole frame. A hand that is not tracked is None."""

    head: Pose = Pose((0.0, 1.2, 0.0))
    head_tracked: bool = True
    left: Hand | None = None
    right: Hand | None = None
    breath: Breath | None = None  # None: nobody asked for it


@dataclass(frozen=True, slots=True)
class Range:
    """The closed interval a setting may take, and the step of its control in the companion."""

    low: float
    high: float
    step: float = 0.0
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Choice:
    """The words that a setting may be, the first of them the mildest; the companion shows them in this order."""

    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NoSettings:
    """The settings of a scene that has none."""


@dataclass(frozen=True, slots=True)
class Comfort:
    """What suits this patient's eyes and body; constant between two *Place view*s and settings."""

    posture: Literal["upright", "reclined", "lying"] = "upright"
    hand: Literal["left", "right"] = "right"  # the side that things to use are offered on
    large_text: bool = False
    raised: float = 0.0  # radians by which words and things to look at stand above the level line of sight


@dataclass(frozen=True, slots=True)
class Frame:
    """One moment, constant for the whole frame. All times are in seconds.

    While the session is quiet `dt` is 0 and `scene_time` stands still, so that guide and pacing cease;
    `time` runs on, for a frozen world alarms.
    """

    index: int
    time: float  # session time at which this frame reaches the eyes
    scene_time: float  # guided time since this scene began
    dt: float  # guided time since the last frame; 0 while quiet, at most 0.1 after a stall
    quiet: bool
    inputs: Inputs
    settings: Any  # an instance of the scene's Settings class
    comfort: Comfort = Comfort()
    detail: int = 2  # 2: all there is, 1: less, 0: least; what a machine can draw in time
    veil: float = 0.0  # 0..1, how far what the patient makes is hidden in soft mist; at 1 nothing of it is seen


@dataclass(frozen=True, slots=True)
class SceneInfo:
    """What the catalogue, the plan checker and the companion know of a scene without running it."""

    id: str
    title: str
    summary: str
    kind: Literal["home", "centering", "meditative", "creative"]
    minutes: tuple[float, float] | None = None  # shortest and longest useful stay; None: as long as one likes
    flags: frozenset[str] = frozenset()  # what a comfort profile may exclude: water, dark, breath, body, ...
    golden_times: tuple[float, ...] = (0.0,)  # scene times at which its golden images are taken
    anchor: Anchor | None = None  # what it offers attention, where a plan may switch to it


class Light(NamedTuple):
    """The light a place stands in, the same for all that is drawn in a frame; shaders/include/surface.glsl reads it.

    Colours are linear radiance, those of beams irradiance / pi on a surface that faces them. The defaults are the calm
    room's day's end; scenes/valley/daylight.py makes others.
    """

    to_key: Vec4 = (-0.50379, 0.20791, -0.83844, 1.0)  # unit direction to sun or moon; 1 sun, 0 moon
    key: Vec4 = (1.9, 1.28, 0.74, 1.0)  # of its beam; share of its disc and glow that is seen, 0..1
    zenith: Vec4 = (0.20, 0.30, 0.52, 0.0)  # of the clear sky straight up; stars, 0..1
    middle: Vec4 = (0.68, 0.68, 0.74, 0.0)  # of the sky some 10 degrees up; how far the aurora is seen, 0..1
    low: Vec4 = (0.82, 0.62, 0.52, 0.0)  # of the horizon away from the key; thin high clouds, 0..1
    glow: Vec4 = (1.45, 0.88, 0.48, 0.0)  # of the horizon below the key; low banks over it, 0..1
    haze: Vec4 = (0.33, 0.37, 0.47, 800.0)  # that far things take on away from the key; metres to 63 % of it
    haze_key: Vec4 = (1.0, 0.60, 0.34, 0.13)  # the same below the key; how thick mist lies over the water, 0..1
    skylight: Vec4 = (0.34, 0.36, 0.40, 0.0)  # from the whole sky on level ground; free
    ground: Vec4 = (0.10, 0.085, 0.06, 0.0)  # from the ground on what faces down; free
    clouds: Vec4 = (0.45, 0.004, 0.0, 0.5)  # cover 0..1; drift in sky units a second (x, z); their shade 0..1
    wind: Vec4 = (0.8, 0.6, 0.5, 0.0)  # unit direction it blows to (x, z); strength 0..1; rain, 0..1


class Mesh(Protocol):
    """Opaque handle of vertices on the GPU."""


class Material(Protocol):
    """Opaque handle of a surface shader and its fixed state."""


class Image(Protocol):
    """Opaque handle of a texture."""


class Field(Image, Protocol):
    """Opaque handle of a texture that a shader paints, a share in every frame."""


class Buffer(Protocol):
    """Rows that place copies of a mesh."""

    def write(self, first: int, rows: npt.NDArray[np.float32]) -> None:
        """Replace rows from `first` on; the only upload a scene may ask for in a frame. ValueError beyond its end."""


class Kernel(Buffer, Protocol):
    """Rows that a shader makes anew from those of another buffer; `write` replaces those."""


class Strokes(Protocol):
    """Tubes drawn in the air, point by point; each may be hidden, shown and forgotten by its number."""

    def begin(self, colour: Vec4, *, turns: int = 1, mirror: bool = False) -> int | None:
        """A new stroke's number: linear colour 0..1 and one value free for the shader. None: there is no room for one.

        It is seen `turns` times (1 to STROKE_TURNS) about +y, and with `mirror` each of them across x = 0 as well.
        """

    def append(self, position: Vec3, radius: float) -> bool:
        """The stroke goes on to here, in metres. False when it cannot."""

    def end(self) -> None:
        """The stroke is whole."""

    def show(self, stroke: int, seen: bool) -> None:
        """Whether it is seen; one that is hidden keeps its room."""

    def forget(self, stroke: int) -> None:
        """It is gone, and its room is free for others."""

    def clear(self) -> None:
        """Forget all."""


STROKE_TURNS = 24  # copies of a stroke about its middle, at most


class Label(Protocol):
    """Opaque handle of words laid out on a plate; `size` is its width and height in metres."""

    @property
    def size(self) -> tuple[float, float]: ...


class Slot(Label, Protocol):
    """A label of the patient's own words."""

    @property
    def words(self) -> str:
        """As they stand there; "" while there are none."""

    def recall(self, words: str) -> None:
        """For `enter`: words of an earlier visit, until others are given; those that were given stay."""


Made = TypeVar("Made")


class Kit(Protocol):
    """Makes what a scene draws with. Used in `build` only, never in a frame."""

    def mesh(self, arrays: Arrays, each: Buffer | None = None) -> Mesh:
        """Upload a triangle mesh; with `each`, one that is drawn once for each row of a buffer.

        `position` (n, 3) is required; `normal` (n, 3), `uv` (n, 2), `colour` (n, 4), `light` (n, 4) and `kind` (n, 1)
        default to 0, 0, white, white and 0. `index` (m,) names corners, three a triangle, counter-clockwise from
        outside. Things of several surfaces in one mesh and material (`kind` says which) cost one draw. `horizon`
        (n, 16) uint8, for materials with `#pragma horizon`, says how high land and things stand about a corner in 16
        directions from -z clockwise as seen from above: 255 * sqrt(elevation / 90 degrees).
        Raises ValueError for a wrong shape or an index out of range.
        """

    def material(self, name: str, **images: Image) -> Material:
        """The surface in `shaders/<name>.glsl`; `images` fill its samplers by name."""

    def buffer(self, rows: npt.NDArray[np.float32], horizon: npt.NDArray[np.uint8] | None = None) -> Buffer:
        """Rows (n, 16) that place copies: position and turn about +y in metres and radians; scale along x, y and z and
        one value free for the shader; colour and a factor of the light; four values free for the shader.

        `horizon` (n, 16) as in `mesh`, one a copy.
        """

    def field(
        self, name: str, size: tuple[int, int], *, shares: int = 4, seconds: float = 0.0, **images: Image
    ) -> Field:
        """An RGBA float texture (width, height) with mipmaps that `shaders/<name>.glsl` (`#pragma field`) paints.

        The first `Pass.march` paints all of it, each later one at most one of its `shares` bands, all of them within
        `seconds` or as soon as frames allow. It repeats along u.
        """

    def kernel(self, name: str, homes: Buffer, **images: Image) -> Kernel:
        """A buffer whose rows `Row each(Row home, uint index)` of `shaders/<name>.glsl` (`#pragma kernel`) makes from
        those of `homes` whenever `Pass.run` says so; none is seen before. What it gives follows from home, time, light
        and parameters alone: no frame depends on those before it.
        """

    def strokes(self, points: int, most: int = 512) -> Strokes:
        """Room for so many points in at most so many strokes, each of their copies counted."""

    def image(self, pixels: npt.NDArray[Any], *, colour: bool = False, repeat: bool = False) -> Image:
        """Upload (h, w, 1..4) uint8 or float pixels with mipmaps; `colour` marks sRGB-encoded uint8."""

    def text(self, words: str, *, height: float = 0.03, width: float = 1.0) -> Label:
        """Words centred on a soft plate: capitals `height` metres high, wrapped at `width` metres.

        English ones; a session in another language shows what `assets/words/scenes.<code>.toml` has for them.
        Raises ValueError for a character that the typeface lacks.
        """

    def slot(self, name: str, *, height: float = 0.03, width: float = 1.0) -> Slot:
        """The patient's own words in slot `name` as they are at the moment; while there are none it draws nothing."""

    def bake(self, make: Callable[[], Arrays]) -> Arrays:
        """`make()`'s arrays, run once after a change of any scene's source and kept.

        `make` is a module-level function, or a functools.partial of one; deterministic, numpy only.
        """

    def share(self, make: Callable[[Kit], Made]) -> Made:
        """`make(kit)`, made once for all scenes of a plan that ask. A class or function; none changes what it made."""


class Pass(Protocol):
    """Records one frame's drawing once; the renderer replays it for each eye."""

    def draw(
        self,
        mesh: Mesh,
        material: Material,
        at: Pose | None = None,
        copies: int | None = None,
        **params: float | Sequence[float],
    ) -> None:
        """Draw `mesh`, or so many `copies` of one with rows (the first ones; all by default).

        `params` are members of the material's `Draw` block. Unknown names raise KeyError.
        """

    def light(self, light: Light) -> None:
        """The light of this frame, for all that is drawn in it."""

    def march(self, field: Field, **params: float | Sequence[float]) -> None:
        """Paint the next share of a field before anything is drawn; `params` as in `draw`."""

    def run(self, kernel: Kernel, **params: float | Sequence[float]) -> None:
        """Make a kernel's rows for this frame before anything is drawn; `params` as in `draw`."""

    def strokes(
        self, strokes: Strokes, material: Material, at: Pose | None = None, **params: float | Sequence[float]
    ) -> None:
        """Draw all strokes that are seen with a material of `#pragma strokes`; `strokes` is one with soft light."""

    def text(self, label: Label, at: Pose, opacity: float = 1.0) -> None:
        """Draw a label centred at `at`, facing its +z."""


class Haptics(Protocol):
    def pulse(self, hand: Literal["left", "right"], gain: float, seconds: float) -> None:
        """Vibrate a controller softly; `gain` in 0..1. Without one, nothing happens."""


class Voice(NamedTuple):
    """What a microphone hears of a voice."""

    time: int  # ns of the session's host clock
    pitch: float  # Hz, 60 to 500; 0: none
    loudness: float  # LUFS of a tenth of a second
    confidence: float  # 0 to 1; from 0.5 on it is a voice


class AudioEngine(Protocol):
    """What is heard. Nothing here blocks, raises or answers; a cue that is not there stays silent.

    What a scene began ends when it is left, and comes back by itself where the sound was lost.
    """

    def play(
        self, cue: str, *, delay: float = 0.0, position: Vec3 | None = None, gain_db: float = 0.0, fade: float = 0.0,
        once: bool = False, seed: int = 0,
    ) -> int:  # fmt: skip
        """A cue of `audio/cues/`, in `delay` seconds, at a place in the world or around; its voice, for later.

        `once`: it ends by itself.
        """

    def shape(self, voice: int, *, gain_db: float, over: float) -> None:
        """Another gain, in so many seconds."""

    def turn(self, voice: int, name: str, value: float, *, over: float = 0.5) -> None:
        """A parameter of its cue to another value, in so many seconds."""

    def move(self, voice: int, position: Vec3) -> None:
        """Put it elsewhere."""

    def stop(self, voice: int, *, fade: float = 1.0) -> None:
        """Fade it out in so many seconds."""

    def gesture(self) -> None:
        """The patient's hand did something just now: its sound may be a little louder."""

    def breathe(self, phase: float, depth: float) -> None:
        """The breath that leads the sea in this frame, both 0..1: in until phase 0.4, out until 1."""

    def enter(self, room: str) -> None:
        """Be in one of the rooms of `audio/reverb.py`: "calm room", "shore", "valley", "hall", "none"."""

    def listen(self, on: bool) -> None:
        """Whether the patient's microphone, where one was chosen, is open for `voice`."""

    def voice(self) -> Voice | None:
        """What it hears, newest; None while it is not open."""

    def record(self, purpose: Literal["memo", ""]) -> None:
        """Record the patient's voice ("memo"), sealed; "" ends it."""


MEMORY_BYTES = 2048  # of one thing that is remembered


class Memory(Protocol):
    """What a scene remembers of a patient from visit to visit, or without one for a session. Nothing blocks."""

    def get(self, key: str, scene: str = "") -> bytes | None:
        """The newest under `key`, of this scene or of another one; None: there is nothing."""

    def put(self, key: str, value: bytes) -> None:
        """Keep it, in place of what was there. Raises ValueError for more than MEMORY_BYTES."""


class Stroke(NamedTuple):
    """One stroke of a work, in the work's own frame: metres, right-handed, +y up."""

    brush: str  # its name; one that is not known is shown as the plainest there is
    colour: Vec4  # linear 0..1 and one value of the brush's own
    points: npt.NDArray[np.float32]  # (n, 4): position and radius
    turns: int = 1  # it is seen so often about the frame's +y, evenly turned
    mirror: bool = False  # and each of them once more, across the frame's plane x = 0


class Work(Protocol):
    """Something a patient makes, kept as it grows: strokes, and things put under a name. Nothing blocks.

    Strokes are numbered from 0 as they were begun; a number is never used twice. What was undone is forgotten when
    the next step is made; every stroke, erasing and clearing is a step, and there are as many as one likes.
    """

    @property
    def id(self) -> str:
        """12 letters and digits; says nothing of whose it is."""

    def shown(self) -> Mapping[int, Stroke]:
        """What is seen now, in the order it was drawn. Makes arrays anew: for opening, not for a frame."""

    def stroke(self, number: int) -> Stroke:
        """One of them, seen or not. Makes an array anew."""

    def begin(self, brush: str, colour: Vec4, *, turns: int = 1, mirror: bool = False) -> int | None:
        """A new stroke's number. None: the work is full (WORK_POINTS)."""

    def append(self, position: Vec3, radius: float) -> bool:
        """The stroke goes on to here. False, and nothing changes, when none is begun or a value is not finite."""

    def end(self) -> None:
        """The stroke is whole; one without a point leaves no step."""

    def erase(self, strokes: Sequence[int]) -> None:
        """They are seen no more."""

    def clear(self) -> None:
        """None is seen any more."""

    def undo(self) -> Mapping[int, bool] | None:
        """One step back: which strokes are now seen, or not. None: there is none."""

    def redo(self) -> Mapping[int, bool] | None:
        """One step on again."""

    def put(self, name: str, value: bytes) -> None:
        """A thing of the work beside its strokes: shapes, words, symmetry; in place of what had this name."""

    def get(self, name: str) -> bytes | None:
        """The newest under this name."""

    def finish(self) -> None:
        """It hangs in the patient's gallery from now on; it may still be opened and changed."""


WORK_POINTS = 200_000  # of one work, at most


class Works(Protocol):
    """What this patient has made, in all scenes. Nothing blocks."""

    def open(self) -> Work:
        """The one of this scene that was worked on last and is not finished; else a new one."""

    def new(self) -> Work:
        """Another one; those before it stay."""

    def finished(self) -> Sequence[tuple[str, Work]]:
        """All that hang in the gallery, oldest first, each with the scene it was made in."""


@dataclass(frozen=True, slots=True)
class Stage:
    """What a scene may reach while it plays."""

    haptics: Haptics
    sound: AudioEngine
    memory: Memory
    works: Works
    note: Any = field(repr=False)  # note(text): one line in the session's event list, no patient data
    finish: Any = field(repr=False)  # finish(): this scene has nothing more to give; the plan moves on


class Scene:
    """Base class with harmless defaults. One scene is one file in `scenes/` that defines one subclass."""

    info: ClassVar[SceneInfo]
    Settings: ClassVar[type] = NoSettings

    def build(self, kit: Kit) -> None:
        """Make meshes, materials and labels. May take seconds; never called in a frame."""

    def enter(self, stage: Stage) -> None:
        """The patient arrives."""

    def update(self, frame: Frame) -> None:
        """Change state; draw nothing."""

    def draw(self, frame: Frame, out: Pass) -> None:
        """Record the picture; change nothing. Called once for both eyes."""

    def leave(self) -> None:
        """The patient is gone."""
