"""Many people at once against the real web command: each with a browser, an address and an authenticator app."""

from __future__ import annotations

import dataclasses
import re
import threading
import time
from collections.abc import Iterator
from types import TracebackType
from typing import Self

import httpx
import psutil
from django.contrib.auth import hashers

from nowrongdoor.access import row_security, viewers
from nowrongdoor.agencies.models import User
from tests import servers, signing_in
from tests.agencies.test_coming_in import PASSWORD
from tests.leads import stories

STEP = 30  # seconds for which an app shows one code
CODES = 4  # that a person enters: one may run out while a hundred wait, and one that was used is refused for 90 seconds
PATIENCE = 300  # seconds for one answer: the machine may be busy, and nothing here is a timed test


@dataclasses.dataclass(frozen=True, slots=True)
class Somebody:
    """A person with a password and an authenticator app."""

    name: str
    secret: str


def people(count: int) -> list[Somebody]:
    """Make people of one agency; the password is hashed once for all of them, because that is what takes long."""
    encoded, agency = hashers.make_password(PASSWORD), stories.agency("HOTLINE")
    made = []
    for number in range(count):
        person = User(
            name=f"crowd-{number}", full_name=f"Crowd {number}", agency=agency, role=viewers.Role.ADVOCATE.value
        )
        person.password = encoded
        with row_security.system():
            person.save()
        made.append(Somebody(person.name, signing_in.enrol(person)))
    return made


class Browser:
    """One browser: it keeps cookies, and comes from an address of this machine."""

    def __init__(self, web: servers.Web, address: str = "127.0.0.1") -> None:
        # A connection of its own for each request: one kept open may be closed just as the next request is sent.
        limits = httpx.Limits(max_keepalive_connections=0)
        transport = httpx.HTTPTransport(local_address=address, limits=limits)
        self._client = httpx.Client(base_url=web.url, transport=transport, timeout=PATIENCE)
        self.codes: list[int] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.close()

    @property
    def cookies(self) -> httpx.Cookies:
        return self._client.cookies

    def get(self, path: str) -> httpx.Response:
        return self._said(self._client.get(path))

    def post(self, path: str, **sent: str) -> httpx.Response:
        """Fill in the form of a page, as it is shown, and send it."""
        token = re.search(r'csrfmiddlewaretoken" value="([^"]+)', self.get(path).text)
        assert token, path
        return self._said(self._client.post(path, data={"csrfmiddlewaretoken": token[1], **sent}))

    def password(self, name: str, password: str = PASSWORD) -> httpx.Response:
        return self.post("/sign-in", login=name, password=password)

    def code(self, code: str) -> httpx.Response:
        return self.post("/sign-in/code", code=code)

    def sign_in(self, person: Somebody) -> bool:
        """Go both steps, and open a page that needs them."""
        if self.password(person.name).headers.get("location") != "/sign-in/code":
            return False
        for _ in range(CODES):
            if self.code(signing_in.code(person.secret)).status_code == 302:
                break
            time.sleep(STEP - time.time() % STEP + 0.1)  # until the app shows another code
        return self.get("/signals/new").status_code == 200

    def leave(self) -> None:
        """Sign out; what the browser keeps of the sign-in it keeps."""
        self._client.cookies.delete("sessionid")

    def _said(self, answer: httpx.Response) -> httpx.Response:
        self.codes.append(answer.status_code)
        return answer


class Memory:
    """The most memory that a server and its children held together, and each by itself, in bytes."""

    def __init__(self, process: servers.Process) -> None:
        assert process._running
        self._family = psutil.Process(process._running.pid)
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look)
        self.most = self.most_of_one = 0
        self.at_first = self._sum()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join()

    def _sizes(self) -> Iterator[int]:
        for each in [self._family, *self._family.children(recursive=True)]:
            try:
                yield each.memory_info().rss
            except psutil.NoSuchProcess:
                continue

    def _sum(self) -> int:
        return sum(self._sizes())

    def _look(self) -> None:
        while not self._over.wait(0.05):
            sizes = list(self._sizes())
            self.most, self.most_of_one = max(self.most, sum(sizes)), max(self.most_of_one, *sizes)


class Clock:
    """How many seconds something took, for a figure in the output."""

    def __enter__(self) -> Self:
        self._begun = time.monotonic()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.seconds = time.monotonic() - self._begun
