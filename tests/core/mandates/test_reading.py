"""A table cannot be wrong in silence: each fault is refused with its file, its line and what to write instead."""

from __future__ import annotations

import dataclasses
import datetime
import json
import os
import pathlib
import re
import subprocess
import sys

import pytest

from nowrongdoor import jurisdictions
from nowrongdoor.core.mandates import layout, prove, reading, table
from tests.core.mandates import folders

NWD = pathlib.Path(sys.executable).parent / "nwd"
COUNTRY = pathlib.Path(str(jurisdictions.folder()))
RELEASED = pathlib.Path(__file__).parents[2] / "data" / "table-2026.1"


@dataclasses.dataclass(frozen=True)
class Fault:
    """A fault put into the good table: in `file`, `right` becomes `wrong`. `at`: what stands on the line that is told;
    without it, the first line that differs. `above`: how many lines above that. `in_file`: where it is told, if not
    there."""

    file: str
    right: str
    wrong: str
    said: str
    at: str = ""
    above: int = 0
    in_file: str = ""

    @property
    def files(self) -> dict[str, str]:
        """The good table with the fault in it."""
        text = folders.GOOD[self.file]
        assert self.right in text
        return folders.GOOD | {self.file: text.replace(self.right, self.wrong, 1)}

    @property
    def line(self) -> int:
        """The line on which it must be told."""
        told_in = self.in_file or self.file
        before, after = folders.GOOD[told_in].split("\n"), self.files[told_in].split("\n")
        if self.at:
            return next(number for number, line in enumerate(after, start=1) if self.at in line) - self.above
        return -self.above + next(
            number for number, line in enumerate(after, start=1) if line not in before[number - 1 : number]
        )


def faults_of(files: dict[str, str]) -> list[tuple[str, int, str]]:
    with pytest.raises(reading.Refused) as caught:
        reading.texts(files)
    return [(each.file, each.line, each.words) for each in caught.value.faults]


def first(text: str, word: str, after: str) -> str:
    """A piece of a file from `after` on, up to the line that holds `word`, so that a fault is put in one entry."""
    start = text.index(after)
    end = text.index(word, start)
    return text[start : text.index("\n", end) + 1 if "\n" in text[end:] else len(text)]


LEAD = first(folders.GOOD["leads.toml"], "why", 'id = "lead-labor"')
CHILD = first(folders.GOOD["leads.toml"], "ends_chain", 'id = "lead-child"')
NEXT = first(folders.GOOD["leads.toml"], "why", 'id = "next-police"')
C1 = first(folders.GOOD["clocks.toml"], "sources", 'id = "C1"')
C2 = first(folders.GOOD["clocks.toml"], "sources", 'id = "C2"')
NOTICE = first(folders.GOOD["notices.toml"], "required", 'id = "notify-child"')
POLICE = first(folders.GOOD["agencies.toml"], "by_place", 'code = "POLICE"')
CHILDREN = first(folders.GOOD["agencies.toml"], "note", 'code = "CHILD"')
GATE = folders.GOOD["gates.toml"]


def in_(piece: str, right: str, wrong: str) -> tuple[str, str]:
    """A piece of a file, and the same with something else in it."""
    assert right in piece
    return piece, piece.replace(right, wrong, 1)


