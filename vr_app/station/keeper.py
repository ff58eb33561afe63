"""What must outlive every process: the phase lock and the place in the plan, each file whole or as it was before."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

import msgspec

from vr_app.files import replace_file
from vr_app.station.messages import SCHEMA, Position

log = logging.getLogger(__name__)

_File = TypeVar("_File", bound="PhaseFile | PlanFile")


class PhaseFile(msgspec.Struct, frozen=True):
    """phase.json: whether the session is locked, since when (ISO 8601, UTC) and by whom."""

    schema: int
    locked: bool
    since: str
    by: str


class PlanFile(msgspec.Struct, frozen=True):
    """position.json: which plan was played with what, and where it stands; `ended`: there is nothing to take up."""

    schema: int
    plan: str
    minutes: float | None
    name: str
    position: Position
    ended: bool


class CannotKeep(Exception):
    """A file cannot be written; the text is the one line for whoever asked."""


@dataclass(slots=True)
class Phase:
    """The lock as it holds now; `why` is for people."""

    locked: bool
    why: str


class Keeper:
    """Reads at the start; from then on the files follow what is asked. Only the supervisor has one."""

    def __init__(self, folder: Path) -> None:
        self._phase_file = folder / "phase.json"
        self._plan_file = folder / "position.json"
        self._complained = False
        self.phase = self._read_phase()

    def lock(self, by: str) -> None:
        """Locked from now on, whatever the disk says. Raises CannotKeep when it will not outlive this session."""
        since = _utc()
        self.phase = Phase(True, f"locked since {since}")
        self._write_phase(PhaseFile(SCHEMA, True, since, by), "VR is locked now, but will not be after a restart")

    def unlock(self, by: str) -> None:
        """Raises CannotKeep, and stays locked, unless `by` names someone and the disk takes it."""
        if not by.strip():
            raise CannotKeep("unlocking takes a name: unlock NAME")
        self._write_phase(PhaseFile(SCHEMA, False, _utc(), by.strip()), "VR stays locked")
        self.phase = Phase(False, "")

    def keep(self, plan: PlanFile) -> None:
        """Where the plan stands; a disk that does not take it is complained of once, never in anybody's way."""
        try:
            self._write(self._plan_file, plan)
            self._complained = False
        except OSError as error:
            if not self._complained:
                log.warning("the place in the plan is not kept: %s", error)
            self._complained = True

    def interrupted(self) -> PlanFile | None:
        """The plan that the last session did not play to its end; None when there is none."""
        found = _read(self._plan_file, PlanFile)
        return None if found is None or found.ended else found

    def _read_phase(self) -> Phase:
        """No file: nobody has ever locked. A file that cannot be understood: locked, for that is the safe side."""
        if not self._phase_file.exists():
            return Phase(False, "")
        found = _read(self._phase_file, PhaseFile)
        if found is None:
            return Phase(True, f"locked, for {self._phase_file} cannot be read")
        return Phase(found.locked, f"locked since {found.since}" if found.locked else "")

    def _write_phase(self, phase: PhaseFile, otherwise: str) -> None:
        try:
            self._write(self._phase_file, phase)
        except OSError as error:
            raise CannotKeep(f"{otherwise}: {self._phase_file}: {error.strerror}; free some space") from None

    def _write(self, path: Path, value: PhaseFile | PlanFile) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        replace_file(path, lambda file: file.write(msgspec.json.encode(value)), lasting=True)


def _read(path: Path, kind: type[_File]) -> _File | None:
    """None for a file that is missing, broken or of a newer schema."""
    try:
        found = msgspec.json.decode(path.read_bytes(), type=kind)
    except (OSError, msgspec.MsgspecError):
        return None
    return found if found.schema == SCHEMA else None


def _utc() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
