"""What `harborlight run` was asked for; travels from the command line to the render process."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

from vr_app.commands import LoadPlan, Spoken
from vr_app.sound.options import SoundOptions
from vr_app.wording import ENGLISH, NOBODY_NAMED


@dataclass(frozen=True, slots=True)
class Options:
    """Checked by the command line; paths are made absolute there."""

    headset: Literal["auto", "openxr", "desktop", "headless"] = "auto"
    plan: str = "lantern"
    minutes: float | None = None
    name: str = NOBODY_NAMED
    language: str = ENGLISH
    avoid: frozenset[str] = frozenset()  # flags of scenes that this patient is not shown
    words: Spoken = "all"  # that this patient is told
    report: Path | None = None
    record: Path | None = None
    script: Path | None = None
    hz: float | None = None
    virtual: bool = False
    eye_size: tuple[int, int] | None = None
    side_by_side: bool = False
    wait: bool = False
    hold: bool = False
    zero_counts: bool = False
    safe: bool = False  # without implicit OpenXR layers
    dev: bool = False  # shaders are compiled anew when their files change
    verbose: bool = False
    sound: SoundOptions = field(default_factory=SoundOptions)
    pack: Path | None = None  # folder of a voice pack
    rehearsal: bool = False  # by a synthesiser's voice: no patient session
    launched: float = 0.0  # host monotonic seconds
    visit: str = ""  # see LoadPlan

    def loaded(self, load: LoadPlan) -> Options:
        """The same with another plan, held until Go."""
        return replace(
            self,
            plan=load.plan,
            minutes=load.minutes,
            name=load.name or self.name,
            language=load.language or self.language,
            visit=load.visit,
            avoid=load.avoid,
            words=load.words,
            hold=True,
            launched=0.0,
        )
