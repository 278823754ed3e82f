"""Which yes-or-no question to ask when somebody listens, and what an answer means. The caller says yes or no alone.

The promise: it asks what the page would ask, in the order in which an answer changes most: danger first, then what
everybody is asked, then whatever changes who leads. A no to one answer of several rules out that one alone; what nobody
could say stays not known.
"""

from __future__ import annotations

import dataclasses
import datetime
import enum
from collections.abc import Collection, Iterator, Mapping

from nowrongdoor.core import country_words
from nowrongdoor.core.language import gettext as _
from nowrongdoor.core.language import gettext_lazy
from nowrongdoor.core.mandates import facts
from nowrongdoor.mandates import queries as tables

REFUSED = "refused"  # the field of a draft that holds what was answered with no, or could not be said
# How to ask whether one answer is right, in words to read out; anything else is asked as the table words it.
SPOKEN: Mapping[tuple[str, str], str] = {
    ("urgency", "immediate_danger"): gettext_lazy("Are you in danger right now?"),
    ("urgency", "within_24h"): gettext_lazy("Do you need help before this time tomorrow?"),
    ("source", "survivor"): gettext_lazy("Is this happening to you?"),
    ("age", "under_18"): gettext_lazy("Are you under 18?"),
    ("wishes", "services_only"): gettext_lazy("Do you want help, and nobody told?"),
    ("wishes", "report_agreed"): gettext_lazy("Do you want this reported?"),
    ("wish_police", "yes"): gettext_lazy("May we tell the police?"),
    ("wish_federal", "yes"): gettext_lazy("May we tell the FBI or other federal investigators?"),
    ("wish_immigration", "yes"): gettext_lazy("May we tell an agency that also enforces immigration law?"),
    ("labor", "yes"): gettext_lazy("Is somebody making you work?"),
    ("commercial_sex", "yes"): gettext_lazy("Is somebody making you have sex so that they get something for it?"),
    ("means", "yes"): gettext_lazy("Does somebody force you, threaten you, or lie to you?"),
}
# Asking for every kind of official would take all night: whether it happens to them is enough.
ONLY: Mapping[str, Collection[str]] = {"source": ("survivor",), "urgency": ("immediate_danger", "within_24h")}
# A yes to the one is a no to the other.
MEANS_NO: Mapping[tuple[str, str], str] = {("age", "under_18"): "adult"}


class Answer(enum.Enum):
    """What the caller said."""

    YES = "yes"
    NO = "no"
    NOTHING = "nothing"


@dataclasses.dataclass(frozen=True, slots=True)
class Ask:
    """One question that yes or no answers: of a fact, whether it is this."""

    name: str
    code: str
    words: str


def next_ask(
    known: Mapping[str, str],
    refused: Collection[str],
    *,
    asked: facts.Vocabulary,
    book: tables.Book | None,
    at: datetime.datetime,
) -> Ask | None:
    """Return the question to ask next, or None when none would change anything. `refused`: "fact:code" that was
    answered with no, and "fact" that could not be answered."""
    for name in _names(known, asked, book, at):
        if name in refused or known.get(name, facts.UNKNOWN) != facts.UNKNOWN:
            continue
        for code in _codes(asked.attribute(name)):
            if f"{name}:{code}" not in refused:
                return Ask(name, code, words_of(asked.attribute(name), code))
    return None


def meaning(
    answer: Answer, name: str, code: str, *, asked: facts.Vocabulary
) -> tuple[Mapping[str, str], Collection[str]]:
    """Return the facts that an answer gives, and what it refuses."""
    attribute = asked.attribute(name)
    if answer is Answer.YES:
        return {name: code}, ()
    if answer is Answer.NOTHING:
        return {}, (name,)
    if _is_yes_no(attribute):
        return {name: "no"}, ()
    if (other := MEANS_NO.get((name, code))) in attribute.codes:
        assert other is not None
        return {name: other}, ()
    return {}, (f"{name}:{code}",)


def words_of(attribute: facts.Attribute, code: str) -> str:
    """Say a question so that yes or no answers it."""
    spoken = SPOKEN.get((attribute.name, code))
    if spoken is not None:
        return str(spoken)
    question = country_words.worded(attribute.question)
    if _is_yes_no(attribute):
        return question
    return _("%(question)s Is it this: %(answer)s?") % {
        "question": question,
        "answer": country_words.worded(attribute.words(code)),
    }


def _names(
    known: Mapping[str, str], asked: facts.Vocabulary, book: tables.Book | None, at: datetime.datetime
) -> Iterator[str]:
    """What is asked, in order: safety, what everybody is asked, and then what could change the lead."""
    yield from (name for name in dict.fromkeys((asked.safety, *asked.first)) if name in asked.positions)
    if book is not None and (question := book.next_question(known, at=at)):
        yield question.attribute.name


def _codes(attribute: facts.Attribute) -> Collection[str]:
    if _is_yes_no(attribute):
        return ("yes",)
    possible = [code for code in attribute.codes if code != facts.UNKNOWN]
    wanted = ONLY.get(attribute.name, possible)
    return [code for code in possible if code in wanted]


def _is_yes_no(attribute: facts.Attribute) -> bool:
    return set(attribute.codes) == {"yes", "no", facts.UNKNOWN}
