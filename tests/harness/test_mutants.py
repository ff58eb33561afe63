"""The mutator: every kind of change is made, each is one change, and a test that looks is one that notices."""

from __future__ import annotations

import ast

import pytest

from headless_harness import mutants as harness
from headless_harness.mutants import CHECKOUT, TARGET, Mutant, mutants, tried

SOURCE = """
TABLE = {1: "one", **OTHER}
def f(a, b: int | None):
    x = a + 1
    if not a and b is None:
        return min(x, 2.5)
    g(x)
    return a if a < b else False
"""
WHATS = (
    "a < b  ->  a <= b",
    "a < b  ->  a >= b",
    "b is None  ->  b is not None",
    "not a and b is None  ->  not a or b is None",
    "not a and b is None  ->  not a",
    "not a and b is None  ->  b is None",
    "not a  ->  a",
    "a + 1  ->  a - 1",
    "2.5  ->  3.5",
    "False  ->  True",
    "min(x, 2.5)  ->  max(x, 2.5)",
    "return min(x, 2.5)  ->  return None",
    "g(x)  ->  pass",
    "x = a + 1  ->  pass",
    "a if a < b else False  ->  a",
    "a if a < b else False  ->  False",
)


def test_every_kind_of_change_is_made() -> None:
    whats = [mutant.what for mutant in mutants(SOURCE.replace("    ", "        "))]
    assert set(WHATS) <= set(whats)
    assert sum("if " in what and "or True" in what for what in whats) == 1
    assert sum("if " in what and "and False" in what for what in whats) == 1
    assert [what for what in whats if what.endswith("{1: 'one'}")]
    assert not [what for what in whats if "int | None" in what]


def test_each_is_another_module_that_can_be_read() -> None:
    source = (CHECKOUT / TARGET).read_text(encoding="utf-8")
    made = list(mutants(source))
    assert len(made) > 300
    assert all(ast.unparse(ast.parse(mutant.source)) == mutant.source for mutant in made)
    assert ast.unparse(ast.parse(source)) not in {mutant.source for mutant in made}


@pytest.mark.alone
def test_what_is_tested_is_noticed_and_what_is_not_survives() -> None:
    source = (CHECKOUT / TARGET).read_text(encoding="utf-8")
    unlocked = source.replace("if self.locked:\n            return LOCKED", "if False:\n            return LOCKED")
    assert unlocked != source
    found = [Mutant(1, "locked, it plays", unlocked), Mutant(2, "a comment", source + "# nothing\n")]
    assert [each.how for each in tried(found, jobs=1)] == ["failed", "survived"]


def test_enough_must_be_noticed(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def all_survive(found: list[Mutant], *, jobs: int) -> list[harness.Tried]:
        return [harness.Tried(mutant, "survived" if index % 4 == 0 else "failed") for index, mutant in enumerate(found)]

    monkeypatch.setattr(harness, "tried", all_survive)
    assert harness.main([]) == 1
    assert "survived  line" in capsys.readouterr().out
    monkeypatch.setattr(harness, "WANTED_PERCENT", 70.0)
    assert harness.main(["--json"]) == 0
