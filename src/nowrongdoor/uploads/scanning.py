"""What the virus scanner says of a file: ClamAV's daemon, asked over its own socket (clamd(8), INSTREAM).

The promise: where a scanner is required, nothing comes in while it is away: only the plain answer OK lets a file pass.
"""

from __future__ import annotations

import contextlib
import logging
import re
import socket
import struct

from django.conf import settings

from nowrongdoor.core.language import gettext
from nowrongdoor.uploads import refusing

PIECE = 65_536  # bytes
PATIENCE = 60  # seconds for an answer; a workbook takes a moment
log = logging.getLogger(__name__)
_FOUND = re.compile(rb"stream: .+ FOUND")


class Infected(refusing.Refused):
    """The scanner knows it as harmful."""

    def __init__(self) -> None:
        super().__init__(
            gettext(
                "The virus scanner says that this file is harmful, so it was not kept. Do not "
                "open it; tell your security officer where it came from."
            )
        )


class ScannerAway(refusing.Refused):
    """The scanner could not be asked, and it is required."""

    def __init__(self) -> None:
        super().__init__(
            gettext(
                "This file was not kept, because the virus scanner cannot be reached. Keep the "
                "file and send it again later; what you wrote is not affected."
            )
        )


def scan(content: bytes) -> bool:
    """Return whether the file was scanned and passed. Infected, ScannerAway."""
    is_required = settings.SCAN == "required"
    if settings.CLAMD:
        try:
            answer = _ask(settings.CLAMD, content)
        except (OSError, ValueError) as error:
            log.error("The virus scanner at %s cannot be reached: %s", settings.CLAMD, error)
        else:
            if answer == b"stream: OK":
                return True
            if _FOUND.fullmatch(answer):
                raise Infected
            log.error("The virus scanner did not finish: %r", answer[:200])
    if is_required:
        raise ScannerAway
    return False


def _ask(where: str, content: bytes) -> bytes:
    with contextlib.closing(_connect(where)) as wire:
        wire.settimeout(PATIENCE)
        # A scanner that has seen enough answers and hangs up before the end; its answer still counts.
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            wire.sendall(b"zINSTREAM\0")
            for start in range(0, len(content), PIECE):
                piece = content[start : start + PIECE]
                wire.sendall(struct.pack(">I", len(piece)) + piece)
            wire.sendall(struct.pack(">I", 0))
        answer = b""
        while not answer.endswith(b"\0") and (more := wire.recv(4096)):
            answer += more
        return answer.rstrip(b"\0")


def _connect(where: str) -> socket.socket:
    """`/run/clamav/clamd.ctl`, or `host:3310`."""
    if where.startswith("/"):
        wire = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        wire.settimeout(PATIENCE)
        try:
            wire.connect(where)
        except OSError:
            wire.close()
            raise
        return wire
    host, _, port = where.rpartition(":")
    return socket.create_connection((host.strip("[]"), int(port)), timeout=PATIENCE)
