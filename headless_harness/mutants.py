"""Changes the state machine in one place at a time and asks its tests: `python -m headless_harness.mutants [--json]`.

A mutant that no test notices says what is not tested. Each is tried in a process of its own, with a time limit.
"""

from __future__ import annotations

import argparse
import ast
import copy
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Final, NamedTuple

CHECKOUT: Final = Path(__file__).resolve().parents[1]
TARGET: Final = "vr_app/course.py"
TESTS: Final = ("tests/core/test_course.py",)
SECONDS: Final = 60.0  # for one mutant: longer, and something waits for ever, which is noticed too
WANTED_PERCENT: Final = 85.0
COPIED: Final = ("vr_app", "tests")

_COMPARED: Final[dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]]] = {
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
}
_COUNTED: Final[dict[type[ast.operator], type[ast.operator]]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.BitOr: ast.BitAnd,
}


class Mutant(NamedTuple):
    """One change: the line, what it is in words, and the whole source with it."""

    line: int
    what: str
    source: str


class Tried(NamedTuple):
    """Whether tests noticed a mutant, and how: "failed", "hung" or "survived"."""

    mutant: Mutant
    how: str


def mutants(source: str) -> Iterator[Mutant]:
    """Every one of a module: comparisons, booleans, constants, sums, returns; statements and table rows left out."""
    tree = ast.parse(source)
    for number, node in enumerate(ast.walk(tree)):
        for change in _changes(node):
            copied: ast.AST = copy.deepcopy(tree)
            twin = next(each for index, each in enumerate(ast.walk(copied)) if index == number)
            before = ast.unparse(twin)
            made = change(twin)
            if made is not twin:
                copied = _Swap(twin, made).visit(copied)
            what = f"{_short(before)}  ->  {_short(ast.unparse(made))}"
            yield Mutant(getattr(node, "lineno", 0), what, ast.unparse(ast.fix_missing_locations(copied)))


class _Swap(ast.NodeTransformer):
    """Puts one node in place of another."""

    def __init__(self, old: ast.AST, new: ast.AST) -> None:
        self._old, self._new = old, new

    def visit(self, node: ast.AST) -> ast.AST:
        return self._new if node is self._old else super().generic_visit(node)


def _changes(node: ast.AST) -> list[partial[ast.AST]]:
    """What may be done to this node; each takes its twin in a copy of the tree and returns what stands there then."""
    return [*_of_logic(node), *_of_values(node), *_of_statements(node)]


def _of_logic(node: ast.AST) -> list[partial[ast.AST]]:
    match node:
        case ast.Compare(ops=[operator]):
            return [partial(_compare, to=to) for to in _COMPARED[type(operator)]]
        case ast.BoolOp():
            return [partial(_flip_all), *(partial(_leave_operand, which=index) for index in range(len(node.values)))]
        case ast.UnaryOp(op=ast.Not()):
            return [partial(_without_not)]
        case ast.IfExp():
            return [partial(_branch, yes=True), partial(_branch, yes=False)]
        case _:
            return []


def _of_values(node: ast.AST) -> list[partial[ast.AST]]:
    match node:
        case ast.BinOp() if type(node.op) in _COUNTED and not _of_types(node):
            return [partial(_count)]
        case ast.Constant(value=bool(value)):
            return [partial(_constant, to=not value)]
        case ast.Constant(value=int(value) | float(value)):
            return [partial(_constant, to=value + 1)]
        case ast.Dict():
            return [partial(_without_row, which=index) for index in range(len(node.values))]
        case ast.Call(func=ast.Name(id="min" | "max")):
            return [partial(_other_bound)]
        case _:
            return []


def _of_statements(node: ast.AST) -> list[partial[ast.AST]]:
    match node:
        case ast.Return(value=ast.expr() as value) if not _is_none(value):
            return [partial(_return_none)]
        case ast.Assign() | ast.AugAssign() | ast.Expr(value=ast.Call()):
            return [partial(_pass)] if node.col_offset >= 8 else []
        case ast.If():
            return [partial(_always, to=True), partial(_always, to=False)]
        case _:
            return []


def _of_types(node: ast.BinOp) -> bool:
    """`str | None` says nothing that could be tested."""
    return isinstance(node.op, ast.BitOr)


def _is_none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def _compare(node: ast.AST, *, to: type[ast.cmpop]) -> ast.AST:
    assert isinstance(node, ast.Compare)
    return ast.Compare(node.left, [to()], node.comparators)


def _flip_all(node: ast.AST) -> ast.AST:
    assert isinstance(node, ast.BoolOp)
    return ast.BoolOp(ast.Or() if isinstance(node.op, ast.And) else ast.And(), node.values)


def _leave_operand(node: ast.AST, *, which: int) -> ast.AST:
    assert isinstance(node, ast.BoolOp)
    rest = [value for index, value in enumerate(node.values) if index != which]
    return rest[0] if len(rest) == 1 else ast.BoolOp(node.op, rest)


