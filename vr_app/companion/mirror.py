"""Pictures for pages: the newest of the ring as a JPEG, made once for all who watch, one in flight to each."""

from __future__ import annotations

import struct
from typing import Final, NamedTuple

import simplejpeg

from vr_app.companion.messages import CAMERAS, PICTURE_HEAD
from vr_app.station.ring import Camera, Picture
from vr_app.station.surface import Pictures

QUALITY: Final = 75
EARLY: Final = 0.3  # of the time between two pictures


class Frame(NamedTuple):
    """A picture on its way: its number, and where it comes from; session seconds and host monotonic ns."""

    number: int
    camera: Camera
    time: float
    host_ns: int
    jpeg: bytes

    def bytes(self, now_ns: int) -> bytes:
        """With the head that pages expect, its age as it is now."""
        age = max(now_ns - self.host_ns, 0) / 1e9
        head = struct.pack(PICTURE_HEAD, self.number & 0xFFFFFFFF, CAMERAS.index(self.camera), self.time, age)
        return head + self.jpeg


class Mirror:
    """Reads the ring; encodes only while somebody can take a picture."""

    def __init__(self, pictures: Pictures) -> None:
        self._pictures = pictures
        self._number = 0
        self.newest: Frame | None = None

    def read(self) -> bool:
        """Take the ring's newest picture, if there is one; whether there was."""
        picture = self._pictures.latest()
        if picture is None:
            return False
        self._number += 1
        self.newest = Frame(self._number, picture.camera, picture.time, picture.host_ns, encoded(picture))
        return True


class Viewer:
    """What one page watches. Times in monotonic seconds."""

    def __init__(self) -> None:
        self.camera: Camera = "eye"
        self.hz = 0.0
        self._flying = 0  # number of the picture that is not yet on the screen; 0: none
        self._sent = 0
        self._due = 0.0

    def view(self, camera: Camera, hz: float) -> None:
        self.camera, self.hz = camera, hz
        self._due = 0.0

    def seen(self, number: int) -> None:
        """Only the one that flies: a page cannot have seen what it was not sent."""
        if number == self._flying:
            self._flying = 0

    def waits(self, now: float) -> bool:
        """Whether it could take a new picture; one that comes a little early is as good."""
        return self.hz > 0.0 and not self._flying and now >= self._due - EARLY / self.hz

    def take(self, frame: Frame | None, now: float) -> Frame | None:
        """`frame`, if it is to be sent now; it flies until it was seen. Of whichever camera: its head tells."""
        if frame is None or frame.number <= self._sent or not self.waits(now):
            return None
        self._flying = self._sent = frame.number
        period = 1.0 / self.hz
        self._due = self._due + period if now < self._due + period else now + period
        return frame


def encoded(picture: Picture) -> bytes:
    jpeg: bytes = simplejpeg.encode_jpeg(picture.pixels, quality=QUALITY, colorspace="RGBX", colorsubsampling="420")
    return jpeg
