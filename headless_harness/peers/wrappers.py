"""Peer: nine cubes through pyopenxr's wrappers and PyOpenGL as it comes, in the manner of pyopenxr's own examples."""

from __future__ import annotations

import ctypes
import time
from typing import Any

import numpy as np
import xr
from OpenGL import GL
from xr.utils.gl import OpenGLGraphics
from xr.utils.gl.egl_util import EGLOffscreenContextProvider

from headless_harness.peers.meter import asked

_CUBES = [(x, y, -3.0) for x in (-1.0, 0.0, 1.0) for y in (-1.0, 0.0, 1.0)]
_NEAR, _FAR = 0.05, 100.0
_STEREO = xr.ViewConfigurationType.PRIMARY_STEREO
_VERTEX = """#version 330
uniform mat4 place;
layout(location = 0) in vec3 position;
out vec3 colour;
void main() { colour = position + 0.5; gl_Position = place * vec4(position, 1.0); }
"""
_FRAGMENT = """#version 330
in vec3 colour;
out vec4 picture;
void main() { picture = vec4(colour, 1.0); }
"""


class Cubes:
    """One program, one cube's mesh, a uniform and a draw for each cube."""

    def __init__(self) -> None:
        self.program = GL.glCreateProgram()
        for kind, source in ((GL.GL_VERTEX_SHADER, _VERTEX), (GL.GL_FRAGMENT_SHADER, _FRAGMENT)):
            shader = GL.glCreateShader(kind)
            GL.glShaderSource(shader, source)
            GL.glCompileShader(shader)
            GL.glAttachShader(self.program, shader)
        GL.glLinkProgram(self.program)
        self.place = GL.glGetUniformLocation(self.program, "place")
        corners = np.array([[x, y, z] for x in (0, 1) for y in (0, 1) for z in (0, 1)], np.float32) - 0.5
        sides = ((0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3))
        index = np.array([(a, b, c, a, c, d) for a, b, c, d in sides], np.uint16).reshape(-1)
        self.vertices = GL.glGenVertexArrays(1)
        GL.glBindVertexArray(self.vertices)
        GL.glBindBuffer(GL.GL_ARRAY_BUFFER, GL.glGenBuffers(1))
        GL.glBufferData(GL.GL_ARRAY_BUFFER, corners, GL.GL_STATIC_DRAW)
        GL.glBindBuffer(GL.GL_ELEMENT_ARRAY_BUFFER, GL.glGenBuffers(1))
        GL.glBufferData(GL.GL_ELEMENT_ARRAY_BUFFER, index, GL.GL_STATIC_DRAW)
        GL.glEnableVertexAttribArray(0)
        GL.glVertexAttribPointer(0, 3, GL.GL_FLOAT, False, 0, None)
        self.models = []
        for position in _CUBES:
            model = np.eye(4, dtype=np.float32)
            model[:3, :3] *= 0.3
            model[:3, 3] = position
            self.models.append(model)

    def draw(self, view: Any) -> None:
        GL.glEnable(GL.GL_DEPTH_TEST)
        GL.glEnable(GL.GL_CULL_FACE)
        GL.glClearColor(0.1, 0.1, 0.2, 1.0)
        GL.glClear(GL.GL_COLOR_BUFFER_BIT | GL.GL_DEPTH_BUFFER_BIT)
        GL.glUseProgram(self.program)
        GL.glBindVertexArray(self.vertices)
        eye = _projection(view.fov) @ _from_world(view.pose)
        for model in self.models:
            GL.glUniformMatrix4fv(self.place, 1, GL.GL_TRUE, eye @ model)
            GL.glDrawElements(GL.GL_TRIANGLES, 36, GL.GL_UNSIGNED_SHORT, None)


