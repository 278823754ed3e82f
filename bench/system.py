"""The whole system on its own embedded cluster: taking signals in by the API, pages, and the import, small and large.

CPU is that of the web processes and of PostgreSQL together, from the operating system's own counters.
"""

from __future__ import annotations

import concurrent.futures
import http.client
import io
import json
import os
import pathlib
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator

import psutil

from bench import result

CLIENTS, BURST, PAGES, PROFILES = 8, 2_000, 200, 91_043
SMALL, LARGE, CASES = 1_000, 1_000_000, 100_000
SAMPLE = pathlib.Path(__file__).resolve().parent.parent / "tests" / "data" / "ctdc_sample.csv"
PASSWORD = "bench-password"  # noqa: S105


def run(say: Callable[[str], None]) -> Iterator[result.Result]:
    """This will fill a cluster of its own step by step and measure at each size."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="nwd-bench-"))
    folder.chmod(0o755)
    os.environ["NWD_VAR"] = str(folder)
    from nowrongdoor.site import cluster, up

    up.prepare_and_fill()
    from tests import servers

    try:
        people()
        with servers.Web() as web:
            web.wait_until_answering()
            fill_signals(SMALL)
            yield from taking(web, folder, stored=SMALL)
            say(f"Importing {PROFILES:,} profiles")
            yield importing()
            say(f"Filling up to {LARGE:,} signals and {CASES:,} cases")
            fill_cases(CASES)
            fill_signals(LARGE)
            yield from taking(web, folder, stored=LARGE)
            yield from pages(web, folder)
    finally:
        cluster.stop(folder / "postgres")
        shutil.rmtree(folder, ignore_errors=True)


def people() -> None:
    from nowrongdoor.access import viewers
    from nowrongdoor.agencies.models import User
    from nowrongdoor.agencies.queries import by_code

    User.objects.add(
        name="bench", full_name="Bench", agency=by_code("FBI"), role=viewers.Role.COORDINATOR, password=PASSWORD
    )


def taking(web: object, folder: pathlib.Path, *, stored: int) -> Iterator[result.Result]:
    """8 clients hand in signals as fast as they are answered."""
    from django.utils import timezone

    from nowrongdoor.agencies import actions as agencies
    from nowrongdoor.agencies.queries import by_code

    token = agencies.make_token(by_code("HOTLINE"), label=f"bench {stored}", by=None, at=timezone.now())
    port = web.port  # type: ignore[attr-defined]
    body = json.dumps({"facts": {"labor": "yes", "nationality": "foreign"}, "narrative": "x" * 400})

    def client(number: int, count: int, label: str) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port)
        for each in range(count):
            headers = {
                "Authorization": f"Bearer {token}",
                "Idempotency-Key": f"{label}-{stored}-{number}-{each}",
                "Content-Type": "application/json",
            }
            connection.request("POST", "/api/v1/signals", body, headers)
            answer = connection.getresponse()
            answer.read()
            assert answer.status == 201, answer.status
        connection.close()

    def burst(label: str, count: int) -> None:
        with concurrent.futures.ThreadPoolExecutor(CLIENTS) as pool:
            list(pool.map(lambda number: client(number, count // CLIENTS, label), range(CLIENTS)))

    burst("warm", 200)
    costs, rates = [], []
    for each in range(5):
        before, begun = cpu(folder), time.perf_counter()
        burst(f"run{each}", BURST // 5)
        rates.append(BURST // 5 / (time.perf_counter() - begun))
        costs.append((cpu(folder) - before) * 1_000 / (BURST // 5))
    note = f"{CLIENTS} clients, 2 web workers, {stored:,} signals stored"
    yield result.Result("take a signal by the API", statistics.median(costs), "ms CPU", 5, note)
    yield result.Result("take signals by the API", statistics.median(rates), "a second", 5, note)


def importing() -> result.Result:
    """The file's own lines over and over: equal rows have keys of their own, so each becomes a case."""
    from django.utils import timezone

    from nowrongdoor.agencies.queries import by_code
    from nowrongdoor.core.intake import ctdc
    from nowrongdoor.referrals.actions import importing

    header, *lines = SAMPLE.read_text().splitlines()
    text = "\n".join([header, *(lines[n % len(lines)] for n in range(PROFILES))]).encode()
    begun = time.perf_counter()
    report = importing.take_file(
        ctdc.read(io.BytesIO(text)),
        receiver_id=by_code("HOTLINE").id,
        by=None,
        at=timezone.now(),
        progress=lambda done: None,
    )
    assert report.taken == PROFILES
    seconds = time.perf_counter() - begun
    return result.Result("import and route profiles", PROFILES / seconds, "a second", 1, f"{PROFILES:,}, end to end")


