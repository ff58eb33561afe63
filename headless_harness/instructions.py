"""How many instructions a pixel of each material costs on a real GPU, against the budgets in budgets.toml.

`python -m headless_harness.instructions [--scene NAME ...] [--json] [--accept]`

A material's figure is its fragment stage on the longest of the ways that its kinds of surface take; a scene's is the
sum over its materials and what every frame draws beside them, as if each covered both eyes once: the worst there is.
A picture of the scene lies between its costliest material alone and that; headless_harness.estimate tells where. All
of it at each level of detail. A field counts by the texels it paints in a frame, a kernel by its rows. Milliseconds are
those of a GTX 1660 at 8.8 million pixels (docs/design/platform-facts.md).
"""

from __future__ import annotations

import argparse
import json
import sys
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

from headless_harness.census import TEXT, TEXT_KINDS, Census, take_census
from headless_harness.null_gpu import GPU, Attribute, Material, NullGpu, NullGpuError, Statistics, open_null_gpu
from vr_app.catalogue import find_scenes

BUDGETS: Final = Path(__file__).with_name("budgets.toml")
ALU_A_MILLISECOND: Final = 200  # instructions of every pixel of the frame
PIXELS: Final = 8.8e6  # of the frame
LEVELS: Final = (2, 1, 0)  # of detail, as Frame.detail
HEADROOM: Final = 1.12
ALWAYS: Final = {"hidden_area": (0,), "resolve": (0,), TEXT: TEXT_KINDS}  # drawn beside every scene
_RAISE: Final = "shorten it, or look at what it costs and run `python -m headless_harness.instructions --accept`"
_HEAD: Final = """# The most instructions that a pixel may cost at detail 2, 1 and 0: of a material and of a scene's.
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
class Drawn:
    """What a frame of a scene draws at one level of detail."""

    materials: Sequence[str]  # with what every frame draws
    draws: int = 0
    triangles: int = 0
    corners: Mapping[str, int] = field(default_factory=dict)  # by material
    parts: Mapping[str, float] = field(default_factory=dict)  # field or kernel -> texels or rows, in whole frames


@dataclass(frozen=True, slots=True)
class Count:
    """All of it, by one version of Mesa."""

    driver: str
    figures: Mapping[int, Mapping[str, Figures]]  # level -> shader
    scenes: Mapping[str, Mapping[int, Drawn]]  # scene -> level

    def of_scene(self, scene: str, level: int) -> int:
        """Instructions."""
        return round(sum(figures.instructions * share for figures, share in self._shares(scene, level)))

    def milliseconds(self, scene: str, level: int) -> tuple[float, float]:
        """With its costliest material alone in the picture, and with every one over all of it."""
        each = [figures.milliseconds * share for figures, share in self._shares(scene, level)]
        materials = len(self.scenes[scene][level].materials)
        always = self.figures[level]["resolve"].milliseconds + sum(each[materials:])
        return max(each[:materials]) + always, sum(each)

    def _shares(self, scene: str, level: int) -> list[tuple[Figures, float]]:
        """Every material once over all of the picture, then fields and kernels by their parts."""
        drawn, figures = self.scenes[scene][level], self.figures[level]
        whole = [(figures[name], 1.0) for name in drawn.materials]
        return whole + [(figures[name], share) for name, share in drawn.parts.items()]


@dataclass(frozen=True, slots=True)
class Budgets:
    """`driver` is the version of Mesa by which they were made: another compiles otherwise. One for each of LEVELS."""

    driver: str
    materials: Mapping[str, Sequence[int]]
    scenes: Mapping[str, Sequence[int]]


def count_all(only: Sequence[str] = ()) -> Count:
    """Count the materials of every scene, or of some. Raises NullGpuError."""
    known = {name: entry.scene for name, entry in find_scenes().items() if entry.scene is not None}
    if missing := set(only) - set(known):
        raise NullGpuError(f"there is no scene {sorted(missing)} that can be drawn; there are {sorted(known)}")
    chosen = {name: scene for name, scene in known.items() if not only or name in only}
    taken = {name: {level: take_census(scene, level) for level in LEVELS} for name, scene in chosen.items()}
    wanted = _merged([census for levels in taken.values() for census in levels.values()])
    scenes = {name: {level: _drawn(census) for level, census in levels.items()} for name, levels in taken.items()}
    with open_null_gpu() as gpu:
        by_name = {name: _figures(gpu, name, kinds) for name, kinds in sorted(wanted.items())}
        return Count(gpu.driver, {level: {name: by_name[name][level] for name in by_name} for level in LEVELS}, scenes)


def _drawn(census: Census) -> Drawn:
    parts = {name: number / PIXELS for name, number in (census.fields | census.kernels).items()}
    return Drawn(sorted({*census.materials, *ALWAYS}), census.draws, census.triangles, census.corners, parts)


def _merged(scenes: Sequence[Census]) -> dict[str, tuple[int, ...]]:
    """Shader -> the kinds that any scene draws with it."""
    kinds: dict[str, set[int]] = {name: set(some) for name, some in ALWAYS.items()}
    for each in scenes:
        for name, some in (each.materials | dict.fromkeys((*each.fields, *each.kernels), (0,))).items():
            kinds.setdefault(name, set()).update(some)
    return {name: tuple(sorted(some)) for name, some in kinds.items()}


def _figures(gpu: NullGpu, name: str, kinds: Sequence[int]) -> dict[int, Figures]:
    """By level."""
    wanted = [(float(kind), level) for level in LEVELS for kind in kinds]
    try:
        glsl = glsl_of(name)
        if isinstance(glsl, Material):
            counted = gpu.count(glsl, wanted)
        else:
            counted = [({"Instructions": 0}, each) for each in gpu.count_kernel(glsl, wanted)]
    except NullGpuError as error:
        raise NullGpuError(f"{name}.glsl: {error}") from None
    found = dict(zip(wanted, counted, strict=True))
    return {level: _of_level({kind: found[kind, level] for kind in kinds}) for level in LEVELS}


def _of_level(counted: Mapping[int, tuple[Statistics, Statistics]]) -> Figures:
    """Of vertex and pixel stages by kind of surface."""
    ways = {kind: pixel for kind, (_, pixel) in counted.items()}
    longest = max(ways.values(), key=lambda way: way["Instructions"])
    return Figures(
        instructions=longest["Instructions"],
        alu=longest["VALU"],
        fetches=longest["VMEM"],
        registers=max(way["VGPRs"] for way in ways.values()),
        spilled=max(way["Spilled VGPRs"] + way["Spilled SGPRs"] for way in ways.values()),
        waves=min(way["Subgroups per SIMD"] for way in ways.values()),
        kinds={kind: way["Instructions"] for kind, way in ways.items()},
        vertex=max(vertex["Instructions"] for vertex, _ in counted.values()),
    )


def glsl_of(name: str, folder: Path | None = None) -> Material | str:
    """A shader's stages as the renderer compiles them, kind of surface and detail left to constants.

    One text for a kernel.
    """
    from vr_app.render import programs  # OpenGL, which only this process needs
    from vr_app.render.kit import ATTRIBUTES, HORIZON, ROW

    source = programs.load_source((folder or programs.SHADERS) / f"{name}.glsl")
    single_pass = name != "resolve"

    def stage(define: str) -> str:
        version, rest = programs.stage_text(source, define, single_pass=single_pass)[0].split("\n", 1)
        constants = "layout(constant_id = 0) const float KIND = 0.0;\nlayout(constant_id = 1) const int LEVEL = 2;"
        return f"{version}\n{constants}\n#define DETAIL LEVEL\n{rest}"

    if "kernel" in source.hooks:
        return stage("COMPUTE")
    fragment = stage("FRAGMENT")
    assert fragment.count("p.kind = fragment.kind;") == 1
    fragment = fragment.replace("p.kind = fragment.kind;", "p.kind = KIND;")
    read = [Attribute(location, floats) for location, floats in ATTRIBUTES.values()]
    if "strokes" in source.hooks:
        read = [Attribute(0, 3), Attribute(14, 3)] + [Attribute(ROW + point, 4, a_copy=True) for point in range(4)]
        for end in range(2):
            read += [Attribute(6 + end, 3, a_copy=True), Attribute(8 + end, 4, as_bytes=True, a_copy=True)]
    if "copies" in source.hooks:
        read += [Attribute(ROW + part, 4, a_copy=True) for part in range(4)]
    if "horizon" in source.hooks:
        a_copy = "copies" in source.hooks
        read += [Attribute(HORIZON + part, 4, as_bytes=True, a_copy=a_copy) for part in range(4)]
    return Material(stage("VERTEX"), fragment, read, source.blend in ("alpha", "add"))


# --- budgets


def load_budgets(path: Path = BUDGETS) -> Budgets:
    """Raises NullGpuError for a file that cannot be read."""
    try:
        told = tomllib.loads(path.read_text(encoding="utf-8"))
        return Budgets(str(told["driver"]), _three(told["materials"]), _three(told["scenes"]))
    except (OSError, ValueError, KeyError) as error:
        raise NullGpuError(f"{path.name} cannot be read ({error}): make it with --accept") from None


def _three(told: Mapping[str, Any]) -> dict[str, list[int]]:
    """Budgets as they are written. Raises ValueError."""
    found = {name: [int(each) for each in most] for name, most in told.items()}
    if wrong := [name for name, most in found.items() if len(most) != len(LEVELS)]:
        raise ValueError(f"{wrong[0]} needs one figure for each of detail 2, 1 and 0")
    return found


def judge(count: Count, budgets: Budgets) -> list[str]:
    """What is wrong, a line each."""
    wrong = []
    for place, level in enumerate(LEVELS):
        for name, figures in count.figures[level].items():
            most = budgets.materials.get(name)
            if figures.spilled:
                wrong.append(
                    f"{name}.glsl needs more registers than there are ({figures.spilled} spilled): simplify it"
                )
            if most and figures.instructions > most[place]:
                wrong.append(
                    f"{name}.glsl takes {figures.instructions} instructions a pixel at detail {level}, its budget is "
                    f"{most[place]}: {_RAISE}"
                )
    for scene, levels in count.scenes.items():
        wrong += [
            f"scene '{scene}' uses {name}.glsl, which has no budget: add one with --accept"
            for name in sorted({name for drawn in levels.values() for name in (*drawn.materials, *drawn.parts)})
            if name not in budgets.materials
        ]
        if scene not in budgets.scenes:
            wrong.append(f"scene '{scene}' has no budget: add one with --accept")
            continue
        for most_now, level in zip(budgets.scenes[scene], LEVELS, strict=True):
            if (total := count.of_scene(scene, level)) > most_now:
                wrong.append(
                    f"scene '{scene}' takes {total} instructions a pixel at worst at detail {level}, its budget is "
                    f"{most_now}: {_RAISE}"
                )
    return wrong


def accepted(count: Count, budgets: Budgets) -> Budgets:
    """Budgets that today's figures keep: those that hold stay, the others get today's with headroom."""
    scenes = {scene: [count.of_scene(scene, level) for level in LEVELS] for scene in count.scenes}
    names = count.figures[LEVELS[0]]
    materials = {name: [count.figures[level][name].instructions for level in LEVELS] for name in names}
    return Budgets(
        count.driver,
        {name: _roomy(now, budgets.materials.get(name)) for name, now in materials.items()},
        {scene: _roomy(now, budgets.scenes.get(scene)) for scene, now in scenes.items()},
    )


def _roomy(now: Sequence[int], before: Sequence[int] | None) -> list[int]:
    kept = before or [0] * len(now)
    return [old if new <= old else -(-round(new * HEADROOM) // 10) * 10 for new, old in zip(now, kept, strict=True)]


def written(budgets: Budgets) -> str:
    """The file's text."""
    parts = [f'{_HEAD}driver = "{budgets.driver}"  # Mesa']
    for title, table in (("materials", budgets.materials), ("scenes", budgets.scenes)):
        lines = (f"{name} = [{', '.join(str(each) for each in most)}]" for name, most in sorted(table.items()))
        parts.append("\n".join([f"[{title}]", *lines]))
    return "\n\n".join(parts) + "\n"


