"""Photographs every page and state of the companion, in both lights and three sizes, to be looked at.

`python -m headless_harness.companion_shots --out DIR [--only NAME ...] [--size 1280x800 ...] [--light light|dim ...]`
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

from msgspec.structs import replace
from playwright.sync_api import Browser, Page

from headless_harness.chromium import browser
from headless_harness.companion_stand_in import PLAYING, StandIn, served
from vr_app.course import Mode
from vr_app.script import NO_PROMPT

SIZES: Final = ("1280x800", "1024x768", "390x844")
LIGHTS: Final = ("light", "dim")
SETTLED_MS: Final = 120
HOSTILE: Final = '<img src=x onerror="document.title=1"> <b>not bold</b>\nשלום, היא נשמה לאט.\nمرحبا\n🌊🫁👩🏽‍⚕️ e\u0301'

Arrange = Callable[[StandIn], None]
Act = Callable[[Page], None]


class Shot(NamedTuple):
    """A page in a state: its address, what the server tells, what is done before the picture is taken."""

    name: str
    address: str
    arrange: Arrange
    act: Act = lambda page: None
    prefs: str = "{}"  # of the screen, JSON
    lost: bool = False  # the server goes before the picture is taken


def playing(stand_in: StandIn) -> None:
    """Amber Heron at the shore."""
    stand_in.status = PLAYING
    stand_in.state |= {
        "words": "Playing Tide breath: At the shore, 4:43 left.", "session": stand_in.sessions[0]["id"],
        "patient": "Amber Heron",
    }  # fmt: skip


def _with(**changes: Any) -> Arrange:
    """Playing, but for these fields of Status."""

    def arrange(stand_in: StandIn) -> None:
        playing(stand_in)
        stand_in.status = replace(PLAYING, **changes)

    return arrange


def _told(arrange: Arrange, **changes: Any) -> Arrange:
    """With these fields of the State as well."""

    def arranged(stand_in: StandIn) -> None:
        arrange(stand_in)
        stand_in.state |= changes

    return arranged


def _ready(stand_in: StandIn) -> None:
    stand_in.begin({"patient": stand_in.patients[0]["id"], "plan": "tide_breath", "minutes": 7, "name": "Mara Lind"})


def _first_run(stand_in: StandIn) -> None:
    stand_in.home |= {"first_run": True, "clinicians": [], "me": ""}
    stand_in.status = None


def _locked(stand_in: StandIn) -> None:
    stand_in.home["locked"] = True
    stand_in.status = None


def _locked_while_playing(stand_in: StandIn) -> None:
    playing(stand_in)
    stand_in.home["locked"] = True


def _nobody_yet(stand_in: StandIn) -> None:
    stand_in.patients, stand_in.status = [], None
    stand_in.state["words"] = "The picture is being started."
    stand_in.pictures = False


def _avoiding(stand_in: StandIn) -> None:
    for patient in stand_in.patients:
        stand_in.profiles[patient["id"]] = stand_in.profile(patient["id"]) | {"avoid": ["water", "dark"]}


def _refusing(stand_in: StandIn) -> None:
    playing(stand_in)
    stand_in.refuses["PlaceView"] = "The headset is not tracked; place the view once it is."
    stand_in.dumb.add("SetQuiet")


def _hostile(stand_in: StandIn) -> None:
    playing(stand_in)
    notes = stand_in.sessions[0]["notes"]
    notes.append({"at": 200.0, "by": "", "words": HOSTILE})
    notes.append({"at": 240.0, "by": "", "words": "\n".join(f"line {n}" for n in range(10_000))})


def _press(*names: str) -> Act:
    def act(page: Page) -> None:
        for name in names:
            page.click(f'[data-act="{name}"]')

    return act


def _refused(page: Page) -> None:
    _press("place", "quiet")(page)
    page.wait_for_timeout(1400)


def _setup_step(step: int) -> Act:
    def act(page: Page) -> None:
        page.fill("#clinic", "Harbour Street Clinic")
        page.fill("#room", "Room 2")
        page.fill("#name-0", "Mara Lind")
        for _ in range(min(step, 2)):
            page.click("button[type=submit]")
        if step == 3:
            page.fill("#passphrase", "seven quiet herons")
            page.fill("#again", "seven quiet herons")
            page.click("button[type=submit]")
            page.wait_for_selector(".recovery-key")

    return act


def _incomplete(page: Page) -> None:
    page.click("button[type=submit]")


def _resting(mode: Mode, words: str, **changes: Any) -> Arrange:
    """In the calm room, nothing to be read."""
    return _told(_with(mode=mode.value, here="room", prompt=NO_PROMPT, **changes), words=words)


def _as_it_is(stand_in: StandIn) -> None:
    """Nobody's session is open."""


