"""The operating system's own store of secrets: Windows' credentials, macOS' keychain, a desktop's secret service."""

from __future__ import annotations

import base64
import logging
from typing import Final

import keyring

from vr_app.records.errors import NoStore

_SERVICE: Final = "harborlight records"

log = logging.getLogger(__name__)


def keep(records: str, secret: bytes) -> None:
    """Under the id of the records. Raises NoStore when it is not there afterwards, too."""
    try:
        keyring.set_password(_SERVICE, records, base64.b64encode(secret).decode())
    except Exception as error:  # noqa: BLE001 - each system's store fails in its own way, and none may end the companion
        _log(error)
        raise _nothing() from None
    if kept(records) != secret:
        raise _nothing()


def kept(records: str) -> bytes:
    """Raises NoStore."""
    try:
        found = keyring.get_password(_SERVICE, records)
        if found:
            return base64.b64decode(found, validate=True)
    except Exception as error:  # noqa: BLE001 - as above
        _log(error)
    raise _nothing()


def drop(records: str) -> None:
    """Nothing is there afterwards; where nothing can be kept, nothing was."""
    try:
        keyring.delete_password(_SERVICE, records)
    except Exception as error:  # noqa: BLE001 - as above
        _log(error)


def _log(error: Exception) -> None:
    log.info("the operating system's store of keys: %s", error)


def _nothing() -> NoStore:
    return NoStore("This computer does not keep the key for you; type the passphrase.")
