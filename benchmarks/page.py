"""Measure a page with many tasks: ``python benchmarks/page.py [COUNT]`` (20,000 by default).

A report of one scenario with so many tasks is written and opened in the machine's own Chromium.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
import time
from pathlib import Path

from machine import machine
from playwright.sync_api import sync_playwright

ROOT = Path(__file__).parent.parent
AIM_SECONDS = 10.0
LIMIT_S = 300.0
PAINT = "performance.getEntriesByName('first-contentful-paint')"


def main() -> int:
    """Write the page, open it, tell how long each took."""
    sys.path.append(str(ROOT))  # the history is drawn by what the tests draw theirs with
    from tests.report_browser.conftest import QUIET, write_report
    from tests.report_browser.test_report import TIMELINE, crowd

    count = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        sys.exit("there is no Chromium on this machine; install the package chromium")
    print(machine())
    history = crowd(count)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        began = time.monotonic()
        path = write_report(Path(folder), history)
        written_s = time.monotonic() - began
        browser = playwright.chromium.launch(executable_path=chromium, args=QUIET)
        page = browser.new_page()
        page.set_default_timeout(LIMIT_S * 1000)
        began = time.monotonic()
        page.goto(path.as_uri())
        page.locator(f"{TIMELINE} > .wide svg.timeline").wait_for()
        opened_s = time.monotonic() - began
        page.wait_for_function(f"{PAINT}.length")
        painted_s = page.evaluate(f"{PAINT}[0].startTime") / 1000
        browser.close()
    met = "met" if opened_s <= AIM_SECONDS else "missed"
    print(
        f"{count:,} tasks: written in {written_s:.1f} s, opened in {opened_s:.1f} s "
        f"(aim: {AIM_SECONDS:g} s, {met}), first painted after {painted_s:.1f} s"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
