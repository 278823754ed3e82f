"""The country's own words in the languages of its pages: words/es.toml and its like, each by the id of what it says.

The promise: no proof rests on them and no row keeps them; they are put in where somebody reads. A translation stands
for the very sentence that the country's files have today: of an older table's other words, and of what has no
translation, the original is shown, and said to be in the country's first language.
"""

from __future__ import annotations

import functools
import re
import tomllib
from collections.abc import Iterator, Mapping

from nowrongdoor import jurisdictions
from nowrongdoor.core import (
    benefits,
    calls,
    country,
    disclosure_grounds,
    doors,
    entries,
    language,
    places,
    protocols,
    public_help,
    public_words,
    records_law,
)
from nowrongdoor.core.disclosure_grounds import Ground
from nowrongdoor.core.language import gettext as _
from nowrongdoor.core.mandates import decide, rules, table
from nowrongdoor.core.services import profile
from nowrongdoor.core.triage import answers, elements

MOMENT = "country.moment"  # a day and time, in the letters of Django's date format
# What public pages say, and so what each public language needs; what of it is about safety (core/reviews.py).
PUBLIC = (
    *("country.", "hotline.", "public.", "doors.", "places.hint", "grounds.notice"),
    *(f"grounds.{each.value}" for each in Ground),
)
SAFETY = ("hotline.", "public.", "doors.")
LABELS = re.compile(r"doors\.\w+\.(name|asks\.\w+)")  # whom a door is for, and what its form asks


def file_of(code: str) -> str:
    """Name the file that holds the words of a language."""
    return f"words/{code.partition('-')[0]}.toml"


@functools.cache
def originals() -> Mapping[str, str]:
    """Map each id to its words as the country's files have them."""
    return dict(_originals())


def _originals() -> Iterator[tuple[str, str]]:
    here, where = country.installed(), places.installed()
    yield MOMENT, here.moment
    yield "country.name", here.name
    yield "hotline.hours", here.hotline.hours
    helping = public_help.installed()
    yield "public.before", helping.before.words if helping.before else ""
    yield "pictures.words", helping.pictures.words if helping.pictures else ""
    for line in helping.lines:
        yield f"public.{line.id}.who", line.who
        yield f"public.{line.id}.hours", line.hours
        yield f"handing_on.{line.id}", line.report
    if helping.form:
        yield "public.form.number", helping.form.number
        yield "public.form.burden", helping.form.burden
    for door in doors.installed().each:
        yield from _of_door(door)
    yield "public.texting", helping.texting.words if helping.texting else ""
    for wish in helping.wishes:
        yield f"public.wish.{wish.fact}.ask", wish.ask
        yield f"public.wish.{wish.fact}.ask_for", wish.ask_for
        yield f"public.wish.{wish.fact}.hint", wish.hint
    yield "places.whole", where.whole
    yield "places.part", where.part
    yield "places.hint", where.hint
    yield "places.spelled", where.spelled
    for code, name in where.names.items():
        yield f"places.names.{code}", name
    content = table.shipped()
    yield "table.name", content.name
    for fact in content.vocabulary.attributes:
        yield f"facts.{fact.name}.question", fact.question
        for value in fact.values:
            yield f"facts.{fact.name}.{value.code}", value.words
    for conflict in content.vocabulary.impossible:
        yield f"impossible.{conflict.id}", conflict.sentence
    for rule in content.rules:
        yield f"rules.{rule.id}", rule.why
    for clock in content.clocks:
        yield f"clocks.{clock.id}.duty", clock.duty
        yield f"clocks.{clock.id}.event", clock.event
        if clock.holder not in content.agencies and clock.holder != decide.LEAD:
            yield f"clocks.{clock.id}.holder", clock.holder
    for gate in content.gates:
        yield f"gates.{gate.id}", gate.effect
    for source in content.left_out:
        yield f"left_out.{source.source}", source.reason
    for agency in content.agencies.values():
        yield f"agencies.{agency.code}", agency.note
        if agency.by_place is not rules.ByPlace.NONE:
            yield f"offices.{agency.code}", agency.name
    instruments = elements.installed()
    yield "instruments.heading", instruments.heading
    yield "instruments.instead", instruments.instead
    for instrument in instruments.each:
        yield f"instruments.{instrument.id}.title", instrument.title
        yield f"instruments.{instrument.id}.remark", instrument.remark
        for element in instrument.elements:
            yield f"instruments.{instrument.id}.{element.name}", element.words
    for key, words in answers.elements().words.items():
        yield f"questions.{key}", words
    for agency_code, call in calls.installed().by_agency.items():
        yield f"calls.{agency_code}.first", call.first
        yield f"calls.{agency_code}.before", call.before
    law = records_law.installed()
    yield "records.disclosure", law.disclosure
    for number, writer in enumerate(law.writers, start=1):
        yield f"records.writers.{number}", writer
    for statement in law.statements:
        yield f"records.statements.{statement.id}", statement.words
    library = protocols.installed()
    yield "protocols.immigration", library.immigration
    yield "protocols.instead", library.instead.words
    for part in library.parts:
        yield f"protocols.parts.{part.code}", part.words
    for kind in library.kinds:
        yield f"protocols.kinds.{kind.code}.name", kind.name
        yield f"protocols.kinds.{kind.code}.called", kind.called
        yield f"protocols.kinds.{kind.code}.why", kind.why.words
    yield from _of_services(profile.installed())
    yield from _of_benefits(benefits.installed())
    grounds = disclosure_grounds.installed()
    for ground, each in grounds.law.items():
        yield f"grounds.{ground.value}", each.words
    yield "grounds.notice", grounds.notice.words
    yield "grounds.immigration", grounds.immigration
    for name, sentence in (("signing", grounds.signing), ("discovery", grounds.discovery)):
        if sentence is not None:
            yield f"grounds.{name}", sentence.words


