"""Whether a country's folder fits together: every file reads, and what one names stands in another.

The promise: an installation is made only for a country whose files can be used from the first page to the last, and
whatever is wrong is told at once, each with its file and what to write.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TypeVar

from nowrongdoor import jurisdictions
from nowrongdoor.core import (
    benefits,
    calls,
    country,
    country_words,
    disclosure_grounds,
    doors,
    entries,
    gazetteer,
    holidays,
    line_indicators,
    official,
    places,
    protocols,
    public_help,
    reviews,
    schedules,
)
from nowrongdoor.core.intake import country as records
from nowrongdoor.core.language import gettext as _
from nowrongdoor.core.mandates import prove, reading, sources, table, vocabulary
from nowrongdoor.core.services import profile
from nowrongdoor.core.triage import answers, elements

# What the screening and the readers of files know by name, whatever the country (docs/jurisdictions.md).
NEEDED: Mapping[str, Sequence[str]] = {
    "age": ("under_18", "adult"),
    **dict.fromkeys(("commercial_sex", "labor", "means"), ("yes", "no")),
    "nationality": (),
    "source": ("survivor",),
    "wishes": ("services_only", "report_agreed"),
}

Text = Callable[[str], str]
T = TypeVar("T")


def problems(text: Text) -> list[str]:
    """List what is wrong with a country's files; `text` gives each by its name."""
    faults: list[str] = []

    def tried(read: Callable[[str], T], file: str) -> T | None:
        try:
            return read(text(file))
        except (entries.Unreadable, jurisdictions.UnusableFile) as error:
            faults.append(str(error))
            return None

    tried(country.read, country.FILE)
    where = tried(places.read_file, places.FILE)
    days = tried(holidays.read, holidays.FILE)
    numbers = tried(calls.read, calls.FILE)
    instruments = tried(elements.read, answers.FILE)
    questions = tried(answers.read_elements, answers.FILE) if instruments else None
    tried(sources.read, sources.FILE)
    reads = tried(records.read, records.FILE)
    tried(disclosure_grounds.read, disclosure_grounds.FILE)
    tried(schedules.read, schedules.FILE)
    optional = (
        (official.FILE, official.read),
        (public_help.FILE, public_help.read),
        (line_indicators.FILE, line_indicators.read),
        (doors.FILE, doors.read),
        (gazetteer.FILE, gazetteer.read),
        (protocols.FILE, protocols.read),
        (profile.FILE, profile.read),
        (benefits.FILE, benefits.read),
    )
    for name, read_file in optional:
        try:
            read_file(text(name))
        except jurisdictions.NoSuchFile:
            pass  # a country may leave it out
        except (entries.Unreadable, jurisdictions.UnusableFile) as error:
            faults.append(str(error))
    given: dict[str, str] = {}
    for name in (*table.FILES, *vocabulary.OPTIONAL_FILES, sources.FILE):
        try:
            given[name] = text(name)
        except jurisdictions.UnusableFile as error:
            if name in table.FILES or not isinstance(error, jurisdictions.NoSuchFile):
                faults.append(str(error))
    if not given.keys() >= {*table.FILES, sources.FILE}:
        return list(dict.fromkeys(faults))
    try:
        content = reading.texts(given).content
    except reading.Refused as error:
        return list(dict.fromkeys([*faults, *error.problems]))
    faults += _unasked(content)
    if where and days:
        faults += [
            (
                _("%(file)s: '%(state)s' is no place of %(file_2)s.")
                % {"file": holidays.FILE, "state": state, "file_2": places.FILE}
            )
            for state in sorted(holidays.named_places(text(holidays.FILE)) - where.names.keys())
        ]
    faults += _of_public_pages(text, content)
    faults += _of_protocols(text, content)
    faults += _of_benefits(text, content)
    if numbers:
        faults += [
            (_("%(file)s, call %(code)s: agencies.toml names no such agency.") % {"file": calls.FILE, "code": code})
            for code in sorted(numbers.by_agency.keys() - content.agencies.keys())
        ]
    if instruments and questions:
        faults += _unanswerable(instruments, questions, content)
    nationality = content.vocabulary.positions.get("nationality")
    if reads and nationality is not None:
        codes = content.vocabulary.attribute("nationality").codes
        faults += [
            (
                _("%(file)s: '%(code)s' is no answer to 'nationality' in facts.toml.")
                % {"file": records.FILE, "code": code}
            )
            for code in (reads.citizen, reads.foreign)
            if code not in codes
        ]
    if not faults:
        faults += _worded(text)
    if not faults:
        faults += [
            (_("The mandate table is not proved: %(sentence)s") % {"sentence": fault.sentence})
            for fault in prove.prove(content).faults
        ]
    return faults


