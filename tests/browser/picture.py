"""A picture of the mixed report's first screen: `python -m tests.browser.picture FILE.png`."""

from __future__ import annotations

import sys
from pathlib import Path

from tests.browser.chromium import chromium
from tests.golden.refresh import golden

WIDTH, HEIGHT = 1280, 1000


def take(path: Path) -> None:
    with chromium() as browser:
        page = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT}, color_scheme="light")
        page.goto(golden("mixed", "html").as_uri())
        page.screenshot(path=path)


if __name__ == "__main__":
    take(Path(sys.argv[1]))
