"""How many instructions a pixel of each material costs on a real GPU, against the budgets in budgets.toml.

`python -m headless_harness.instructions [--json] [--accept]`

A material's figure is its fragment stage on the longest of the ways that its kinds of surface take; a scene's is the
sum over its materials and what every frame draws beside them, as if each covered both eyes once: the worst there is.
A picture of the scene lies between its costliest material alone and that. Milliseconds are those of a GTX 1660 at
8.8 million pixels (docs/design/platform-facts.md).
"""

from __future__ import annotations

import argparse
import json
import sys
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from headless_harness.census import TEXT, TEXT_KINDS, Census, take_census
from headless_harness.null_gpu import GPU, Material, NullGpu, NullGpuError, Statistics, open_null_gpu
from vr_app.catalogue import find_scenes

BUDGETS: Final = Path(__file__).with_name("budgets.toml")
ALU_A_MILLISECOND: Final = 200  # instructions of every pixel of the frame
HEADROOM: Final = 1.12
ALWAYS: Final = {"hidden_area": (0,), "resolve": (0,), TEXT: TEXT_KINDS}  # drawn beside every scene
_RAISE: Final = "shorten it, or look at what it costs and run `python -m headless_harness.instructions --accept`"
_HEAD: Final = """# The most instructions that a pixel may cost: of each material, and of a scene's materials together.
# Written by `python -m headless_harness.instructions --accept`, which changes only what is missing or exceeded.
"""


@dataclass(frozen=True, slots=True)
class Figures:
    """A material's fragment stage on its longest way. `waves` of 32 pixels fit a SIMD at once, of at most 32."""

    instructions: int
    alu: int
    fetches: int
    registers: int
    spilled: int
    waves: int
    kinds: dict[int, int]  # kind of surface -> instructions
    vertex: int  # instructions of the vertex stage

    @property
    def milliseconds(self) -> float:
        """If it covered both eyes once."""
        return self.alu / ALU_A_MILLISECOND


@dataclass(frozen=True, slots=True)
class Count:
    """All of it, by one version of Mesa."""

    driver: str
    materials: dict[str, Figures]
    scenes: dict[str, list[str]]  # scene -> its materials, with what every frame draws

    def of_scene(self, scene: str) -> int:
        """Instructions."""
        return sum(self.materials[name].instructions for name in self.scenes[scene])

    def milliseconds(self, scene: str) -> tuple[float, float]:
        """With its costliest material alone in the picture, and with every one over all of it."""
        each = [self.materials[name].milliseconds for name in self.scenes[scene]]
        return max(each) + self.materials["resolve"].milliseconds, sum(each)


@dataclass(frozen=True, slots=True)
class Budgets:
    """`driver` is the version of Mesa by which they were made: another compiles otherwise."""

    driver: str
    materials: Mapping[str, int]
    scenes: Mapping[str, int]


def count_all() -> Count:
    """Count every scene's materials. Raises NullGpuError."""
    scenes = [take_census(entry.scene) for entry in find_scenes().values() if entry.scene is not None]
    wanted = _merged(scenes)
    with open_null_gpu() as gpu:
        materials = {name: _figures(gpu, name, kinds) for name, kinds in sorted(wanted.items())}
        return Count(gpu.driver, materials, {each.scene: sorted({*each.materials, *ALWAYS}) for each in scenes})


def _merged(scenes: Sequence[Census]) -> dict[str, tuple[int, ...]]:
    """Material -> the kinds that any scene draws with it."""
    kinds: dict[str, set[int]] = {name: set(some) for name, some in ALWAYS.items()}
    for each in scenes:
        for name, some in each.materials.items():
            kinds.setdefault(name, set()).update(some)
    return {name: tuple(sorted(some)) for name, some in kinds.items()}


def _figures(gpu: NullGpu, name: str, kinds: Sequence[int]) -> Figures:
    try:
        counted = gpu.count(glsl_of(name), kinds)
    except NullGpuError as error:
        raise NullGpuError(f"{name}.glsl: {error}") from None
    vertex = counted[0][0]
    ways: dict[int, Statistics] = {kind: fragment for kind, (_, fragment) in zip(kinds, counted, strict=True)}
    longest = max(ways.values(), key=lambda way: way["Instructions"])
    return Figures(
        instructions=longest["Instructions"],
        alu=longest["VALU"],
        fetches=longest["VMEM"],
        registers=max(way["VGPRs"] for way in ways.values()),
        spilled=max(way["Spilled VGPRs"] + way["Spilled SGPRs"] for way in ways.values()),
        waves=min(way["Subgroups per SIMD"] for way in ways.values()),
        kinds={kind: way["Instructions"] for kind, way in ways.items()},
        vertex=vertex["Instructions"],
    )


def glsl_of(name: str, folder: Path | None = None) -> Material:
    """A material's stages as the renderer compiles them, the kind of surface left to a constant."""
    from vr_app.render import programs  # OpenGL, which only this process needs
    from vr_app.render.kit import ATTRIBUTES

    source = programs.load_source((folder or programs.SHADERS) / f"{name}.glsl")
    single_pass = name != "resolve"
    vertex, fragment = (
        programs.stage_text(source, stage, single_pass=single_pass)[0] for stage in ("VERTEX", "FRAGMENT")
    )
    version, rest = fragment.split("\n", 1)
    assert rest.count("p.kind = fragment.kind;") == 1
    rest = rest.replace("p.kind = fragment.kind;", "p.kind = KIND;")
    fragment = f"{version}\nlayout(constant_id = 0) const float KIND = 0.0;\n{rest}"
    return Material(vertex, fragment, [floats for _, floats in ATTRIBUTES.values()], source.blend != "none")


