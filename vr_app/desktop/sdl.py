"""pygame without its greeting, with the process's signals left alone, and with gamepads heard at all times."""

from __future__ import annotations

import os

# Read when pygame is imported or first opened.
os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")
os.environ.setdefault("SDL_NO_SIGNAL_HANDLERS", "1")
os.environ.setdefault("SDL_JOYSTICK_ALLOW_BACKGROUND_EVENTS", "1")  # a stop counts while somebody types elsewhere

import pygame as pygame
from pygame._sdl2 import controller as controller
