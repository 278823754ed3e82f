"""A browser for each file of journeys.

The promise: outside of these files no browser's driver runs. It keeps an event loop running in the thread of the test,
which Django takes for asynchronous code and `asyncio.run` refuses; so it is ended with its file, and Django is told to
bear it only until then.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, sync_playwright


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """The system's Chromium; without its sandbox only where it cannot have one, as root."""
    found = os.environ.get("NWD_CHROMIUM") or shutil.which("chromium")
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    with pytest.MonkeyPatch.context() as environment, sync_playwright() as driver:
        environment.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        started = driver.chromium.launch(executable_path=found, args=arguments)
        yield started
        started.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page of a browser that remembers nothing of the tests before."""
    context = browser.new_context()
    yield context.new_page()
    context.close()
