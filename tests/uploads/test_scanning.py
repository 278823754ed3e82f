"""A real ClamAV daemon, with a list of one signature, says what comes in; when it is away, nothing does."""

from __future__ import annotations

import hashlib
import os
import pathlib
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator

import pytest
from django.test import override_settings

from nowrongdoor.uploads import checking, scanning
from tests.uploads import files

# The European Institute for Computer Antivirus Research's harmless test string, in two halves so that no scanner
# takes this file away.
EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR" + rb"-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
CONFIGURATION = """
LocalSocket {folder}/clamd.ctl
DatabaseDirectory {folder}/signatures
TemporaryDirectory {folder}
Foreground yes
StreamMaxLength 1M
"""
MISSING = (
    "No clamd was found: install it (Debian: `apt-get install clamav-daemon`), or set NWD_CLAMD_PROGRAM to its path."
)


@pytest.fixture(scope="module")
def clamd() -> Iterator[str]:
    """The socket of a scanner that knows one harmful file."""
    program = os.environ.get("NWD_CLAMD_PROGRAM") or shutil.which("clamd") or shutil.which("clamd", path="/usr/sbin")
    assert program, MISSING
    with tempfile.TemporaryDirectory(prefix="nwd-clamd-", dir="/tmp") as name:  # a socket's path is short
        folder = pathlib.Path(name)
        (folder / "signatures").mkdir()
        known = f"{hashlib.md5(EICAR, usedforsecurity=False).hexdigest()}:{len(EICAR)}:Eicar-Test\n"
        (folder / "signatures" / "own.hdb").write_text(known)
        (folder / "clamd.conf").write_text(CONFIGURATION.format(folder=folder))
        process = subprocess.Popen(
            [program, "--config-file", str(folder / "clamd.conf")], stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        try:
            deadline = time.monotonic() + 30
            while not (folder / "clamd.ctl").exists():
                assert process.poll() is None, process.stdout.read().decode() if process.stdout else ""
                assert time.monotonic() < deadline, "clamd did not start"
                time.sleep(0.05)
            yield str(folder / "clamd.ctl")
        finally:
            process.terminate()
            process.wait(20)
            if process.stdout:
                process.stdout.close()


@pytest.mark.parametrize("scan", ["required", "off"])
def test_a_harmful_file_does_not_come_in_and_a_clean_one_does(clamd: str, scan: str) -> None:
    with override_settings(CLAMD=clamd, SCAN=scan):
        with pytest.raises(scanning.Infected, match="Do not open it"):
            checking.check("note.txt", EICAR)
        clean = checking.check("note.txt", EICAR[:-1])
        assert clean.was_scanned
        assert checking.check("x", files.pdf()).was_scanned


def test_what_the_scanner_did_not_finish_does_not_count_as_scanned(clamd: str) -> None:
    longer = b"x" * 1_100_000  # than this scanner's own limit
    with override_settings(CLAMD=clamd, SCAN="required"), pytest.raises(scanning.ScannerAway):
        checking.check("long.txt", longer)
    with override_settings(CLAMD=clamd, SCAN="off"):
        assert not checking.check("long.txt", longer).was_scanned


@pytest.mark.parametrize("where", ["", "/nowhere/clamd.ctl", "127.0.0.1:1", "nonsense"])
def test_without_a_scanner_nothing_comes_in_where_one_is_required(where: str) -> None:
    with (
        override_settings(CLAMD=where, SCAN="required"),
        pytest.raises(scanning.ScannerAway, match="send it again later"),
    ):
        checking.check("note.txt", b"fine")
    with override_settings(CLAMD=where, SCAN="off"):
        assert not checking.check("note.txt", b"fine").was_scanned


@pytest.mark.parametrize("said", [b"", b"stream: OK and more\0", b"OK\0", b"UNKNOWN COMMAND\0", b"stream: FOUND\0"])
def test_only_the_plain_answer_ok_lets_a_file_pass(said: bytes) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer() -> None:
            wire, _ = server.accept()
            with wire:
                while not wire.recv(65_536).endswith(b"\0\0\0\0"):
                    pass
                wire.sendall(said)

        stranger = threading.Thread(target=answer)
        stranger.start()
        where = f"127.0.0.1:{server.getsockname()[1]}"
        with override_settings(CLAMD=where, SCAN="required"), pytest.raises(scanning.ScannerAway):
            checking.check("note.txt", b"fine")
        stranger.join(10)


@pytest.mark.parametrize(
    ("environment", "scan"),
    [
        ({}, "required"),
        ({"NWD_DEMONSTRATION": "1"}, "off"),
        ({"NWD_DEMONSTRATION": "1", "NWD_SCAN": "required"}, "required"),
    ],
)
def test_a_scan_is_required_unless_somebody_said_otherwise(environment: dict[str, str], scan: str) -> None:
    assert settings_of(environment) == scan


def test_a_mistyped_setting_stops_the_start_and_says_what_to_write() -> None:
    assert "write 'required' or 'off'" in settings_of({"NWD_SCAN": "no"})


def settings_of(environment: dict[str, str]) -> str:

    own = {key: value for key, value in os.environ.items() if key not in ("NWD_SCAN", "NWD_DEMONSTRATION")}
    done = subprocess.run(
        [sys.executable, "-c", "from nowrongdoor.site import settings; print(settings.SCAN)"],
        env={**own, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    return (done.stdout or done.stderr).strip()