FAULTS = [
    # table.toml
    Fault("table.toml", "covers_from = 2024-01-01\n", "", "'covers_from' is missing. Write a day like", at="name"),
    Fault(
        "table.toml", "2024-01-01", '"2024-01-01"', "'covers_from' is text: write a day like 2024-08-28, without quo"
    ),
    Fault("table.toml", "2024-01-01", "2024-01-01T00:00:00", "'covers_from' is a day with a time: write a day"),
    Fault("table.toml", "2024-01-01", "0001-01-01", "'covers_from' cannot be 0001-01-01: leave the key out where"),
    Fault("table.toml", "2030-12-31", "9999-12-31", "'covers_to' cannot be 9999-12-31: leave the key out where the"),
    Fault("table.toml", "2030-12-31", "2023-12-31", "'covers_to' lies before 'covers_from'. Correct one."),
    Fault("table.toml", "2030-12-31", "2030-02-31", "there is no such day. Write it like 2024-08-28."),
    Fault("table.toml", '"2026.1"', "2026.1", "'version' is a number with a decimal point: write text in quotation"),
    Fault("table.toml", '"2026.1"', '"the newest"', "'version' cannot be 'the newest': write numbers with dots"),
    Fault("table.toml", '"2026.1"', '""', "'version' is empty: write it"),
    Fault("table.toml", '"Elsewhere"', '"   "', "'name' is empty: write the text"),
    Fault("table.toml", "covers_to", "cover_to", "table.toml has no 'cover_to'. Did you mean 'covers_to'?"),
    Fault("table.toml", 'name = "Else', 'country = "EW"\nname = "Else', "table.toml has no 'country'. "),
    Fault("table.toml", "version =", 'name = "Elsewhere"\nversion =', "a key stands twice in this entry. Keep one"),
    # sections and keys
    Fault(
        "leads.toml", "[[rule]]", "[[rules]]", "leads.toml has no 'rules'. Did you mean 'rule'? It may have [[rule]]"
    ),
    Fault("gates.toml", "[[gate]]", "[gate]", "write the header [[gate]], with two brackets, above each entry"),
    Fault("gates.toml", "[[gate]]", "[[gate]", "close the header of this section: [[rule]] with two brackets"),
    Fault("leads.toml", *in_(LEAD, "evidence =", "evidance ="), "a rule has no 'evidance'. Did you mean 'evidence'?"),
    Fault("leads.toml", "valid_from", "valid_form", "a rule has no 'valid_form'. Did you mean 'valid_from'?"),
    Fault("leads.toml", *in_(LEAD, "why =", "Why ="), "a rule has no 'Why'. Did you mean 'why'?"),
    Fault("agencies.toml", *in_(POLICE, "by_place", "byplace"), "an agency has no 'byplace'. Did you mean 'by_place'?"),
    Fault("gates.toml", "lets_through", "bars", "a gate has no 'bars'. Tables up to 2026.1 wrote it; write 'lets_th"),
    Fault("left_out.toml", "reason", "reasons", "a source left out has no 'reasons'. Did you mean 'reason'?"),
    Fault(
        "read_as.toml",
        'was = { work = "free" }',
        'when = { work = "free" }',
        "a way to read older facts has no 'when'. It may have",
    ),
    # missing
    Fault(
        "leads.toml",
        *in_(LEAD, 'authority = "Act of 2000, s. 2"\n', ""),
        "'authority' is missing.",
        at='-labor"',
        above=1,
    ),
    Fault(
        "leads.toml",
        *in_(LEAD, "precedence = 20\n", ""),
        "'precedence' is missing. Write a whole number",
        at="-labor",
        above=1,
    ),
    Fault(
        "leads.toml",
        "when = {}\n",
        "",
        "'when' is missing. Write when = {} for a statement that",
        at="lead-rest",
        above=1,
    ),
    Fault("clocks.toml", *in_(C1, 'duty = "Report the child."\n', ""), "'duty' is missing.", at='"C1"', above=1),
    Fault(
        "clocks.toml",
        *in_(C1, "amount = 24\n", ""),
        "'amount' is missing. Write how many hours, as a whole",
        at='"C1"',
        above=1,
    ),
    Fault(
        "clocks.toml",
        *in_(C2, 'event = "the inspectors asked"\n', ""),
        "'event' is missing. Write what happens",
        at='starts = "event"',
    ),
    # a name where a code belongs, and a deadline that does not run with its notice
    Fault(
        "clocks.toml", *in_(C1, 'told = "CHILD"', 'told = "Children\'s services"'), "names an agency by its name: write"
    ),
    Fault(
        "clocks.toml", *in_(C2, '"the employer"', '"the desk."'), "'holder' names an agency by its name: write its cod"
    ),
    Fault(
        "clocks.toml",
        *in_(C2, '"the employer"', '"labor inspectors"'),
        "'holder' names an agency by its name: write its",
    ),
    Fault("clocks.toml", *in_(C1, '"lead"', '"whoever leads"'), "'holder' says 'whoever leads': write lead, in small"),
    Fault("clocks.toml", *in_(C1, '"lead"', '"The lead agency."'), "'holder' says 'The lead agency.': write lead, in"),
    Fault(
        "notices.toml",
        *in_(NOTICE, '["C1"]', '["C2"]'),
        "'clocks' names 'C2', which does not run wherever this rule applies: the deadline leaves out 'labor' no",
    ),
    Fault(
        "notices.toml",
        *in_(NOTICE, 'age = ["under_18"]', 'age = ["under_18", "unknown"]'),
        "which does not run wherever this rule applies: the deadline leaves out 'age' unknown. Make both hold for the",
        at='clocks = ["C1"]',
    ),
    Fault(
        "clocks.toml",
        *in_(C1, 'sources = ["S1"]', 'sources = ["S1"]\nvalid_to = 2026-05-01'),
        "'clocks' names 'C1', which does not run wherever this rule applies: it is not in force on all of this",
        at='clocks = ["C1"]',
        in_file="notices.toml",
    ),
    # whoever has the case already
    Fault(
        "supports.toml",
        'agency = "LABOR"',
        'agency = "RECEIVER"',
        "'agency' names 'RECEIVER', whoever has the case already: they can lead, and nobody has to tell",
    ),
    # an agency changes its name, and nothing else
    Fault(
        "agencies.toml",
        'kind = "regulator"\nvalid_from',
        'kind = "services"\nvalid_from',
        "'kind' differs between two entries of 'LABOR': an agency may change its name, department and note.",
        at='kind = "regulator"',
    ),
    # how older answers are read
    Fault(
        "read_as.toml",
        '{ work = "free" }\nis = { labor = "no" }',
        '{ labor = "yes" }\nis = { labor = "no" }',
        "'was' names only answers of this table, which would change what people answer now: name one",
    ),
    Fault(
        "read_as.toml",
        'is = { labor = "no" }',
        'is = { age = "under_18", visa = "work" }',
        "'is' says what impossible child-worker calls impossible. Correct one of them.",
    ),
    Fault("notices.toml", *in_(NOTICE, '["under_18"]', "5"), "'age' is a whole number: write a list in brackets, like"),
    Fault(
        "clocks.toml", *in_(C1, '["under_18"]', "5"), "'age' is a whole number: write a list in brackets, like age ="
    ),
    Fault(
        "facts.toml", 'when = { age = ["under_18"]', "when = { age = 5", "'age' is a whole number: write a list in br"
    ),
    Fault(
        "facts.toml", 'when = { age = ["under_18"], visa = ["work"] }', "when = {}", "'when' names fewer than two fac"
    ),
    # habits of other ways to write
    *(
        Fault("leads.toml", "2024-06-01", day, "write a day like 2024-08-28.")
        for day in ("01/06/2024", "2024/06/01", "1.6.2024", "1 June 2024", "June 1, 2024")
    ),
    Fault("leads.toml", *in_(LEAD, '"lead"', '"lead";'), "take the semicolon away at the end of the line."),
    Fault("gates.toml", '"services", "child', '"services" "child', "a comma is missing between two values of a list."),
    Fault(
        "leads.toml", *in_(LEAD, '"Work is for the inspectors."', "'Work is"), "a text has no closing quotation mark"
    ),
    # kinds of value
    Fault("leads.toml", "ends_chain = true", "ends_chain = 1", "'ends_chain' is a whole number: write true or false"),
    Fault("agencies.toml", "can_decline = false", 'can_decline = "no"', "'can_decline' is text: write true or false"),
    Fault("agencies.toml", "can_decline = false", "can_decline = no", "this value cannot be read. Put text in quot"),
    Fault("leads.toml", *in_(LEAD, "= 20", "= true"), "'precedence' is true or false: write a whole number from 1"),
    Fault("leads.toml", *in_(LEAD, "= 20", "= 20.0"), "'precedence' is a number with a decimal point: write a whole"),
    Fault("leads.toml", *in_(LEAD, "= 20", '= "20"'), "'precedence' is text: write a whole number from 1 to 99,999"),
    Fault("leads.toml", *in_(LEAD, '["S2"]', '"S2"'), "'sources' is text: write a list in brackets, like"),
    Fault("leads.toml", *in_(LEAD, '["S2"]', "[]"), "'sources' is an empty list: write what belongs in it"),
    Fault("leads.toml", *in_(LEAD, '["S2"]', '["S2", "S2"]'), "'sources' names 'S2' twice: write it once"),
    Fault("leads.toml", *in_(LEAD, '["S2"]', "[2]"), "'sources' holds an entry that is a whole number: write text"),
    Fault("leads.toml", *in_(LEAD, '"Work is for the inspectors."', "[]"), "'why' is a list: write text in quotation"),
    Fault("leads.toml", "2024-06-01", "2024-06-01T00:00:00Z", "'valid_from' is a day with a time: write a day like"),
    Fault("leads.toml", "2024-06-01", "20240601", "'valid_from' is a whole number: write a day like 2024-08-28"),
    Fault("clocks.toml", *in_(C1, "= 24", '= "24"'), "'amount' is text: write a whole number from 1 to 8,760"),
    Fault("clocks.toml", *in_(C1, "= 24", "= true"), "'amount' is true or false: write a whole number from 1"),
    Fault("notices.toml", *in_(NOTICE, '["C1"]', '"C1"'), "'clocks' is text: write a list in brackets, like"),
    # ranges
    Fault("leads.toml", *in_(LEAD, "= 20", "= 0"), "'precedence' cannot be 0: write a whole number from 1 to 99,999"),
    Fault("leads.toml", *in_(LEAD, "= 20", "= -3"), "'precedence' cannot be -3: write a whole number from 1"),
    Fault("leads.toml", *in_(LEAD, "= 20", "= 9999999999"), "'precedence' cannot be 9999999999: write a whole num"),
    Fault("leads.toml", *in_(LEAD, "= 20", "= 10"), "'precedence' 10 is that of rule lead-child too. Give one of"),
    Fault("clocks.toml", *in_(C1, "= 24", "= 0"), "'amount' cannot be 0: write a whole number from 1 to 8,760"),
    Fault("clocks.toml", *in_(C1, "= 24", "= -24"), "'amount' cannot be -24: write a whole number from 1"),
    Fault("clocks.toml", *in_(C1, "= 24", "= 1" + "0" * 5_000), "this number is far too long."),
    # words that must be one of a few
    Fault("leads.toml", *in_(LEAD, '"lead"', '"leader"'), "'role' cannot be 'leader'. Did you mean 'lead'? Write one"),
    Fault(
        "leads.toml", *in_(LEAD, '"statute"', '"Statute"'), "'evidence' cannot be 'Statute'. Did you mean 'statute'?"
    ),
    Fault("leads.toml", *in_(LEAD, '"statute"', '"statute+rumor"'), "'evidence' cannot be 'statute+rumor'. Write one"),
    Fault("leads.toml", *in_(LEAD, '"statute"', '"statute, policy"'), "joined by +"),
    Fault("leads.toml", *in_(LEAD, '"statute"', '"statute+statute"'), "'evidence' names one word twice: write it once"),
    Fault("agencies.toml", *in_(POLICE, '"law_enforcement"', '"police"'), "'kind' cannot be 'police'."),
    Fault("agencies.toml", *in_(POLICE, '"local"', '"town"'), "'by_place' cannot be 'town'. Write one of none, state"),
    Fault("clocks.toml", *in_(C1, '"hours"', '"hour"'), "'unit' cannot be 'hour'. Did you mean 'hours'?"),
    Fault("clocks.toml", *in_(C1, '"discovery"', '"found"'), "'starts' cannot be 'found'. Write one of discovery, ev"),
    Fault("clocks.toml", *in_(C1, 'basis = "statute"', 'basis = "law"'), "'basis' cannot be 'law'. Write one of"),
    Fault("gates.toml", '"services"', '"service"', "'lets_through' holds an entry that cannot be 'service'. Did you"),
    Fault(
        "gates.toml", '["services", "child_welfare", "law_enforcement", "coordination"]', "[]", "'lets_through' is an"
    ),
    Fault("sources.toml", '"mandate"', '"statute"', "'kind' cannot be 'statute'. Write one of mandate, route"),
    Fault("sources.toml", "https://law", "http://law", "'links' holds an entry that is no address of a page"),
    # texts that say nothing
    Fault("leads.toml", *in_(LEAD, "Work is for the inspectors.", ""), "'why' is empty: write the text"),
    Fault("leads.toml", *in_(LEAD, "Work is for the inspectors.", "\\u00a0"), "'why' is empty: write the text"),
    Fault("leads.toml", *in_(LEAD, "Work is for the inspectors.", "TODO"), "'why' says nothing ('TODO'): write the te"),
    Fault("leads.toml", *in_(LEAD, "Act of 2000, s. 2", "..."), "'authority' says nothing ('...'): write the text"),
    Fault("leads.toml", *in_(LEAD, "Act of 2000, s. 2", " Act of 2000"), "'authority' begins or ends with a space"),
    Fault("leads.toml", *in_(LEAD, "Work is", "Work\\nis"), "'why' holds a line break or a tab: write it on one"),
    Fault("leads.toml", *in_(LEAD, "Work is", "W" * 3_000), "characters long: at most 2,000 fit"),
    Fault("words/en.toml", '"How old is the person?"', '""', "'question' is empty: write the text"),
    # codes, and what looks alike
    Fault("leads.toml", *in_(LEAD, "lead-labor", "lead labor"), "'id' cannot be 'lead labor': write plain letters A"),
    Fault("leads.toml", *in_(LEAD, "lead-labor", "lead-child"), "there is a rule 'lead-child' already (leads.toml, li"),
    Fault("leads.toml", *in_(LEAD, "lead-labor", "Lead_Child"), "'Lead_Child' looks like 'lead-child' (leads.toml, l"),
    Fault("leads.toml", *in_(LEAD, "lead-labor", "lead-chi1d"), "'lead-chi1d' looks like 'lead-child' (leads.toml, l"),
    Fault("gates.toml", 'id = "G1"', 'id = "C2"', "there is a clock 'C2' already (clocks.toml, line 15). Change one"),
    Fault(
        "agencies.toml",
        "valid_from = 2026-01-01",
        "valid_from = 2025-06-01",
        "there is an agency 'LABOR' alrea",
        at="Inspectorate",
        above=1,
    ),
    Fault(
        "agencies.toml", '"Children\'s services"', '"national  POLICE"', "'name' looks the same as that of agency PO"
    ),
    Fault(
        "leads.toml",
        "[[rule]]",
        "[[rule]]\n" + CHILD.replace("-child", "-same").replace("= 10", "= 11") + "\n[[rule]]",
        "this says the same as rule lead-same. Take one of them out",
        at='"lead-child"',
        above=1,
    ),
    Fault("facts.toml", '"yes", "no"', '"yes", "no", "n0"', "'values' has 'n0' and 'no', which look the same."),
    Fault("facts.toml", '"yes", "no"', '"yes", "yes"', "'values' names 'yes' twice: write it once"),
    Fault("facts.toml", '"yes", "no"', '"yes", "no", "unknown"', "'values' has 'unknown', which is an answer to eve"),
    Fault("left_out.toml", '"S3"', '"S2"', "'S2' is left out here, and"),
    Fault("leads.toml", *in_(NEXT, 'id = "next-police"', 'id = "next-pоlice"'), "mixes letters of two alphabets that"),
    # what nobody sees
    Fault(
        "leads.toml", *in_(LEAD, "Work is", "Work\u200b is"), "the character U+200B (Zero width space) cannot be seen"
    ),
    Fault(
        "leads.toml", *in_(LEAD, "Work is", "Work\u202e is"), "U+202E (Right-to-left override) cannot be seen on a p"
    ),
    Fault("leads.toml", *in_(LEAD, "Work is", "Work\\u202e is"), "U+202E (Right-to-left override) cannot be seen on a"),
    Fault(
        "leads.toml", "[[rule]]", "# \u2066hidden\n[[rule]]", "U+2066 (Left-to-right isolate) cannot be seen on a pa"
    ),
    Fault("leads.toml", *in_(LEAD, "Work is", "Work\x07 is"), "the character U+0007 cannot be seen on a page."),
    Fault("leads.toml", *in_(LEAD, "Work is", "Work\x00 is"), "the character U+0000 cannot be seen on a page."),
    Fault("leads.toml", *in_(LEAD, "Work is", "Work\u00ad is"), "U+00AD (Soft hyphen) cannot be seen on a page."),
    Fault("leads.toml", *in_(LEAD, "Work is", "Work\u3164 is"), "U+3164 (Hangul filler) cannot be seen on a page."),
    Fault("leads.toml", *in_(LEAD, "Work is", "Ｗork is"), "is not made of plain letters. Type it again."),
    Fault(
        "leads.toml", *in_(LEAD, "Work is", "Wor\u00c3\u00a9k is"), "a character was spoiled when the file was saved"
    ),
    Fault("agencies.toml", "National police", "Nаtional police", "the word 'Nаtional' mixes letters of two alphabet"),
    Fault("words/en.toml", '"work"', '"wo\u200brk"', "U+200B (Zero width space) cannot be seen on a page."),
    # days
    Fault(
        "leads.toml",
        "valid_from = 2024-06-01",
        "valid_from = 2024-06-01\nvalid_to = 2024-05-01",
        "'valid_to' (2024-05-01) lies before 'valid_from' (2024-06-01)",
        at="valid_to",
    ),
    Fault(
        "leads.toml",
        "valid_from = 2024-06-01",
        "valid_to = 2023-06-01",
        "'valid_to' (2023-06-01) lies before the table begi",
    ),
    Fault("leads.toml", "2024-06-01", "2031-06-01", "'valid_from' (2031-06-01) lies after the table ends (2030-12-31)"),
    Fault("leads.toml", "2024-06-01", "0001-01-01", "'valid_from' cannot be 0001-01-01: leave the key out where"),
    Fault(
        "leads.toml", "valid_from = 2024-06-01", "valid_to = 9999-12-31", "'valid_to' cannot be 9999-12-31: leave the"
    ),
    Fault(
        "supports.toml",
        'agency = "LABOR"',
        'agency = "LABOUR"',
        "'agency' names 'LABOUR', which is no agency of agenci",
    ),
    # conditions
    Fault("leads.toml", *in_(LEAD, "{ labor", "{ labour"), "there is no fact called 'labour'. Did you mean 'labor'?"),
    Fault("leads.toml", *in_(LEAD, '["yes"]', '["Yes"]'), "'labor' cannot be 'Yes'. Did you mean 'yes'? Write one of"),
    Fault("leads.toml", *in_(LEAD, '["yes"]', "[true]"), "'labor' cannot be true or false. Write one of yes, no, un"),
    Fault("leads.toml", *in_(LEAD, '["yes"]', '"yes"'), "'labor' is text: write a list in brackets, like labor ="),
    Fault("leads.toml", *in_(LEAD, '["yes"]', "[]"), "'labor' has an empty list, so this never holds: name a va"),
    Fault("leads.toml", *in_(LEAD, '["yes"]', '["yes", "yes"]'), "'labor' names 'yes' twice: write it once."),
    Fault("leads.toml", *in_(LEAD, '["yes"]', '["yes", "no", "unknown"]'), "'labor' names every value there is, so it"),
    Fault(
        "leads.toml",
        *in_(LEAD, 'age = ["adult"]', 'labor = ["no"]'),
        "a key or section stands twice. Keep one of them.",
    ),
    Fault("leads.toml", *in_(LEAD, "{ labor", "[ labor"), "this value cannot be read."),
    Fault(
        "leads.toml",
        *in_(LEAD, 'when = { labor = ["yes"], age = ["adult"] }', 'when = ["labor"]'),
        "'when' is a list: wr",
    ),
    Fault(
        "leads.toml", *in_(LEAD, '["yes"], age', '["yes", age'), "this value cannot be read. Put text in quotation ma"
    ),
    # what names nobody
    Fault("leads.toml", *in_(LEAD, '"LABOR"', '"LABR"'), "'agency' names 'LABR', which is no agency of agencies.toml."),
    Fault("leads.toml", *in_(LEAD, '"LABOR"', '"labor"'), "'agency' cannot be 'labor': write plain capital letters"),
    Fault("notices.toml", *in_(NOTICE, '["C1"]', '["C9"]'), "'clocks' names 'C9', which is no clock of clocks.toml."),
    Fault("clocks.toml", *in_(C1, '"lead"', '"CHLD"'), "'holder' names 'CHLD', which is nobody. Did you mean 'CHILD'?"),
    Fault("clocks.toml", *in_(C1, '"lead"', '"nobody"'), "'holder' says nothing ('nobody'): write the text"),
    Fault("clocks.toml", *in_(C1, '"lead"', '"Lead"'), "'holder' says 'Lead': write lead, in small letters, for"),
    Fault("clocks.toml", *in_(C1, 'told = "CHILD"', 'told = "CHILDREN"'), "'told' names 'CHILDREN', which is nobody."),
    Fault(
        "clocks.toml", *in_(C1, 'told = "CHILD"', 'told = ""'), "'told' is empty: write the text, or leave the key out"
    ),
    Fault(
        "clocks.toml", *in_(C2, '"promptly"', '"promptly"\namount = 3'), "'amount' does not go with 'promptly': take"
    ),
    Fault(
        "clocks.toml",
        *in_(C1, '"discovery"', '"discovery"\nevent = "x y"'),
        "'event' does not go with starts = \"disco",
    ),
    Fault(
        "gates.toml", '["notify-danger"]', '["notify-dangr"]', "'passes' names 'notify-dangr', which is no rule. Did yo"
    ),
    Fault(
        "gates.toml", '["notify-danger"]', '["lead-rest"]', "'passes' names 'lead-rest', which is no notice: only not"
    ),
    Fault(
        "gates.toml", GATE[GATE.index("lets_through") : GATE.index("passes")], "", "'passes' says nothing where the ga"
    ),
    Fault("leads.toml", *in_(LEAD, '["S2"]', '["S9"]'), "'sources' names 'S9', which sources.toml does not have."),
    Fault("sources.toml", '["S1"]', '["S7"]', "'rests_on' names 'S7', which sources.toml does not have."),
    Fault(
        "clocks.toml", *in_(C1, '"lead"', '"the lead agency"'), "'holder' says 'the lead agency': write lead, in small"
    ),
    Fault(
        "clocks.toml",
        *in_(C1, 'holder = "lead"', 'holder = "CHILD"'),
        "'told' is who holds the clock: nobody te",
        at="told",
    ),
    Fault(
        "clocks.toml",
        *in_(C1, 'evidence = "statute"', 'evidence = "policy"'),
        "'basis' says that a statute sets the limit",
        at="basis",
    ),
    Fault(
        "clocks.toml",
        *in_(C1, 'basis = "statute"', 'basis = "secondary"'),
        "'basis' cannot be 'secondary'. Write one of",
    ),
    Fault(
        "clocks.toml",
        *in_(C1, '"hours"\namount = 24', '"years"\namount = 2024'),
        "'amount' cannot be 2024: at most 100 years",
        at="amount",
    ),
    # keys of one role on another
    Fault(
        "notices.toml", *in_(NOTICE, "clocks", "ends_chain = true\nclocks"), "'ends_chain' belongs to the role lead, "
    ),
    Fault(
        "notices.toml",
        *in_(NOTICE, "clocks", "precedence = 3\nclocks"),
        "'precedence' belongs to the role backstop and",
    ),
    Fault(
        "leads.toml", *in_(LEAD, "why", 'clocks = ["C1"]\nwhy'), "'clocks' belongs to the role notify, not to 'lead'."
    ),
    Fault(
        "leads.toml", *in_(LEAD, "why", "required_by_law = true\nwhy"), "'required_by_law' belongs to the role notify"
    ),
    Fault(
        "supports.toml", '"support"\n', '"notify"\n', "a rule with the role 'notify' stands in notices.toml. Move it"
    ),
    # facts, and their words
    Fault(
        "facts.toml", '["age", "labor"]', '["age", "labour"]', "'first' names 'labour', which is no fact of this file."
    ),
    Fault(
        "facts.toml", '["age", "labor"]', '["urgency", "labor"]', "'first' names the fact of 'safety', which is asked"
    ),
    Fault("facts.toml", 'name = "visa"', 'name = "version"', "'name' cannot be 'version', which means something else"),
    Fault("words/en.toml", "Is it work?", "How  soon?", "'question' is that of [urgency] too: nobody could tell the"),
    Fault(
        "leads.toml", *in_(LEAD, '"LABOR"', '"LABOR\u00a0"'), "'agency' cannot be 'LABOR\u00a0': write plain capital"
    ),
    Fault("facts.toml", 'safety = "urgency"', 'safety = "urgent"', "'safety' names 'urgent', which is no fact of this"),
    Fault("facts.toml", '"within_24h", ', "", "every table asks about 'urgency', with the values"),
    Fault("facts.toml", 'values = ["work"', 'valeus = ["work"', "a fact has no 'valeus'. Did you mean 'values'?"),
    Fault(
        "facts.toml", '"Act of 2000, s. 1"\nevidence', '"Act of 2000, s. 1"\nevidense', "a fact has no 'evidense'. Did"
    ),
    Fault("facts.toml", ', visa = ["work"] }', " }", "'when' names fewer than two facts: name those that cannot all"),
    Fault("facts.toml", '{ age = ["under_18"]', '{ age = ["unknown"]', "'age' names 'unknown': it is always possible"),
    Fault("facts.toml", 'id = "child-worker"', 'name = "child-worker"', "an impossible combination has no 'name'."),
    Fault(
        "words/en.toml",
        "[impossible.child-worker]",
        "[impossible.child-work]",
        "is no entry of facts.toml. Did you mea",
    ),
    Fault("words/en.toml", 'sentence = "A', 'sentense = "A', "'sentense' cannot be shown. Did you mean 'sentence'?"),
    Fault("words/en.toml", 'adult = "an adult"\n', "", "'adult' is missing. Write what people read.", at="[age]"),
    Fault("words/en.toml", "[age]", "[aeg]", "[aeg] is no fact of facts.toml. Did you mean 'age'? Correct its name"),
    Fault("words/en.toml", '"2026.1"', '"new"', "'version' cannot be 'new': write numbers with dots between them"),
    Fault(
        "words/en.toml", 'no = "no work"', 'no = "Work"', "'no' and 'yes' have the same words: nobody could tell the"
    ),
    # how older facts are read
    Fault(
        "read_as.toml", '{ labor = "yes" }', '{ labour = "yes" }', "there is no fact called 'labour'. Did you mean 'lab"
    ),
    Fault(
        "read_as.toml", '{ labor = "yes" }', '{ labor = "maybe" }', "'labor' cannot be 'maybe'. Write one of yes, no"
    ),
    Fault(
        "read_as.toml", '{ labor = "yes" }', '{ labor = ["yes"] }', "'labor' is a list: write one value in quotation"
    ),
    Fault("read_as.toml", '{ work = "free" }', "{}", "'was' names no answer: write it like { labor = \"yes\" }."),
    Fault(
        "read_as.toml", '{ labor = "yes" }', '{ labor = "unknown" }', "'labor' is 'unknown', which is read as unknown"
    ),
    Fault(
        "read_as.toml",
        '{ work = "free" }',
        '{ work = "forced" }',
        "'was' is that of entry number 1 too. Take one of th",
    ),
    # what is no table at all
    Fault(
        "leads.toml", *in_(LEAD, '"lead-labor"', "“lead-labor”"), 'write straight quotation marks " instead of curly'
    ),
    Fault("leads.toml", *in_(LEAD, '"lead-labor"', '"lead-labor'), "a text has no closing quotation mark on its line."),
    Fault("leads.toml", *in_(LEAD, "agency =", "agency"), "write a key, then =, then its value."),
    Fault("leads.toml", *in_(LEAD, "agency = ", "agency: "), "write a key, then =, then its value."),
    Fault("leads.toml", *in_(LEAD, '["S2"]', "[" * 3_000), "lists stand within lists far too deeply."),
]


