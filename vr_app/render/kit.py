"""What a scene builds with: meshes, materials, images and labels on the GPU.

In a frame only new words are written, once each, into buffers that stand ready (GpuBoard.show, GpuKit.fill).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
from OpenGL import GL

from vr_app import api
from vr_app.baked import baked
from vr_app.render.programs import Program, ShaderError, compile_program
from vr_app.render.strokes import GpuStrokes
from vr_app.render.targets import image_framebuffer
from vr_app.render.text import COLUMNS, Sheet, Typeface, composed, corners_of
from vr_app.render.uploads import Texels, Uploads
from vr_app.render.vertices import buffer_of, bytes_from, created, floats_from, static_buffer

# name -> (attribute location, components)
ATTRIBUTES = {
    "position": (0, 3),
    "normal": (1, 3),
    "uv": (2, 2),
    "colour": (3, 4),
    "light": (4, 4),
    "kind": (5, 1),
}
HORIZON, HORIZON_ANGLES = 6, 16  # first of four attribute locations; angles of a corner or of a copy
ROW, ROW_FLOATS = 10, 16  # the same of a copy's row
WHITE = ("colour", "light")  # what these are where a mesh has none; the others are 0
MAX_ANISOTROPY = 0x84FE
SLOTS = 32  # names of words that scenes may show
SLOT_CHARACTERS = 140  # of the patient's own words, at most
SLOT_LINES = 6
ANISOTROPY = 8.0  # samples at most along a pixel's footprint; 1 where a processor draws: Mesa 22 takes minutes for it


@dataclass(frozen=True, slots=True)
class GpuMesh:
    """A vertex array object and how many corners it has."""

    vertex_array: int
    count: int
    copies: int = 0  # rows that place it, where it has some


@dataclass(slots=True)
class GpuImage:
    texture: int


@dataclass(slots=True)
class GpuField(GpuImage):
    """A texture and the program that paints it, `shares` bands one after the other, `rest` seconds apart."""

    framebuffer: int
    size: tuple[int, int]
    shares: int
    rest: float
    material: GpuMaterial
    turn: int = -1  # the band that comes next; none was painted yet
    painted: float = 0.0  # when the last one was, session seconds


@dataclass(frozen=True, slots=True)
class GpuBuffer:
    """Rows of copies; `horizon` is 0 where they have none."""

    name: int
    rows: int
    horizon: int
    _uploads: Uploads

    def write(self, first: int, rows: npt.NDArray[np.float32]) -> None:
        data = np.ascontiguousarray(rows, np.float32)
        if data.ndim != 2 or data.shape[1] != ROW_FLOATS or not 0 <= first <= first + len(data) <= self.rows:
            raise ValueError(f"buffer: {data.shape} rows from {first} on do not fit into {self.rows}")
        self._uploads.rewrite(self.name, first * ROW_FLOATS * 4, data)


@dataclass(frozen=True, slots=True)
class GpuKernel(GpuBuffer):
    """Rows that a program makes from those of `homes`."""

    homes: GpuBuffer
    material: GpuMaterial

    def write(self, first: int, rows: npt.NDArray[np.float32]) -> None:
        self.homes.write(first, rows)


@dataclass(slots=True)
class GpuMaterial:
    """A program with its textures, as (unit, texture) pairs of those that it reads."""

    program: Program
    images: dict[str, int]  # sampler -> texture
    textures: tuple[tuple[int, int], ...] = ()

    def bind(self) -> None:
        """Raises ShaderError when the program takes other images."""
        program, images = self.program, self.images
        check_images(program, images)
        self.textures = tuple((program.samplers[name], images[name]) for name in images if name in program.samplers)


def check_images(program: Program, images: Mapping[str, int]) -> None:
    """Raises ShaderError when a program takes others than these."""
    if not set(program.samplers) <= set(images) <= program.declared:
        taken = sorted(program.declared)
        raise ShaderError(f"{program.name}.glsl takes images {taken}, the scene gave {sorted(images)}")


@dataclass(frozen=True, slots=True)
class GpuLabel:
    """Words on a plate."""

    mesh: GpuMesh
    size: tuple[float, float]


@dataclass(slots=True)
class GpuBoard:
    """Room on the GPU for a sheet of at most `quads`, written anew whenever other words are to be shown."""

    mesh: GpuMesh  # its `count` follows what is shown
    material: GpuMaterial
    quads: int
    _buffer: int
    typeface: Typeface

    def sheet(self) -> Sheet:
        """An empty one, to be filled and shown."""
        return Sheet(self.typeface)

    def show(self, sheet: Sheet) -> None:
        """Upload. Raises ValueError for more quads than there is room for."""
        if len(sheet) > self.quads:
            raise ValueError(f"{len(sheet)} letters and marks, there is room for {self.quads}; shorten the words")
        if len(sheet):
            vertices = sheet.vertices()
            GL.glNamedBufferSubData(self._buffer, 0, vertices.nbytes, vertices)
        self.mesh = GpuMesh(self.mesh.vertex_array, 6 * len(sheet))


@dataclass(slots=True)
class GpuSlot:
    """A label whose words change while it stands in scenes."""

    board: GpuBoard
    height: float
    width: float
    size: tuple[float, float] = (0.0, 0.0)
    words: str = ""
    recalled: str = ""

    @property
    def mesh(self) -> GpuMesh:
        return self.board.mesh

    def laid_out(self, words: str) -> tuple[Sheet, tuple[float, float]]:
        """Raises ValueError when the words cannot stand here."""
        if not words:
            return self.board.sheet(), (0.0, 0.0)
        return self.board.typeface.lay_out(words, self.height, self.width, lines=SLOT_LINES)

    def recall(self, words: str) -> None:
        if self.words == self.recalled:
            with suppress(ValueError):  # of a release that had more room
                _show(self, words, self.laid_out(words))
                self.recalled = words


@dataclass(slots=True)
class GpuKit:
    """The Kit of `vr_app.api` on OpenGL 4.5. Handles live as long as the context."""

    single_pass: bool
    uploads: Uploads
    detail: int | None = None  # all that is ever shown: programs hold no other, and textures one level at a time
    labels: Mapping[str, str] = field(default_factory=dict)  # words of another language, by the English ones
    materials: list[GpuMaterial] = field(default_factory=list)
    fields: list[GpuField] = field(default_factory=list)
    _programs: dict[str, Program] = field(default_factory=dict)
    _slots: dict[str, list[GpuSlot]] = field(default_factory=dict)
    _own_words: dict[str, str] = field(default_factory=dict)  # by slot
    _typeface: Typeface | None = None
    _text_material: GpuMaterial | None = None
    _anisotropy: float = ANISOTROPY
    _formats: set[int] = field(default_factory=set)  # of images
    _shared: dict[Callable[..., Any], Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._anisotropy = 1.0 if b"llvmpipe" in GL.glGetString(GL.GL_RENDERER) else ANISOTROPY
        for name in WHITE:
            GL.glVertexAttrib4f(ATTRIBUTES[name][0], 1.0, 1.0, 1.0, 1.0)

    def mesh(self, arrays: api.Arrays, each: api.Buffer | None = None) -> GpuMesh:
        columns = _vertex_columns(arrays)
        index = np.ascontiguousarray(arrays["index"], np.uint32).reshape(-1)
        rows = len(columns["position"])
        if len(index) % 3 or (len(index) and int(index.max()) >= rows):
            raise ValueError(f"mesh: 'index' must name corners below {rows}, three a triangle")
        store = self.uploads.buffer
        vertex_array = created(GL.glCreateVertexArrays)
        GL.glVertexArrayElementBuffer(vertex_array, store(index))
        for name, column in columns.items():
            floats_from(vertex_array, ATTRIBUTES[name][0], store(column), column.shape[1])
        if "horizon" in arrays:
            angles = _horizon(arrays["horizon"], rows)
            _horizon_from(vertex_array, store(angles), 0)
        if each is None:
            return GpuMesh(vertex_array, len(index))
        assert isinstance(each, GpuBuffer)
        step = 2 if self.single_pass else 1  # instances that read the same row
        for part in range(ROW_FLOATS // 4):
            floats_from(vertex_array, ROW + part, each.name, 4, stride=ROW_FLOATS * 4, offset=part * 16, step=step)
        if each.horizon:
            _horizon_from(vertex_array, each.horizon, step)
        return GpuMesh(vertex_array, len(index), each.rows)

    def buffer(self, rows: npt.NDArray[np.float32], horizon: npt.NDArray[np.uint8] | None = None) -> GpuBuffer:
        data = np.ascontiguousarray(rows, np.float32)
        if data.ndim != 2 or data.shape[1] != ROW_FLOATS or not len(data):
            raise ValueError(f"buffer: rows must have shape (n, {ROW_FLOATS}), not {data.shape}")
        angles = 0 if horizon is None else self.uploads.buffer(_horizon(horizon, len(data)))
        return GpuBuffer(self.uploads.buffer(data), len(data), angles, self.uploads)

    def kernel(self, name: str, homes: api.Buffer, **images: api.Image) -> GpuKernel:
        assert isinstance(homes, GpuBuffer)
        material = self._filled(name, "kernel", images)
        moved = buffer_of(homes.rows * ROW_FLOATS * 4)
        GL.glClearNamedBufferData(moved, GL.GL_R32F, GL.GL_RED, GL.GL_FLOAT, None)  # nothing is seen before it runs
        return GpuKernel(moved, homes.rows, homes.horizon, self.uploads, homes, material)

    def strokes(self, points: int, most: int = 512) -> GpuStrokes:
        return GpuStrokes(points, most, 2 if self.single_pass else 1)

    def field(
        self, name: str, size: tuple[int, int], *, shares: int = 4, seconds: float = 0.0, **images: api.Image
    ) -> GpuField:
        material = self._filled(name, "field", images)
        texture = created(GL.glCreateTextures, GL.GL_TEXTURE_2D)
        GL.glTextureStorage2D(texture, max(size).bit_length(), GL.GL_RGBA16F, *size)
        self._filter(texture, GL.GL_REPEAT, GL.GL_CLAMP_TO_EDGE, self._anisotropy)
        made = GpuField(texture, image_framebuffer(texture), size, shares, seconds / shares, material)
        self.fields.append(made)
        return made

    def material(self, name: str, **images: api.Image) -> GpuMaterial:
        return self._filled(name, "", images)

    def _filled(self, name: str, use: Literal["", "field", "kernel"], images: Mapping[str, api.Image]) -> GpuMaterial:
        """A program of this use with its images. Raises ShaderError."""
        program = self._programs.get(name)
        if program is None:
            program = self._programs[name] = self.compiled(name)
        own = next((hook for hook in ("field", "kernel") if hook in program.hooks), "")
        if own != use:
            raise ShaderError(f"{name}.glsl is for a {own or 'material'}, not for a {use or 'material'}")
        material = GpuMaterial(program, {key: _texture(image) for key, image in images.items()})
        material.bind()
        self.materials.append(material)
        return material

    def compiled(self, name: str) -> Program:
        """The program of `shaders/<name>.glsl` as its file is now. Raises ShaderError."""
        return compile_program(name, single_pass=self.single_pass, detail=self.detail)

    @property
    def programs(self) -> Collection[Program]:
        return self._programs.values()

    def image(
        self, pixels: npt.NDArray[Any], *, colour: bool = False, repeat: bool = False, anisotropy: float | None = None
    ) -> GpuImage:
        if pixels.ndim not in (2, 3) or 0 in pixels.shape:
            raise ValueError(f"image: pixels must be (h, w) or (h, w, 1..4) and not empty, not {pixels.shape}")
        pixels = pixels.reshape(*pixels.shape[:2], -1)
        height, width, channels = pixels.shape
        if channels > 4:
            raise ValueError(f"image: at most 4 channels, not {channels}")
        inner, kind, data = _texture_format(pixels, colour)
        layout = (GL.GL_RED, GL.GL_RG, GL.GL_RGB, GL.GL_RGBA)[channels - 1]
        texture = created(GL.glCreateTextures, GL.GL_TEXTURE_2D)
        levels = max(width, height).bit_length()
        GL.glTextureStorage2D(texture, levels, inner, width, height)
        self._make_ready(inner, int(layout), int(kind), data)
        self.uploads.pixels(Texels(texture, levels, int(layout), int(kind)), data)
        wrap = GL.GL_REPEAT if repeat else GL.GL_CLAMP_TO_EDGE
        self._filter(texture, wrap, wrap, anisotropy or self._anisotropy)
        return GpuImage(texture)

    def _filter(self, texture: int, across: int, along: int, anisotropy: float) -> None:
        """Between two levels, but for a processor that draws the least: one level is a quarter of its frame less."""
        for parameter, value in (
            (GL.GL_TEXTURE_WRAP_S, across),
            (GL.GL_TEXTURE_WRAP_T, along),
            (GL.GL_TEXTURE_MIN_FILTER, GL.GL_LINEAR_MIPMAP_NEAREST if self.detail == 0 else GL.GL_LINEAR_MIPMAP_LINEAR),
            (GL.GL_TEXTURE_MAG_FILTER, GL.GL_LINEAR),
        ):
            GL.glTextureParameteri(texture, parameter, value)
        GL.glTextureParameterf(texture, MAX_ANISOTROPY, anisotropy)

    def _make_ready(self, inner: int, layout: int, kind: int, like: npt.NDArray[Any]) -> None:
        """Drivers compile what makes smaller levels at its first use, a tenth of a second for each format."""
        if inner not in self._formats:
            self._formats.add(inner)
            texture = created(GL.glCreateTextures, GL.GL_TEXTURE_2D)
            GL.glTextureStorage2D(texture, 3, inner, 4, 4)  # the first level and those after it are two cases
            self.uploads.at_once(Texels(texture, 3, layout, kind), np.zeros((4, 4, like.shape[2]), like.dtype))
            GL.glDeleteTextures([texture])

    def text(self, words: str, *, height: float = 0.03, width: float = 1.0) -> GpuLabel:
        _ = self.text_material  # compiled now, not in the first frame that shows words
        sheet, size = self.typeface.lay_out(self.labels.get(words, words), height, width)
        return GpuLabel(self.mesh(sheet.arrays()), size)

    def board(self, quads: int) -> GpuBoard:
        """Room for words that come later, with plates and rings; see vr_app.panel."""
        buffer = buffer_of(4 * quads * sum(COLUMNS.values()) * 4)
        mesh = _vertex_array(buffer, COLUMNS, corners_of(quads))
        return GpuBoard(GpuMesh(mesh, 0), self.text_material, quads, buffer, self.typeface)

    def slot(self, name: str, *, height: float = 0.03, width: float = 1.0) -> GpuSlot:
        made = GpuSlot(self.board(SLOT_CHARACTERS + 1), height, width)
        self._slots.setdefault(name, []).append(made)
        with suppress(ValueError):  # words that stood elsewhere and are too long for this place
            own = self._own_words.get(name, "")
            _show(made, own, made.laid_out(own))
        return made

    def fill(self, name: str, words: str) -> str | None:
        """Put the patient's words into every label of slot `name`, now and later; none clear it.

        Says in one line why they cannot be shown; then what was there stays.
        """
        own = composed(words)
        if own and name not in self._own_words and len(self._own_words) >= SLOTS:
            return f"{SLOTS} slots hold words already; clear one first"
        if len(own) > SLOT_CHARACTERS:
            return f"these words have {len(own)} characters, there is room for {SLOT_CHARACTERS}; shorten them"
        slots = self._slots.get(name, [])
        try:
            if own:
                self.typeface.block(own, 1.0, 1e3)  # also when no scene shows them yet
            laid_out = [slot.laid_out(own) for slot in slots]
        except ValueError as error:
            return str(error)
        for slot, made in zip(slots, laid_out, strict=True):
            _show(slot, own, made)
        if own:
            self._own_words[name] = own
        else:
            self._own_words.pop(name, None)
        return None

    def bake(self, make: Callable[[], api.Arrays]) -> api.Arrays:
        return baked(make)

    def share(self, make: Callable[[api.Kit], api.Made]) -> api.Made:
        if make not in self._shared:
            self._shared[make] = make(self)
        made: api.Made = self._shared[make]
        return made

    @property
    def typeface(self) -> Typeface:
        if self._typeface is None:
            self._typeface = Typeface.load()
        return self._typeface

    @property
    def text_material(self) -> GpuMaterial:
        """The one material of all words."""
        if self._text_material is None:
            # The shader chooses its level itself; Mesa 22 would filter across the pixel's footprint all the same.
            self._text_material = self.material("text", atlas=self.image(self.typeface.atlas, anisotropy=1.0))
        return self._text_material


def _show(slot: GpuSlot, words: str, made: tuple[Sheet, tuple[float, float]]) -> None:
    sheet, slot.size = made
    slot.board.show(sheet)
    slot.words = words


def _vertex_columns(arrays: api.Arrays) -> dict[str, npt.NDArray[np.float32]]:
    """The mesh's attributes as (n, components) float32. Raises ValueError naming the wrong one."""
    unknown = set(arrays) - set(ATTRIBUTES) - {"index", "horizon"}
    if unknown or "position" not in arrays or "index" not in arrays:
        raise ValueError(f"mesh: 'position' and 'index' are required, {sorted(unknown)} unknown")
    rows = len(arrays["position"])
    columns = {}
    for name, (_, components) in ATTRIBUTES.items():
        if name not in arrays:
            continue
        column = np.ascontiguousarray(arrays[name], np.float32)
        if column.shape != (rows, components):
            raise ValueError(f"mesh: '{name}' must have shape ({rows}, {components}), not {column.shape}")
        columns[name] = column
    return columns


