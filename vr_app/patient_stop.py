"""The patient's own ways out: a button held, both palms pushed forward, a gaze kept on a mark. Never trigger or grip.

Taking the headset off is the fourth; the headset itself reports that.
"""

from __future__ import annotations

from math import cos, radians, sin, sqrt

from vr_app import limits
from vr_app.api import Hand, Inputs, Pose, Vec3
from vr_app.placement import rotated

GAZE_SECONDS = limits.STOP_GAZE_SECONDS + limits.STOP_GAZE_CONFIRM_SECONDS
CONFIRM_FROM = limits.STOP_GAZE_SECONDS / GAZE_SECONDS
LET_GO_SECONDS = 0.1  # a full count falls to nothing in this time: a flicker of tracking costs little, letting go all
CLOSED_SECONDS = 0.5  # for which the closed ring is seen
_ONTO, _OFF = cos(radians(5.0)), cos(radians(7.0))  # from the mark: to begin, and to go on
_NEAR = cos(radians(14.0))  # the mark grows clearer from here

# A palm pushed forward, in a body that sits upright: metres from the eyes, and cosines.
_AHEAD = 0.28  # at least, horizontally
_LOWEST, _HIGHEST = -0.50, 0.35
_OUT = 0.7  # palm's normal along the way from the head to between the hands
_UPWARD = 0.5  # more of the normal upwards is a palm held up, as in meditation
_FINGERS_UP = 0.5


_STILL = False, False, False


class Hold:
    """How long something has been kept up, in 0..1 of what it takes."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._kept = 0.0
        self._over = 0.0  # seconds since it was complete

    @property
    def share(self) -> float:
        seen = 1.0 if self._over <= CLOSED_SECONDS else max(1.0 - (self._over - CLOSED_SECONDS) / LET_GO_SECONDS, 0.0)
        return seen * self._kept / self._seconds

    def step(self, kept: bool, dt: float) -> bool:
        """True in the one frame in which it is complete; it must be let go before it can be so again."""
        if not kept:
            if self._kept:
                self._over = 0.0
                self._kept = max(self._kept - dt * self._seconds / LET_GO_SECONDS, 0.0)
            return False
        if self._kept >= self._seconds:
            self._over += dt
            return False
        self._kept = min(self._kept + dt, self._seconds)
        if self._seconds - self._kept > 1e-9:
            return False
        self._kept = self._seconds
        return True


class PatientStop:
    """`update` once a frame, in every mode."""

    def __init__(self) -> None:
        self.held = 0.0  # 0..1 of the button or the palms, whichever is further: a ring
        self.looked = 0.0  # 0..1 of the gaze: the mark's own ring, filled once, and once more to confirm
        self.progress = 0.0  # 0..1 of whichever is furthest
        self.near = 0.0  # 0..1: how near the gaze is to the mark
        self.confirming = False  # the gaze has stayed long enough to ask whether it is meant
        self.begins = False  # a count has begun in this frame, so it is answered
        self._button = Hold(limits.STOP_BUTTON_SECONDS)
        self._palms = Hold(limits.STOP_PALMS_SECONDS)
        self._gaze = Hold(GAZE_SECONDS)
        self._gazing = False
        self._going = _STILL

    def update(self, inputs: Inputs, dt: float, mark: Vec3, tilt: float, *, pressed: bool = False) -> bool:
        """True in the frame in which the patient has asked to stop.

        `mark` is what the gaze may rest on, in metres; `tilt` by how much the body leans back in the world, radians;
        `pressed`: the button of a hand that is not tracked.
        """
        left, right = inputs.left, inputs.right
        button = pressed or (left is not None and left.stop) or (right is not None and right.stop)
        palms = False
        if left is not None and right is not None and left.joints is not None and right.joints is not None:
            palms = palms_out(inputs.head, left, right, tilt)
        self._look(inputs, mark)
        going = button, palms, self._gazing
        if going == self._going == _STILL and self.progress == 0.0:
            self.begins = False
            return False
        stopped = self._button.step(button, dt)
        stopped = self._palms.step(palms, dt) or stopped
        stopped = self._gaze.step(self._gazing, dt) or stopped
        self.held, looked = max(self._button.share, self._palms.share), self._gaze.share
        self.confirming = looked >= CONFIRM_FROM
        self.looked = (looked - CONFIRM_FROM) / (1 - CONFIRM_FROM) if self.confirming else looked / CONFIRM_FROM
        self.begins = any(now and not before for now, before in zip(going, self._going, strict=True))
        self.progress = max(self.held, looked)
        self._going = going
        return stopped

    def _look(self, inputs: Inputs, mark: Vec3) -> None:
        """Whether the head points at the mark."""
        head = inputs.head
        hx, hy, hz = head.position
        x, y, z, w = head.orientation
        tx, ty, tz = mark[0] - hx, mark[1] - hy, mark[2] - hz
        ahead = -(2 * (x * z + w * y) * tx + 2 * (y * z - w * x) * ty + (1 - 2 * (x * x + y * y)) * tz)
        far = sqrt(tx * tx + ty * ty + tz * tz)
        towards = ahead / far if far > 1e-3 and inputs.head_tracked else -1.0
        self._gazing = towards > (_OFF if self._gazing else _ONTO)
        self.near = min(max((towards - _NEAR) / (_ONTO - _NEAR), 0.0), 1.0)


def palms_out(head: Pose, left: Hand, right: Hand, tilt: float) -> bool:
    """Both palms face away from the patient, fingers up, and are pushed forward.

    Of a palm joint +y points out of the back of the hand and -z to the fingers (XR_EXT_hand_tracking).
    """
    palms = []
    for hand in (left, right):
        assert hand.joints is not None
        px, py, pz, x, y, z, w, _ = hand.joints[0].tolist()
        place = _upright((px - head.position[0], py - head.position[1], pz - head.position[2]), tilt)
        normal = _upright(rotated((x, y, z, w), (0.0, -1.0, 0.0)), tilt)
        fingers = _upright(rotated((x, y, z, w), (0.0, 0.0, -1.0)), tilt)
        if not (_LOWEST < place[1] < _HIGHEST and normal[1] < _UPWARD and fingers[1] > _FINGERS_UP):
            return False
        palms.append((place, normal))
    x, z = palms[0][0][0] + palms[1][0][0], palms[0][0][2] + palms[1][0][2]
    far = sqrt(x * x + z * z)
    if not far > 1e-3:
        return False
    x, z = x / far, z / far
    return all(place[0] * x + place[2] * z > _AHEAD and normal[0] * x + normal[2] * z > _OUT for place, normal in palms)


def _upright(vector: Vec3, tilt: float) -> Vec3:
    """As it would be if the body sat upright: turned forward by `tilt` about the line through both ears."""
    if tilt == 0.0:
        return vector
    x, y, z = vector
    return x, cos(tilt) * y + sin(tilt) * z, cos(tilt) * z - sin(tilt) * y