def _nobody_here(stand_in: StandIn) -> None:
    stand_in.home["me"] = ""


def _no_patients(stand_in: StandIn) -> None:
    stand_in.patients.clear()


def _old_picture(stand_in: StandIn) -> None:
    playing(stand_in)
    stand_in.picture_age = 3.4


def _for_the_first(page: Page) -> None:
    page.select_option("#for", index=1)


def _from_beside(page: Page) -> None:
    page.get_by_role("radio", name="From beside").check()


def _one_handed_over(stand_in: StandIn) -> None:
    stand_in.hands_on = 1


def _hand_over(page: Page) -> None:
    _press("hand-over")(page)
    page.wait_for_selector("progress[value='1']")


def _nothing_made(stand_in: StandIn) -> None:
    stand_in.works.clear()


def _theirs(stand_in: StandIn) -> None:
    playing(stand_in)
    stand_in.works[f"{1:032x}"][1]["trouble"] = (
        "This work could not be read to its end: piece 4 is damaged. What was drawn before is kept."
    )


def _erasing(page: Page) -> None:
    page.locator('[data-act="erase"]').nth(1).click()
    page.locator(".decided input").nth(2).focus()


def _unfolded(page: Page) -> None:
    page.click(".fold")


_ALARMED: Final = _told(
    playing,
    notice="The picture has stopped. It’s the equipment, not you. Mara Lind is beside you.",
    words="No word from the picture for 6 s; it is being started again and comes back in the calm room.",
)
_LOCKED_PHASE: Final = _told(
    _resting(Mode.LOCKED, "VR is locked: nothing plays until it is unlocked.", locked=True, worn=False),
    phase_locked=True,
)
SHOTS: Final = (
    Shot("01-first-run", "/", _first_run),
    Shot("02-first-run-lacking", "/", _first_run, _incomplete),
    Shot("03-first-run-room", "/", _first_run, _setup_step(1)),
    Shot("04-first-run-private", "/", _first_run, _setup_step(2)),
    Shot("05-recovery-key", "/", _first_run, _setup_step(3)),
    Shot("06-unlock", "/", _locked),
    Shot("07-unlock-while-playing", "/", _locked_while_playing),
    Shot("08-who", "/", _nobody_here),
    Shot("10-bedside-nobody", "/#/bedside", _as_it_is),
    Shot("11-bedside-first-day", "/#/bedside", _nobody_yet),
    Shot("12-bedside-ready", "/#/bedside", _ready),
    Shot("13-bedside-playing", "/#/bedside", playing),
    Shot("14-bedside-saying", "/#/bedside", _with(prompt=PLAYING.prompt._replace(words_left=3.2))),
    Shot("15-bedside-left-hand", "/#/bedside", playing, prefs='{"hand": "left"}'),
    Shot(
        "16-bedside-quiet",
        "/#/bedside",
        _told(_with(quiet=True, volume_db=-6.0), words="Quiet: the guide rests. 4:43 left."),
    ),
    Shot(
        "17-bedside-speak",
        "/#/bedside",
        _told(_with(speak=True), words="You are speaking: guide and sound step back. 4:43 left."),
    ),
    Shot(
        "18-bedside-ending",
        "/#/bedside",
        _told(_with(prompt=NO_PROMPT), words="Ending gently: the calm room, then time and place.", undo=17.0),
    ),
    Shot("19-bedside-stopped", "/#/bedside", _resting(Mode.STOPPED, "Stopped, in the calm room; Go continues.")),
    Shot(
        "20-bedside-grounded",
        "/#/bedside",
        _resting(Mode.GROUNDED, "Grounding, in the calm room; stay with the patient, Go continues."),
    ),
    Shot("21-bedside-locked", "/#/bedside", _LOCKED_PHASE),
    Shot(
        "22-bedside-over",
        "/#/bedside",
        _told(_resting(Mode.OVER, "The session is over.", worn=False), session=None, patient=""),
    ),
    Shot("23-bedside-refused", "/#/bedside", _refusing, _refused),
    Shot("24-bedside-other-drives", "/#/bedside", _told(playing, driver="another", driver_name="Jonas Weber")),
    Shot("25-bedside-alarm", "/#/bedside", _ALARMED),
    Shot("26-bedside-old-picture", "/#/bedside", _old_picture),
    Shot("27-bedside-not-kept", "/#/bedside", _told(playing, recording="not kept: the disk is full")),
    Shot("28-bedside-no-words", "/#/bedside", _with(prompt=NO_PROMPT)),
    Shot("30-desk", "/#/desk", playing),
    Shot("31-desk-beside", "/#/desk", _with(speak=False, eyes_closed=True, anchor="sound", breath=None), _from_beside),
    Shot("32-desk-unlocking", "/#/desk", _LOCKED_PHASE, _press("unlock")),
    Shot("33-desk-hostile-notes", "/#/desk", _hostile),
    Shot("40-patients", "/#/patients", _as_it_is),
    Shot("41-patients-none", "/#/patients", _no_patients),
    Shot("42-patient", f"/#/patients/{1:032x}", _as_it_is),
    Shot("43-patient-left-out", f"/#/patients/{1:032x}", _avoiding),
    Shot("44-patient-past", f"/#/patients/{1:032x}", _as_it_is, _unfolded),
    Shot("45-profile", f"/#/patients/{1:032x}/profile", _avoiding),
    Shot("46-made-erasing", f"/#/patients/{1:032x}", _as_it_is, _erasing),
    Shot("47-made-handing-over", f"/#/patients/{1:032x}", _one_handed_over, _hand_over),
    Shot("48-made-under-way", f"/#/patients/{1:032x}", _theirs),
    Shot("49-made-nothing", f"/#/patients/{1:032x}", _nothing_made),
    Shot("50-plans", "/#/plans", _as_it_is),
    Shot("51-plans-left-out", "/#/plans", _avoiding, _for_the_first),
    Shot("60-screen", "/#/screen", playing),
    Shot("70-lost", "/#/bedside", playing, lost=True),
)


