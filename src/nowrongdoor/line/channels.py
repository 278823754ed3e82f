"""The channel of each provider of this installation, opened once a process."""

from __future__ import annotations

import functools

from nowrongdoor.channels import configured, protocol
from nowrongdoor.line import plan


@functools.cache
def of_provider(name: str) -> protocol.Channel:
    """Open the channel of a provider. KeyError where there is none; core.entries.Unreadable."""
    return configured.open_(name, plan.installed().providers[name])


def of_line(code: str) -> protocol.Channel:
    """Open the channel of a line. KeyError where there is none any more."""
    return of_provider(plan.installed().lines[code].provider)
