"""From the patient's page to a ZIP, through the real server, real records and a real worker."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path
from zipfile import ZipFile

import pytest
import uvicorn
from playwright.sync_api import Browser, expect

from headless_harness import companion_shots
from headless_harness.hung_works import ink_mandala, spiral
from tests.companion.doubles import PASSPHRASE, Describer, Station, left_out, status
from tests.companion.test_server import until
from tests.records.conftest import CHEAP
from vr_app.companion.library import KeptLibrary
from vr_app.companion.server import Companion, configured
from vr_app.course import Mode
from vr_app.records import keys
from vr_app.records.records import Records
from vr_app.remembered import Remembered
from vr_app.station.door import open_door
from vr_app.works.works import Works

pytestmark = pytest.mark.browser


@pytest.fixture
def patient(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Who made a mandala and a painting."""
    monkeypatch.setattr(keys, "COST", CHEAP)
    monkeypatch.setenv("HARBORLIGHT_HOME", str(tmp_path))
    remembered = Remembered()
    works = Works(remembered)
    ink_mandala(works.of("mandala").new())
    spiral(works.of("light_paint").new())
    works.finish()
    with Records.create(tmp_path / "records", PASSPHRASE)[0] as records:
        records.set_clinicians(["Mara Lind"], by="Mara Lind")
        made = records.add_patient(by="Mara Lind").id
        for kept in remembered.take():
            records.put_memory(made, *kept)
    return made


@pytest.fixture
def address(tmp_path: Path, patient: str) -> Iterator[str]:
    """By which a browser enters."""
    door, library = open_door(0), KeptLibrary(tmp_path / "records")
    companion = Companion(Station(now=status(Mode.OVER)), door, library, Describer(), left_out, rehearsal=False)
    server = uvicorn.Server(configured(companion.app()))
    thread = threading.Thread(target=lambda: asyncio.run(server.serve([door.listener])), daemon=True)
    thread.start()
    yield door.address_with(1)
    server.should_exit = True
    thread.join()
    door.listener.close()
    assert library._spool is not None
    library._spool.close()


def test_a_clinician_asks_erases_and_hands_over(chromium: Browser, address: str, patient: str, tmp_path: Path) -> None:
    page = companion_shots.opened(chromium, address)
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    page.fill("#passphrase", PASSPHRASE)
    page.click("button[type=submit]")
    page.get_by_role("button", name="Mara Lind").click()
    page.goto(page.url.split("#")[0] + f"#/patients/{patient}")
    page.get_by_role("article", name="Mandala").get_by_role("checkbox").check()
    expect(page.locator(".hand-over")).to_contain_text("One of these goes home.")
    with page.expect_download() as saved:
        page.click('[data-act="hand-over"]')
    expect(page.locator(".how-far")).to_contain_text("in this browser’s downloads")
    assert saved.value.suggested_filename == "What you made.zip"
    with ZipFile(saved.value.path()) as archive:
        assert sorted(Path(name).name for name in archive.namelist()) == [
            *("index.html", "mandala-1.png", "mandala-1.svg"),
        ]
        page_at_home = archive.read("What you made/index.html").decode()
    assert "Mara" not in page_at_home and patient not in page_at_home
    painting = page.get_by_role("article", name="Painting")
    painting.locator('[data-act="erase"]').click()
    painting.locator('[data-act="erase-sure"]').click()
    expect(page.locator(".works li")).to_have_count(1)
    assert errors == []
    page.context.close()
    until(lambda: not list((tmp_path / "run" / "hand-over").rglob("*")))