def _texture(image: api.Image) -> int:
    assert isinstance(image, GpuImage)
    return image.texture


def _texture_format(pixels: npt.NDArray[Any], colour: bool) -> tuple[int, int, npt.NDArray[Any]]:
    """Inner format, component type and contiguous data for an upload."""
    channels = pixels.shape[2]
    if pixels.dtype == np.uint8:
        plain = (GL.GL_R8, GL.GL_RG8, GL.GL_RGB8, GL.GL_RGBA8)
        encoded = (GL.GL_R8, GL.GL_RG8, GL.GL_SRGB8, GL.GL_SRGB8_ALPHA8)
        return (encoded if colour else plain)[channels - 1], GL.GL_UNSIGNED_BYTE, np.ascontiguousarray(pixels)
    inner = (GL.GL_R16F, GL.GL_RG16F, GL.GL_RGB16F, GL.GL_RGBA16F)[channels - 1]
    if pixels.dtype == np.float16:
        return inner, GL.GL_HALF_FLOAT, np.ascontiguousarray(pixels)
    return inner, GL.GL_FLOAT, np.ascontiguousarray(pixels, np.float32)


def _horizon(angles: npt.NDArray[np.uint8], rows: int) -> npt.NDArray[np.uint8]:
    if angles.shape != (rows, HORIZON_ANGLES) or angles.dtype != np.uint8:
        given = f"{angles.dtype} {angles.shape}"
        raise ValueError(f"'horizon' must be uint8 of shape ({rows}, {HORIZON_ANGLES}), not {given}")
    return np.ascontiguousarray(angles)


def _horizon_from(vertex_array: int, buffer: int, step: int) -> None:
    """Let the sixteen angles of a corner, or of every `step` instances, be read from a buffer."""
    for part in range(HORIZON_ANGLES // 4):
        bytes_from(vertex_array, HORIZON + part, buffer, stride=HORIZON_ANGLES, offset=part * 4, step=step)


def _vertex_array(buffer: int, columns: Mapping[str, int], index: npt.NDArray[np.uint32]) -> int:
    """A vertex array over float32 rows in `buffer`; `columns` are attributes and their components, in order."""
    vertex_array = created(GL.glCreateVertexArrays)
    GL.glVertexArrayVertexBuffer(vertex_array, 0, buffer, 0, sum(columns.values()) * 4)
    GL.glVertexArrayElementBuffer(vertex_array, static_buffer(index))
    offset = 0
    for name, components in columns.items():
        location = ATTRIBUTES[name][0]
        GL.glEnableVertexArrayAttrib(vertex_array, location)
        GL.glVertexArrayAttribFormat(vertex_array, location, components, GL.GL_FLOAT, False, offset)
        GL.glVertexArrayAttribBinding(vertex_array, location, 0)
        offset += components * 4
    return vertex_array
