"""Where things live: the platform's own folders, or all of them under HARBORLIGHT_HOME."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import platformdirs


def cache_folder() -> Path:
    """For what can be made again: baked light, meshes."""
    home = os.environ.get("HARBORLIGHT_HOME")
    return Path(home) / "cache" if home else Path(platformdirs.user_cache_dir("harborlight", appauthor=False))


def data_folder() -> Path:
    """For what must be kept."""
    home = os.environ.get("HARBORLIGHT_HOME")
    return Path(home) / "data" if home else Path(platformdirs.user_data_dir("harborlight", appauthor=False))


def run_folder() -> Path:
    """For what holds only while the application runs: who runs, and where it listens."""
    home = os.environ.get("HARBORLIGHT_HOME")
    if home:
        return Path(home) / "run"
    if sys.platform == "linux" and not os.environ.get("XDG_RUNTIME_DIR"):
        return data_folder() / "run"  # nobody is logged in: a container, a service
    return Path(platformdirs.user_runtime_dir("harborlight", appauthor=False))


def log_folder() -> Path:
    """For what happened: see vr_app/logs.py."""
    home = os.environ.get("HARBORLIGHT_HOME")
    return Path(home) / "logs" if home else Path(platformdirs.user_log_dir("harborlight", appauthor=False))
