"""Every scene looks as a person approved it, on the pinned software renderer."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from headless_harness.golden import EYE_SIZE, compare, draw, elsewhere, pinned, stale
from vr_app.catalogue import find_scenes
from vr_app.render.context import ContextError
from vr_app.studio import Studio, open_studio

SCENES = {name: entry.scene for name, entry in find_scenes().items() if entry.scene}


@pytest.fixture(scope="module")
def studio() -> Iterator[Studio]:
    try:
        with open_studio(EYE_SIZE) as opened:
            if not pinned(opened.context):
                pytest.skip(f"unproven: scenes look as approved; {elsewhere(opened.context)}")
            yield opened
    except ContextError as error:
        pytest.skip(f"unproven: scenes look as approved ({error})")


@pytest.mark.parametrize("scene", SCENES)
def test_a_scene_looks_as_approved(studio: Studio, scene: str) -> None:
    verdicts = [compare(shot, now) for shot, now in draw(studio, SCENES[scene])]
    failed = "\n".join(str(verdict) for verdict in verdicts if not verdict.passed)
    assert not failed, f"{failed}\nlook at them with `python3 -m vr_app.dev review`"


def test_every_golden_image_belongs_to_a_scene() -> None:
    assert not stale(scene.info for scene in SCENES.values())