def _of_services(asked: profile.Profile) -> Iterator[tuple[str, str]]:
    for kind in asked.kinds.values():
        yield f"services.kinds.{kind.code}", kind.words
    for fact in asked.facts.values():
        yield f"services.facts.{fact.code}.question", fact.question
        yield f"services.facts.{fact.code}.none", fact.none
        for code, words in fact.values.items():
            yield f"services.facts.{fact.code}.{code}", words
    for limit in asked.limits.values():
        yield f"services.limits.{limit.code}", limit.words


def _of_benefits(known: benefits.Benefits) -> Iterator[tuple[str, str]]:
    for letter in known.letters:
        yield f"benefits.letters.{letter.code}.name", letter.name
        yield f"benefits.letters.{letter.code}.whom", letter.whom.words
    for number, statement in enumerate(known.law, start=1):
        yield f"benefits.law.{number}", statement.words
    if known.reminder:
        yield "benefits.reminder", known.reminder.words


def _of_door(door: doors.Door) -> Iterator[tuple[str, str]]:
    """Give each sentence of a door by its place there: those of a kind are numbered in their order."""
    yield f"doors.{door.id}.name", door.name
    for number, sign in enumerate(door.signs, start=1):
        yield f"doors.{door.id}.signs.{number}", sign.words
    for number, call in enumerate(door.calls, start=1):
        yield f"doors.{door.id}.calls.{number}.when", call.when
        yield f"doors.{door.id}.calls.{number}.name", call.name
    for number, report in enumerate(door.reports, start=1):
        yield f"doors.{door.id}.reports.{number}.to", report.to
        yield f"doors.{door.id}.reports.{number}.words", report.words
    for number, duty in enumerate(door.duties, start=1):
        yield f"doors.{door.id}.duties.{number}", duty.words
    for ask in door.asks:
        yield f"doors.{door.id}.asks.{ask.id}", ask.words


def read(text: str, file: str, known: Mapping[str, str]) -> Mapping[str, str]:
    """Read the words of a language: each under the id of what it says, and no others. entries.Unreadable."""
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise entries.Unreadable(
            _("%(file)s: %(error)s. Mend the line that it names.") % {"file": file, "error": error}
        ) from None
    if not isinstance(content.pop("version", None), str):
        raise entries.Unreadable(_("%(file)s: 'version' is missing; write it as text.") % {"file": file})
    read: dict[str, str] = {}
    for key, words in _flat(content):
        if key not in known:
            raise entries.Unreadable(
                _("%(file)s: '%(id)s' is no id of this country’s files: correct it, or take it out.")
                % {"file": file, "id": key}
            )
        if not isinstance(words, str) or not words.strip():
            raise entries.Unreadable(
                _("%(file)s: '%(id)s' says nothing: write its words as text, or take it out.")
                % {"file": file, "id": key}
            )
        read[key] = words
    return read


def _flat(content: Mapping[str, object], above: str = "") -> Iterator[tuple[str, object]]:
    for key, value in content.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{above}{key}.")
        else:
            yield f"{above}{key}", value


@functools.cache
def by_id(code: str) -> Mapping[str, str]:
    """Return the words of a language by id, none where the country has no file for it. entries.Unreadable."""
    file = file_of(code)
    is_first = code.partition("-")[0] == country.installed().language
    if is_first or not jurisdictions.has(file):
        return {}
    return read(jurisdictions.text(file), file, originals())


def is_public(key: str) -> bool:
    """Return whether public pages say what an id names."""
    return key.startswith(PUBLIC)


def is_safety(key: str) -> bool:
    """Return whether what an id names is about danger, consent, receipts, or who is told."""
    return key.startswith(SAFETY) and not LABELS.fullmatch(key)


@functools.cache
def _by_original(code: str) -> Mapping[str, str]:
    return {originals()[key]: words for key, words in by_id(code).items()}


@functools.cache
def _about_safety() -> frozenset[str]:
    return frozenset(words for key, words in originals().items() if is_safety(key))


def _translations(text: str) -> Mapping[str, str]:
    """Return the words among which a sentence is looked up: none for one about safety that is said in the original."""
    code = language.current()
    return _by_original(language.said_instead() or code if text in _about_safety() else code)


def missing(code: str) -> list[str]:
    """List the ids that have no words in a language."""
    there = _by_original(code)
    return [key for key, words in originals().items() if words and words not in there]


def missing_for_public(code: str) -> list[str]:
    """List the ids that public pages need and that have no words in a language."""
    return [key for key in missing(code) if is_public(key)]


@functools.cache
def offered_to_public() -> tuple[str, ...]:
    """List the languages that public pages can be shown in: those of all pages, and of the others those that say every
    sentence of public pages, the product's and the country's."""
    here = country.installed()
    whole = (code for code in here.public_languages if public_words.is_whole(code) and not missing_for_public(code))
    return (*here.offered, *whole)


def is_translated(text: str) -> bool:
    """Return whether the country has these words in the language of whoever reads."""
    return text in _translations(text)


def worded(text: str) -> str:
    """Return a sentence of the country's in the language of whoever reads, or as it stands."""
    return _translations(text).get(text, text)


def place_names() -> Mapping[str, str]:
    """Name every place in the language of whoever reads, in the order in which a form lists them."""
    return {code: worded(name) for code, name in places.names().items()}


def moment() -> str:
    """Return how a day and time is written, in the letters of Django's date format."""
    return by_id(language.current()).get(MOMENT) or country.installed().moment