def _projection(fov: Any) -> np.ndarray[Any, np.dtype[np.float32]]:
    left, right, up, down = np.tan((fov.angle_left, fov.angle_right, fov.angle_up, fov.angle_down))
    rows = (
        (2 / (right - left), 0, (right + left) / (right - left), 0),
        (0, 2 / (up - down), (up + down) / (up - down), 0),
        (0, 0, -(_FAR + _NEAR) / (_FAR - _NEAR), -2 * _FAR * _NEAR / (_FAR - _NEAR)),
        (0, 0, -1, 0),
    )
    return np.array(rows, np.float32)


def _from_world(pose: Any) -> np.ndarray[Any, np.dtype[np.float32]]:
    x, y, z, w = pose.orientation
    turn = np.array(
        (
            (1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)),
            (2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)),
            (2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)),
        ),
        np.float32,
    )
    view = np.eye(4, dtype=np.float32)
    view[:3, :3] = turn.T
    view[:3, 3] = -turn.T @ np.array(tuple(pose.position), np.float32)
    return view


class Hands:
    """Two grip poses, as every example samples them."""

    def __init__(self, instance: Any, session: Any) -> None:
        self.paths = [xr.string_to_path(instance, f"/user/hand/{side}") for side in ("left", "right")]
        self.actions = xr.create_action_set(
            instance, xr.ActionSetCreateInfo(action_set_name="peer", localized_action_set_name="Peer", priority=0)
        )
        grip = xr.create_action(
            self.actions,
            xr.ActionCreateInfo(
                action_type=xr.ActionType.POSE_INPUT,
                action_name="grip",
                localized_action_name="Grip",
                subaction_paths=self.paths,
            ),
        )
        bound = [
            xr.ActionSuggestedBinding(grip, xr.string_to_path(instance, f"/user/hand/{side}/input/grip/pose"))
            for side in ("left", "right")
        ]
        xr.suggest_interaction_profile_bindings(
            instance,
            xr.InteractionProfileSuggestedBinding(
                interaction_profile=xr.string_to_path(instance, "/interaction_profiles/khr/simple_controller"),
                suggested_bindings=bound,
            ),
        )
        xr.attach_session_action_sets(session, xr.SessionActionSetsAttachInfo(action_sets=[self.actions]))
        self.spaces = [
            xr.create_action_space(session, xr.ActionSpaceCreateInfo(action=grip, subaction_path=path))
            for path in self.paths
        ]

    def sample(self, session: Any, space: Any, when: int) -> list[Any]:
        active = [xr.ActiveActionSet(self.actions, xr.NULL_PATH)]
        xr.sync_actions(session, xr.ActionsSyncInfo(active_action_sets=active))
        return [xr.locate_space(hand, space, when) for hand in self.spaces]


