"""What whoever runs an installation says of it on its public pages: who they are, how to reach them, which reports they
have published, and what an approved form has to say (a TOML file that NWD_ABOUT names).

The promise: public pages show no figure about cases or people but the words of a report that somebody published and put
into this file; nothing is counted for them.
"""

from __future__ import annotations

import dataclasses
import datetime
import functools
from collections.abc import Mapping, Sequence

from nowrongdoor.core import entries, public_help
from nowrongdoor.core.language import gettext as _
from nowrongdoor.operating import settings_files

VARIABLE = "NWD_ABOUT"


@dataclasses.dataclass(frozen=True, slots=True)
class Report:
    """A report that was published. `says`: its main sentence, as it stands in the report."""

    title: str
    says: str
    published_on: datetime.date
    address: str
    language: str


@dataclasses.dataclass(frozen=True, slots=True)
class Form:
    """What an agency has to say on a form that somebody approved: under which number and until when, how long it takes
    (`minutes`), where comments on that go; and its statement on privacy, by language as its counsel wrote it, for the
    product has no words of its own for that."""

    number: str
    expires_on: datetime.date
    minutes: int
    comments: str
    statements: Mapping[str, str]

    def statement(self, code: str) -> tuple[str, str]:
        """Return the statement for a reader of a language, and in which language it is: the first where none fits."""
        first = next(iter(self.statements))
        fitting = next((each for each in self.statements if each.partition("-")[0] == code.partition("-")[0]), first)
        return self.statements[fitting], fitting


@dataclasses.dataclass(frozen=True, slots=True)
class About:
    """All of it, empty where nothing is said. `contact`: a mail address or telephone number for the public."""

    operator: str = ""
    contact: str = ""
    reports: Sequence[Report] = ()
    form: Form | None = None

    @property
    def contact_address(self) -> str:
        """Return the contact as a link's address."""
        if "@" in self.contact:
            return f"mailto:{self.contact}"
        return "tel:" + "".join(each for each in self.contact if each in "+0123456789")


def read(text: str, file: str) -> About:
    """Read the file. entries.Unreadable."""
    content = entries.read(text, file)
    reports: list[Report] = []
    for line in content.each("report"):
        address = line.text("address")
        if not address.startswith("https://"):
            raise line.wrong("address", _("write a whole address that begins with https://"))
        reports.append(
            Report(line.text("title"), line.text("says"), line.day("published_on"), address, line.text("language"))
        )
        line.end()
    about = About(
        content.text("operator"),
        content.text("contact"),
        sorted(reports, key=lambda each: (each.published_on, each.title), reverse=True),
        _form(content.one("form")) if content.has("form") else None,
    )
    if "@" not in about.contact and not any(each.isdigit() for each in about.contact):
        raise content.wrong("contact", _("write a mail address or a telephone number"))
    content.end()
    return about


def _form(entry: entries.Entry) -> Form:
    if not public_help.installed().form:
        raise entry.wrong("number", _("leave [form] out: this country’s public.toml has no sentences for it"))
    written = entry.one("statement")
    statements = {code: written.text(code) for code in written.left()}
    if not statements:
        raise entry.wrong("statement", _('write it under the code of its language, like en = "…"'))
    form = Form(
        entry.text("number"),
        entry.day("expires_on"),
        entry.number("minutes", 1, 999),
        entry.text("comments"),
        statements,
    )
    entry.end()
    return form


@functools.cache
def installed() -> About:
    """Return what is said of this installation, which is nothing without a file. entries.Unreadable."""
    return settings_files.named_by(VARIABLE, read, otherwise=About())
