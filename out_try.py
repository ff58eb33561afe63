import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from playwright.sync_api import sync_playwright

home = Path(tempfile.mkdtemp())
env = {**os.environ, "HARBORLIGHT_HOME": str(home)}
p = subprocess.Popen(
    [
        sys.executable,
        "-m",
        "vr_app.cli",
        "run",
        "--headset",
        "headless",
        "--zero-counts",
        "--plan",
        "tide",
        "--hold",
        "--port",
        "0",
        "--sound",
        "none",
        "--no-monitor",
    ],
    env=env,
    stdout=subprocess.PIPE,
    stderr=subprocess.STDOUT,
    text=True,
)
addr = None
t = time.time()
for line in p.stdout:
    print("|", line.rstrip())
    m = re.search(r"http://\S+", line)
    if m:
        addr = m[0]
        break
    if time.time() - t > 90:
        break
print("ADDR", addr)
import threading


def pump():
    for line in p.stdout:
        print("|", line.rstrip(), flush=True)


threading.Thread(target=pump, daemon=True).start()
with sync_playwright() as pw:
    b = pw.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
    pg = b.new_page(viewport={"width": 1024, "height": 768})
    pg.on("console", lambda m: print("console:", m.text))
    pg.on("pageerror", lambda e: print("pageerror", e))
    pg.goto(addr)
    pg.wait_for_timeout(2500)
    pg.screenshot(path="out/try1.png")
    print(pg.url, pg.inner_text("body")[:600])
    b.close()
p.terminate()
p.wait(20)
