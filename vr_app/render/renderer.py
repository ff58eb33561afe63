"""Draws one recorded frame for both eyes: in one pass by gl_Layer where the driver can, else in two."""

from __future__ import annotations

import ctypes
import struct
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import tan
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from OpenGL import GL
from pyglm import glm

from vr_app.api import Pose
from vr_app.headset import Fov, Target, View
from vr_app.render.gl import HotCalls, hot_calls
from vr_app.render.gpu_clock import FrameTimer, GpuClock
from vr_app.render.kit import ATTRIBUTES, ROW_FLOATS, GpuField, GpuKit, GpuMesh
from vr_app.render.programs import Blend, compile_program
from vr_app.render.recording import FRAME_BYTES, LIGHT_BYTES, VIEW_BYTES, Drawing, Recording
from vr_app.render.strokes import COMMAND_BYTES
from vr_app.render.targets import EyeTargets, make_images
from vr_app.render.uploads import Uploads

NEAR = 0.05  # metres; the far plane is at infinity, depth is reversed: 1 at NEAR, 0 at infinity
MIST_COLOUR = (0.340, 0.276, 0.206)  # linear display light, near the mean of the calm room
KERNEL_GROUP = 64  # rows of one group of a kernel's invocations (shaders/include/compute_main.glsl)
WARMED_AT_ONCE = 8  # materials, and fields
_RING = 3  # frames that the GPU may still be reading
# One triangle that covers every pixel, in clip space.
WHOLE_PICTURE = {"position": np.array([[-1, -1, 0], [3, -1, 0], [-1, 3, 0]]), "index": np.arange(3)}
_SINGLE_PASS = b"GL_ARB_shader_viewport_layer_array"
_view_tail = struct.Struct("8f 8f 4f 4f 4f").pack_into  # eyes, tangents, mist, times, drawn

# Plain integers: PyOpenGL's constants are objects that ctypes converts slowly.
GL_TRIANGLES, GL_UNSIGNED_INT = int(GL.GL_TRIANGLES), int(GL.GL_UNSIGNED_INT)
GL_UNIFORM_BUFFER, GL_FRAMEBUFFER = int(GL.GL_UNIFORM_BUFFER), int(GL.GL_FRAMEBUFFER)
GL_COLOR_AND_DEPTH, GL_ONE = int(GL.GL_COLOR_BUFFER_BIT | GL.GL_DEPTH_BUFFER_BIT), int(GL.GL_ONE)
GL_ONE_MINUS_SRC_ALPHA, GL_BLEND = int(GL.GL_ONE_MINUS_SRC_ALPHA), int(GL.GL_BLEND)
GL_DEPTH_TEST, GL_CULL_FACE = int(GL.GL_DEPTH_TEST), int(GL.GL_CULL_FACE)
GL_SHADER_STORAGE_BUFFER = int(GL.GL_SHADER_STORAGE_BUFFER)
GL_DRAW_INDIRECT_BUFFER = int(GL.GL_DRAW_INDIRECT_BUFFER)
_BARRIERS = int(GL.GL_VERTEX_ATTRIB_ARRAY_BARRIER_BIT | GL.GL_SHADER_STORAGE_BARRIER_BIT)
GL_FRAMEBUFFER_SRGB = int(GL.GL_FRAMEBUFFER_SRGB)
GL_SCISSOR_TEST, GL_SAMPLE_ALPHA_TO_COVERAGE = int(GL.GL_SCISSOR_TEST), int(GL.GL_SAMPLE_ALPHA_TO_COVERAGE)


@dataclass(slots=True)
class Air:
    """What the director says of a whole frame. Seconds; mist and brightness in 0..1."""

    seconds: float = 0.0
    scene_seconds: float = 0.0
    mist: float = 0.0
    exposure: float = 1.0
    brightness: float = 1.0
    detail: int = 2  # as Frame.detail