def test_the_good_table_is_read_without_a_word_and_proved() -> None:
    read = reading.texts(folders.GOOD)
    assert read.warnings == ()
    assert prove.prove(read.content).faults == ()


@pytest.mark.parametrize("fault", FAULTS, ids=[f"{each.file}: {each.said}" for each in FAULTS])
def test_a_fault_is_refused_with_its_file_its_line_and_what_to_write(fault: Fault) -> None:
    found = faults_of(fault.files)
    assert [(file, line) for file, line, words in found if fault.said in words] == [
        (fault.in_file or fault.file, fault.line)
    ], found


def test_one_fault_hides_no_other() -> None:
    """A fault of each file at once, two of them in lines that do not even parse: every one is told."""
    chosen: dict[str, Fault] = {}
    for fault in FAULTS:
        chosen.setdefault(fault.file, fault)
    files = folders.GOOD | {name: fault.files[name] for name, fault in chosen.items() if name != "facts.toml"}
    files["leads.toml"] = folders.GOOD["leads.toml"]
    for right, wrong in (
        ('agency = "CHILD"', "agency = “CHILD”"),
        ("precedence = 20", 'precedence = "20"'),
        ('agency = "LABOR"', 'agency = "LABUR"'),
        ('why = "Everything', "wy = Everything"),
        ('{ urgency = ["none"', '{ urgency = ["nome"'),
        ('why = "The desk', 'wy = "The desk'),
    ):
        assert right in files["leads.toml"]
        files["leads.toml"] = files["leads.toml"].replace(right, wrong, 1)
    found = faults_of(files)
    for name, fault in chosen.items():
        if name not in ("facts.toml", "leads.toml"):
            assert (name, fault.line) in [(file, line) for file, line, words in found if fault.said in words]
    lines = {line: words for file, line, words in found if file == "leads.toml"}
    said = {5: "straight quotation", 16: "whole number", 17: "'LABUR'"}
    said |= {34: "cannot be read", 41: "'nome'"}
    said |= {47: "'why' is missing", 56: "'wy'"}
    assert lines.keys() == said.keys(), found
    for line, words in said.items():
        assert words in lines[line]


