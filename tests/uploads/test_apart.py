"""A file is read in a process of its own: the same answer, bounded time and memory, nothing of ours in its reach."""

from __future__ import annotations

import os
import pathlib
import threading
import time
import zlib

import pikepdf
import pytest

from nowrongdoor.access import turns
from nowrongdoor.core import language
from nowrongdoor.uploads import apart, kinds, reading, refusing
from tests import claims
from tests.uploads import files, test_checking, test_pdfs
from tests.uploads.test_telling import MAIL, changed

SAMPLES = [content for content, _ in test_checking.HONEST] + [
    b"words",
    b"a,b\n=1,2\n",
    b"a,b\n1,2\n",
    b"MZ",
    MAIL.encode(),
    files.locked_pdf(),
    files.claims_to_be_vast(),
    test_pdfs.planted("external stream"),
]


@pytest.mark.parametrize("at", range(len(SAMPLES)))
def test_it_answers_the_same_in_the_same_words(at: int) -> None:
    with language.speaking("es"):
        here, there = reading.look("x.csv", SAMPLES[at]), apart.look("x.csv", SAMPLES[at])
    assert (here.kind, here.content) == (there.kind, there.content)
    assert (type(here.refused), str(here.refused)) == (type(there.refused), str(there.refused))


def object_bomb(megabytes: int) -> bytes:
    """A PDF whose list of objects unpacks to very much: a piece that says the same again and again."""
    packing = zlib.compressobj(9)
    head = packing.compress(b" " * 1_000_000) + packing.flush(zlib.Z_FULL_FLUSH)
    piece = packing.compress(b" " * 1_000_000) + packing.flush(zlib.Z_FULL_FLUSH)
    packed = head + piece * megabytes + packing.flush()
    objects = b"%%PDF-1.5\n1 0 obj\n<< /Type /ObjStm /N 1 /First 4 /Filter /FlateDecode /Length %d >>\nstream\n" % len(
        packed
    )
    body = objects + packed + b"\nendstream\nendobj\n"
    rows = [(0, 0, 65535), (1, 9, 0), (2, 1, 0), (1, len(body), 0)]
    table = b"".join(
        bytes([kind]) + first.to_bytes(4, "big") + second.to_bytes(2, "big") for kind, first, second in rows
    )
    index = b"3 0 obj\n<< /Type /XRef /Size 4 /Root 2 0 R /W [1 4 2] /Length %d >>\nstream\n" % len(table)
    return body + index + table + b"\nendstream\nendobj\nstartxref\n%d\n%%%%EOF\n" % len(body)


def test_what_takes_too_much_memory_is_refused_and_ends_nobody_else() -> None:
    content = object_bomb(4_000)
    assert len(content) < 5_000_000
    looked = apart.look("", content)
    assert isinstance(looked.refused, (refusing.TakesTooMuch, refusing.Damaged))
    assert looked.kind is kinds.Kind.PDF, "an original may still be kept as what it is"


def slow() -> bytes:
    """A page of very many lines."""
    return changed(lambda pdf: pdf.pages[0].obj.__setattr__("Contents", pikepdf.Stream(pdf, b"0 0 m\n" * 2_000_000)))


def test_what_takes_too_long_is_refused() -> None:
    content, begun = slow(), time.monotonic()
    looked = apart.look("", content, apart.Limits(seconds=1))
    assert isinstance(looked.refused, refusing.TakesTooMuch)
    assert time.monotonic() - begun < 10


def test_a_few_are_read_at_once_and_know_and_may_do_nothing_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NWD_CANARY", files.TOLD)
    content = slow()
    asking = [
        threading.Thread(target=apart.look, args=("", content, apart.Limits(seconds=3)))
        for _ in range(apart.AT_ONCE + 2)
    ]
    for thread in asking:
        thread.start()
    most, limits, known = 0, "", ""
    while any(thread.is_alive() for thread in asking):
        readers = [each for each in _children() if "nowrongdoor.uploads.apart" in _of(each, "cmdline")]
        most = max(most, len(readers))
        for each in readers:
            known += _of(each, "environ")
            limits = next((text for text in [_of(each, "limits")] if _bounds(text)), limits)
        time.sleep(0.02)
    assert most == apart.AT_ONCE
    assert "NWD_COUNTRY" in known
    assert files.TOLD not in known
    bounds = _bounds(limits)
    assert claims.every(bounds[what] == "0" for what in ("file size", "core file size", "processes"))
    assert (bounds["address space"], bounds["cpu time"]) == (str(apart.Limits().memory), "3")


def test_whoever_comes_when_the_line_is_full_is_told_at_once() -> None:
    content, crowded = slow(), []

    def ask() -> None:
        try:
            apart.look("", content, apart.Limits(seconds=2))
        except turns.Crowded:
            crowded.append(time.monotonic())

    begun = time.monotonic()
    asking = [threading.Thread(target=ask) for _ in range(apart.AT_ONCE + apart.IN_LINE + 1)]
    for thread in asking:
        thread.start()
    for thread in asking:
        thread.join()
    assert len(crowded) == 1
    assert crowded[0] - begun < 2


def _children() -> list[str]:
    own = pathlib.Path(f"/proc/{os.getpid()}/task")
    return [child for each in own.iterdir() for child in _of(f"{os.getpid()}/task/{each.name}", "children").split()]


def _of(process: str, what: str) -> str:
    try:
        return pathlib.Path(f"/proc/{process}/{what}").read_text(errors="replace").replace("\0", " ")
    except OSError:
        return ""  # it has ended


def _bounds(limits: str) -> dict[str, str]:
    """What a process was held to, once it was."""
    lines = [line[4:26].strip() + " " + line[26:].split()[0] for line in limits.splitlines() if line.startswith("Max ")]
    bounds = {name: most for name, _, most in (line.rpartition(" ") for line in lines)}
    return bounds if bounds.get("processes") == "0" else {}
