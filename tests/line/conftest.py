"""Every test here has the lines of tests/line/floors.py."""

from __future__ import annotations

import pathlib
from collections.abc import Iterator

import pytest

from nowrongdoor.line import channels, plan
from tests.line import floors


@pytest.fixture(autouse=True)
def lines(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    floors.install(tmp_path, monkeypatch)
    yield
    plan.installed.cache_clear()
    channels.of_provider.cache_clear()
