"""The therapist's window beside any headset: what the patient sees, the state in a sentence, and every stop."""

from __future__ import annotations

import logging
import time
from functools import lru_cache
from pathlib import Path
from typing import Final, NamedTuple

from vr_app.desktop.desk import OLD_SECONDS, Act, Desk, detail, sentence
from vr_app.desktop.icon import icon
from vr_app.desktop.sdl import pygame
from vr_app.station.surface import Surface

log = logging.getLogger(__name__)

TITLE: Final = "Harborlight monitor"
FIRST_SIZE: Final = (960, 600)
_TYPEFACE: Final = Path(__file__).parents[2] / "assets" / "fonts" / "AtkinsonHyperlegibleNext-Medium.ttf"
_TURN_MS: Final = 33  # between two looks at the station; a key is heard at once
_HIDDEN_MS: Final = 200

Colour = tuple[int, int, int]
_NIGHT: Final[Colour] = (0x12, 0x18, 0x2A)
_FIELD: Final[Colour] = (0x0B, 0x0F, 0x1A)
_DUSK: Final[Colour] = (0x2B, 0x35, 0x58)
_SEA: Final[Colour] = (0x31, 0x50, 0x6B)
_LIT: Final[Colour] = (0x6E, 0x7B, 0xA6)
_PAPER: Final[Colour] = (0xF7, 0xF1, 0xE8)
_MOON: Final[Colour] = (0xC9, 0xD6, 0xEA)
_QUIET_GREY: Final[Colour] = (0x9A, 0xA8, 0xC4)
_LANTERN: Final[Colour] = (0xFF, 0xC2, 0x7A)

_LABEL: Final = 19  # pixels of the words on buttons, at unit 1
_FIRST_SHARE: Final = 0.54  # of the width, for the first row where both lie side by side
_WIDEST: Final = {Act.QUIET: "Guide again", Act.GO: "Go on"}  # buttons keep their width whatever they say
_ROWS: Final = ((Act.GO, Act.QUIET, Act.PLACE, Act.CAMERA), (Act.GROUND, Act.END, Act.STOP))
_KEYS: Final = {ord(act.key[0].lower()): act for act in Act}  # SDL names letters by their character


def show(surface: Surface) -> None:
    """Until the window is closed or the station is over. Returns at once, with a line in the log, without a screen."""
    try:
        pygame.display.init()
        pygame.font.init()
        pygame.display.set_caption(TITLE)
        pygame.display.set_icon(icon())
        pygame.display.set_mode(FIRST_SIZE, pygame.RESIZABLE)
        pygame.display.set_allow_screensaver(False)
        pygame.key.stop_text_input()  # keys are commands: no input method comes between
    except pygame.error as error:
        log.warning("no monitor window: %s; check DISPLAY", error)
        return
    try:
        _Monitor(surface).run()
    finally:
        _letters.cache_clear()
        pygame.quit()


class _Monitor:
    """Draws when there is something new, and sleeps when hidden."""

    def __init__(self, surface: Surface) -> None:
        self._surface = surface
        self._desk = Desk(surface)
        self._face = Face()
        self._closed = False

    def run(self) -> None:
        drawn_second = -1
        screen = pygame.display.get_surface()
        assert screen is not None  # the same one at every size
        while not self._closed and not self._surface.ended:
            visible = pygame.display.get_active()
            changed = self._hear(pygame.event.wait(_TURN_MS if visible else _HIDDEN_MS))
            now = time.monotonic()
            changed |= self._desk.heed(now, visible=visible)
            if visible and (changed or int(now * 2) != drawn_second):
                drawn_second = int(now * 2)
                self._face.draw(screen, self._desk, now, time.monotonic_ns())
                pygame.display.flip()
        self._desk.close()

    def _hear(self, first: pygame.Event) -> bool:
        """Take in `first` and what else waits; whether it was anything."""
        events = [first, *pygame.event.get()] if first.type != pygame.NOEVENT else []
        for event in events:
            now = time.monotonic()
            if event.type in (pygame.QUIT, pygame.WINDOWCLOSE):
                self._closed = True
            elif event.type == pygame.KEYDOWN:
                self._key(event.key, now)
            elif event.type == pygame.MOUSEBUTTONDOWN and event.button == pygame.BUTTON_LEFT:
                act = self._face.button_at(event.pos)
                if act:
                    self._desk.act(act, now)
        return bool(events)

    def _key(self, key: int, now: float) -> None:
        if key == pygame.K_ESCAPE:
            self._desk.escape(now)
        elif key in _KEYS:
            self._desk.act(_KEYS[key], now)


class Layout(NamedTuple):
    """Where things lie in a window of some size; `unit` is 1 in the window as it opens."""

    unit: float
    head: pygame.Rect
    picture: pygame.Rect
    rows: tuple[pygame.Rect, ...]  # of buttons: one beside the other, or one below the other where it is narrow