def test_what_is_left_out_of_a_line_that_cannot_be_read_is_not_called_missing() -> None:
    (only,) = faults_of(Fault("leads.toml", *in_(LEAD, 'agency = "LABOR"', "agency = LABOR"), "").files)
    assert only == (
        "leads.toml",
        17,
        'leads.toml, line 17: this value cannot be read. Put text in quotation marks, like "yes"; write true or false '
        "without them.",
    )


# --- the folder ---


def refused(folder: pathlib.Path) -> dict[str, str]:
    with pytest.raises(reading.Refused) as caught:
        reading.folder(folder)
    return {each.file: each.words for each in caught.value.faults}


def test_a_folder_is_read_with_or_without_carriage_returns(tmp_path: pathlib.Path) -> None:
    folders.write(tmp_path, folders.GOOD)
    (tmp_path / "README.md").write_text("What this is.")
    (tmp_path / "past.jsonl").write_text("{}")
    read = reading.folder(tmp_path)
    assert [each.words for each in read.warnings] == [
        "past.jsonl, line 1: this file is no part of a table, so it is not read."
    ]
    assert read.files.keys() == {*table.FILES, "read_as.toml"}
    for name, text in folders.GOOD.items():
        (tmp_path / name).write_bytes(text.replace("\n", "\r\n").encode())
    assert reading.folder(tmp_path).content.digest == read.content.digest


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Leads.toml", "a table has no file of this name. Did you mean 'leads.toml'? Rename it or take it out."),
        ("leads.toml.bak", "a table has no file of this name. Did you mean 'leads.toml'?"),
        ("notice.toml", "a table has no file of this name. Did you mean 'notices.toml'?"),
        ("words/english.toml", "a table has no file of this name."),
        ("read-as.toml", "a table has no file of this name. Did you mean 'read_as.toml'?"),
        ("leads.txt", "a table has no file of this name. Did you mean 'leads.toml'? Rename it or take it out."),
        (".leads.toml", "a table has no file of this name."),
    ],
)
def test_a_file_that_no_table_has_is_refused(tmp_path: pathlib.Path, name: str, said: str) -> None:
    folders.write(tmp_path, folders.GOOD)
    (tmp_path / name).write_text("")
    assert said in refused(tmp_path)[name]


