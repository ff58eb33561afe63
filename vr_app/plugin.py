"""Imports a file that was found by looking: a scene, a cue. Standard library only; what it raises is the caller's."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType


def imported(path: Path, package: str, home: Path) -> ModuleType:
    """The module of a file; one in `home`, the folder of `package`, by its name there, others by their path."""
    name = f"{package}.{path.stem}" if path.parent == home else f"{package.replace('.', '_')}_at_{abs(hash(path))}"
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module
