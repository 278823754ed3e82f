"""A provider for the whole session, emptied for each test, and our channel to it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from nowrongdoor.channels import twilio
from tests.channels import peer


@pytest.fixture(scope="session")
def running_provider(tmp_path_factory: pytest.TempPathFactory) -> Iterator[peer.Peer]:
    with peer.Peer(tmp_path_factory.mktemp("provider")) as provider:
        yield provider


@pytest.fixture
def provider(running_provider: peer.Peer) -> peer.Peer:
    for rows in running_provider.rows.values():
        rows.clear()
    for each in (running_provider.files, running_provider.faults, running_provider.asked):
        each.clear()
    running_provider.thinks = 0.0
    return running_provider


@pytest.fixture
def channel(provider: peer.Peer) -> twilio.Twilio:
    return twilio.Twilio(provider.account())