def _without_not(node: ast.AST) -> ast.AST:
    assert isinstance(node, ast.UnaryOp)
    return node.operand


def _branch(node: ast.AST, *, yes: bool) -> ast.AST:
    assert isinstance(node, ast.IfExp)
    return node.body if yes else node.orelse


def _count(node: ast.AST) -> ast.AST:
    assert isinstance(node, ast.BinOp)
    return ast.BinOp(node.left, _COUNTED[type(node.op)](), node.right)


def _constant(node: ast.AST, *, to: object) -> ast.AST:
    return ast.Constant(to)  # type: ignore[arg-type]


def _return_none(node: ast.AST) -> ast.AST:
    return ast.Return(ast.Constant(None))


def _pass(node: ast.AST) -> ast.AST:
    return ast.Pass()


def _always(node: ast.AST, *, to: bool) -> ast.AST:
    """The condition is still evaluated, for what it may name."""
    assert isinstance(node, ast.If)
    either = ast.BoolOp(ast.Or(), [node.test, ast.Constant(True)])
    never = ast.BoolOp(ast.And(), [node.test, ast.Constant(False)])
    return ast.If(either if to else never, node.body, node.orelse)


def _without_row(node: ast.AST, *, which: int) -> ast.AST:
    assert isinstance(node, ast.Dict)
    keys = [key for index, key in enumerate(node.keys) if index != which]
    return ast.Dict(keys, [value for index, value in enumerate(node.values) if index != which])


def _other_bound(node: ast.AST) -> ast.AST:
    assert isinstance(node, ast.Call)
    assert isinstance(node.func, ast.Name)
    return ast.Call(ast.Name("max" if node.func.id == "min" else "min", ast.Load()), node.args, node.keywords)


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 110 else f"{line[:107]}..."


# --- trying them


def _workplace(folder: Path) -> Path:
    """A copy of the checkout as far as these tests need it."""
    for name in COPIED:
        shutil.copytree(CHECKOUT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    return folder


def _tested(workplace: Path) -> str:
    """Runs in a fresh interpreter; the first failure is enough."""
    command = [
        sys.executable,
        "-B",
        "-m",
        "pytest",
        "-c",
        os.devnull,
        "-x",
        "-q",
        "--noconftest",
        "-p",
        "no:cacheprovider",
    ]
    environment = os.environ | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}  # half of a start would be plugins
    try:
        done = subprocess.run(
            [*command, *TESTS], cwd=workplace, env=environment, capture_output=True, timeout=SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        return "hung"
    return "survived" if done.returncode == 0 else "failed"


def _try(workplaces: list[Path], mutant: Mutant) -> Tried:
    workplace = workplaces.pop()  # one for each worker: list.pop and append are atomic
    try:
        (workplace / TARGET).write_text(mutant.source, encoding="utf-8")
        return Tried(mutant, _tested(workplace))
    finally:
        workplaces.append(workplace)


def tried(found: Sequence[Mutant], *, jobs: int) -> list[Tried]:
    """All of them, so many at a time. Raises RuntimeError when the tests fail on what is not changed."""
    with tempfile.TemporaryDirectory(prefix="mutants-") as name:
        workplaces = []
        for number in range(jobs):
            place = Path(name) / str(number)
            place.mkdir()
            workplaces.append(_workplace(place))
        if _tested(workplaces[0]) != "survived":
            raise RuntimeError("the tests fail without any change; mend them first")
        with ThreadPoolExecutor(jobs) as pool:
            return list(pool.map(partial(_try, workplaces), found))


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit status: 0 when enough were noticed, else 1."""
    parser = argparse.ArgumentParser(prog="mutants", description=__doc__)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--lines", help="of the module, as FIRST-LAST; all by default")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    first, _, last = (options.lines or "1-1000000").partition("-")
    source = (CHECKOUT / TARGET).read_text(encoding="utf-8")
    found = [mutant for mutant in mutants(source) if int(first) <= mutant.line <= int(last or first)]
    begun = time.monotonic()
    results = tried(found, jobs=options.jobs)
    survivors = [each.mutant for each in results if each.how == "survived"]
    percent = 100.0 * (len(results) - len(survivors)) / max(len(results), 1)
    told = {
        "mutants": len(results),
        "killed": len(results) - len(survivors),
        "hung": sum(each.how == "hung" for each in results),
        "percent": round(percent, 1),
        "seconds": round(time.monotonic() - begun),
        "survivors": [f"line {mutant.line}: {mutant.what}" for mutant in survivors],
    }
    if options.json:
        print(json.dumps(told, indent=2))
    else:
        for words in told["survivors"]:  # type: ignore[attr-defined]
            print(f"survived  {words}")
        print(f"{told['killed']} of {told['mutants']} mutants noticed, {percent:.1f} %, {told['hung']} by hanging")
    return 0 if percent >= WANTED_PERCENT else 1


if __name__ == "__main__":
    sys.exit(main())
