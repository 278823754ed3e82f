"""An installation of another country, made and used as anybody would: the real commands, a folder of its own, the
requests of a browser. Nothing of the product is called but its command."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping

import httpx

from tests import servers, signing_in
from tests.agencies.test_coming_in import PASSWORD

BIN = pathlib.Path(sys.executable).parent
COUNTRIES = pathlib.Path(__file__).parent / "countries"
STARTING = 120  # seconds to make a cluster, on a machine that does much else
ROUTED = 60  # seconds until the worker has routed a signal


@dataclasses.dataclass
class Installation:
    """A folder of data. `country`: what NWD_COUNTRY says, empty for nothing."""

    folder: pathlib.Path
    port: int
    country: str = ""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def environment(self) -> Mapping[str, str]:
        own = {
            name: value
            for name, value in os.environ.items()
            if name not in ("DJANGO_ALLOW_ASYNC_UNSAFE", "NWD_COUNTRY")
        }
        own |= {"NWD_VAR": str(self.folder / "v"), "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}"}
        return own | ({"NWD_COUNTRY": self.country} if self.country else {})

    def nwd(self, *arguments: str, typed: str = "") -> subprocess.CompletedProcess[str]:
        """Run a command as somebody at a terminal would."""
        return subprocess.run(
            [str(BIN / "nwd"), *arguments],
            env=self.environment,
            input=typed,
            capture_output=True,
            text=True,
            check=False,
        )

    def do(self, *arguments: str, typed: str = "") -> str:
        """Run a command that has to succeed, and return what it printed."""
        done = self.nwd(*arguments, typed=typed)
        assert done.returncode == 0, f"nwd {' '.join(arguments)}\n{done.stdout}{done.stderr}"
        return done.stdout

    def person(self, name: str, agency: str, role: str) -> None:
        """Add somebody who can sign in."""
        whose = ("--full-name", f"{name.title()} of {agency}", "--agency", agency, "--role", role)
        self.do("person", "add", name, *whose, typed=f"{PASSWORD}\n{PASSWORD}\n")

    @contextlib.contextmanager
    def up(self) -> Iterator[pathlib.Path]:
        """Serve, as `nwd up` does; gives the file in which it says what it does."""
        said = self.folder / "said"
        with said.open("ab") as file:
            running = subprocess.Popen(
                [str(BIN / "nwd"), "up", "--port", str(self.port)],
                env=self.environment,
                stdout=file,
                stderr=file,
                start_new_session=True,
            )
        try:
            end = time.monotonic() + STARTING
            while not self._is_serving():
                assert running.poll() is None, said.read_text()
                assert time.monotonic() < end, said.read_text()
                time.sleep(0.2)
            yield said
        finally:
            running.send_signal(signal.SIGTERM)
            running.wait(30)

    def _is_serving(self) -> bool:
        with contextlib.suppress(httpx.TransportError):
            return httpx.get(f"{self.url}/sign-in", timeout=5).status_code == 200
        return False


@contextlib.contextmanager
def installation(country: str) -> Iterator[Installation]:
    """A folder whose path fits a socket, with its database stopped and all of it taken away afterwards."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="nwd-c-"))
    folder.chmod(0o755)
    made = Installation(folder, servers.free_port(), country)
    try:
        yield made
    finally:
        made.country = ""
        if (folder / "v" / "postgres").exists():
            made.nwd("database", "stop")
        shutil.rmtree(folder, ignore_errors=True)


class Visitor:
    """Somebody's browser, without scripts."""

    def __init__(self, at: Installation) -> None:
        self._at = at
        self._client = httpx.Client(base_url=at.url, timeout=60, follow_redirects=True)

    def __enter__(self) -> Visitor:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def get(self, path: str) -> httpx.Response:
        return self._client.get(path)

    def post(self, path: str, shown_at: str = "", **sent: str) -> httpx.Response:
        """Send the form of a page, as it is shown."""
        return self.send(self.get(shown_at or path).text, path, **sent)

    def send(self, page: str, path: str, **sent: str) -> httpx.Response:
        """Send a form of a page that is shown already."""
        token = re.search(r'csrfmiddlewaretoken" value="([^"]+)', page)
        key = re.search(r'name="key" value="([^"]+)', page)
        assert token, page
        more = {"key": key[1]} if key else {}
        return self._client.post(path, data={"csrfmiddlewaretoken": token[1], **more, **sent})

    def sign_in(self, name: str) -> None:
        """Go in for the first time: the password, a setup code from an operator, then an app that is added."""
        self.post("/sign-in", login=name, password=PASSWORD)
        code = self._at.do("person", "setup-code", name).rpartition(": ")[2].strip()
        self.post("/sign-in/setup-code", code=code)
        page = self.get("/security/app").text
        secret = re.search(r'id="authenticator_secret">([^<]+)<', page)
        assert secret, page
        added = self.send(page, "/security/app", code=signing_in.code(secret[1]))
        assert added.status_code == 200, added.text
