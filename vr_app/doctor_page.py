"""The doctor's findings as one HTML file that a therapist can send to whoever looks after the computers.

It needs no network and no other file, and names no person: home folder, user, computer and chosen device names are
replaced, and the logs that it quotes hold none (vr_app/logs.py).
"""

from __future__ import annotations

import getpass
import os
import platform
import re
from base64 import b64encode
from collections.abc import Iterator, Sequence
from datetime import datetime
from html import escape
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from vr_app.doctor_machine import Finding
from vr_app.folders import log_folder
from vr_app.logs import Told, last_faults
from vr_app.timing.report import write_atomically

_GROUPS = {
    "Headset": ("runtime", "headset", "layers", "opengl"),
    "Picture": ("graphics", "screen"),
    "Sound": ("sound", "voice"),
    "This computer": ("python", "clock", "memory"),
    "Files": ("folders", "lock"),
}
_MARKS = {"ok": ("✓", "In order"), "warning": ("!", "Worth a look"), "problem": ("×", "Needs mending")}
_FONT = Path(__file__).parents[1] / "assets" / "fonts" / "AtkinsonHyperlegibleNext-Medium.ttf"
_PATH_ENDS = r"(?![\w.-])"


def write_page(path: Path, found: Sequence[Finding]) -> None:
    """Raises OutputError when `path` cannot be written."""
    text = page(found, last_faults(), datetime.now().astimezone())
    write_atomically(path, lambda file: file.write(text.encode()))


def page(found: Sequence[Finding], faults: Sequence[Told], now: datetime) -> str:
    """The whole document."""
    facts = "".join(f"<div><dt>{_shown(name)}</dt><dd>{_shown(value)}</dd></div>" for name, value in _facts())
    return _DOCUMENT.format(
        style=_STYLE.replace("FONT", b64encode(_FONT.read_bytes()).decode()),
        when=_shown(f"{now.day} {now:%B %Y, %H:%M}"),
        summary=_summary(found),
        wrong=_wrong(found),
        right=_right(found),
        facts=facts,
        folder=_shown(str(log_folder())),
        faults=_faults(faults),
    )


def without_persons(text: str) -> str:
    """Home folder, user's name and computer's name replaced."""
    for folder, instead in ((os.environ.get("HARBORLIGHT_HOME", ""), "HARBORLIGHT_HOME"), (str(Path.home()), "~")):
        if len(folder) > 1:
            text = re.sub(re.escape(folder.rstrip("/\\")) + _PATH_ENDS, instead, text)
    for name, instead in ((_user(), "(user)"), (platform.node(), "(computer)")):
        if name:
            text = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", instead, text)
    return text


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):  # a user id without an entry
        return ""


def _shown(text: str) -> str:
    """For the page: paths may break after a separator."""
    return re.sub(r"(?<=\w)([/\\])(?=\w)", r"\1<wbr>", escape(without_persons(text)))


def _summary(found: Sequence[Finding]) -> str:
    problems, warnings = (sum(each.level == level for each in found) for level in ("problem", "warning"))
    if problems:
        level, words = "problem", "One thing needs mending" if problems == 1 else f"{problems} things need mending"
    elif warnings:
        level, words = "warning", "Sessions can be played"
    else:
        level, words = "ok", "All is in order"
    if warnings:
        words += "; one is worth a look" if warnings == 1 else f"; {warnings} are worth a look"
    return f'<p class="summary {level}">{_mark(level)}<span>{words}.</span></p>'


def _mark(level: str) -> str:
    sign, meaning = _MARKS[level]
    return f'<span class="mark" role="img" aria-label="{meaning}">{sign}</span>'


def _wrong(found: Sequence[Finding]) -> str:
    """What to do, the most urgent first."""
    wrong = [finding for level in ("problem", "warning") for finding in found if finding.level == level]
    if not wrong:
        return ""
    items = "".join(
        f'<li class="{each.level}">{_mark(each.level)}<div><p class="topic">{_group_of(each)}</p>'
        f'<p class="what">{_told(each)}</p><p class="remedy">{_shown(each.remedy)}</p></div></li>'
        for each in wrong
    )
    return f'<section><h2>What to do</h2><ul class="wrong">{items}</ul></section>'


def _right(found: Sequence[Finding]) -> str:
    """What is as it should be, group by group."""
    rows = ""
    for title in _GROUPS:
        ours = [each for each in found if each.level == "ok" and _group_of(each) == title]
        told = "".join(f"<p>{_told(each)} <span class='hint'>{_shown(each.remedy)}</span></p>" for each in ours)
        rows += f"<div><dt>{title}</dt><dd>{told}</dd></div>" if told else ""
    return f'<section><h2>In order</h2><dl class="right">{rows}</dl></section>' if rows else ""


def _group_of(finding: Finding) -> str:
    return next(title for title, topics in _GROUPS.items() if finding.topic in topics)


def _told(finding: Finding) -> str:
    return _shown(finding.sentence.replace(finding.private, "(its name)") if finding.private else finding.sentence)


