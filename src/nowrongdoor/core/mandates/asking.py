"""Which question to ask next: the one whose answer could change who is asked to lead.

The promise: it is computed, not guessed. Every fact that is not known is given each of its answers that are possible
beside what is known, and the table decides each time. Of the questions of which at least one answer changes the lead,
those that a form asks before the others come first, because anybody can answer them; among these the one that leads to
most different agencies; then the one of which most answers change the lead; then the order of the form. None: no answer
to any one question would change the lead.
"""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Iterator, Sequence

from nowrongdoor.core.mandates import decide, facts


@dataclasses.dataclass(frozen=True)
class Answer:
    """An answer that is possible, and the agency that would be asked to lead; none where a table that was not proved
    names nobody."""

    value: facts.Value
    lead: str | None


@dataclasses.dataclass(frozen=True)
class Question:
    """A question that could change the lead, with each of its possible answers."""

    attribute: facts.Attribute
    answers: tuple[Answer, ...]


def next_question(decider: decide.Decider, given: facts.Facts, on: datetime.date) -> Question | None:
    """Return the question to ask next, or None. What cannot all be true counts as unknown. decide.NotCovered,
    decide.OtherFacts."""
    settled = given.settled
    lead = _lead(decider, settled, on)
    early = {settled.vocabulary.safety, *settled.vocabulary.first}
    best = (False, 0, 0)
    question = None
    for attribute in _in_order(settled.vocabulary):
        if settled[attribute.name] != facts.UNKNOWN:
            continue
        answers = tuple(_answers(decider, settled, attribute, on))
        changing = [each.lead for each in answers if each.lead != lead]
        rank = (attribute.name in early, len({each.lead for each in answers}), len(changing))
        if changing and rank > best:
            best, question = rank, Question(attribute, answers)
    return question


def by_lead(question: Question) -> Sequence[tuple[str, Sequence[str]]]:
    """Return the words of the answers under the agency that each would ask to lead; "" where it is nobody."""
    leads: dict[str, list[str]] = {}
    for each in question.answers:
        leads.setdefault(each.lead or "", []).append(each.value.words)
    return list(leads.items())


def _answers(
    decider: decide.Decider, given: facts.Facts, attribute: facts.Attribute, on: datetime.date
) -> Iterator[Answer]:
    position = given.vocabulary.positions[attribute.name]
    for choice, value in enumerate(attribute.values[:-1]):
        choices = (*given.choices[:position], choice, *given.choices[position + 1 :])
        varied = facts.Facts(choices, given.vocabulary)
        if not varied.conflicts:
            yield Answer(value, _lead(decider, varied, on))


def _lead(decider: decide.Decider, given: facts.Facts, on: datetime.date) -> str | None:
    try:
        return decider.decide(given, on).lead.agency
    except decide.NobodyLeads:
        return None


def _in_order(asked: facts.Vocabulary) -> Sequence[facts.Attribute]:
    """Return the facts as a form asks them: safety, those that decide most cases, then the others."""
    early = [name for name in (asked.safety, *asked.first) if name in asked.positions]
    return [asked.attribute(name) for name in dict.fromkeys((*early, *asked.names))]