def test_a_folder_that_no_table_has_is_refused(tmp_path: pathlib.Path) -> None:
    folders.write(tmp_path, folders.GOOD)
    (tmp_path / "word").mkdir()
    assert "a table has no folder but words. Did you mean 'words'?" in refused(tmp_path)["word"]


def test_a_missing_file_is_named(tmp_path: pathlib.Path) -> None:
    folders.write(tmp_path, folders.GOOD)
    (tmp_path / "gates.toml").unlink()
    assert "the file is missing. A table has facts.toml, " in refused(tmp_path)["gates.toml"]


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"\xef\xbb\xbf", "the file begins with a byte order mark. Save it as UTF-8 without one."),
        ("# \u00e9\n".encode("utf-16"), "the file is saved as UTF-16 or is no text. Save it as UTF-8."),
        (b"# ok\n# caf\xe9\n", "line 2: the text is not UTF-8 from here on. Save the file as UTF-8."),
        (b"#" * (reading.LARGEST + 1), "At most 8,388,608 are read: split the table."),
        (b"# one\r# two\r", "the character U+000D cannot be seen on a page."),
    ],
)
def test_what_is_no_plain_text_is_refused(tmp_path: pathlib.Path, raw: bytes, said: str) -> None:
    folders.write(tmp_path, folders.GOOD)
    (tmp_path / "left_out.toml").write_bytes(raw)
    assert said in refused(tmp_path)["left_out.toml"]


