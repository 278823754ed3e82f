"""T1, T2 and T35 at the public door: whatever is killed, a tip is kept once under its receipt; and no word of it is in
a log, an address, the trail, the counts of a flood, or a file."""

from __future__ import annotations

import concurrent.futures
import contextlib
import datetime
import html
import pathlib
import random
import re
import time
from collections.abc import Mapping

import httpx
import pytest
from django.utils import timezone

from nowrongdoor.access import limits
from nowrongdoor.access.limits import Budget
from nowrongdoor.mailbox.models import Mailbox
from nowrongdoor.operating import cluster
from nowrongdoor.signals.models import Signal
from tests import at_home, claims, servers
from tests.door import walking

TIPS, KILLS, CANARY = 12, 4, "canary-zebra-lantern-8841"
WAYS = {"who": {"stance": "bystander"}, "what": {"words": f"The cook says {CANARY}, and is paid nothing."}}


def fields(page: str) -> Mapping[str, str]:
    """Return what the form of a page carries."""
    form = page.partition('id="screen"')[2].partition("</form>")[0]
    return {name: html.unescape(value) for name, value in walking.HIDDEN.findall(form)}


def receipt_of(page: str) -> str:
    """Return the receipt that a page shows, empty for none."""
    found = re.search(r'class="receipt-words[^"]*"[^>]*>([^<]*)<', page)
    return html.unescape(found[1]) if found else ""


def filled_in(client: httpx.Client) -> Mapping[str, str]:
    """Go through every question, and return what the last page sends."""
    carried = fields(client.get("/tell").text)
    while carried["at"] != "check":
        typed = WAYS.get(carried["at"])
        carried = fields(
            client.post("/tell", data={**carried, **(typed or {}), "do": "next" if typed else "skip"}).text
        )
    return {**carried, "do": "send"}


@pytest.mark.storm
def test_a_tip_that_is_sent_while_the_server_is_killed_is_one_signal_with_one_receipt(committed_db: None) -> None:
    dice = random.Random(20261128)
    with servers.Web() as web:
        web.wait_until_answering(120)
        with httpx.Client(base_url=web.url, timeout=60) as client:
            tips = [filled_in(client) for _ in range(TIPS)]
        receipts: dict[int, set[str]] = {number: set() for number in range(TIPS)}

        def send(number: int) -> None:
            for _ in range(2):  # once more, as whoever lost the answer does
                receipt = ""
                while not receipt:
                    with contextlib.suppress(httpx.TransportError):
                        answer = httpx.post(f"{web.url}/tell", data=dict(tips[number]), timeout=60)
                        receipt = receipt_of(answer.text)
                    time.sleep(0.05)
                receipts[number].add(receipt)

        with concurrent.futures.ThreadPoolExecutor(4) as senders:
            running = [senders.submit(send, number) for number in range(TIPS)]
            for _ in range(KILLS):
                time.sleep(dice.uniform(0.02, 0.5))  # between a form and its answer
                web.kill9()
                web.start()
                web.wait_until_answering(120)
            for each in running:
                each.result()
    assert claims.every(len(shown) == 1 for shown in receipts.values())
    assert len(set().union(*receipts.values())) == TIPS
    assert Signal.objects.filter(channel="web").count() == Mailbox.objects.count() == TIPS


@pytest.mark.storm
def test_no_word_of_a_tip_is_in_a_log_an_address_the_trail_the_counts_or_a_file(
    committed_db: None, tmp_path: pathlib.Path
) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    web = servers.Web(TMPDIR=str(scratch))
    web.log = tmp_path / "log"
    with web:
        web.wait_until_answering(120)
        with httpx.Client(base_url=web.url, timeout=60, event_hooks={"request": [addresses_are_empty]}) as client:
            tip = filled_in(client)
            assert receipt_of(client.post("/tell", data=dict(tip)).text)
            flood()
            answer = client.post("/tell", data=dict(tip))  # again, and asked for work or patience
            assert 'id="wait"' in answer.text
            assert CANARY not in answer.text
            assert CANARY not in str(answer.headers)
            assert client.cookies == {}
            assert client.get("/no-such-page").status_code == 404
    log = web.log.read_text()
    assert CANARY not in log
    assert [each for each in scratch.rglob("*") if each.is_file() and CANARY.encode() in each.read_bytes()] == []
    hexed = CANARY.encode().hex()
    with at_home.seeing_all() as database:
        tables = database.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1").fetchall()
        looked_at = 0
        for (table,) in tables:
            rows = database.execute(f'SELECT t::text FROM "{table}" AS t').fetchall()  # noqa: S608  the catalogue's
            looked_at += len(rows)
            assert [row for (row,) in rows if CANARY in row or hexed in row] == [], table
        assert looked_at
    assert [
        each
        for each in pathlib.Path(cluster.var() / "postgres" / "base").rglob("*")
        if each.is_file() and CANARY.encode() in each.read_bytes()
    ] == []


def flood() -> None:
    """Spend what the address of this machine has."""
    with contextlib.suppress(limits.TooMany):
        later = timezone.now() + datetime.timedelta(seconds=30)  # within what the clocks of two hosts may differ by
        while True:
            limits.spend(Budget.PUBLIC_FORM, "127.0.0.1", at=later)


def addresses_are_empty(request: httpx.Request) -> None:
    """Refuse an address that says anything of what was typed."""
    assert CANARY not in str(request.url)
    assert request.url.query == b""