def _of_protocols(text: Text, content: table.Table) -> Iterator[str]:
    """Say what protocols.toml names that the table does not: desks, and the facts with which a recipient is first."""
    try:
        library = protocols.read(text(protocols.FILE))
    except (entries.Unreadable, jurisdictions.UnusableFile):
        return  # said above, or left out
    where = _("%(file)s, kind %(code)s: %(other)s names no such agency or answer: %(name)s.")
    for kind in library.kinds:
        entry = {"file": protocols.FILE, "code": kind.code}
        for desk in kind.desks:
            if desk not in content.agencies:
                yield where % {**entry, "other": "agencies.toml", "name": desk}
        for name, codes in kind.first.items():
            for code in codes:
                if name not in content.vocabulary.positions or code not in content.vocabulary.attribute(name).codes:
                    yield where % {**entry, "other": "facts.toml", "name": f"{name} {code}"}


def _of_benefits(text: Text, content: table.Table) -> Iterator[str]:
    """Say which deadlines benefits.toml names that the table does not have."""
    try:
        letters = benefits.read(text(benefits.FILE)).letters
    except (entries.Unreadable, jurisdictions.UnusableFile):
        return  # said above, or left out
    for letter in letters:
        for clock in (*letter.clocks, *letter.until_end):
            if clock not in content.clocks_by_id:
                yield _("%(file)s, letter %(code)s: clocks.toml has no such deadline: %(name)s.") % {
                    "file": benefits.FILE,
                    "code": letter.code,
                    "name": clock,
                }


def _of_public_pages(text: Text, content: table.Table) -> Iterator[str]:
    """Say what public.toml names that the table does not: the desk that gets what the public writes, and the facts that
    a person is asked about."""
    try:
        helping = public_help.read(text(public_help.FILE))
    except (entries.Unreadable, jurisdictions.UnusableFile):
        return  # said above, or left out
    if helping.receiver and helping.receiver not in content.agencies:
        yield _("%(file)s, receiver %(code)s: agencies.toml names no such agency.") % {
            "file": public_help.FILE,
            "code": helping.receiver,
        }
    for wish in helping.wishes:
        if not all(content.vocabulary.asks(wish.fact, code) for code in ("yes", "no")):
            yield _("%(file)s, wish %(fact)s: facts.toml asks no such fact with the answers yes and no.") % {
                "file": public_help.FILE,
                "fact": wish.fact,
            }


def _unasked(content: table.Table) -> Iterator[str]:
    """Say which facts the product knows by name and the table does not ask about."""
    asked = content.vocabulary
    for name, codes in NEEDED.items():
        if name not in asked.positions:
            yield _("facts.toml: the product asks about '%(name)s' in every country: add it as a fact.") % {
                "name": name
            }
        elif not set(codes) <= set(asked.attribute(name).codes):
            yield _("facts.toml, fact %(name)s: the product knows the answers %(names)s: name them so.") % {
                "name": name,
                "names": ", ".join(codes),
            }
    if not any(each.kind.may for each in content.agencies.values()):
        yield _("agencies.toml: name an agency that takes part in cases.")


def _unanswerable(
    instruments: elements.Instruments, questions: answers.ElementQuestions, content: table.Table
) -> Iterator[str]:
    known = {*questions.words, *(each.id for each in answers.indicators())}
    for instrument in instruments.each:
        where = f"{answers.FILE}, instrument {instrument.id}"
        for fact in instrument.facts:
            if fact not in content.vocabulary.positions:
                yield _("%(where)s: '%(fact)s' is no fact of facts.toml.") % {"where": where, "fact": fact}
        for element in instrument.elements:
            for question in element.questions:
                if question not in known:
                    yield _(
                        "%(where)s, element %(name)s: '%(question)s' is no question of this file or of the ILO."
                    ) % {"where": where, "name": element.name, "question": question}
            spared = element.spared_by
            is_asked = spared is not None and spared.fact in content.vocabulary.positions
            if spared and is_asked and spared.value not in content.vocabulary.attribute(spared.fact).codes:
                yield _("%(where)s, element %(name)s: '%(spared)s' is no answer to '%(fact)s'.") % {
                    "where": where,
                    "name": element.name,
                    "spared": spared.value,
                    "fact": spared.fact,
                }


def _worded(text: Text) -> Iterator[str]:
    """Say what is wrong with the words of the country's other languages, and with their reviews. A language may have
    none."""
    here = country.read(text(country.FILE))
    for code in (*here.languages[1:], *here.public_languages):
        file = country_words.file_of(code)
        try:
            country_words.read(text(file), file, country_words.originals())
        except jurisdictions.NoSuchFile:
            pass
        except entries.Unreadable as error:
            yield str(error)
        file = reviews.file_of(code)
        try:
            reviews.read(text(file), file)
        except jurisdictions.NoSuchFile:
            pass  # nobody has reviewed it
        except entries.Unreadable as error:
            yield str(error)
