"""What baked arrays depend on: the modules a maker imports, however deep, and no others."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vr_app.sources import Sources

TREE = {
    "scenes/__init__.py": "",
    "scenes/shore.py": "from scenes.valley.sand import Sand\n",
    "scenes/valley/__init__.py": "",
    "scenes/valley/sand.py": "import numpy as np\nfrom scenes.valley import noise, shapes\nGRAINS = 3\n",
    "scenes/valley/noise.py": "def late():\n    import scenes.valley.deep\n",
    "scenes/valley/shapes.py": "from .near import x\nfrom vr_app.api import Arrays\n",
    "scenes/valley/near.py": "from ..other import y\n",
    "scenes/valley/deep.py": "import math\nfrom scenes.shore import A as circle\n",
    "scenes/other.py": "",
    "scenes/valley/trees.py": "from scenes.valley import noise\n",
    "scenes/broken.py": "def (:\n",
    "vr_app/api.py": "Arrays = dict\n",
    "vr_app/director.py": "",
}
NEEDED = {name for name in TREE if name not in ("scenes/valley/trees.py", "scenes/broken.py", "vr_app/director.py")}


def _written(root: Path) -> Path:
    for name, text in TREE.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return root


def _digest(root: Path) -> str:
    """As a process that has just started sees it."""
    return Sources(root).digest(root / "scenes/valley/sand.py")


@pytest.mark.parametrize("changed", TREE)
def test_the_digest_follows_what_is_imported_and_nothing_else(tmp_path: Path, changed: str) -> None:
    before = _digest(_written(tmp_path))
    assert _digest(tmp_path) == before
    with (tmp_path / changed).open("a") as file:
        file.write("# another word\n")
    assert (_digest(tmp_path) != before) == (changed in NEEDED)


@given(first=st.binary(max_size=20), second=st.binary(max_size=20))
def test_text_that_moves_between_modules_is_another_text(
    tmp_path_factory: pytest.TempPathFactory, first: bytes, second: bytes
) -> None:
    root = tmp_path_factory.mktemp("tree")
    (root / "scenes").mkdir()
    seen: dict[str, set[tuple[bytes, ...]]] = {}
    for texts in ((first, second), (second, first), (first + second, b"")):
        for name, text in zip("ab", texts, strict=True):
            (root / f"scenes/{name}.py").write_bytes(b"#" + text.replace(b"\n", b"").replace(b"\r", b"") + b"\n")
        key = tuple((root / f"scenes/{name}.py").read_bytes() for name in "ab")
        seen.setdefault(Sources(root).digest(root / "scenes/a.py", root / "scenes/b.py"), set()).add(key)
    assert all(len(keys) == 1 for keys in seen.values())


def test_a_module_that_cannot_be_read_counts_by_its_text(tmp_path: Path) -> None:
    broken = _written(tmp_path) / "scenes/broken.py"
    before = Sources(tmp_path).digest(broken)
    broken.write_text("def ((:\n")
    assert Sources(tmp_path).digest(broken) != before


def test_a_text_saved_after_the_start_is_noticed(tmp_path: Path) -> None:
    sand = _written(tmp_path) / "scenes/valley/sand.py"
    saved = (tmp_path / "scenes/valley/deep.py").stat().st_mtime
    newest = max(path.stat().st_mtime for path in tmp_path.rglob("*.py"))
    assert Sources(tmp_path).changed_since(saved, sand)
    assert not Sources(tmp_path).changed_since(newest + 1.0, sand)
