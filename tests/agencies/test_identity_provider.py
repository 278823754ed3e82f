"""An agency's own identity provider, a real one in a process of its own: it lets in whom its agency invited, and
nobody else."""

from __future__ import annotations

import contextlib
import json
import os
import pathlib
import re
import subprocess
import sys
import time
import urllib.parse
from collections.abc import Iterator

import httpx
import pytest
from allauth.socialaccount.models import SocialAccount

from nowrongdoor.access import row_security, viewers
from nowrongdoor.agencies.models import User
from tests import servers
from tests.leads import stories


@pytest.fixture
def provider(tmp_path: pathlib.Path) -> Iterator[str]:
    """The provider's address."""
    port = servers.free_port()
    address = f"http://localhost:{port}"
    command = [sys.executable, "-m", "oidc_provider_mock", "--port", str(port)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            deadline = time.monotonic() + 20
            while time.monotonic() < deadline:
                with contextlib.suppress(httpx.TransportError):
                    if httpx.get(f"{address}/.well-known/openid-configuration").status_code == 200:
                        break
                time.sleep(0.1)
            yield address
        finally:
            process.terminate()


@pytest.fixture
def web(provider: str, committed_db: None, tmp_path: pathlib.Path) -> Iterator[servers.Web]:
    """The web server, with the FBI's provider."""
    secret = tmp_path / "secret"
    secret.write_text("of-the-client")
    file = tmp_path / "providers.json"
    entry = {
        "agency": "FBI",
        "name": "FBI sign-in",
        "client_id": "nwd",
        "secret_file": str(secret),
        "server_url": provider,
    }
    file.write_text(json.dumps([entry]))
    with servers.Web(NWD_OIDC_FILE=str(file), OAUTHLIB_INSECURE_TRANSPORT="1") as running:
        running.wait_until_answering()
        yield running


def walk(web: servers.Web, subject: str, claims: dict[str, str]) -> httpx.Response:
    """A browser's way: our sign-in, the provider's form, and back."""
    with httpx.Client(follow_redirects=True, timeout=20) as browser:
        page = browser.get(f"{web.url}/sign-in")
        assert "FBI sign-in" in page.text
        token = re.search(r'csrfmiddlewaretoken" value="([^"]+)', page.text)
        assert token
        asked = browser.post(
            f"{web.url}/sign-in/oidc/fbi",
            data={"csrfmiddlewaretoken": token[1]},
            headers={"Referer": f"{web.url}/sign-in"},
        )
        assert "oauth2/authorize" in str(asked.url), asked.text
        base = str(asked.url).partition("/oauth2")[0]
        httpx.put(f"{base}/users/{urllib.parse.quote(subject)}", json=claims).raise_for_status()
        return browser.post(str(asked.url), data={"sub": subject})


def add(name: str, code: str) -> User:
    return User.objects.add(
        name=name, full_name=f"Pat of {code}", agency=stories.agency(code), role=viewers.Role.ANALYST, password="x" * 20
    )


def linked() -> int:
    with row_security.entry():
        return int(SocialAccount.objects.count())


@pytest.mark.storm
def test_an_agencys_provider_lets_in_whom_the_agency_invited_and_nobody_else(web: servers.Web) -> None:
    assert os.environ["NWD_VAR"]
    add("fay@fbi.example", "FBI")
    add("hal@hotline.example", "HOTLINE")
    people = User.objects.count()
    stranger = walk(web, "s-1", {"preferred_username": "nobody@fbi.example"})
    assert "nobody invited you" in stranger.text
    other = walk(web, "s-2", {"preferred_username": "hal@hotline.example"})
    assert "nobody invited you" in other.text  # of another agency
    assert linked() == 0
    first = walk(web, "s-3", {"preferred_username": "fay@fbi.example"})
    assert "Pat of FBI" in first.text
    assert linked() == 1
    renamed = walk(web, "s-3", {"preferred_username": "hal@hotline.example"})
    assert "Pat of FBI" in renamed.text  # the subject counts, not what the provider calls it
    thief = walk(web, "s-4", {"preferred_username": "fay@fbi.example"})
    assert "nobody invited you" in thief.text  # the name is linked to another subject
    assert User.objects.count() == people
