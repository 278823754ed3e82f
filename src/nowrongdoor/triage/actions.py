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
from nowrongdoor.bulk import writing
from nowrongdoor.core.triage import answers, assessment, instruments
from nowrongdoor.triage import models


@dataclasses.dataclass(frozen=True, slots=True)
class Question:
    """A case to be assessed on a version of its facts."""

    case_id: uuid.UUID
    facts_version: int
    facts: Mapping[str, str]
    answers: answers.Answers


@dataclasses.dataclass(frozen=True, slots=True)
class FindingRow:
    """What the instruments say of some answers, kept once."""

    digest: bytes
    body: str


@dataclasses.dataclass(frozen=True, slots=True)
class AssessmentRow:
    """Which finding holds for a version of a case's facts."""

    id: uuid.UUID
    case: uuid.UUID
    finding: bytes
    facts_version: int
    at: datetime.datetime


@row_security.system()
def assess_all(questions: Sequence[Question], *, at: datetime.datetime) -> None:
    """Write an assessment for each case, in the caller's transaction and for the system: no agency assesses itself."""
    bodies: dict[bytes, str] = {}
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
            digests[id(result)], bodies[digest] = digest, text
            results.append(result)
        pairs.append(digest)
    writing.add_missing(
        models.Finding,
        [FindingRow(digest=digest, body=text) for digest, text in bodies.items()],
        key=["digest"],
        returning="digest",
    )
    writing.add(
        models.Assessment,
        (
            AssessmentRow(
                id=new_id(), case=question.case_id, finding=digest, facts_version=question.facts_version, at=at
            )
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
