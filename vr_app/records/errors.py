"""What can go wrong with records, each with the one sentence that a therapist reads."""

from __future__ import annotations

import errno


class RecordsError(Exception):
    """What was asked is not done and nothing of it is kept; all that was acknowledged before is. The text is the one
    line for people, and holds nothing that a person wrote."""


class WrongKey(RecordsError):
    """Neither a passphrase nor a recovery key of these records."""


class NewerDatabase(RecordsError):
    """Made by a later version of Harborlight; nothing was touched."""


class DiskFull(RecordsError):
    """The disk takes nothing more."""


class Damaged(RecordsError):
    """Files of the records are missing, changed or not of one another."""


class AlreadyOpen(RecordsError):
    """Another process has these records open."""


class NoStore(RecordsError):
    """The operating system keeps no keys here, or not this one."""


class Refused(RecordsError):
    """What was given cannot be kept: a text that is too long, a value out of its range."""


class Unknown(Refused):
    """There is no such patient or session."""


def full() -> DiskFull:
    return DiskFull("The disk is full, so this was not saved; free some space and try again.")


def unwritable(error: OSError) -> RecordsError:
    """Why a file of the records could not be written."""
    if error.errno in (errno.ENOSPC, errno.EFBIG, errno.EDQUOT):
        return full()
    return Refused("The folder of the records cannot be written; have its rights mended.")


def damaged() -> Damaged:
    return Damaged("The records' database is damaged or was changed; leave it as it is and bring back the last backup.")


def newer() -> NewerDatabase:
    return NewerDatabase("These records were made by a later version of Harborlight; update this computer's.")
