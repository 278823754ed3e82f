"""The settings with which it is deployed, judged by the framework's own list, in a process of its own."""

from __future__ import annotations

import os
import pathlib
import subprocess
import sys

NWD = str(pathlib.Path(sys.executable).parent / "nwd")


def check(**environment: str) -> subprocess.CompletedProcess[str]:
    # An identified issue of any weight ends it, so that a warning is a failure.
    command = [NWD, "manage", "check", "--deploy", "--fail-level", "INFO"]
    own = {
        name: value for name, value in os.environ.items() if name != "DJANGO_ALLOW_ASYNC_UNSAFE"
    }  # of the browser tests
    return subprocess.run(command, env={**own, **environment}, capture_output=True, text=True, check=False)


def test_behind_tls_the_frameworks_own_list_for_deployment_finds_nothing(django_db_setup: None) -> None:
    done = check(NWD_HTTPS="1")
    assert done.returncode == 0, done.stderr
    assert "no issues (0 silenced)" in done.stdout + done.stderr


def test_without_tls_it_says_what_is_missing(django_db_setup: None) -> None:
    done = check(NWD_HTTPS="0")
    assert done.returncode == 1
    assert "SECURE_HSTS_SECONDS" in done.stderr
    assert "SESSION_COOKIE_SECURE" in done.stderr