# --- the program


def table(count: Count, budgets: Budgets) -> str:
    """The form for people."""
    heads = f"{'2':>6}{'1':>6}{'0':>6}{'budgets':>16}{'ms':>7}{'fetches':>9}{'registers':>11}{'waves':>7}{'vertex':>8}"
    lines = [f"{'instructions at':16}{heads}  of its kinds"]
    high = count.figures[LEVELS[0]]
    for name, each in high.items():
        kinds = ", ".join(f"{kind}: {some}" for kind, some in each.kinds.items()) if len(each.kinds) > 1 else ""
        now = "".join(f"{count.figures[level][name].instructions:6d}" for level in LEVELS)
        most = "/".join(str(most) for most in budgets.materials.get(name, ())) or "none"
        lines.append(
            f"{name:16}{now}{most:>16}{each.milliseconds:7.2f}"
            f"{each.fetches:9d}{each.registers:11d}{each.waves:7d}{each.vertex:8d}  {kinds}".rstrip()
        )
    heads = (
        f"{'instructions':>14}{'budget':>8}{'ms, costliest alone':>21}{'all over all':>14}{'draws':>7}{'triangles':>11}"
    )
    lines += ["", f"{'scene':16}{'detail':>7}{heads}"]
    for scene, levels in count.scenes.items():
        most_of = budgets.scenes.get(scene, (0, 0, 0))
        for place, (level, drawn) in enumerate(levels.items()):
            least, most_ms = count.milliseconds(scene, level)
            numbers = f"{count.of_scene(scene, level):14d}{most_of[place]:8d}{least:21.2f}{most_ms:14.2f}"
            lines.append(f"{scene:16}{level:7d}{numbers}{drawn.draws:7d}{drawn.triangles:11d}")
    return "\n".join([*lines, "", f"Mesa {count.driver} for {GPU}; ms: both eyes covered once, on a GTX 1660"])


