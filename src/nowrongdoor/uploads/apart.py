"""Reading a file in a process of its own, which ends with it: what is sent may be made to break its reader.

The promise: however a file is made, it takes a bounded time and memory, and its reader knows no setting, key or
password of ours, can write to no disk, and starts nothing. A few files are read at once; the others wait. What the
reader answers is a kind, bytes and a sentence, and never taken for anything else.
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
import logging
import resource
import subprocess
import sys
import threading
from typing import IO

from nowrongdoor import jurisdictions
from nowrongdoor.access import turns
from nowrongdoor.core import language
from nowrongdoor.uploads import kinds, reading, refusing

AT_ONCE, IN_LINE = 2, 4  # per process: each holds a connection to the database, and pages need theirs
LONGEST = 30  # seconds in line
MOST, LAST_WORDS = 200_000_000, 64_000  # bytes that a reader may answer, and say besides
log = logging.getLogger(__name__)
_room = turns.Turns(AT_ONCE, IN_LINE, LONGEST)


@dataclasses.dataclass(frozen=True, slots=True)
class Limits:
    """What the reading of one file may take: `memory` in bytes, `seconds` of a processor, and twice that by a clock."""

    memory: int = 1_500_000_000
    seconds: int = 60


def look(name: str, content: bytes, limits: Limits | None = None) -> reading.Looked:
    """Look at a file when there is room. A reader that breaks, or takes or answers too much, refuses it.
    turns.Crowded."""
    limits = limits or Limits()
    asked = json.dumps({"name": name, "language": language.current(), **dataclasses.asdict(limits)})
    with _room.taken():
        code, answer, last_words = _answered(asked.encode() + b"\n" + content, 2 * limits.seconds)
    if code or len(answer) > MOST:
        # Its last words are a class and a sentence of a library, which may quote the file: only the class is logged.
        why = last_words.decode(errors="replace").strip().rpartition("\n")[2].partition(":")[0]
        log.error("The reader of a file ended with %s: %s", code, why)
        return _takes_too_much(content)
    head, _, clean = answer.partition(b"\n")
    try:
        return _looked(json.loads(head), clean)
    except (ValueError, TypeError, KeyError):  # no reader of ours answers so
        log.exception("The reader of a file gave no answer.")
        return _takes_too_much(content)


def _answered(asked: bytes, seconds: float) -> tuple[int, bytes, bytes]:
    """Ask a reader, and give its code, its answer up to one byte too much, and the end of what it said besides."""
    with subprocess.Popen(
        [sys.executable, "-I", "-m", __name__],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={jurisdictions.VARIABLE: jurisdictions.named()},
    ) as reader:
        assert reader.stdin
        assert reader.stdout
        assert reader.stderr
        clock = threading.Timer(seconds, reader.kill)
        clock.start()
        feeding = threading.Thread(target=_fed, args=(reader.stdin, asked))
        feeding.start()
        try:
            answer = reader.stdout.read(MOST + 1)
            if len(answer) > MOST:
                reader.kill()
            last_words = reader.stderr.read(LAST_WORDS)
            reader.stderr.close()  # whoever says more ends
            code = reader.wait()
        finally:
            clock.cancel()
            reader.kill()
            feeding.join()
    return code, answer, last_words


def _fed(into: IO[bytes], asked: bytes) -> None:
    """Write what is asked; a reader may end before it has read all of it."""
    with contextlib.suppress(BrokenPipeError), into:
        into.write(asked)


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
