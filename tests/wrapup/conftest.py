"""Every test here has the lines of tests/line/floors.py."""

from __future__ import annotations

from tests.line import conftest as of_line

lines = of_line.lines