# --- budgets


def load_budgets(path: Path = BUDGETS) -> Budgets:
    """Raises NullGpuError for a file that cannot be read."""
    try:
        told = tomllib.loads(path.read_text(encoding="utf-8"))
        return Budgets(str(told["driver"]), dict(told["materials"]), dict(told["scenes"]))
    except (OSError, ValueError, KeyError) as error:
        raise NullGpuError(f"{path.name} cannot be read ({error}): make it with --accept") from None


def judge(count: Count, budgets: Budgets) -> list[str]:
    """What is wrong, a line each."""
    wrong = []
    for name, figures in count.materials.items():
        if figures.spilled:
            wrong.append(f"{name}.glsl needs more registers than there are ({figures.spilled} spilled): simplify it")
        if name in budgets.materials and figures.instructions > budgets.materials[name]:
            wrong.append(
                f"{name}.glsl takes {figures.instructions} instructions a pixel, its budget is "
                f"{budgets.materials[name]}: {_RAISE}"
            )
    for scene, materials in count.scenes.items():
        wrong += [
            f"scene '{scene}' uses {name}.glsl, which has no budget: add one with --accept"
            for name in materials
            if name not in budgets.materials
        ]
        total, most = count.of_scene(scene), budgets.scenes.get(scene)
        if most is None:
            wrong.append(f"scene '{scene}' has no budget: add one with --accept")
        elif total > most:
            wrong.append(f"scene '{scene}' takes {total} instructions a pixel at worst, its budget is {most}: {_RAISE}")
    return wrong


def accepted(count: Count, budgets: Budgets) -> Budgets:
    """Budgets that today's figures keep: those that hold stay, the others get today's with headroom."""
    scenes = {scene: count.of_scene(scene) for scene in count.scenes}
    materials = {name: figures.instructions for name, figures in count.materials.items()}
    return Budgets(
        count.driver,
        {name: _roomy(now, budgets.materials.get(name, 0)) for name, now in materials.items()},
        {scene: _roomy(now, budgets.scenes.get(scene, 0)) for scene, now in scenes.items()},
    )


def _roomy(now: int, before: int) -> int:
    return before if now <= before else -(-round(now * HEADROOM) // 10) * 10


def written(budgets: Budgets) -> str:
    """The file's text."""
    parts = [f'{_HEAD}driver = "{budgets.driver}"  # Mesa']
    for title, table in (("materials", budgets.materials), ("scenes", budgets.scenes)):
        parts.append("\n".join([f"[{title}]", *(f"{name} = {most}" for name, most in sorted(table.items()))]))
    return "\n\n".join(parts) + "\n"


# --- the program


def table(count: Count, budgets: Budgets) -> str:
    """The form for people."""
    heads = f"{'instructions':>14}{'budget':>8}{'alu':>7}{'ms':>7}{'fetches':>9}{'registers':>11}{'waves':>7}"
    lines = [f"{'material':16}{heads}{'vertex':>8}  of its kinds"]
    for name, each in count.materials.items():
        kinds = ", ".join(f"{kind}: {some}" for kind, some in each.kinds.items()) if len(each.kinds) > 1 else ""
        lines.append(
            f"{name:16}{each.instructions:14d}{budgets.materials.get(name, 0):8d}{each.alu:7d}{each.milliseconds:7.2f}"
            f"{each.fetches:9d}{each.registers:11d}{each.waves:7d}{each.vertex:8d}  {kinds}".rstrip()
        )
    lines += ["", f"{'scene':16}{'instructions':>14}{'budget':>8}{'ms, costliest alone':>21}{'all over all':>14}"]
    for scene in count.scenes:
        least, most = count.milliseconds(scene)
        numbers = f"{count.of_scene(scene):14d}{budgets.scenes.get(scene, 0):8d}{least:21.2f}{most:14.2f}"
        lines.append(f"{scene:16}{numbers}")
    return "\n".join([*lines, "", f"Mesa {count.driver} for {GPU}; ms: both eyes covered once, on a GTX 1660"])


def told(count: Count, budgets: Budgets) -> dict[str, Any]:
    """The JSON form."""
    return {
        "driver": count.driver,
        "materials": {
            name: {**asdict(each), "ms": round(each.milliseconds, 3), "budget": budgets.materials.get(name)}
            for name, each in count.materials.items()
        },
        "scenes": {
            scene: {
                "instructions": count.of_scene(scene),
                "ms": [round(each, 3) for each in count.milliseconds(scene)],
                "budget": budgets.scenes.get(scene),
                "materials": materials,
            }
            for scene, materials in count.scenes.items()
        },
        "wrong": judge(count, budgets),
    }


def main(arguments: Sequence[str]) -> int:
    """Exit status: 0, 1 when a budget is exceeded or nothing can be counted here, 2 on misuse."""
    parser = argparse.ArgumentParser(prog="instructions", description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--accept", action="store_true", help="write budgets that today's figures keep")
    chosen = parser.parse_args(arguments)
    try:
        count = count_all()
        budgets = load_budgets() if BUDGETS.exists() else Budgets(count.driver, {}, {})
    except NullGpuError as error:
        print(f"instructions: {error}", file=sys.stderr)
        return 1
    if chosen.accept:
        budgets = accepted(count, budgets)
        BUDGETS.write_text(written(budgets), encoding="utf-8")
    print(json.dumps(told(count, budgets), indent=2) if chosen.json else table(count, budgets))
    wrong = judge(count, budgets)
    for line in wrong:
        print(f"instructions: {line}", file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