def lay_out(size: tuple[int, int]) -> Layout:
    """For any size, absurd ones included; letters are never smaller than 16 pixels."""
    width, height = size
    unit = max(1.0, min(width / FIRST_SIZE[0], height / FIRST_SIZE[1], 3.0))
    edge, gap, bar = round(16 * unit), round(10 * unit), round(64 * unit)
    head = pygame.Rect(edge, round(10 * unit), max(width - 2 * edge, 1), round(66 * unit))
    lines = 2 if width < 900 * unit else 1
    top = height - edge - lines * bar - (lines - 1) * gap
    if lines == 2:
        rows = tuple(pygame.Rect(edge, top + line * (bar + gap), head.width, bar) for line in range(2))
    else:
        first = round((head.width - 2 * gap) * _FIRST_SHARE)
        second = pygame.Rect(edge + first + 2 * gap, top, head.width - first - 2 * gap, bar)
        rows = (pygame.Rect(edge, top, first, bar), second)
    picture = pygame.Rect(edge, head.bottom + gap, head.width, max(top - gap - head.bottom - gap, 1))
    return Layout(unit, head, picture, rows)


class Face:
    """Everything that is seen."""

    def __init__(self) -> None:
        self._buttons: list[tuple[pygame.Rect, Act]] = []

    def button_at(self, place: tuple[int, int]) -> Act | None:
        return next((act for box, act in self._buttons if box.collidepoint(place)), None)

    def draw(self, screen: pygame.Surface, desk: Desk, now: float, now_ns: int) -> None:
        at = lay_out(screen.get_size())
        screen.fill(_NIGHT)
        _head(screen, at, desk)
        _picture(screen, at, desk, now_ns)
        self._rows(screen, at, desk, now)
        if desk.told:
            _plate(screen, at, desk.told, _SEA, _PAPER, high=False)
        if desk.alarm:
            _alarm(screen, at, desk.alarm)

    def _rows(self, screen: pygame.Surface, at: Layout, desk: Desk, now: float) -> None:
        self._buttons.clear()
        gap = round(8 * at.unit)
        for row, acts in zip(at.rows, _ROWS, strict=True):
            labels = [_label(act, desk) for act in acts]
            needs = [_font(round(_LABEL * at.unit)).size(_WIDEST.get(act, act.words))[0] for act in acts]
            spare = (row.width - gap * (len(acts) - 1) - sum(needs)) / len(acts)
            x = float(row.x)
            for act, label, need in zip(acts, labels, needs, strict=True):
                box = pygame.Rect(round(x), row.y, max(round(need + spare), 1), row.height)
                x += need + spare + gap
                self._buttons.append((box, act))
                _button(screen, box, act, label, at.unit, lit=desk.lit(act, now))


def _label(act: Act, desk: Desk) -> str:
    if act is Act.QUIET and desk.status is not None and desk.status.quiet:
        return "Guide again"
    if act is Act.CAMERA and desk.camera == "beside":
        return "Their eyes"
    return act.words


def _head(screen: pygame.Surface, at: Layout, desk: Desk) -> None:
    first = _fitted(sentence(desk.status), 28 * at.unit, _PAPER, at.head.width)
    second = _fitted(detail(desk.status), 18 * at.unit, _QUIET_GREY, at.head.width)
    screen.blit(first, (at.head.x, at.head.y))
    screen.blit(second, (at.head.x, at.head.y + round(38 * at.unit)))


def _picture(screen: pygame.Surface, at: Layout, desk: Desk, now_ns: int) -> None:
    field = at.picture
    pygame.draw.rect(screen, _FIELD, field, border_radius=round(10 * at.unit))
    if desk.picture is None:
        words = _fitted(desk.no_picture or "No picture yet", 22 * at.unit, _QUIET_GREY, field.width)
        screen.blit(words, words.get_rect(center=field.center))
        return
    pixels = desk.picture.pixels
    height, width = pixels.shape[:2]
    share = min(field.width / width, field.height / height)
    box = pygame.Rect(0, 0, max(round(width * share), 1), max(round(height * share), 1))
    box.center = field.center
    source = pygame.image.frombuffer(pixels, (width, height), "RGBX")
    screen.blit(pygame.transform.smoothscale(source, box.size), box)
    age = desk.picture_age(now_ns)
    if age <= OLD_SECONDS:
        _tag(
            screen,
            box,
            "From beside the patient" if desk.picture.camera == "beside" else "What the patient sees",
            at.unit,
        )
    elif not desk.alarm:
        _plate(screen, at, f"This picture is {age:.0f} s old", _LANTERN, _FIELD, high=True)


