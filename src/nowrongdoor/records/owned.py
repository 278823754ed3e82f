"""Who owns the record that each table keeps, how long it is kept, and which exemptions from disclosure to look at.

The promise: every table of the database stands here once, and nothing else does (`tests/records/test_owned.py` compares
it with the catalogue). Where no source was read it says `unverified`: which of its systems of records a federal agency
keeps a row in, and what a State's law of public records asks, nobody has read yet.
"""

from __future__ import annotations

import dataclasses
import enum
from collections.abc import Mapping, Sequence

from nowrongdoor.core import schedules
from nowrongdoor.core.language import gettext_lazy


class Owner(enum.Enum):
    """Whose record a row is. Most rows belong to whichever agency wrote them, so a table has several."""

    FEDERAL = "federal"
    STATE = "state"
    GRANTEE = "grantee"
    PERSON = "person"
    OPERATOR = "operator"

    @property
    def words(self) -> str:
        """Name the owner."""
        return _OWNERS[self]


_OWNERS: Mapping[Owner, str] = {
    Owner.FEDERAL: gettext_lazy("the federal agency that wrote it, in its system of records"),
    Owner.STATE: gettext_lazy("the State agency that wrote it"),
    Owner.GRANTEE: gettext_lazy("the grantee that wrote it"),
    Owner.PERSON: gettext_lazy("the person"),
    Owner.OPERATOR: gettext_lazy("whoever runs the installation"),
}


class Tag(enum.Enum):
    """What somebody who answers a request under the Freedom of Information Act looks at first."""

    B3 = "b3"
    B5 = "b5"
    B6 = "b6"
    B7A = "b7A"
    B7C = "b7C"
    B7D = "b7D"
    B7F = "b7F"
    PUBLIC = "public"
    TECHNICAL = "technical"

    @property
    def words(self) -> str:
        """Say what it is about."""
        return _TAGS[self][0]

    @property
    def citation(self) -> str:
        """Cite the exemption; empty where there is none."""
        return _TAGS[self][1]


_TAGS: Mapping[Tag, tuple[str, str]] = {
    Tag.B3: (gettext_lazy("kept secret by another statute"), "5 USC 552(b)(3)"),
    Tag.B5: (gettext_lazy("drafts, advice, and attorney work product"), "5 USC 552(b)(5)"),
    Tag.B6: (gettext_lazy("personal privacy"), "5 USC 552(b)(6)"),
    Tag.B7A: (gettext_lazy("a pending enforcement proceeding"), "5 USC 552(b)(7)(A)"),
    Tag.B7C: (gettext_lazy("privacy in law-enforcement records"), "5 USC 552(b)(7)(C)"),
    Tag.B7D: (gettext_lazy("a confidential source"), "5 USC 552(b)(7)(D)"),
    Tag.B7F: (gettext_lazy("somebody’s life or safety"), "5 USC 552(b)(7)(F)"),
    Tag.PUBLIC: (gettext_lazy("nothing that is withheld"), ""),
    Tag.TECHNICAL: (gettext_lazy("the machine’s own rows; nothing about a case"), ""),
}


class Kept(enum.Enum):
    """How long: a class of the country's schedules, until an end of its own, or no schedule at all."""

    CASE = "case"
    FACTS = "facts"
    TRAIL = "trail"
    DRAFT = "draft"
    UNSCHEDULED = "unscheduled"

    @property
    def schedule(self) -> schedules.Schedule | None:
        """Return the schedule of the country that is installed; None where the country's has none."""
        return schedules.installed().get(self.value)

    @property
    def otherwise(self) -> str:
        """Say how long without a schedule."""
        return _OTHERWISE[self]


_OTHERWISE: Mapping[Kept, str] = {
    Kept.DRAFT: gettext_lazy("Until it is a signal or is erased, and at most 7 days after the last change."),
    Kept.UNSCHEDULED: gettext_lazy("No schedule is set."),
}


@dataclasses.dataclass(frozen=True, kw_only=True)
class Owned:
    """Tables that have one answer. `evidence`: of whose record it is and of the tags; the schedule has its own."""

    what: str
    tables: Sequence[str]
    owners: Sequence[Owner]
    kept: Kept
    tags: Sequence[Tag]
    evidence: str = "unverified"


_WRITERS = (Owner.FEDERAL, Owner.STATE, Owner.GRANTEE)
_OF_CASES = (Tag.B6, Tag.B7A, Tag.B7C, Tag.B7D, Tag.B7F)


def _ours(*names: str) -> Sequence[str]:
    return [f"nowrongdoor_{name}" for name in names]


