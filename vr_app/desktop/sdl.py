"""pygame without its greeting, and with the process's signals left alone."""

from __future__ import annotations

import os

os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")  # both are read when pygame is imported or first opened
os.environ.setdefault("SDL_NO_SIGNAL_HANDLERS", "1")

import pygame as pygame
from pygame._sdl2 import controller as controller