def fill_cases(total: int) -> None:
    """Tops the cases up, as the import makes them."""
    from django.utils import timezone

    from nowrongdoor.agencies.queries import by_code
    from nowrongdoor.cases.models import Case
    from nowrongdoor.core.intake import row
    from nowrongdoor.referrals.actions import importing

    missing = total - Case.objects.count()
    rows = (row.Row(line=n, key=f"more-{n}", facts={"labor": "yes", "means": "yes"}) for n in range(missing))
    importing.take_file(rows, receiver_id=by_code("HOTLINE").id, by=None, at=timezone.now(), progress=lambda done: None)


def fill_signals(total: int) -> None:
    """Tops the signals up with ones that were routed long ago, straight in the database."""
    from django.db import connection

    from nowrongdoor.agencies.queries import by_code
    from nowrongdoor.signals.models import Signal

    missing = total - Signal.objects.count()
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO nowrongdoor_signal (id, reference, receiver_id, key, digest, door, received_at, facts, answers,
                                            state, district, narrative, people, routed_at)
            SELECT gen_random_uuid(), upper(left(md5(%(name)s || n), 4) || '-' || substr(md5(%(name)s || n), 5, 9)),
                   %(agency)s, %(name)s || n, sha256(n::text::bytea), 'call', now() - n * interval '1 minute',
                   '{"labor": "yes"}', '{}', '', '', repeat('words ', 60), '[]', now()
              FROM generate_series(1, %(missing)s) AS n
            """,
            {"agency": by_code("HOTLINE").id, "name": f"fill-{total}-", "missing": missing},
        )


def pages(web: object, folder: pathlib.Path) -> Iterator[result.Result]:
    """A coordinator with tens of thousands of offers looks at the worklist and at cases."""
    from django.db import connection

    from nowrongdoor.cases.models import Case

    _analyze(folder)
    references = list(Case.objects.order_by("-id").values_list("reference", flat=True)[: PAGES * 3 : 3])
    connection.close()
    port = web.port  # type: ignore[attr-defined]
    browser = Browser(port)
    browser.sign_in()
    visits = {
        "worklist": ["/worklist"] * PAGES,
        "worklist, turned to the next page": _turned(browser, PAGES),
        "list of cases": ["/cases?tab=all"] * PAGES,
        "case page": [f"/cases/{reference}" for reference in references],
    }
    for name, paths in visits.items():
        browser.get(paths[0])
        costs = []
        for part in range(5):
            before = cpu(folder)
            for path in paths[part::5]:
                browser.get(path)
            costs.append((cpu(folder) - before) * 1_000 / len(paths[part::5]))
        note = f"{LARGE:,} signals, {CASES:,} cases; queries counted by a test"
        yield result.Result(name, statistics.median(costs), "ms CPU", 5, note)


def _turned(browser: Browser, count: int) -> list[str]:
    import re

    paths, path = [], "/worklist"
    for _ in range(count):
        found = re.search(r'href="(\?from=[^"]+)">Next', browser.get(path))
        assert found
        path = "/worklist" + found.group(1)
        paths.append(path)
    return paths


def _analyze(folder: pathlib.Path) -> None:
    import psycopg

    from nowrongdoor.site import cluster

    with psycopg.connect(**cluster.address(cluster.OWNER), autocommit=True) as owner:  # type: ignore[arg-type]
        owner.execute("VACUUM ANALYZE")


class Browser:
    """Just enough of a browser: one connection, its cookies."""

    def __init__(self, port: int) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port)
        self.cookies: dict[str, str] = {}

    def get(self, path: str) -> str:
        return self._send("GET", path, None)

    def sign_in(self) -> None:
        import re
        import urllib.parse

        token = re.search(r'csrfmiddlewaretoken" value="([^"]+)', self.get("/sign-in"))
        assert token
        form = {"username": "bench", "password": PASSWORD, "csrfmiddlewaretoken": token.group(1)}
        self._send("POST", "/sign-in", urllib.parse.urlencode(form))
        assert "sessionid" in self.cookies

    def _send(self, method: str, path: str, body: str | None) -> str:
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        self.connection.request(method, path, body, headers)
        answer = self.connection.getresponse()
        text = answer.read().decode()
        assert answer.status in (200, 302), (path, answer.status)
        for line in answer.headers.get_all("Set-Cookie") or ():
            name, _, value = line.partition(";")[0].partition("=")
            self.cookies[name] = value
        return text


def cpu(folder: pathlib.Path) -> float:
    """CPU seconds spent so far by the web processes and by this cluster's PostgreSQL."""
    total = 0.0
    postmaster = int((folder / "postgres" / "postmaster.pid").read_text().splitlines()[0])
    families = [psutil.Process(postmaster)]
    families += [process for process in psutil.Process().children() if "uvicorn" in " ".join(process.cmdline())]
    for family in families:
        for each in [family, *family.children(recursive=True)]:
            try:
                times = each.cpu_times()
            except psutil.NoSuchProcess:
                continue
            # What ended children used is in their parent's count.
            total += times.user + times.system + (times.children_user + times.children_system if each == family else 0)
    return total