def told(count: Count, budgets: Budgets) -> dict[str, Any]:
    """The JSON form; what stands beside `levels` is of full detail."""
    high = LEVELS[0]
    return {
        "driver": count.driver,
        "materials": {
            name: {**asdict(each), "ms": round(each.milliseconds, 3), "budget": budgets.materials.get(name)}
            | {"levels": {str(level): asdict(count.figures[level][name]) for level in LEVELS}}
            for name, each in count.figures[high].items()
        },
        "scenes": {
            scene: {
                **_of_scene_told(count, scene, high),
                "budget": next(iter(budgets.scenes.get(scene, ())), None),
                "budgets": budgets.scenes.get(scene),
                "materials": list(levels[high].materials),
                "levels": {str(level): _of_scene_told(count, scene, level) for level in levels},
            }
            for scene, levels in count.scenes.items()
        },
        "wrong": judge(count, budgets),
    }


def _of_scene_told(count: Count, scene: str, level: int) -> dict[str, Any]:
    drawn = count.scenes[scene][level]
    return {
        "instructions": count.of_scene(scene, level),
        "ms": [round(each, 3) for each in count.milliseconds(scene, level)],
        "draws": drawn.draws,
        "triangles": drawn.triangles,
        "parts": {name: round(share, 4) for name, share in drawn.parts.items()},
    }


def main(arguments: Sequence[str]) -> int:
    """Exit status: 0, 1 when a budget is exceeded or nothing can be counted here, 2 on misuse."""
    parser = argparse.ArgumentParser(prog="instructions", description=__doc__)
    parser.add_argument("--scene", nargs="+", default=[], metavar="NAME", help="only these")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--accept", action="store_true", help="write budgets that today's figures keep")
    chosen = parser.parse_args(arguments)
    if chosen.accept and chosen.scene:
        parser.error("--accept is for all scenes at once")
    try:
        count = count_all(chosen.scene)
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