class Renderer:
    """Owns the GPU side of drawing for one context. With `zero_counts` every draw keeps its calls but no vertices."""

    def __init__(
        self,
        *,
        zero_counts: bool = False,
        single_pass: bool | None = None,
        time_gpu: bool = False,
        detail: int | None = None,
        labels: Mapping[str, str] | None = None,
    ) -> None:
        """`detail`: all that will be shown (see `GpuKit`); else `air.detail` says it for each frame. `labels`: words
        of another language than English, by the English ones."""
        self.gl: HotCalls = hot_calls()
        self.single_pass = _has(_SINGLE_PASS) if single_pass is None else single_pass
        self.kit = GpuKit(self.single_pass, Uploads(self.gl), detail, labels or {})
        self.gpu_clock: FrameTimer | None = GpuClock(self.gl) if time_gpu else None
        self.air = Air()
        self.whole_fields = False  # paint fields at once: photographs do not depend on those before
        self._a_copy = 2 if self.single_pass else 1  # instances of each copy
        alignment = int(GL.glGetIntegerv(GL.GL_UNIFORM_BUFFER_OFFSET_ALIGNMENT))
        self._recording = Recording(self.kit, alignment)
        self._zero_counts = zero_counts
        self._seen: dict[int, int] = {}  # texture of each unit, within a list of draws
        self._targets: EyeTargets | None = None
        self._room = (0, 0)  # pixels of the largest picture of an eye
        self.drawn = (0, 0)  # the same of the last frame's
        self._frame = 0
        self._start = 0  # of this frame's part of the uploads, bytes
        self._uploads = _dynamic_buffer(FRAME_BYTES * _RING)
        self._eyes = _eye_numbers(alignment)
        self._eye_stride = max(alignment, 16)
        self._lenses = [_lens(Fov(-0.7, 0.7, 0.7, -0.7))] * 2
        self._resolve_program = compile_program("resolve", single_pass=False)
        self._mirror_program = compile_program("mirror", single_pass=False)  # now: a viewer may come amid a session
        self._whole = self.kit.mesh(WHOLE_PICTURE)
        self._hidden_program = compile_program("hidden_area", single_pass=self.single_pass)
        self._hidden: GpuMesh | None = None
        GL.glClipControl(GL.GL_LOWER_LEFT, GL.GL_ZERO_TO_ONE)
        GL.glDepthFunc(GL.GL_GREATER)
        GL.glClearDepth(0.0)
        GL.glClearColor(*MIST_COLOUR, 1.0)

    @property
    def path(self) -> str:
        """How both eyes are drawn, for the log."""
        return (
            "single pass, gl_Layer into a 4x multisampled array" if self.single_pass else "two passes, 4x multisampled"
        )

    def set_hidden_area(self, triangles: Sequence[npt.NDArray[np.float32] | None]) -> None:
        """What the lenses hide of each eye (see Headset.hidden_area); not drawn at all."""
        corners = [
            np.column_stack([eye_triangles.reshape(-1, 2), np.full(eye_triangles.size // 2, eye, np.float32)])
            for eye, eye_triangles in enumerate(triangles)
            if eye_triangles is not None and eye_triangles.size
        ]
        if not corners:
            self._hidden = None
            return
        position = np.concatenate(corners)
        self._hidden = self.kit.mesh({"position": position, "index": np.arange(len(position))})

    def warm_up(self, size: tuple[int, int], lives: Callable[[], object] = lambda: None) -> None:
        """Draw a point of nothing with every material and paint empty fields: no driver compiles inside a frame.

        That may take a driver a minute; `lives` is called each time some of it is done.
        """
        nothing = {name: np.zeros((3, parts)) for name, (_, parts) in ATTRIBUTES.items()} | {"index": np.arange(3)}
        mesh, images = self.kit.mesh(nothing), make_images(size)
        drawn = [each for each in self.kit.materials if not {"field", "kernel"} & set(each.program.hooks)]
        empty = [field for field in self.kit.fields if field.turn < 0]
        ahead = View(Pose(), Fov(-0.7, 0.7, 0.7, -0.7))
        for first in range(0, max(len(drawn), len(empty)), WARMED_AT_ONCE):
            recording, some = self.record(), slice(first, first + WARMED_AT_ONCE)
            for material in drawn[some]:
                recording.draw(mesh, material)
            for field in empty[some]:
                recording.march(field)
            self.replay((ahead, ahead), [Target(texture, *size) for texture in images])
            GL.glFinish()
            lives()
        for field in empty:
            field.turn = -1  # painted in a light that is nobody's: still empty
        self.close()  # the eye images are made again; framebuffers on these two images would outlive them
        GL.glDeleteTextures(images)

    def forget_images(self) -> None:
        """The headset has made new images; names of old ones may come again."""
        self.close()

    def record(self) -> Recording:
        """Begin a frame's recording; `air` holds until the replay."""
        self._recording.begin()
        return self._recording

    def replay(self, views: Sequence[View], targets: Sequence[Target]) -> None:
        """Draw what was recorded as these views see it and resolve it into these images; one image takes the first."""
        size = self.drawn = targets[0].width, targets[0].height
        if self._targets is None or size[0] > self._room[0] or size[1] > self._room[1]:
            self._make_room(size)
        if self.gpu_clock:
            self.gpu_clock.start()
        self._start = (self._frame % _RING) * FRAME_BYTES
        self._frame += 1
        self._upload(views, alone=len(targets) == 1)
        self._prepare()
        self._steady_state(*size)
        self._draw_eyes(len(targets))
        self._resolve(targets)
        self.gl.glBindFramebuffer(GL_FRAMEBUFFER, 0)
        if self.gpu_clock:
            self.gpu_clock.stop()

    @property
    def colour(self) -> int:
        """The multisampled picture of both eyes, of which `drawn` pixels are used; 0 before the first replay."""
        return self._targets.colour if self._targets else 0

    def replay_third(self, third: ThirdView) -> None:
        """Draw what was replayed for both eyes once more, as a camera sees it."""
        third.turn = (third.turn + 1) % _RING
        start = third.turn * VIEW_BYTES
        self._write_views(third.memory, (third.view, third.view), third.lenses, alone=True)
        self.gl.glNamedBufferSubData(third.uploads, start, VIEW_BYTES, third.address)
        self._steady_state(*third.targets.size)
        self.gl.glBindBufferRange(GL_UNIFORM_BUFFER, 0, third.uploads, start, VIEW_BYTES)
        self._set_eye(0)
        targets = third.targets
        self._draw_all(targets.layered if self.single_pass else targets.layer(0), 1, hidden=False)

    def shrink(self, colour: int, sizes: int, framebuffer: int, size: tuple[int, int]) -> None:
        """Fill the lower left `size` of a framebuffer from layer 0 of `colour`; the buffer `sizes` says from what."""
        gl = self.gl
        gl.glDisable(GL_DEPTH_TEST)
        gl.glUseProgram(self._mirror_program.handle)
        gl.glBindTextureUnit(self._mirror_program.samplers["picture"], colour)
        gl.glBindBufferRange(GL_UNIFORM_BUFFER, 1, sizes, 0, 16)
        gl.glBindVertexArray(self._whole.vertex_array)
        gl.glBindFramebuffer(GL_FRAMEBUFFER, framebuffer)
        gl.glViewport(0, 0, *size)
        self._triangles(self._whole.count, 1)

    def close(self) -> None:
        """Free the eye images; the rest goes with the context."""
        if self._targets:
            self._targets.close()
            self._targets = None

    def _make_room(self, size: tuple[int, int]) -> None:
        """For the largest pictures so far; smaller ones are drawn into the lower left of the same images."""
        self.close()
        self._room = max(size[0], self._room[0]), max(size[1], self._room[1])
        self._targets = EyeTargets(self._room, layered=self.single_pass)

    def _upload(self, views: Sequence[View], *, alone: bool) -> None:
        """Put the views before the recorded blocks and send all of it at once."""
        recording = self._recording
        recording.finish()
        self._write_views(recording.memory, views, self._lenses, alone=alone)
        self.gl.glNamedBufferSubData(self._uploads, self._start, recording.used, recording.address)

    def _write_views(
        self, memory: bytearray, views: Sequence[View], lenses: list[_Lens], *, alone: bool = False
    ) -> None:
        """The View block; `lenses` are those of the frame before. `alone`: the first view is all there is."""
        air = self.air
        for eye, (pose, fov) in enumerate(views):
            lens = lenses[eye]
            if lens.fov != fov:
                lens = lenses[eye] = _lens(fov)
            memory[eye * 64 : eye * 64 + 64] = (lens.projection * _world_to_eye(pose)).to_bytes()
        _view_tail(
            *(memory, 128, *views[0].pose.position, 1.0, *views[1].pose.position, 1.0),
            *(*lenses[0].tangents, *lenses[1].tangents, *(air.brightness * part for part in MIST_COLOUR), air.mist),
            *(air.seconds, air.scene_seconds, air.exposure, air.brightness, *self.drawn, air.detail, float(alone)),
        )

    def _prepare(self) -> None:
        """Run kernels and paint fields, for what is drawn after."""
        gl, recording = self.gl, self._recording
        due = [march for march in recording.marches if self._is_due(march[0])]
        if not (recording.runs or due):
            return
        gl.glBindBufferRange(GL_UNIFORM_BUFFER, 0, self._uploads, self._start, VIEW_BYTES)
        gl.glBindBufferRange(GL_UNIFORM_BUFFER, 3, self._uploads, self._start + recording.light_at, LIGHT_BYTES)
        if recording.runs:
            self._run()
        if due:
            self._march(due)

    def _run(self) -> None:
        """Make each kernel's rows anew, after draws that still read them and before those to come."""
        gl = self.gl
        gl.glMemoryBarrier(_BARRIERS)
        for kernel, block in self._recording.runs:
            gl.glUseProgram(kernel.material.program.handle)
            gl.glBindBufferRange(GL_UNIFORM_BUFFER, 1, self._uploads, self._start + block[0], block[1])
            gl.glBindBufferRange(GL_SHADER_STORAGE_BUFFER, 0, kernel.homes.name, 0, kernel.rows * ROW_FLOATS * 4)
            gl.glBindBufferRange(GL_SHADER_STORAGE_BUFFER, 1, kernel.name, 0, kernel.rows * ROW_FLOATS * 4)
            for unit, texture in kernel.material.textures:
                gl.glBindTextureUnit(unit, texture)
            gl.glDispatchCompute(0 if self._zero_counts else -(-kernel.rows // KERNEL_GROUP), 1, 1)
        gl.glMemoryBarrier(_BARRIERS)

    def _march(self, due: Sequence[tuple[GpuField, tuple[int, int]]]) -> None:
        """Paint the next share of each field, or all of one that is empty or must be of this very moment."""
        gl = self.gl
        gl.glDisable(GL_DEPTH_TEST)
        gl.glDisable(GL_BLEND)
        gl.glDisable(GL_CULL_FACE)
        gl.glEnable(GL_SCISSOR_TEST)
        gl.glBindVertexArray(self._whole.vertex_array)
        for field, block in due:
            width, height = field.size
            whole = self.whole_fields or field.turn < 0
            first, last = (0, height) if whole else _band(field.turn, field.shares, height)
            field.turn = 0 if whole else (field.turn + 1) % field.shares
            gl.glBindFramebuffer(GL_FRAMEBUFFER, field.framebuffer)
            gl.glViewport(0, 0, width, height)
            gl.glScissor(0, first, width, last - first)
            gl.glUseProgram(field.material.program.handle)
            gl.glBindBufferRange(GL_UNIFORM_BUFFER, 1, self._uploads, self._start + block[0], block[1])
            for unit, texture in field.material.textures:
                gl.glBindTextureUnit(unit, texture)
            self._triangles(self._whole.count, 1)
            if field.turn == 0:
                gl.glGenerateTextureMipmap(field.texture)

    def _is_due(self, field: GpuField) -> bool:
        """It has rested, is empty, or is a new visit's, whose seconds begin anew."""
        since = self.air.seconds - field.painted
        if 0.0 <= since < field.rest and field.turn >= 0 and not self.whole_fields:
            return False
        field.painted = self.air.seconds
        return True

    def _steady_state(self, width: int, height: int) -> None:
        """Set again each frame what a runtime's compositor may have changed in our context."""
        gl = self.gl
        gl.glViewport(0, 0, width, height)
        gl.glDepthMask(1)
        gl.glDisable(GL_BLEND)
        gl.glDisable(GL_SCISSOR_TEST)
        gl.glEnable(GL_DEPTH_TEST)
        gl.glEnable(GL_CULL_FACE)
        gl.glEnable(GL_FRAMEBUFFER_SRGB)

    def _draw_eyes(self, eyes: int) -> None:
        gl, targets = self.gl, self._targets
        assert targets is not None
        gl.glBindBufferRange(GL_UNIFORM_BUFFER, 0, self._uploads, self._start, VIEW_BYTES)
        light_at = self._start + self._recording.light_at
        gl.glBindBufferRange(GL_UNIFORM_BUFFER, 3, self._uploads, light_at, LIGHT_BYTES)
        if self.single_pass:
            self._draw_all(targets.layered, eyes)
            return
        for eye in range(eyes):
            self._set_eye(eye)
            self._draw_all(targets.layer(eye), 1)

    def _set_eye(self, eye: int) -> None:
        self.gl.glBindBufferRange(GL_UNIFORM_BUFFER, 2, self._eyes, eye * self._eye_stride, 16)

    def _draw_all(self, framebuffer: int, instances: int, *, hidden: bool = True) -> None:
        gl = self.gl
        gl.glBindFramebuffer(GL_FRAMEBUFFER, framebuffer)
        gl.glClear(GL_COLOR_AND_DEPTH)
        if hidden and self._hidden is not None:
            gl.glDisable(GL_CULL_FACE)
            gl.glUseProgram(self._hidden_program.handle)
            gl.glBindVertexArray(self._hidden.vertex_array)
            self._triangles(self._hidden.count, instances)
            gl.glEnable(GL_CULL_FACE)
        self._draw_list(self._recording.solid, instances)
        if self._recording.blended:
            gl.glEnable(GL_BLEND)
            gl.glDepthMask(0)
            self._draw_list(self._recording.blended, instances)
            gl.glDepthMask(1)
            gl.glDisable(GL_BLEND)

    def _draw_list(self, drawings: Sequence[Drawing], instances: int) -> None:
        """In recorded order, telling the driver only what changes."""
        gl, start, seen, a_copy = self.gl, self._start, self._seen, self._a_copy
        draw, none = gl.glDrawElementsInstanced, self._zero_counts
        used = bound = blended = None
        culled = True
        seen.clear()
        for program, vertex_array, corners, copies, textures, blend, cull, block in drawings:
            if program != used:
                used = program
                gl.glUseProgram(program)
            for unit, texture in textures:
                if seen.get(unit) != texture:
                    seen[unit] = texture
                    gl.glBindTextureUnit(unit, texture)
            if block != bound:
                bound = block
                gl.glBindBufferRange(GL_UNIFORM_BUFFER, 1, self._uploads, start + block[0], block[1])
            if blend != blended:
                self._blend(blend, blended)
                blended = blend
            if cull != culled:
                culled = cull
                (gl.glEnable if cull else gl.glDisable)(GL_CULL_FACE)
            gl.glBindVertexArray(vertex_array)
            if copies < 0:
                self._by_commands(corners, -copies)
            else:
                draw(GL_TRIANGLES, 0 if none else corners, GL_UNSIGNED_INT, None, copies * a_copy or instances)
        self._blend("none", blended)
        if not culled:
            gl.glEnable(GL_CULL_FACE)

    def _blend(self, to: Blend, before: Blend | None) -> None:
        if before == "coverage":
            self.gl.glDisable(GL_SAMPLE_ALPHA_TO_COVERAGE)
        if to == "coverage":
            self.gl.glEnable(GL_SAMPLE_ALPHA_TO_COVERAGE)
        elif to != "none":
            self.gl.glBlendFunc(GL_ONE, GL_ONE if to == "add" else GL_ONE_MINUS_SRC_ALPHA)

    def _triangles(self, corners: int, instances: int) -> None:
        self.gl.glDrawElementsInstanced(
            GL_TRIANGLES, 0 if self._zero_counts else corners, GL_UNSIGNED_INT, None, instances
        )

    def _by_commands(self, commands: int, buffer: int) -> None:
        """One draw for each command in a buffer (see Drawing)."""
        self.gl.glBindBuffer(GL_DRAW_INDIRECT_BUFFER, buffer)
        commands = 0 if self._zero_counts else commands
        self.gl.glMultiDrawElementsIndirect(GL_TRIANGLES, GL_UNSIGNED_INT, None, commands, COMMAND_BYTES)

    def _resolve(self, targets: Sequence[Target]) -> None:
        """Average the samples of each layer into its eye's image, or of both into one image side by side."""
        gl, made = self.gl, self._targets
        assert made is not None
        width, height = self.drawn
        gl.glDisable(GL_DEPTH_TEST)
        gl.glUseProgram(self._resolve_program.handle)
        gl.glBindTextureUnit(self._resolve_program.samplers["picture"], made.colour)
        gl.glBindVertexArray(self._whole.vertex_array)
        side_by_side = len(targets) == 2 and targets[0].texture == targets[1].texture
        for eye, target in enumerate(targets[:1] if side_by_side else targets):
            gl.glBindFramebuffer(GL_FRAMEBUFFER, made.image(target.texture))
            gl.glViewport(0, 0, 2 * width if side_by_side else width, height)
            self._set_eye(eye)
            self._triangles(self._whole.count, 1)


class ThirdView:
    """A camera beside the patient: its view, and GL objects that live until `close`."""

    def __init__(self, renderer: Renderer, view: View, size: tuple[int, int]) -> None:
        self.view = view
        self.lenses = [_lens(view.fov)] * 2
        self.targets = EyeTargets(size, layered=renderer.single_pass, layers=1)
        self.uploads = _dynamic_buffer(VIEW_BYTES * _RING)
        self.memory = bytearray(VIEW_BYTES)
        self.address = ctypes.addressof(ctypes.c_char.from_buffer(self.memory))
        self.turn = 0

    def close(self) -> None:
        self.targets.close()
        GL.glDeleteBuffers(1, [self.uploads])


class _Lens(NamedTuple):
    """What one eye's field of view comes to; made again only when it changes."""

    fov: Fov
    projection: glm.mat4
    tangents: tuple[float, float, float, float]  # left, right, down, up


def _lens(fov: Fov) -> _Lens:
    left, right, up, down = (tan(angle) for angle in fov)
    return _Lens(fov, _projection(left, right, up, down), (left, right, down, up))


def _projection(left: float, right: float, up: float, down: float) -> glm.mat4:
    """Tangents to clip space: reversed depth, far plane at infinity (Lengyel, Game Engine Architecture)."""
    width, height = right - left, up - down
    return glm.mat4(
        *(2 / width, 0.0, 0.0, 0.0),
        *(0.0, 2 / height, 0.0, 0.0),
        *((right + left) / width, (up + down) / height, 0.0, -1.0),
        *(0.0, 0.0, NEAR, 0.0),
    )


def _world_to_eye(pose: Pose) -> glm.mat4:
    x, y, z, w = pose.orientation
    px, py, pz = pose.position
    return glm.translate(glm.mat4_cast(glm.quat(w, -x, -y, -z)), glm.vec3(-px, -py, -pz))


def _band(turn: int, shares: int, height: int) -> tuple[int, int]:
    """First row and the one after the last of a share."""
    return turn * height // shares, (turn + 1) * height // shares


def _has(extension: bytes) -> bool:
    count = int(GL.glGetIntegerv(GL.GL_NUM_EXTENSIONS))
    return any(GL.glGetStringi(GL.GL_EXTENSIONS, index) == extension for index in range(count))


def _dynamic_buffer(size: int) -> int:
    name = ctypes.c_uint()
    GL.glCreateBuffers(1, ctypes.byref(name))
    GL.glNamedBufferStorage(name.value, size, None, GL.GL_DYNAMIC_STORAGE_BIT)
    return name.value


def _eye_numbers(alignment: int) -> int:
    """A buffer with the integers 0 and 1, one a stride, for the two-pass path."""
    stride = max(alignment, 16)
    data = bytearray(stride * 2)
    struct.pack_into("i", data, stride, 1)
    name = ctypes.c_uint()
    GL.glCreateBuffers(1, ctypes.byref(name))
    GL.glNamedBufferStorage(name.value, len(data), bytes(data), 0)
    return name.value
