"""The connections of a web process: who goes away while the database is slow leaves none of them taken."""

from __future__ import annotations

import contextlib

import httpx
import psutil
import pytest
from django.db import connection
from django.utils import timezone

from nowrongdoor.agencies import actions as agencies
from nowrongdoor.operating import cluster
from tests import servers
from tests.leads import stories

MORE_THAN_THE_POOL_HAS = 20


@pytest.mark.storm
def test_whoever_goes_away_while_the_database_stands_still_takes_no_connection_along(committed_db: None) -> None:
    token = agencies.make_token(stories.agency("HOTLINE"), label="pool", by=None, at=timezone.now())
    connection.close()
    pid = int((cluster.var() / "postgres" / "postmaster.pid").read_text().splitlines()[0])
    headers = {"Authorization": f"Bearer {token}"}
    with servers.Web() as web:
        web.wait_until_answering()
        address = f"{web.url}/api/v1/signals/AAAA-BBBB-CCCC"
        assert httpx.get(address, headers=headers).status_code == 404
        for _ in range(MORE_THAN_THE_POOL_HAS):
            first = psutil.Process(pid)
            first.suspend()  # before it is asked for the others, so that it starts none meanwhile
            family = [first, *first.children(recursive=True)]
            for each in family[1:]:
                with contextlib.suppress(psutil.NoSuchProcess):
                    each.suspend()
            try:
                with pytest.raises(httpx.TimeoutException):
                    httpx.get(address, headers=headers, timeout=0.5)
            finally:
                for each in family:
                    with contextlib.suppress(psutil.NoSuchProcess):
                        each.resume()
        for _ in range(3):
            assert httpx.get(address, headers=headers, timeout=60).status_code == 404
