"""What an installation asks of its country besides the law: its code and name, the languages and the time of its pages,
the number for somebody in danger now, and the hotline that people call (country.toml).

The promise: no number, zone or language of a country stands in code; a number that nobody verified says so on a page.
"""

from __future__ import annotations

import dataclasses
import functools
import re
import zoneinfo

from nowrongdoor import jurisdictions
from nowrongdoor.core import entries, language
from nowrongdoor.core.language import gettext as _

FILE = "country.toml"
_CODE = re.compile(r"[A-Z]{2}")
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[a-z0-9]+)*")


@dataclasses.dataclass(frozen=True, slots=True)
class Hotline:
    """Whom people call about trafficking. `dial`: the number as a telephone dials it; `text`: where messages go, empty
    for none; `hours`: when somebody answers."""

    name: str
    hours: str
    telephone: str
    dial: str
    text: str
    evidence: str

    @property
    def is_unverified(self) -> bool:
        """Return whether nobody has checked the number yet."""
        return self.evidence == "unverified"


@dataclasses.dataclass(frozen=True, slots=True)
class Country:
    """The country. `code`: ISO 3166-1; `name` as a sentence names it; `languages`: of its pages, the first where a
    browser asks for none of them; `public_languages`: in which public pages are shown besides; `time_zone`: of pages,
    and of a place that has none of its own; `moment`: a day and time, in the letters of Django's date format;
    `emergency`: the number for somebody in danger now; `marking`: what printed pages about a case bear, empty for
    nothing."""

    version: str
    code: str
    name: str
    languages: tuple[str, ...]
    time_zone: str
    moment: str
    emergency: str
    hotline: Hotline
    marking: str = ""
    public_languages: tuple[str, ...] = ()

    @property
    def language(self) -> str:
        """Return the language of the folder's own words, as HTML names it."""
        return self.languages[0].partition("-")[0]

    @property
    def offered(self) -> tuple[str, ...]:
        """List the languages that pages can be shown in: those of the country that have a catalog, the first always."""
        first, *others = self.languages
        return (first, *(code for code in others if language.has_catalog(code)))


def read(text: str) -> Country:
    """Read a country's country.toml. entries.Unreadable."""
    content = entries.read(text, FILE)
    line = content.one("hotline")
    hotline = Hotline(
        line.text("name"),
        line.text("hours", ""),
        line.text("telephone"),
        line.text("dial"),
        line.text("text", ""),
        entries.evidence(line),
    )
    line.end()
    code = content.text("code")
    if not _CODE.fullmatch(code):
        raise content.wrong("code", _("write the two letters of ISO 3166-1, like GB"))
    languages = content.texts("languages")
    if not languages or not all(_LANGUAGE.fullmatch(each) for each in languages):
        raise content.wrong("languages", _('write codes of languages, one at least, like ["en", "es-mx"]'))
    public = content.texts("public_languages", ())
    if {*public} & {*languages} or not all(_LANGUAGE.fullmatch(each) for each in public):
        raise content.wrong("public_languages", _('write codes of languages that are not in "languages", like ["vi"]'))
    read = Country(
        content.text("version"),
        code,
        content.text("name"),
        languages,
        zone_of(content, "time_zone").key,
        content.text("moment"),
        content.text("emergency"),
        hotline,
        content.text("marking", ""),
        public,
    )
    content.end()
    return read


def zone_of(content: entries.Entry, key: str) -> zoneinfo.ZoneInfo:
    """Read a time zone by its name in the tz database. entries.Unreadable."""
    try:
        return zoneinfo.ZoneInfo(content.text(key))
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        raise content.wrong(key, _("write a name of the tz database, like Europe/London")) from None


@functools.cache
def installed() -> Country:
    """Return the country that is installed."""
    return read(jurisdictions.text(FILE))
