"""Who owns the record that each table keeps, how long it is kept, and why it may be withheld from somebody who asks for
public records.

The promise: every table of the database stands here once, and nothing else does (`tests/records/test_owned.py` compares
it with the catalogue). Where no source was read it says `unverified`: which of its systems of records an agency keeps
a row in, and what its own law asks, nobody has read yet.
"""

from __future__ import annotations

import dataclasses
import enum
from collections.abc import Mapping, Sequence

from nowrongdoor.core import country_words, records_law, schedules
from nowrongdoor.core.language import gettext_lazy
from nowrongdoor.core.records_law import Exemption


class Owner(enum.Enum):
    """Whose record a row is. Most rows belong to whichever agency wrote them; the country says what kinds there are."""

    WRITER = "writer"
    PERSON = "person"
    OPERATOR = "operator"

    @property
    def words(self) -> str:
        """Name the owner."""
        kinds = records_law.installed().writers if self is Owner.WRITER else ()
        return "; ".join(country_words.worded(each) for each in kinds) or str(_OWNERS[self])


_OWNERS: Mapping[Owner, str] = {
    Owner.WRITER: gettext_lazy("the agency that wrote it"),
    Owner.PERSON: gettext_lazy("the person"),
    Owner.OPERATOR: gettext_lazy("whoever runs the installation"),
}


# Why a record may be kept from somebody who asks for public records, in words; the country's law cites each. Those who
# answer such a request look at these first.
EXEMPT: Mapping[Exemption, str] = {
    Exemption.STATUTE: gettext_lazy("kept secret by another statute"),
    Exemption.DELIBERATION: gettext_lazy("drafts, advice, and attorney work product"),
    Exemption.PRIVACY: gettext_lazy("personal privacy"),
    Exemption.PROCEEDING: gettext_lazy("a pending enforcement proceeding"),
    Exemption.PRIVACY_IN_ENFORCEMENT: gettext_lazy("privacy in law-enforcement records"),
    Exemption.SOURCE: gettext_lazy("a confidential source"),
    Exemption.SAFETY: gettext_lazy("somebody’s life or safety"),
}


@dataclasses.dataclass(frozen=True, slots=True)
class Tag:
    """An exemption as it is shown: its words, and what the country's law cites for it, empty for nothing."""

    words: str
    citation: str


class Kept(enum.Enum):
    """How long: a class of the country's schedules, until an end of its own, or no schedule at all."""

    CASE = "case"
    FACTS = "facts"
    TRAIL = "trail"
    DRAFT = "draft"
    UNFINISHED = "unfinished"
    CONTACT = "contact"
    FLAG = "flag"
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
    Kept.UNFINISHED: gettext_lazy("Until it is sent or erased, and at most 7 days."),
    Kept.CONTACT: gettext_lazy("As the case of its signal; the words of one that became no signal, 30 days."),
    Kept.FLAG: gettext_lazy("What it says, until it is taken off, and at most 90 days."),
    Kept.UNSCHEDULED: gettext_lazy("No schedule is set."),
}


@dataclasses.dataclass(frozen=True, kw_only=True)
class Owned:
    """Tables that have one answer. `evidence`: of whose record it is and of the tags; the schedule has its own."""

    what: str
    tables: Sequence[str]
    owners: Sequence[Owner]
    kept: Kept
    exempt: Sequence[Exemption]
    is_technical: bool = False
    evidence: str = "unverified"

    @property
    def tags(self) -> Sequence[Tag]:
        """List why these rows may be kept from somebody who asks for public records, each with its citation."""
        citations = records_law.installed().exemptions
        return [Tag(str(EXEMPT[each]), citations.get(each, "")) for each in self.exempt]


_OF_CASES = (
    Exemption.PRIVACY,
    Exemption.PROCEEDING,
    Exemption.PRIVACY_IN_ENFORCEMENT,
    Exemption.SOURCE,
    Exemption.SAFETY,
)


def _ours(*names: str) -> Sequence[str]:
    return [f"nowrongdoor_{name}" for name in names]