def test_a_link_a_pipe_and_a_folder_in_place_of_a_file_are_refused(tmp_path: pathlib.Path) -> None:
    folders.write(tmp_path, folders.GOOD)
    for name in ("leads.toml", "gates.toml", "clocks.toml"):
        (tmp_path / name).unlink()
    (tmp_path / "leads.toml").symlink_to("/etc/hostname")
    os.mkfifo(tmp_path / "gates.toml")
    (tmp_path / "clocks.toml").mkdir()
    found = refused(tmp_path)
    assert "this is a link to another file. Put the file itself here." in found["leads.toml"]
    assert "this is no ordinary file. Put a text file here." in found["gates.toml"]
    assert "this is no ordinary file. Put a text file here." in found["clocks.toml"]


def test_an_agency_that_is_not_there_on_a_day_is_named_by_nobody_on_it() -> None:
    files = Fault("agencies.toml", "valid_from = 2026-01-01", "valid_from = 2026-03-01", "").files
    said = "which agencies.toml does not have on 2026-01-01."
    assert [(file, line) for file, line, words in faults_of(files) if said in words] == [
        ("leads.toml", 17),
        ("supports.toml", 4),
    ]


# --- what may be meant ---


def test_what_may_be_meant_is_told_as_a_warning() -> None:
    files = dict(folders.GOOD)
    files["leads.toml"] = files["leads.toml"].replace("valid_from = 2024-06-01", "valid_from = 2020-06-01")
    files["agencies.toml"] += '[[agency]]\ncode = "X"\nname = "X"\ndepartment = "X"\nkind = "other"\n'
    assert [each.words for each in reading.texts(files).warnings] == [
        "leads.toml, line 23, rule lead-labor: 'valid_from' changes nothing: the table begins on 2024-01-01.",
        "agencies.toml, line 36, agency X: no rule and no deadline names this agency.",
    ]


