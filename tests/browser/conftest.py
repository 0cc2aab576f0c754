"""One browser for all tests; a missing one is a failure with a sentence, not a skip."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.browser.chromium import ChromiumMissing, chromium


@pytest.fixture(scope="session", name="browser")
def one_browser() -> Iterator[Browser]:
    missing = ""
    try:
        with chromium() as browser:
            yield browser
    except ChromiumMissing as problem:
        missing = str(problem)
    if missing:
        pytest.fail(missing, pytrace=False)