DECLARED: Sequence[Owned] = (
    Owned(
        what=gettext_lazy("People of a case: who they are, and what they are in it"),
        tables=_ours("person", "person_part", "person_relation", "person_role", "person_token"),
        owners=(Owner.PERSON, *_WRITERS),
        kept=Kept.CASE,
        tags=(Tag.B3, *_OF_CASES),
    ),
    Owned(
        what=gettext_lazy("What a person allowed to be shared, and what was disclosed without consent"),
        tables=_ours("disclosure", "release"),
        owners=(Owner.PERSON, *_WRITERS),
        kept=Kept.CASE,
        tags=(Tag.B3, *_OF_CASES),
    ),
    Owned(
        what=gettext_lazy("Signals: what people said, and how to reach them"),
        tables=_ours("returned_call", "signal", "signal_correction", "telling"),
        owners=_WRITERS,
        kept=Kept.CASE,
        tags=(Tag.B3, *_OF_CASES),
    ),
    Owned(
        what=gettext_lazy("Drafts of signals"),
        tables=_ours("draft"),
        owners=_WRITERS,
        kept=Kept.DRAFT,
        tags=(Tag.B5, Tag.B6, Tag.B7C),
    ),
    Owned(
        what=gettext_lazy("Notes, files, requests, and messages of a case"),
        tables=_ours("case_file", "case_message", "case_request", "note", "note_correction", "withdrawn_content"),
        owners=_WRITERS,
        kept=Kept.CASE,
        tags=(Tag.B5, *_OF_CASES),
    ),
    Owned(
        what=gettext_lazy("Who is kept away from a case, who opened one in an emergency, holds, and disposals"),
        tables=_ours("disposal", "emergency", "exclusion", "hold"),
        owners=_WRITERS,
        kept=Kept.CASE,
        tags=_OF_CASES,
    ),
    Owned(
        what=gettext_lazy(
            "Coded facts, hand-offs, decisions, and duties; sealed words in them end with the case’s key"
        ),
        tables=_ours(
            *("assessment", "case", "case_facts", "case_link", "case_signal", "decision", "duty", "earlier_part"),
            *("entry", "handoff", "participant", "reopening", "tenure"),
        ),
        owners=_WRITERS,
        kept=Kept.FACTS,
        tags=(Tag.B5, Tag.B7A),
    ),
    Owned(
        what=gettext_lazy("Subpoenas, warrants, and other demands, and which records left for them"),
        tables=_ours("demand", "demand_record"),
        owners=_WRITERS,
        kept=Kept.UNSCHEDULED,
        tags=(Tag.B3, Tag.B5, *_OF_CASES),
    ),
    Owned(
        what=gettext_lazy("Breaches, and who was told of them; they name nobody"),
        tables=_ours("breach", "breach_notice"),
        owners=_WRITERS,
        kept=Kept.UNSCHEDULED,
        tags=(Tag.B5,),
    ),
    Owned(
        what=gettext_lazy("The audit trail"),
        tables=_ours("auditanchor", "auditevent", "auditseal"),
        owners=_WRITERS,
        kept=Kept.TRAIL,
        tags=(Tag.B6, Tag.B7A, Tag.B7C),
    ),
    Owned(
        what=gettext_lazy("Keys: they go with the words they seal"),
        tables=_ours("datakey", "datakey_version", "rootkey"),
        owners=(Owner.OPERATOR,),
        kept=Kept.UNSCHEDULED,
        tags=(Tag.TECHNICAL,),
    ),
    Owned(
        what=gettext_lazy("Staff: accounts, sign-in, who is on call, and what they are told"),
        tables=(
            *("account_emailaddress", "account_emailconfirmation", "mfa_authenticator"),
            *("socialaccount_socialaccount", "socialaccount_socialapp", "socialaccount_socialtoken"),
            *_ours("app_password", "closing", "invitation", "message", "notification", "preference", "rota"),
            *_ours("saved_search", "shift", "token", "user"),
        ),
        owners=_WRITERS,
        kept=Kept.UNSCHEDULED,
        tags=(Tag.B6,),
    ),
    Owned(
        what=gettext_lazy("Agencies, mandate tables, and what they rule; they name no case"),
        tables=_ours("agency", "country", "finding", "mandate_table", "ruling"),
        owners=(Owner.OPERATOR,),
        kept=Kept.FACTS,
        tags=(Tag.PUBLIC,),
    ),
    Owned(
        what=gettext_lazy("Estimates of unseen victims"),
        tables=_ours("prevalence_run"),
        owners=_WRITERS,
        kept=Kept.UNSCHEDULED,
        tags=(Tag.B5,),
    ),
    Owned(
        what=gettext_lazy("The machine: sessions, the queue, limits, and the cache"),
        tables=(
            *("auth_group", "auth_group_permissions", "auth_permission", "cache_entry", "django_content_type"),
            *("django_migrations", "django_session", "procrastinate_events", "procrastinate_jobs"),
            *("procrastinate_periodic_defers", "procrastinate_workers", "rate_limit"),
        ),
        owners=(Owner.OPERATOR,),
        kept=Kept.UNSCHEDULED,
        tags=(Tag.TECHNICAL,),
    ),
)
BY_TABLE: Mapping[str, Owned] = {table: each for each in DECLARED for table in each.tables}
