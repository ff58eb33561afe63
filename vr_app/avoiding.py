"""What a comfort profile leaves out of plans, by scenes, settings and words; and what it leaves unsaid."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Literal

from vr_app.catalogue import Entry
from vr_app.lint_words import names_exit
from vr_app.plan import HOME, Plan, Step
from vr_app.profile import LOOK_AND_LISTEN, Profile, left_out, listed, scene_left_out, setting_flags
from vr_app.script import Script, at_their_times


def scene_flags(step: Step, scenes: Mapping[str, Entry]) -> frozenset[str]:
    """Of what is seen and heard in a step: its scene's, and what its settings make of it. Home has none."""
    entry = scenes.get(step.scene)
    if step.scene == HOME or entry is None or entry.scene is None:
        return frozenset()
    return entry.info.flags | setting_flags(step.settings)


def word_flags(step: Step) -> frozenset[str]:
    """Of what is said in it."""
    return step.script.flags if step.script is not None else frozenset()


def plan_left_out(profile: Profile, plan: Plan, scenes: Mapping[str, Entry]) -> str | None:
    """Why a plan is left out for this patient, in a sentence for the therapist; None: it is not."""
    shown = [(step, scene_flags(step, scenes)) for step in plan.steps]
    places = frozenset().union(*(flags for _, flags in shown))
    if why := left_out(profile, places, plan.title):
        return why
    said = sorted(profile.avoid & frozenset().union(*map(word_flags, plan.steps)))
    if said:
        return f"'{plan.title}' is left out: its words are about {listed(said)}, to be avoided for this patient."
    if any(step.scene != HOME and scene_left_out(profile, flags) for step, flags in shown):
        return scene_left_out(profile, places, plan.title)
    return None


def fallback(reasons: Mapping[str, str | None]) -> str | None:
    """What to say when every plan but *Look and listen* has a reason to be left out; None: others are left.

    `reasons` by the plans' titles, as `plan_left_out` gives them.
    """
    if any(why is None for title, why in reasons.items() if title != LOOK_AND_LISTEN):
        return None
    return (
        f"This profile leaves every other plan out; '{LOOK_AND_LISTEN}' is always there: the calm room, and few words."
    )


def said(script: Script, words: Literal["all", "few", "none"]) -> Script:
    """The script with as many of its lines as a profile wants, each at its own time.

    "few": up to the one that names the way out, and the last two, which lead back. "none": the way out alone.
    """
    moments = script.moments
    way_out = next((n for n, moment in enumerate(moments) if names_exit(moment.line.words, script.language)), -1)
    if words == "all":
        return script
    wanted = {way_out} if words == "none" else {*range(way_out + 1), len(moments) - 2, len(moments) - 1}
    return at_their_times(script, [(moment, moment.line) for n, moment in enumerate(moments) if n in wanted])


def speaking(plan: Plan, words: Literal["all", "few", "none"]) -> Plan:
    """The plan with as many words as a profile wants; of the way back, its last step, all are said."""
    *steps, back = plan.steps
    quieter = [replace(step, script=said(step.script, words) if step.script else None) for step in steps]
    return replace(plan, steps=(*quieter, back))