class Program:
    """Instance, session and swapchains, and the loop of the examples."""

    def __init__(self) -> None:
        extensions = ["XR_MNDX_egl_enable", "XR_KHR_opengl_enable"]
        self.instance = xr.create_instance(xr.InstanceCreateInfo(enabled_extension_names=extensions))
        system = xr.get_system(self.instance, xr.SystemGetInfo(form_factor=xr.FormFactor.HEAD_MOUNTED_DISPLAY))
        self.graphics = OpenGLGraphics(self.instance, system, EGLOffscreenContextProvider())
        self.session = xr.create_session(
            self.instance, xr.SessionCreateInfo(system_id=system, next=self.graphics.graphics_binding.pointer)
        )
        self.space = xr.create_reference_space(
            self.session, xr.ReferenceSpaceCreateInfo(reference_space_type=xr.ReferenceSpaceType.LOCAL)
        )
        self.graphics.initialize_resources()
        self.swapchains = [
            self._swapchain(view) for view in xr.enumerate_view_configuration_views(self.instance, system, _STEREO)
        ]
        self.hands, self.cubes = Hands(self.instance, self.session), Cubes()
        self.running = self.focused = False

    def _swapchain(self, view: Any) -> tuple[Any, tuple[int, int], Any]:
        size = (view.recommended_image_rect_width, view.recommended_image_rect_height)
        wanted = xr.SwapchainCreateInfo(
            array_size=1,
            format=GL.GL_SRGB8_ALPHA8,
            width=size[0],
            height=size[1],
            mip_count=1,
            face_count=1,
            sample_count=1,
            usage_flags=xr.SwapchainUsageFlags.SAMPLED_BIT | xr.SwapchainUsageFlags.COLOR_ATTACHMENT_BIT,
        )
        handle = xr.create_swapchain(self.session, wanted)
        return handle, size, xr.enumerate_swapchain_images(handle, xr.SwapchainImageOpenGLKHR)

    def poll(self) -> None:
        while True:
            try:
                event = xr.poll_event(self.instance)
            except xr.EventUnavailable:
                return
            if xr.StructureType(event.type) == xr.StructureType.EVENT_DATA_SESSION_STATE_CHANGED:
                told = ctypes.cast(ctypes.byref(event), ctypes.POINTER(xr.EventDataSessionStateChanged)).contents
                self.focused = told.state == xr.SessionState.FOCUSED
                if told.state == xr.SessionState.READY:
                    xr.begin_session(self.session, xr.SessionBeginInfo(_STEREO))
                    self.running = True

    def frame(self) -> None:
        frame = xr.wait_frame(self.session)
        xr.begin_frame(self.session)
        when = frame.predicted_display_time
        layers = []
        if self.focused:
            self.hands.sample(self.session, self.space, when)
        if frame.should_render:
            layer = xr.CompositionLayerProjection(space=self.space, views=self.pictures(when))
            layers.append(ctypes.byref(layer))
        xr.end_frame(self.session, xr.FrameEndInfo(when, xr.EnvironmentBlendMode.OPAQUE, layers=layers))

    def pictures(self, when: int) -> list[Any]:
        asked_for = xr.ViewLocateInfo(view_configuration_type=_STEREO, display_time=when, space=self.space)
        _, views = xr.locate_views(self.session, asked_for)
        made = []
        for view, (handle, size, images) in zip(views, self.swapchains, strict=True):
            image = xr.acquire_swapchain_image(handle, xr.SwapchainImageAcquireInfo())
            xr.wait_swapchain_image(handle, xr.SwapchainImageWaitInfo(timeout=xr.INFINITE_DURATION))
            self._bind(images[image].image, size)
            self.cubes.draw(view)
            self.graphics.end_frame()
            xr.release_swapchain_image(handle, xr.SwapchainImageReleaseInfo())
            part = xr.SwapchainSubImage(handle, xr.Rect2Di(xr.Offset2Di(0, 0), xr.Extent2Di(*size)), 0)
            made.append(xr.CompositionLayerProjectionView(pose=view.pose, fov=view.fov, sub_image=part))
        return made

    def _bind(self, texture: int, size: tuple[int, int]) -> None:
        """OpenGLGraphics.begin_frame without its eglMakeCurrent, which a program with one context can spare."""
        GL.glBindFramebuffer(GL.GL_FRAMEBUFFER, self.graphics.swapchain_framebuffer)
        GL.glViewport(0, 0, *size)
        depth = self.graphics.get_depth_texture(texture)
        GL.glFramebufferTexture2D(GL.GL_FRAMEBUFFER, GL.GL_COLOR_ATTACHMENT0, GL.GL_TEXTURE_2D, texture, 0)
        GL.glFramebufferTexture2D(GL.GL_FRAMEBUFFER, GL.GL_DEPTH_ATTACHMENT, GL.GL_TEXTURE_2D, depth, 0)


def main() -> None:
    meter = asked()
    program = Program()
    while not program.running:
        program.poll()
        time.sleep(0.01)
    more = True
    while more:
        program.poll()
        program.frame()
        more = meter.frame()
    meter.tell()


if __name__ == "__main__":
    main()
