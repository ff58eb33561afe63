"""Which button does what on which controller, as data (OpenXR 1.1 section 6.4, interaction profiles)."""

from __future__ import annotations

from dataclasses import dataclass

LEFT, RIGHT = "/user/hand/left", "/user/hand/right"
HANDS = (LEFT, RIGHT)


@dataclass(frozen=True, slots=True)
class Profile:
    """One kind of controller. `stop` is never a trigger or grip: a patient holds those without thinking."""

    path: str
    needs: tuple[str, bool] = ("", True)  # an extension, and whether OpenXR 1.1 has the profile without it
    select: str = "trigger/value"
    squeeze: str = "squeeze/value"
    stop_left: tuple[str, ...] = ()
    stop_right: tuple[str, ...] = ()
    haptic: bool = True

    def bindings(self) -> list[tuple[str, str]]:
        """(action, path) pairs to suggest."""
        pairs: list[tuple[str, str]] = []
        for hand, stop in ((LEFT, self.stop_left), (RIGHT, self.stop_right)):
            pairs += [("grip", f"{hand}/input/grip/pose"), ("aim", f"{hand}/input/aim/pose")]
            pairs += [("select", f"{hand}/input/{self.select}")]
            pairs += [("squeeze", f"{hand}/input/{self.squeeze}")] if self.squeeze else []
            pairs += [("stop", f"{hand}/input/{button}") for button in stop]
            pairs += [("haptic", f"{hand}/output/haptic")] if self.haptic else []
        return pairs

    def usable(self, enabled: frozenset[str], core_1_1: bool) -> bool:
        """True when the runtime knows the profile: by extension, or by being an OpenXR 1.1 runtime."""
        extension, promoted = self.needs
        return not extension or extension in enabled or (promoted and core_1_1)


_MENU = ("menu/click",)
_PICO = ("XR_BD_controller_interaction", True)
_TOUCH_PLUS = "XR_META_touch_controller_plus"

PROFILES = (
    Profile("/interaction_profiles/khr/simple_controller", ("", True), "select/click", "", _MENU, _MENU),
    Profile(
        "/interaction_profiles/oculus/touch_controller", stop_left=("menu/click", "y/click"), stop_right=("b/click",)
    ),
    Profile(
        "/interaction_profiles/meta/touch_plus_controller",
        (_TOUCH_PLUS, True),
        stop_left=("menu/click", "y/click"),
        stop_right=("b/click",),
    ),
    Profile("/interaction_profiles/valve/index_controller", stop_left=("b/click",), stop_right=("b/click",)),
    Profile("/interaction_profiles/htc/vive_controller", squeeze="squeeze/click", stop_left=_MENU, stop_right=_MENU),
    Profile(
        "/interaction_profiles/microsoft/motion_controller", squeeze="squeeze/click", stop_left=_MENU, stop_right=_MENU
    ),
    Profile(
        "/interaction_profiles/bytedance/pico4_controller",
        _PICO,
        stop_left=("menu/click", "y/click"),
        stop_right=("b/click",),
    ),
    Profile(
        "/interaction_profiles/bytedance/pico_neo3_controller",
        _PICO,
        stop_left=("menu/click", "y/click"),
        stop_right=("menu/click", "b/click"),
    ),
    Profile(
        "/interaction_profiles/ext/hand_interaction_ext",
        ("XR_EXT_hand_interaction", False),
        select="pinch_ext/value",
        squeeze="grasp_ext/value",
        haptic=False,
    ),
)
# The extension of Touch Plus spells its profile's path otherwise than OpenXR 1.1 does.
RENAMED_BEFORE_1_1 = {
    "/interaction_profiles/meta/touch_plus_controller": "/interaction_profiles/meta/touch_controller_plus"
}
