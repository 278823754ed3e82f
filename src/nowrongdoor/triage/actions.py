"""Having cases assessed: run the instruments, keep each distinct finding once, point the cases at it."""

from __future__ import annotations

import dataclasses
import datetime
import enum
import hashlib
import uuid
from collections.abc import Mapping, Sequence

from nowrongdoor.access import row_security
from nowrongdoor.agencies.models import new_id
from nowrongdoor.core.triage import answers, assessment, instruments
from nowrongdoor.rows import writing
from nowrongdoor.triage import models


@dataclasses.dataclass(frozen=True, slots=True)
class Question:
    """A case to be assessed on a version of its facts."""

    case_id: uuid.UUID
    facts_version: int
    facts: Mapping[str, str]
    answers: answers.Answers


@row_security.system()
def assess_all(questions: Sequence[Question], *, at: datetime.datetime) -> None:
    """Write an assessment for each case, in the caller's transaction and for the system: no agency assesses itself."""
    found: dict[bytes, str] = {}
    # Equal cases share one frozen result, so its identity is enough to recognise it; `results` keeps it alive.
    digests: dict[int, bytes] = {}
    results: list[tuple[assessment.Assessment, ...]] = []
    pairs: list[bytes] = []
    for question in questions:
        result = instruments.assess(question.answers, question.facts)
        digest = digests.get(id(result))
        if digest is None:
            text = writing.as_text([as_json(each) for each in result])
            digest = hashlib.sha256(text.encode()).digest()
            digests[id(result)], found[digest] = digest, text
            results.append(result)
        pairs.append(digest)
    writing.add_missing(
        models.Finding,
        ["digest"],
        {"digest": list(found), "body": list(found.values())},
        returning="digest",
    )
    now = at.isoformat()
    writing.add(
        models.Assessment,
        ["id", "case", "finding", "facts_version", "at"],
        (
            (new_id(), question.case_id, digest, question.facts_version, now)
            for question, digest in zip(questions, pairs, strict=True)
        ),
    )


def as_json(result: assessment.Assessment) -> dict[str, object]:
    """Return a result as JSON values: enums by name for conclusions, by value for states."""
    plain: dict[str, object] = {}
    for field in dataclasses.fields(result):
        plain[field.name] = _plain(getattr(result, field.name))
    plain["words"] = result.words
    return plain


def _plain(value: object) -> object:
    if isinstance(value, assessment.Conclusion):
        return value.name
    if isinstance(value, enum.Enum):
        return value.value
    if isinstance(value, assessment.Finding):
        return {field.name: _plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    return value
