"""Reading a file in a process of its own, which ends with it: what is sent may be made to break its reader.

The promise: however a file is made, it takes a bounded time and memory, and its reader knows no setting, key or
password of ours, can write to no disk, and starts nothing. A few files are read at once; the others wait. What the
reader answers is a kind, bytes and a sentence, and never taken for anything else.
"""

from __future__ import annotations

import dataclasses
import json
import logging
import resource
import subprocess
import sys
import threading

from nowrongdoor import jurisdictions
from nowrongdoor.core import language
from nowrongdoor.uploads import kinds, reading, refusing

AT_ONCE = 2  # per process
log = logging.getLogger(__name__)
_room = threading.BoundedSemaphore(AT_ONCE)


@dataclasses.dataclass(frozen=True, slots=True)
class Limits:
    """What the reading of one file may take: `memory` in bytes, `seconds` of a processor, and twice that by a clock."""

    memory: int = 1_500_000_000
    seconds: int = 60


def look(name: str, content: bytes, limits: Limits | None = None) -> reading.Looked:
    """Look at a file when there is room. A reader that breaks, or takes too much, refuses it."""
    limits = limits or Limits()
    asked = json.dumps({"name": name, "language": language.current(), **dataclasses.asdict(limits)})
    with _room:
        try:
            done = subprocess.run(
                [sys.executable, "-I", "-m", __name__],
                input=asked.encode() + b"\n" + content,
                capture_output=True,
                env={jurisdictions.VARIABLE: jurisdictions.named()},
                timeout=2 * limits.seconds,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return _takes_too_much(content)
    if done.returncode:
        # Its last words are a class and a sentence of a library, which may quote the file: only the class is logged.
        why = done.stderr.decode(errors="replace").strip().rpartition("\n")[2].partition(":")[0]
        log.error("The reader of a file ended with %s: %s", done.returncode, why)
        return _takes_too_much(content)
    head, _, clean = done.stdout.partition(b"\n")
    return _looked(json.loads(head), clean)


def _takes_too_much(content: bytes) -> reading.Looked:
    return reading.Looked(kinds.by_beginning(content), refused=refusing.TakesTooMuch())


def _looked(answer: dict[str, str], clean: bytes) -> reading.Looked:
    kind = kinds.BY_CODE.get(answer["kind"])
    if not answer["refused"]:
        return reading.Looked(kind, clean)
    refused = _named(refusing.Refused)[answer["refused"]]
    return reading.Looked(kind, refused=refused.__new__(refused, answer["words"]))


def _named(error: type[refusing.Refused]) -> dict[str, type[refusing.Refused]]:
    inside = [_named(each) for each in error.__subclasses__()]
    return {error.__name__: error, **{name: each for one in inside for name, each in one.items()}}


def main() -> None:
    """Read one file from the standard input, and answer on the standard output."""
    head, _, content = sys.stdin.buffer.read().partition(b"\n")
    asked = json.loads(head)
    limits = Limits(asked["memory"], asked["seconds"])
    for what, most in (
        (resource.RLIMIT_AS, limits.memory),
        (resource.RLIMIT_CPU, limits.seconds),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),  # a core would hold the file
        (resource.RLIMIT_NPROC, 0),
    ):
        resource.setrlimit(what, (most, most))
    with language.speaking(asked["language"]):
        looked = reading.look(asked["name"], content)
        answer = {
            "kind": looked.kind.code if looked.kind else "",
            "refused": type(looked.refused).__name__ if looked.refused else "",
            "words": str(looked.refused or ""),
        }
    sys.stdout.buffer.write(json.dumps(answer).encode() + b"\n" + (looked.content or b""))


if __name__ == "__main__":
    main()
