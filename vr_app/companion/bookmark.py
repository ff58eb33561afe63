"""Which session's record is written, so that a companion that takes the place of one that died goes on with it."""

from __future__ import annotations

import hashlib
import logging
from contextlib import suppress
from pathlib import Path

import msgspec

from vr_app.files import replace_file

log = logging.getLogger(__name__)


class Marked(msgspec.Struct, frozen=True):
    """Of one run of the station; `patient` is the pseudonym, `visit` the mark that Status has while it is theirs."""

    station: str
    session: str
    patient: str
    visit: str = ""


class Bookmark:
    """One small file, which holds only while its station runs. Nothing here raises."""

    def __init__(self, path: Path, secret: str) -> None:
        """`secret`: what nobody but this run of the station knows."""
        self._path = path
        self._station = hashlib.sha256(secret.encode()).hexdigest()[:16]

    def read(self) -> Marked | None:
        """None: no session's, or another run's."""
        try:
            marked = msgspec.json.decode(self._path.read_bytes(), type=Marked)
        except (OSError, msgspec.MsgspecError):
            return None
        return marked if marked.station == self._station else None

    def write(self, session: str, patient: str, visit: str = "") -> None:
        data = msgspec.json.encode(Marked(self._station, session, patient, visit))
        try:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            replace_file(self._path, lambda file: file.write(data))
        except OSError as error:
            log.warning("a companion that is started anew will not know the session's record: %s", error)

    def remove(self) -> None:
        with suppress(OSError):
            self._path.unlink(missing_ok=True)
