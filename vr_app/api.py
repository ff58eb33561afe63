"""Values and base classes; the only application module that a scene imports.

Units everywhere: metres, radians, seconds, linear Rec. 709 radiance. The world is right-handed with +y up,
-z ahead of the seated patient and its origin on the floor under the chair. Quaternions are (x, y, z, w).
What is made anew in every frame is a NamedTuple: as frozen as a dataclass at half the cost.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from math import cos, sin
from typing import Any, ClassVar, Literal, NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

Vec3 = tuple[float, float, float]
Quat = tuple[float, float, float, float]
Arrays = Mapping[str, npt.NDArray[Any]]


class Pose(NamedTuple):
    """A position in metres and a unit quaternion (x, y, z, w)."""

    position: Vec3 = (0.0, 0.0, 0.0)
    orientation: Quat = (0.0, 0.0, 0.0, 1.0)

    @staticmethod
    def facing(position: Vec3, yaw: float) -> Pose:
        """At `position`, turned `yaw` radians counter-clockwise (to the left) about +y."""
        return Pose(position, (0.0, sin(yaw / 2), 0.0, cos(yaw / 2)))


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


class Inputs(NamedTuple):
    """What the patient's body does, constant for a whole frame. A hand that is not tracked is None."""

    head: Pose = Pose((0.0, 1.2, 0.0))
    head_tracked: bool = True
    left: Hand | None = None
    right: Hand | None = None


@dataclass(frozen=True, slots=True)
class Range:
    """The closed interval a setting may take, and the step of its control in the companion."""

    low: float
    high: float
    step: float = 0.0
    unit: str = ""


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


class Mesh(Protocol):
    """Opaque handle of vertices on the GPU."""


class Material(Protocol):
    """Opaque handle of a surface shader and its fixed state."""


class Image(Protocol):
    """Opaque handle of a texture."""


class Label(Protocol):
    """Opaque handle of words laid out on a plate; `size` is its width and height in metres."""

    @property
    def size(self) -> tuple[float, float]: ...


class Kit(Protocol):
    """Makes what a scene draws with. Used in `build` only, never in a frame."""

    def mesh(self, arrays: Arrays) -> Mesh:
        """Upload a triangle mesh.

        `position` (n, 3) is required; `normal` (n, 3), `uv` (n, 2), `colour` (n, 4), `light` (n, 4) and `kind` (n, 1)
        default to 0, 0, white, white and 0. `index` (m,) names corners, three a triangle, counter-clockwise from
        outside. Things of several surfaces in one mesh and material (`kind` says which) cost one draw.
        Raises ValueError for a wrong shape or an index out of range.
        """

    def material(self, name: str, **images: Image) -> Material:
        """The surface in `shaders/<name>.glsl`; `images` fill its samplers by name."""

    def image(self, pixels: npt.NDArray[Any], *, colour: bool = False, repeat: bool = False) -> Image:
        """Upload (h, w, 1..4) uint8 or float pixels with mipmaps; `colour` marks sRGB-encoded uint8."""

    def text(self, words: str, *, height: float = 0.03, width: float = 1.0) -> Label:
        """Words centred on a soft plate: capitals `height` metres high, wrapped at `width` metres.

        Raises ValueError for a character that the typeface lacks.
        """

    def slot(self, name: str, *, height: float = 0.03, width: float = 1.0) -> Label:
        """The patient's own words in slot `name` as they are at the moment; while there are none it draws nothing."""

    def bake(self, make: Callable[[], Arrays]) -> Arrays:
        """`make()`'s arrays, run once after a change of any scene's source and kept.

        `make` is a module-level function, or a functools.partial of one; deterministic, numpy only.
        """


class Pass(Protocol):
    """Records one frame's drawing once; the renderer replays it for each eye."""

    def draw(self, mesh: Mesh, material: Material, at: Pose | None = None, **params: float | Sequence[float]) -> None:
        """Draw `mesh`; `params` are members of the material's `Draw` block. Unknown names raise KeyError."""

    def text(self, label: Label, at: Pose, opacity: float = 1.0) -> None:
        """Draw a label centred at `at`, facing its +z."""


class Haptics(Protocol):
    def pulse(self, hand: Literal["left", "right"], gain: float, seconds: float) -> None:
        """Vibrate a controller softly; `gain` in 0..1. Without one, nothing happens."""


@dataclass(frozen=True, slots=True)
class Stage:
    """What a scene may reach while it plays."""

    haptics: Haptics
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