UK = {
    "table.toml": 'name = "United Kingdom (minimal)"\nversion = "2026.0"\ncovers_from = 2026-01-01\n',
    "agencies.toml": """[[agency]]
code = "POLICE"
name = "Police force of the area"
department = "Home Office"
kind = "law_enforcement"
by_place = "local"
can_decline = false
""",
    "leads.toml": """[[rule]]
id = "lead-any"
role = "lead"
precedence = 90
agency = "POLICE"
when = {}
authority = "Modern Slavery Act 2015 s.1, 2, 52"
evidence = "unverified"
sources = ["UK3"]
why = "The police of the area are first responder for everybody."
""",
} | dict.fromkeys(("supports.toml", "notices.toml", "clocks.toml", "gates.toml", "left_out.toml"), "")


def test_a_first_draft_of_another_country_is_read_and_told_what_it_lacks(tmp_path: pathlib.Path) -> None:
    """It has no facts, no words and no sources of its own, as the first drafts that people write."""
    read = reading.folder(folders.write(tmp_path, UK))
    assert [each.words for each in read.warnings] == [
        "facts.toml, line 1: the folder has none, so the shipped table's are asked.",
        "leads.toml, line 8, rule lead-any: every statement of the table is unverified: users are told so on "
        "every page.",
        "leads.toml, line 9, rule lead-any: 'sources' cites numbers such as 'UK3', and nothing says what they are: "
        "add a sources.toml.",
    ]
    mixed = UK["leads.toml"].replace('["UK3"]', '["M01", "M999"]')
    (tmp_path / "leads.toml").write_text(mixed)
    assert "'sources' names 'M999', which docs/sources.md does not have." in refused(tmp_path)["leads.toml"]


# --- what is kept already ---


def test_the_shipped_folder_passes_the_door_that_it_sets_for_others() -> None:
    assert reading.folder(COUNTRY).content.digest == table.shipped().digest


def test_a_released_table_in_an_older_spelling_is_read_keeps_its_digest_and_is_refused_as_a_new_one() -> None:
    """The table of 0.1.0, whose gates say whom they bar, as a database keeps it: its digest is that of 0.2.0."""
    kept = {name: (RELEASED / name).read_text(encoding="utf-8") for name in table.FILES}
    assert table.read(kept).digest == "5822e80237f428eb86412d7ee897ed44f9f01c163fe23a66011644225b4d97d5"
    said = {words for _, _, words in faults_of(kept) if "Tables up to 2026.1 wrote it" in words}
    assert len(said) == kept["gates.toml"].count("\nbars = ")


def test_whatever_the_reader_of_kept_tables_refuses_is_refused_at_the_door() -> None:
    """`texts` ends with `table.read`; here it is seen that nothing is left for it to say."""
    for fault in FAULTS:
        twice = [words for _, _, words in faults_of(fault.files) if re.search(r"line 1: [\w/]+\.toml[,:]", words)]
        assert twice == []


# --- where things stand ---