DECLARED: Sequence[Owned] = (
    Owned(
        what=gettext_lazy("People of a case: who they are, and what they are in it"),
        tables=_ours("person", "person_part", "person_relation", "person_role", "person_token"),
        owners=(Owner.PERSON, Owner.WRITER),
        kept=Kept.CASE,
        exempt=(Exemption.STATUTE, *_OF_CASES),
    ),
    Owned(
        what=gettext_lazy("Benefits letters of a person: what their agency noted of them"),
        tables=_ours("benefits_letter"),
        owners=(Owner.PERSON, Owner.WRITER),
        kept=Kept.CASE,
        exempt=(Exemption.STATUTE, *_OF_CASES),
    ),
    Owned(
        what=gettext_lazy("What a person allowed to be shared, and what was disclosed without consent"),
        tables=_ours("disclosure", "release"),
        owners=(Owner.PERSON, Owner.WRITER),
        kept=Kept.CASE,
        exempt=(Exemption.STATUTE, *_OF_CASES),
    ),
    Owned(
        what=gettext_lazy("Signals: what people said, the files they added, and how to reach them"),
        tables=_ours(
            *("returned_call", "signal", "signal_correction", "signal_file", "signal_file_content", "telling"),
        ),
        owners=(Owner.WRITER,),
        kept=Kept.CASE,
        exempt=(Exemption.STATUTE, *_OF_CASES),
    ),
    Owned(
        what=gettext_lazy("Drafts of signals"),
        tables=_ours("draft"),
        owners=(Owner.WRITER,),
        kept=Kept.DRAFT,
        exempt=(Exemption.DELIBERATION, Exemption.PRIVACY, Exemption.PRIVACY_IN_ENFORCEMENT),
    ),
    Owned(
        what=gettext_lazy("Mailboxes of senders, and what was written in them"),
        tables=_ours("mailbox", "mailbox_post"),
        owners=(Owner.PERSON, Owner.WRITER),
        kept=Kept.CASE,
        exempt=(Exemption.STATUTE, *_OF_CASES),
    ),
    Owned(
        what=gettext_lazy("What somebody has not finished telling; nobody else can open it"),
        tables=_ours("unfinished"),
        owners=(Owner.PERSON,),
        kept=Kept.UNFINISHED,
        exempt=(Exemption.PRIVACY, Exemption.SOURCE, Exemption.SAFETY),
    ),
    Owned(
        what=gettext_lazy("Contacts with the line, and what was said in them"),
        tables=_ours(
            *("call_back", "contact", "contact_leg", "contact_message", "contact_review", "contact_type"),
            *("emergency_money", "line_stop"),
        ),
        owners=(Owner.WRITER,),
        kept=Kept.CONTACT,
        exempt=(Exemption.STATUTE, *_OF_CASES),
    ),
    Owned(
        what=gettext_lazy("Flags on whoever calls again, until they expire"),
        tables=_ours("caller_flag"),
        owners=(Owner.WRITER,),
        kept=Kept.FLAG,
        exempt=(Exemption.STATUTE, *_OF_CASES),
    ),
    Owned(
        what=gettext_lazy("Shifts on the line, and which events of a provider were taken"),
        tables=_ours("line_event", "seat"),
        owners=(Owner.WRITER,),
        kept=Kept.UNSCHEDULED,
        exempt=(Exemption.PRIVACY, Exemption.SAFETY),
    ),
    Owned(
        what=gettext_lazy("Notes, files, requests, and messages of a case"),
        tables=_ours("case_file", "case_message", "case_request", "note", "note_correction", "withdrawn_content"),
        owners=(Owner.WRITER,),
        kept=Kept.CASE,
        exempt=(Exemption.DELIBERATION, *_OF_CASES),
    ),
    Owned(
        what=gettext_lazy("Who is kept away from a case, who opened one in an emergency, holds, and disposals"),
        tables=_ours("disposal", "emergency", "exclusion", "hold"),
        owners=(Owner.WRITER,),
        kept=Kept.CASE,
        exempt=_OF_CASES,
    ),
    Owned(
        what=gettext_lazy(
            "Coded facts, hand-offs, decisions, and duties; sealed words in them end with the case’s key"
        ),
        tables=_ours(
            *("assessment", "case", "case_facts", "case_link", "case_signal", "decision", "duty", "earlier_part"),
            *("entry", "handoff", "participant", "reopening", "tenure"),
        ),
        owners=(Owner.WRITER,),
        kept=Kept.FACTS,
        exempt=(Exemption.DELIBERATION, Exemption.PROCEEDING),
    ),
    Owned(
        what=gettext_lazy("Subpoenas, warrants, and other demands, and which records left for them"),
        tables=_ours("demand", "demand_record"),
        owners=(Owner.WRITER,),
        kept=Kept.UNSCHEDULED,
        exempt=(Exemption.STATUTE, Exemption.DELIBERATION, *_OF_CASES),
    ),
    Owned(
        what=gettext_lazy("Reports to law enforcement, when they left, and what came of them"),
        tables=_ours("report", "report_outcome", "report_sending"),
        owners=(Owner.WRITER,),
        kept=Kept.CASE,
        exempt=(Exemption.STATUTE, Exemption.DELIBERATION, *_OF_CASES),
    ),
    Owned(
        what=gettext_lazy("The protocol library: to whom an agency reports"),
        tables=_ours("protocol"),
        owners=(Owner.WRITER,),
        kept=Kept.UNSCHEDULED,
        exempt=(Exemption.PRIVACY, Exemption.PRIVACY_IN_ENFORCEMENT),
    ),
    Owned(
        what=gettext_lazy("Breaches, and who was told of them; they name nobody"),
        tables=_ours("breach", "breach_notice"),
        owners=(Owner.WRITER,),
        kept=Kept.UNSCHEDULED,
        exempt=(Exemption.DELIBERATION,),
    ),
    Owned(
        what=gettext_lazy("The audit trail"),
        tables=_ours("auditanchor", "auditevent", "auditseal"),
        owners=(Owner.WRITER,),
        kept=Kept.TRAIL,
        exempt=(Exemption.PRIVACY, Exemption.PROCEEDING, Exemption.PRIVACY_IN_ENFORCEMENT),
    ),
    Owned(
        what=gettext_lazy("Keys: they go with the words they seal"),
        tables=_ours("datakey", "datakey_version", "rootkey"),
        owners=(Owner.OPERATOR,),
        kept=Kept.UNSCHEDULED,
        exempt=(),
        is_technical=True,
    ),
    Owned(
        what=gettext_lazy("Staff: accounts, sign-in, who is on call, and what they are told"),
        tables=(
            *("account_emailaddress", "account_emailconfirmation", "mfa_authenticator"),
            *("socialaccount_socialaccount", "socialaccount_socialapp", "socialaccount_socialtoken"),
            *_ours("app_password", "closing", "invitation", "message", "notification", "preference", "rota"),
            *_ours("saved_search", "setup_code", "shift", "token", "user"),
        ),
        owners=(Owner.WRITER,),
        kept=Kept.UNSCHEDULED,
        exempt=(Exemption.PRIVACY,),
    ),
    Owned(
        what=gettext_lazy("Agencies, mandate tables, and what they rule; they name no case"),
        tables=_ours("agency", "country", "finding", "mandate_table", "ruling"),
        owners=(Owner.OPERATOR,),
        kept=Kept.FACTS,
        exempt=(),
    ),
    Owned(
        what=gettext_lazy("The directory of services, and which organizations were vetted"),
        tables=_ours("directory_row", "free_room", "listing", "listing_opening", "provider", "vetting"),
        owners=(Owner.OPERATOR,),
        kept=Kept.UNSCHEDULED,
        exempt=(Exemption.SAFETY,),
    ),
    Owned(
        what=gettext_lazy("Referrals to services; they name nobody"),
        tables=_ours("referral", "referral_ask", "referral_plan"),
        owners=(Owner.WRITER,),
        kept=Kept.UNSCHEDULED,
        exempt=(Exemption.SAFETY,),
    ),
    Owned(
        what=gettext_lazy("Estimates of unseen victims"),
        tables=_ours("prevalence_run"),
        owners=(Owner.WRITER,),
        kept=Kept.UNSCHEDULED,
        exempt=(Exemption.DELIBERATION,),
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
        exempt=(),
        is_technical=True,
    ),
)
BY_TABLE: Mapping[str, Owned] = {table: each for each in DECLARED for table in each.tables}
