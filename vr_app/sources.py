"""What baked arrays depend on: the text of the modules that make them. Imports nothing heavy."""

from __future__ import annotations

import ast
import hashlib
import time
from collections.abc import Iterable, Iterator
from importlib.metadata import version
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[1]
FOLLOWED = ("scenes", "vr_app")  # packages whose text decides what a scene makes; numpy counts by its version
STARTED = time.time()  # before this process has imported a scene; see `Sources.changed_since`


class Sources:
    """The modules below a folder as they were when this process first looked; read once."""

    def __init__(self, root: Path = CHECKOUT, followed: tuple[str, ...] = FOLLOWED) -> None:
        self._root, self._followed = root, followed
        self._texts: dict[Path, bytes] = {}
        self._imports: dict[Path, tuple[Path, ...]] = {}
        self._digests: dict[frozenset[Path], str] = {}

    def digest(self, *sources: Path) -> str:
        """A name for the text of these files and of all that they import, however deep."""
        asked = frozenset(sources)
        if asked not in self._digests:
            digest = hashlib.sha256(version("numpy").encode())
            for path in sorted(self._reached(asked)):
                text = self._text(path)
                name = path.relative_to(self._root).as_posix() if path.is_relative_to(self._root) else path.name
                digest.update(f"{name} {len(text)} ".encode() + text)
            self._digests[asked] = digest.hexdigest()[:16]
        return self._digests[asked]

    def changed_since(self, moment: float, *sources: Path) -> bool:
        """Whether any of the same files was saved after `moment` in seconds of the epoch, or is gone."""
        try:
            return any(path.stat().st_mtime >= moment for path in self._reached(sources))
        except OSError:
            return True

    def _reached(self, sources: Iterable[Path]) -> set[Path]:
        found: set[Path] = set()
        waiting = list(sources)
        while waiting:
            path = waiting.pop()
            if path not in found:
                found.add(path)
                waiting += self._imported(path)
        return found

    def _imported(self, source: Path) -> tuple[Path, ...]:
        """The files that a module's imports run, at the top or inside; importing a.b.c runs a and a.b first."""
        if source not in self._imports:
            files = []
            for parts in self._names(source):
                if parts and parts[0] in self._followed:
                    for count in range(1, len(parts) + 1):
                        place = self._root.joinpath(*parts[:count])
                        files += [place.with_suffix(".py"), place / "__init__.py"]
            self._imports[source] = tuple(path for path in dict.fromkeys(files) if path.is_file())
        return self._imports[source]

    def _names(self, source: Path) -> Iterator[list[str]]:
        """Names split at their dots; `from a import b` gives a.b, which is a module or something in one."""
        try:
            nodes = list(ast.walk(ast.parse(self._text(source))))
        except SyntaxError:  # it cannot be imported either; its text counts
            return
        for node in nodes:
            if isinstance(node, ast.Import):
                yield from (alias.name.split(".") for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                base = [*self._package(source, node.level), *(node.module.split(".") if node.module else [])]
                yield from ([*base, alias.name] for alias in node.names)

    def _package(self, source: Path, level: int) -> list[str]:
        """What a relative import starts from."""
        if not level or not source.is_relative_to(self._root):
            return []
        parents = list(source.parent.relative_to(self._root).parts)
        return parents[: len(parents) - level + 1]

    def _text(self, path: Path) -> bytes:
        if path not in self._texts:
            self._texts[path] = path.read_bytes()
        return self._texts[path]


OURS = Sources()