def opened(chromium: Browser, address: str, *, size: str = "1280x800", light: str = "light", prefs: str = "{}") -> Page:
    """A page of its own at `size`, with what its screen remembers."""
    width, height = map(int, size.split("x"))
    scheme: Any = "dark" if light == "dim" else "light"
    context = chromium.new_context(viewport={"width": width, "height": height}, color_scheme=scheme, locale="en-GB")
    context.add_init_script(
        f"localStorage.getItem('harborlight.screen') ?? localStorage.setItem('harborlight.screen', {prefs!r})"
    )
    page = context.new_page()
    page.goto(address)
    return page


def visit(page: Page, stand_in: StandIn, address: str, shot: Shot) -> None:
    """Bring a page that was elsewhere to a state."""
    page.evaluate("prefs => localStorage.setItem('harborlight.screen', prefs)", shot.prefs)
    page.goto("about:blank")
    stand_in.anew()
    shot.arrange(stand_in)
    page.goto(address + shot.address)
    page.wait_for_selector("#page")
    page.wait_for_timeout(SETTLED_MS)
    shot.act(page)
    page.wait_for_timeout(SETTLED_MS)


def photograph(chromium: Browser, shots: Sequence[Shot], size: str, light: str, out: Path) -> Iterator[Path]:
    """A picture of each whole page; of the window where the page fills it."""
    stand_in = StandIn()
    with served(stand_in) as address:
        page = opened(chromium, address, size=size, light=light)
        for shot in shots:
            visit(page, stand_in, address, shot)
            if shot.lost:  # comes last
                break
            yield _kept(page, f"{shot.name}-{size}-{light}", out)
    if shots[-1].lost:
        page.wait_for_selector(".lost")
        yield _kept(page, f"{shots[-1].name}-{size}-{light}", out)
    page.context.close()


def _kept(page: Page, name: str, out: Path) -> Path:
    file = out / f"{name}.png"
    page.screenshot(path=file, full_page=page.query_selector(".bedside") is None)
    return file


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="companion_shots", description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--only", nargs="+", default=[""], help="beginnings of names")
    parser.add_argument("--size", nargs="+", default=SIZES)
    parser.add_argument("--light", nargs="+", default=LIGHTS, choices=LIGHTS)
    chosen = parser.parse_args(arguments)
    chosen.out.mkdir(parents=True, exist_ok=True)
    shots = [shot for shot in SHOTS if shot.name.startswith(tuple(chosen.only))]
    with browser() as chromium:
        for size in chosen.size:
            for light in chosen.light:
                for file in photograph(chromium, shots, size, light, chosen.out):
                    print(file, flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