@pytest.mark.parametrize("file", sorted(COUNTRY.rglob("*.toml")), ids=lambda file: str(file.name))
def test_each_key_of_the_shipped_files_is_found_on_the_line_where_it_stands(file: pathlib.Path) -> None:
    text = file.read_text(encoding="utf-8")
    read, lines = layout.read(text), text.split("\n")
    looked_at = 0
    for kind, entries in read.content.items():
        for number, entry in enumerate(entries if isinstance(entries, list) and f"[[{kind}]]" in text else ()):
            assert lines[read.line(kind, number) - 1] == f"[[{kind}]]"
            for key, value in entry.items():
                if f"[[{kind}.{key}]]" not in text and f"[{kind}.{key}]" not in text:
                    line = lines[read.line(kind, number, key) - 1]
                    assert line.startswith(f"{key} = ")
                    if isinstance(value, str):
                        assert value.replace('"', '\\"') in line
                    looked_at += 1
    assert (looked_at == 0) is (f"[[{kind}]]" not in text)


def test_long_texts_comments_and_lists_over_several_lines_move_no_line() -> None:
    text = """# [[rule]]
[[rule]]
why = \"\"\"
[[rule]]
id = 1
\"\"\"
sources = [
  "a", # ]
  "[[rule]]",
]
id = "one"
[rule.when]
age = ["x"]
[[rule]]
'id' = 'two'
"""
    read = layout.read(text)
    assert [read.line("rule", 0, "id"), read.line("rule", 0, "when", "age"), read.line("rule", 1, "id")] == [11, 13, 15]
    assert read.line("rule", 0, "nothing") == 2


# --- the commands ---


def nwd(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([str(NWD), *arguments], capture_output=True, text=True, check=False)


def test_the_command_refuses_with_every_problem_in_words_and_as_json(tmp_path: pathlib.Path) -> None:
    fault = FAULTS[0]
    folders.write(tmp_path, fault.files)
    done = nwd("mandates", "prove", "--table", str(tmp_path))
    assert (done.returncode, done.stdout) == (2, "")
    assert (
        f"The table in {tmp_path} is refused: 1 problem.\n  - table.toml, line 1: 'covers_from' is missing."
        in done.stderr
    )
    as_json = nwd("mandates", "prove", "--json", "--table", str(tmp_path))
    assert as_json.returncode == 2
    (problem,) = json.loads(as_json.stdout)["refused"]
    assert (problem["file"], problem["line"]) == ("table.toml", 1)
    assert fault.said in problem["sentence"]
    folders.write(tmp_path, folders.GOOD)
    (tmp_path / "sources.toml").unlink()
    done = nwd("mandates", "prove", "--table", str(tmp_path))
    assert done.returncode == 0
    assert done.stderr.startswith("Note: leads.toml, line 9, rule lead-child: 'sources' cites numbers such as 'S1'")


def test_a_proof_that_is_not_finished_in_time_ends_with_3_and_says_what_to_split() -> None:
    done = nwd("mandates", "prove", "--limit", "0.000001")
    assert (done.returncode, done.stderr) == (3, "")
    assert done.stdout.startswith(
        "Not proved: 0 faults, and not finished.\n  - not shown within 1e-06 seconds: whether "
    )
    assert "Split the table by '" in done.stdout
    as_json = nwd("mandates", "prove", "--limit", "0.000001", "--json")
    assert as_json.returncode == 3
    said = json.loads(as_json.stdout)
    assert (said["holds"], said["faults"]) == (False, [])
    assert said["unfinished"]["split_by"] in table.shipped().vocabulary.names
    assert set(said["unfinished"]["rules"]) <= {each.id for each in table.shipped().rules}


def test_progress_is_told_on_the_error_output_where_it_is_asked_for() -> None:
    told = nwd("mandates", "prove", "--progress", "--json")
    assert told.returncode == 0
    assert "Proving whether some lead applies to every case: 0 of 1" in told.stderr
    assert json.loads(told.stdout)["holds"] is True
    assert nwd("mandates", "prove").stderr == ""


# --- an agency is called otherwise from a day on ---

LAST, FIRST = datetime.date(2025, 12, 31), datetime.date(2026, 1, 1)


def test_an_agency_is_called_what_it_was_called_on_the_day(tmp_path: pathlib.Path) -> None:
    files = dict(folders.GOOD)
    older, newer = [f"[[agency]]{each}" for each in files["agencies.toml"].split("[[agency]]") if '"LABOR"' in each]
    swapped = files | {"agencies.toml": files["agencies.toml"].replace(older, "").replace(newer, newer + "\n" + older)}
    for given in (files, swapped):
        content = reading.texts(given).content
        assert [content.agency("LABOR", day).name for day in (LAST, FIRST)] == [
            "Labor inspectors",
            "Inspectorate of labor",
        ]
        assert content.agencies["LABOR"].name == "Inspectorate of labor"
        command = [str(NWD), "mandates", "decide", "--facts", "-", "--table", str(folders.write(tmp_path, given))]
        for day, name in ((LAST, "Labor inspectors"), (FIRST, "Inspectorate of labor")):
            said = subprocess.run(
                [*command, "--on", day.isoformat()],
                input='{"labor": "yes", "age": "adult"}',
                capture_output=True,
                text=True,
                check=True,
            ).stdout
            assert f"1. {name}\n" in said


def test_what_is_left_out_is_what_an_agency_is_by_default() -> None:
    newer = 'kind = "regulator"\nvalid_from'
    said = 'kind = "regulator"\nby_place = "none"\ncan_decline = true\nvalid_from'
    assert folders.GOOD["agencies.toml"].count(newer) == 1
    reading.texts(folders.GOOD | {"agencies.toml": folders.GOOD["agencies.toml"].replace(newer, said)})


def test_a_renaming_counts_in_the_digest_and_a_table_without_one_keeps_its_own() -> None:
    files = dict(folders.GOOD)
    moved = files | {
        "agencies.toml": files["agencies.toml"].replace("2025-12-31", "2025-11-30").replace("2026-01-01", "2025-12-01")
    }
    assert reading.texts(files).content.digest != reading.texts(moved).content.digest
    assert reading.texts(files).content.formerly != ()