def _tag(screen: pygame.Surface, box: pygame.Rect, words: str, unit: float) -> None:
    """A quiet label in the picture's upper left corner."""
    letters = _letters(words, round(16 * unit), _PAPER)
    if letters.get_width() + 24 * unit > box.width:
        return
    plate = pygame.Surface((letters.get_width() + round(20 * unit), letters.get_height() + round(8 * unit)))
    plate.fill(_FIELD)
    plate.set_alpha(150)
    place = box.x + round(10 * unit), box.y + round(10 * unit)
    screen.blit(plate, place)
    screen.blit(letters, (place[0] + round(10 * unit), place[1] + round(4 * unit)))


def _plate(screen: pygame.Surface, at: Layout, words: str, ground: Colour, ink: Colour, *, high: bool) -> None:
    """Words on a plate at the upper or lower edge of the picture."""
    letters = _fitted(words, 19 * at.unit, ink, at.picture.width - round(48 * at.unit))
    plate = letters.get_rect().inflate(round(32 * at.unit), round(16 * at.unit))
    edge = round(12 * at.unit)
    plate.centerx = at.picture.centerx
    plate.y = at.picture.y + edge if high else at.picture.bottom - edge - plate.height
    pygame.draw.rect(screen, ground, plate, border_radius=round(8 * at.unit))
    screen.blit(letters, letters.get_rect(center=plate.center))


def _alarm(screen: pygame.Surface, at: Layout, words: str) -> None:
    """Large, over the picture, as long as it lasts; smaller only where there is no room."""
    room = at.picture.inflate(-round(64 * at.unit), 0).width
    size = round(36 * at.unit)
    lines = _balanced(words, size, room)
    while size > 16 and round(size * 1.3) * len(lines) > at.picture.height - size:
        size -= 2
        lines = _balanced(words, size, room)
    step = round(size * 1.3)
    field = pygame.Rect(0, 0, at.picture.width, step * len(lines) + round(1.4 * size))
    field.center = at.picture.center
    pygame.draw.rect(screen, _LANTERN, field, border_radius=round(12 * at.unit))
    top = field.centery - step * len(lines) // 2
    for index, line in enumerate(lines):
        letters = _letters(line, size, _FIELD)
        screen.blit(letters, letters.get_rect(midtop=(field.centerx, top + index * step)))


def _button(screen: pygame.Surface, box: pygame.Rect, act: Act, label: str, unit: float, *, lit: bool) -> None:
    """Its key above its words."""
    ground, ink = (_LANTERN, _FIELD) if act is Act.STOP else (_SEA if act is Act.GO else _DUSK, _PAPER)
    if lit:
        ground = _PAPER if act is Act.STOP else _LIT
    pygame.draw.rect(screen, ground, box, border_radius=round(8 * unit))
    key = _letters(act.key, round(16 * unit), ink)
    cap = pygame.Rect(0, 0, max(key.get_width() + round(12 * unit), round(24 * unit)), round(23 * unit))
    cap.midtop = box.centerx, box.y + round(8 * unit)
    pygame.draw.rect(screen, ink, cap, width=max(round(1.5 * unit), 1), border_radius=round(5 * unit))
    screen.blit(key, key.get_rect(center=cap.center))
    words = _fitted(label, _LABEL * unit, ink, box.width - round(8 * unit))
    screen.blit(words, words.get_rect(midbottom=(box.centerx, box.bottom - round(6 * unit))))


# --- letters


@lru_cache(16)
def _font(size: int) -> pygame.font.Font:
    return pygame.font.Font(_TYPEFACE, size)


@lru_cache(64)
def _letters(words: str, size: int, colour: Colour) -> pygame.Surface:
    return _font(size).render(words, True, colour)


def _fitted(words: str, size: float, colour: Colour, width: int) -> pygame.Surface:
    """One line that is not wider than `width`: smaller down to 16 pixels, then shortened."""
    points = max(round(size), 16)
    while points > 16 and _font(points).size(words)[0] > width:
        points -= 1
    if _font(points).size(words)[0] > width:
        while len(words) > 1 and _font(points).size(f"{words}…")[0] > width:
            words = words[:-1]
        words = f"{words.rstrip()}…"
    return _letters(words, points, colour)


def _balanced(words: str, size: int, width: int) -> list[str]:
    """As few lines as fit `width`, of much the same length."""
    lines = _wrapped(words, size, width)
    while width > size and len(narrower := _wrapped(words, size, width - size)) == len(lines):
        lines, width = narrower, width - size
    return lines


def _wrapped(words: str, size: int, width: int) -> list[str]:
    """Lines that fit `width`, broken between words."""
    font = _font(size)
    lines: list[str] = []
    line = ""
    for word in words.split():
        longer = f"{line} {word}".strip()
        if line and font.size(longer)[0] > width:
            lines.append(line)
            line = word
        else:
            line = longer
    return [*lines, line] if line else lines
