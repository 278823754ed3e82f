"""A command speaks the language of whoever types it; what a server keeps does not change with it."""

from __future__ import annotations

import os
import pathlib
import subprocess
import sys

import pikepdf
import pytest

from nowrongdoor.core import language
from nowrongdoor.operating import terminal
from tests import claims

NWD = str(pathlib.Path(sys.executable).with_name("nwd"))
SETTINGS = ("NWD_LANGUAGE", "LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")


def nwd(*arguments: str, given: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
    plain = {name: value for name, value in os.environ.items() if name not in SETTINGS}
    return subprocess.run(
        [NWD, *arguments], input=given, env={**plain, **environment}, capture_output=True, text=True, timeout=300
    )


def test_help_is_in_the_language_of_the_terminal_and_clicks_own_words_too() -> None:
    spoken = nwd("mandates", "--help", NWD_LANGUAGE="es").stdout
    assert claims.every(words in spoken for words in ("Uso: nwd mandates", "Opciones", "Mostrar este mensaje y salir."))
    assert "Quién responde por cada caso" in nwd("--help", LANG="es_MX.UTF-8").stdout
    assert "Who answers for which case" in nwd("--help", LANG="C.UTF-8").stdout
    assert "Who answers for which case" in nwd("--help", NWD_LANGUAGE="ko").stdout


def test_an_answer_and_a_refusal_are_in_it_and_json_stays_as_it_is() -> None:
    facts = '{"organ_removal": "yes"}'
    spoken = nwd("mandates", "decide", "--facts", "-", given=facts, NWD_LANGUAGE="es")
    assert "Se extrae o se vende un órgano: queda a cargo el FBI." in spoken.stdout
    refused = nwd("mandates", "decide", "--facts", "-", given='{"labor": "perhaps"}', NWD_LANGUAGE="es")
    assert (refused.returncode, "escriba uno de" in refused.stderr) == (2, True)
    plain = nwd("mandates", "decide", "--facts", "-", "--json", given=facts, NWD_LANGUAGE="es").stdout
    assert plain == nwd("mandates", "decide", "--facts", "-", "--json", given=facts).stdout


def test_a_report_says_which_language_it_is_in(tmp_path: pathlib.Path) -> None:
    table, page, document = tmp_path / "table.csv", tmp_path / "report.html", tmp_path / "report.pdf"
    table.write_text("one,two,three,n\n1,0,0,20\n0,1,0,30\n0,0,1,25\n1,1,0,10\n1,0,1,9\n0,1,1,8\n1,1,1,3\n")
    made = nwd(
        *("prevalence", "estimate", str(table), "--bootstrap", "0"),
        *("--html", str(page), "--pdf", str(document)),
        NWD_LANGUAGE="es",
    )
    assert made.returncode == 0, made.stderr
    assert '<html lang="es-us">' in page.read_text(encoding="utf-8")
    with pikepdf.open(document) as opened:
        assert str(opened.Root.Lang) == "es-US"
        faces = {str(face.BaseFont) for each in opened.pages for face in each.Resources.Font.values()}
    assert {face.partition("+")[2] for face in faces} == {"NotoSans-Regular", "NotoSans-Bold"}


@pytest.mark.parametrize(
    ("wanted", "got"), [("es_MX.UTF-8", "es-us"), ("es", "es-us"), ("en_GB", "en-us"), ("C", None), ("", None)]
)
def test_another_kind_of_a_language_is_as_good(wanted: str, got: str | None) -> None:
    assert language.matching(wanted, ("en-us", "es-us")) == got


def test_help_is_taken_apart_as_catalogs_hold_it() -> None:
    taken = list(terminal.paragraphs("Say it\nall.\n\n\b\nExamples:\n  nwd up\n\f\nleft out"))
    assert taken == [
        terminal.Paragraph("Say it all.", is_as_written=False),
        terminal.Paragraph("Examples:\n  nwd up", is_as_written=True),
    ]


def test_a_constant_is_said_each_time_and_kept_in_english() -> None:
    lead = language.gettext_lazy("Reason")
    with language.speaking("es-us"):
        assert (str(lead), f"{lead}: x", lead + "!") == ("Motivo", "Motivo: x", "Motivo!")
        assert language.gettext("%s") % lead == "Motivo"
        assert lead == "Reason"
        assert lead.encode() == b"Reason"
    with language.speaking("en-us"):
        assert str(lead) == "Reason"
