"""Every test here has the lines of tests/line/floors.py, and may have a telephone provider on this machine."""

from __future__ import annotations

from tests.channels import conftest as of_channels
from tests.line import conftest as of_line

lines = of_line.lines
running_provider, provider = of_channels.running_provider, of_channels.provider