def _facts() -> Iterator[tuple[str, str]]:
    try:
        yield "Harborlight", version("harborlight")
    except PackageNotFoundError:
        yield "Harborlight", "from a checkout"
    yield "System", _system()
    yield "Python", f"{platform.python_version()}, {platform.machine()}"
    yield "Processor", f"{os.cpu_count() or 1} cores"
    if hasattr(os, "sysconf"):
        yield "Memory", f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30:.0f} GB"


def _system() -> str:
    if platform.system() == "Linux":
        try:
            name = platform.freedesktop_os_release()["PRETTY_NAME"]
        except (OSError, KeyError):
            name = "Linux"
        return f"{name}, kernel {platform.release()}"
    return f"{platform.system()} {platform.release()} ({platform.version()})"


def _faults(faults: Sequence[Told]) -> str:
    if not faults:
        return "<p>None is in the logs.</p>"
    rows = "".join(
        f"<li><span class='when'>{_shown(told.utc[:19].replace('T', ' '))}</span>"
        f"<span class='who'>{_shown(told.process)}</span><span>{_shown(told.sentence)}</span></li>"
        for told in reversed(faults)
    )
    return f'<p>Newest first; times are UTC.</p><ol class="log">{rows}</ol>'


_STYLE = """
@font-face { font-family: Atkinson; src: url(data:font/ttf;base64,FONT); }
:root { --paper: #f7f1e8; --sheet: #fffdf9; --ink: #2b3038; --soft: #5d6470; --line: #e9e0d2;
  --ok: #4a6b4f; --warning: #8a5a16; --problem: #9a3b2b; }
* { box-sizing: border-box; margin: 0; padding: 0; font-weight: 500; }
html { -webkit-text-size-adjust: 100%; }
body { background: var(--paper); color: var(--ink); font: 500 17px/1.5 Atkinson, system-ui, sans-serif; }
main { max-width: 47rem; margin: 0 auto; padding: 3.5rem 1.5rem 4rem; }
h1 { font-size: 2rem; line-height: 1.15; letter-spacing: -.012em; }
header p { color: var(--soft); margin-top: .35rem; }
h2 { font-size: 1.2rem; margin: 2.6rem 0 .8rem; }
.summary { display: flex; gap: .9rem; align-items: center; margin-top: 1.8rem; padding-top: 1.3rem;
  border-top: 1px solid #d9ccb8; font-size: 1.3rem; line-height: 1.3; }
ul, ol { list-style: none; }
ul, dl, ol { background: var(--sheet); border: 1px solid var(--line); border-radius: .75rem; }
.wrong li { display: flex; gap: .95rem; padding: 1.05rem 1.3rem 1.15rem; }
li + li, dl > div + div { border-top: 1px solid var(--line); }
.topic { color: var(--soft); font-size: .85rem; line-height: 1.7; }
.what { font-size: 1.1rem; line-height: 1.4; margin-bottom: .3rem; }
.remedy::before { content: "→ "; } .hint { color: var(--soft); }
.problem .remedy::before { color: var(--problem); } .warning .remedy::before { color: var(--warning); }
p, dd, span, code { overflow-wrap: anywhere; }
.mark { flex: none; width: 1.55rem; height: 1.55rem; border-radius: 50%; text-align: center; color: #fffdf9;
  font: 700 1rem/1.55rem system-ui, "DejaVu Sans", sans-serif; }
.ok > .mark { background: var(--ok); } .warning > .mark { background: var(--warning); }
.problem > .mark { background: var(--problem); }
dl > div { display: flex; gap: 1rem; padding: .65rem 1.3rem; }
dt { flex: none; width: 8.6rem; color: var(--soft); }
dd p + p { margin-top: .25rem; }
code { font: .9em/1.5 "Cascadia Mono", "DejaVu Sans Mono", monospace; }
.log { margin-top: .8rem; font-size: .92rem; }
.log li { display: grid; grid-template-columns: 9.6rem 6rem 1fr; gap: .2rem 1rem; padding: .6rem 1.3rem; }
.when, .who { color: var(--soft); font-variant-numeric: tabular-nums; }
footer { margin-top: 2.6rem; color: var(--soft); font-size: .92rem; }
@media (max-width: 34rem) {
  body { font-size: 16px; } main { padding: 2rem 1rem 3rem; } h1 { font-size: 1.65rem; }
  .summary { font-size: 1.15rem; }
  .wrong li, dl > div, .log li { padding-left: 1rem; padding-right: 1rem; } dl > div { display: block; }
  .log li { grid-template-columns: auto 1fr; } .log li span:last-child { grid-column: 1 / -1; }
}
@media print { body { background: none; font-size: 11pt; } main { padding: 0; } li, dl > div { break-inside: avoid; } }
"""

_DOCUMENT = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>Harborlight: what this computer has and lacks</title>
<style>{style}</style>
</head>
<body>
<main>
<header><h1>What this computer has and lacks</h1><p>Harborlight doctor, {when}</p></header>
{summary}
{wrong}
{right}
<section><h2>The machine</h2><dl>{facts}</dl></section>
<section><h2>The last faults</h2><p>Logs are in <code>{folder}</code></p>{faults}</section>
<footer><p>This page was made on the computer itself and holds nothing about any patient: no names, no words, no plans.
It may be sent to whoever looks after the computers.</p></footer>
</main>
</body>
</html>
"""
