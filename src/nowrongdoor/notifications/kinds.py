"""What somebody is told, and in which of four ways they want to hear of it.

A kind is all that leaves the installation: so none says what a case is about, how urgent it is, or who is in it.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping

from nowrongdoor.core.language import gettext_lazy, ngettext


class Subject(enum.Enum):
    """What a person chooses about: the name of the column that holds the choice."""

    OFFERS = "offers"
    ANSWERS = "answers"
    CLOSINGS = "closings"
    REMINDERS = "reminders"


class Kind(enum.Enum):
    """What happened. Triggers (migrations 0021, 0031 and 0033) write the first nine, and that a sender wrote."""

    OFFER_WAITS = "offer_waits"
    LEAD_CAME = "lead_came"
    OFFER_ACCEPTED = "offer_accepted"
    OFFER_DECLINED = "offer_declined"
    OFFER_EXPIRED = "offer_expired"
    OFFER_TO_BACKSTOP = "offer_to_backstop"
    OFFER_UNDONE = "offer_undone"
    CASE_CLOSED = "case_closed"
    CASE_REOPENED = "case_reopened"
    OFFER_UNOPENED = "offer_unopened"
    DEADLINE_NEAR = "deadline_near"
    NOBODY_ON_CALL = "nobody_on_call"
    MAIL_GIVEN_UP = "mail_given_up"
    SENDER_WROTE = "sender_wrote"
    SENDER_WAITS = "sender_waits"
    LIST_OVERDUE = "list_overdue"
    CALL_BACK_NEAR = "call_back_near"
    NOBODY_ON_SHIFT = "nobody_on_shift"
    RECORDING_MISSING = "recording_missing"
    REVIEW_OVERDUE = "review_overdue"
    REPORT_UNCONFIRMED = "report_unconfirmed"
    PROOF_OVERDUE = "proof_overdue"
    MONEY_WAITS = "money_waits"
    REFERRAL_WAITS = "referral_waits"
    REFERRAL_ANSWERED = "referral_answered"
    REFERRAL_WITHDRAWN = "referral_withdrawn"
    REFERRAL_FOLLOW_UP = "referral_follow_up"

    @property
    def sentence(self) -> str:
        """Say it in one sentence."""
        return SENTENCES[self]

    @property
    def subject(self) -> Subject | None:
        """Return which choice of a person it falls under; None for what is said in the page alone."""
        return SUBJECTS[self]

    @property
    def is_of_an_open_offer(self) -> bool:
        """Return whether it stands until somebody opens the case or the offer is over."""
        return self in (Kind.OFFER_WAITS, Kind.OFFER_UNOPENED)

    @property
    def page(self) -> str:
        """Name the page on which one finds what it is about, where no case's page shows it; empty for none."""
        return PAGES.get(self, "")

    @property
    def is_heard_on_call(self) -> bool:
        """Return whether somebody may be waiting for help: whoever is on call hears it in their quiet hours too."""
        if self is Kind.REFERRAL_FOLLOW_UP:  # it's for a day, and for no hour of it
            return False
        return self.page in ("line", "asked", "referrals") or self is Kind.REVIEW_OVERDUE

    def of_many(self, count: int) -> str:
        """Say it of one, or of many."""
        return str(self.sentence) if count == 1 else _many(self, count)


SENTENCES: Mapping[Kind, str] = {
    Kind.OFFER_WAITS: gettext_lazy("An offer waits for your agency’s answer."),
    Kind.LEAD_CAME: gettext_lazy("Your agency leads another case."),
    Kind.OFFER_ACCEPTED: gettext_lazy("A case your agency offered was accepted."),
    Kind.OFFER_DECLINED: gettext_lazy("An offer of your agency was declined."),
    Kind.OFFER_EXPIRED: gettext_lazy("An offer of your agency wasn’t answered in time."),
    Kind.OFFER_TO_BACKSTOP: gettext_lazy("A case your agency offered went to the last agency in line."),
    Kind.OFFER_UNDONE: gettext_lazy("An acceptance was undone, and your agency leads a case again."),
    Kind.CASE_CLOSED: gettext_lazy("A case your agency handed over was closed."),
    Kind.CASE_REOPENED: gettext_lazy("A case your agency handed over was reopened."),
    Kind.OFFER_UNOPENED: gettext_lazy("An offer waits, and nobody at your agency has opened it."),
    Kind.DEADLINE_NEAR: gettext_lazy("A deadline is near."),
    Kind.NOBODY_ON_CALL: gettext_lazy(
        "Nobody at your agency is on call. Until somebody is, everyone who can accept offers is notified."
    ),
    Kind.MAIL_GIVEN_UP: gettext_lazy("An email to somebody at your agency couldn’t be delivered."),
    Kind.SENDER_WROTE: gettext_lazy("Someone who contacted your agency wrote again."),
    Kind.SENDER_WAITS: gettext_lazy("Someone who contacted your agency wrote, and nobody has read it."),
    Kind.LIST_OVERDUE: gettext_lazy("Something on your line’s list is overdue."),
    Kind.CALL_BACK_NEAR: gettext_lazy("Someone asked your line for a call back, and the time for it is nearly over."),
    Kind.NOBODY_ON_SHIFT: gettext_lazy("Someone is waiting on your line, and nobody is there to answer."),
    Kind.RECORDING_MISSING: gettext_lazy("Someone left a message on your line, and its recording is missing."),
    Kind.REVIEW_OVERDUE: gettext_lazy("The review of a report is overdue."),
    Kind.REPORT_UNCONFIRMED: gettext_lazy("A report was sent, and nobody has confirmed that it arrived."),
    Kind.PROOF_OVERDUE: gettext_lazy("Your agency’s protocol library has recipients to confirm."),
    Kind.MONEY_WAITS: gettext_lazy("Your line waits for a decision."),
    Kind.REFERRAL_WAITS: gettext_lazy("A referral waits for your service’s answer."),
    Kind.REFERRAL_ANSWERED: gettext_lazy("A referral of yours was answered, or wasn’t in time."),
    Kind.REFERRAL_WITHDRAWN: gettext_lazy("A referral to your service was withdrawn."),
    Kind.REFERRAL_FOLLOW_UP: gettext_lazy("Somebody you referred asked for a follow-up."),
}
SUBJECTS: Mapping[Kind, Subject | None] = {
    Kind.OFFER_WAITS: Subject.OFFERS,
    Kind.LEAD_CAME: Subject.OFFERS,
    Kind.OFFER_ACCEPTED: Subject.ANSWERS,
    Kind.OFFER_DECLINED: Subject.ANSWERS,
    Kind.OFFER_EXPIRED: Subject.ANSWERS,
    Kind.OFFER_TO_BACKSTOP: Subject.ANSWERS,
    Kind.OFFER_UNDONE: Subject.ANSWERS,
    Kind.CASE_CLOSED: Subject.CLOSINGS,
    Kind.CASE_REOPENED: Subject.CLOSINGS,
    Kind.OFFER_UNOPENED: Subject.OFFERS,
    Kind.DEADLINE_NEAR: Subject.REMINDERS,
    Kind.NOBODY_ON_CALL: Subject.REMINDERS,
    Kind.MAIL_GIVEN_UP: None,
    Kind.SENDER_WROTE: Subject.OFFERS,
    Kind.SENDER_WAITS: Subject.REMINDERS,
    Kind.LIST_OVERDUE: Subject.REMINDERS,
    Kind.CALL_BACK_NEAR: Subject.REMINDERS,
    Kind.NOBODY_ON_SHIFT: Subject.REMINDERS,
    Kind.RECORDING_MISSING: Subject.REMINDERS,
    Kind.REVIEW_OVERDUE: Subject.REMINDERS,
    Kind.REPORT_UNCONFIRMED: Subject.REMINDERS,
    Kind.PROOF_OVERDUE: Subject.REMINDERS,
    Kind.MONEY_WAITS: Subject.REMINDERS,
    Kind.REFERRAL_WAITS: Subject.OFFERS,
    Kind.REFERRAL_ANSWERED: Subject.ANSWERS,
    Kind.REFERRAL_WITHDRAWN: Subject.OFFERS,
    Kind.REFERRAL_FOLLOW_UP: Subject.REMINDERS,
}
PAGES: Mapping[Kind, str] = {
    Kind.SENDER_WROTE: "senders",
    Kind.SENDER_WAITS: "senders",
    Kind.LIST_OVERDUE: "line",
    Kind.CALL_BACK_NEAR: "line",
    Kind.NOBODY_ON_SHIFT: "line",
    Kind.RECORDING_MISSING: "line",
    Kind.REVIEW_OVERDUE: "reports",
    Kind.REPORT_UNCONFIRMED: "reports",
    Kind.PROOF_OVERDUE: "protocols",
    Kind.MONEY_WAITS: "line",
    Kind.REFERRAL_WAITS: "asked",
    Kind.REFERRAL_ANSWERED: "referrals",
    Kind.REFERRAL_WITHDRAWN: "asked",
    Kind.REFERRAL_FOLLOW_UP: "referrals",
}


def _many(kind: Kind, n: int) -> str:
    return {
        Kind.OFFER_WAITS: lambda: ngettext(
            "%(count)d offer waits for your agency’s answer.", "%(count)d offers wait for your agency’s answer.", n
        ),
        Kind.LEAD_CAME: lambda: ngettext(
            "Your agency leads %(count)d more case.", "Your agency leads %(count)d more cases.", n
        ),
        Kind.OFFER_ACCEPTED: lambda: ngettext(
            "%(count)d case your agency offered was accepted.", "%(count)d cases your agency offered were accepted.", n
        ),
        Kind.OFFER_DECLINED: lambda: ngettext(
            "%(count)d offer of your agency was declined.", "%(count)d offers of your agency were declined.", n
        ),
        Kind.OFFER_EXPIRED: lambda: ngettext(
            "%(count)d offer of your agency wasn’t answered in time.",
            "%(count)d offers of your agency weren’t answered in time.",
            n,
        ),
        Kind.OFFER_TO_BACKSTOP: lambda: ngettext(
            "%(count)d case your agency offered went to the last agency in line.",
            "%(count)d cases your agency offered went to the last agency in line.",
            n,
        ),
        Kind.OFFER_UNDONE: lambda: ngettext(
            "%(count)d acceptance was undone, and your agency leads a case again.",
            "%(count)d acceptances were undone, and your agency leads those cases again.",
            n,
        ),
        Kind.CASE_CLOSED: lambda: ngettext(
            "%(count)d case your agency handed over was closed.",
            "%(count)d cases your agency handed over were closed.",
            n,
        ),
        Kind.CASE_REOPENED: lambda: ngettext(
            "%(count)d case your agency handed over was reopened.",
            "%(count)d cases your agency handed over were reopened.",
            n,
        ),
        Kind.OFFER_UNOPENED: lambda: ngettext(
            "%(count)d offer waits, and nobody at your agency has opened it.",
            "%(count)d offers wait, and nobody at your agency has opened them.",
            n,
        ),
        Kind.DEADLINE_NEAR: lambda: ngettext("%(count)d deadline is near.", "%(count)d deadlines are near.", n),
        Kind.NOBODY_ON_CALL: lambda: str(Kind.NOBODY_ON_CALL.sentence),
        Kind.MAIL_GIVEN_UP: lambda: str(Kind.MAIL_GIVEN_UP.sentence),
        Kind.SENDER_WROTE: lambda: ngettext(
            "%(count)d person who contacted your agency wrote again.",
            "%(count)d people who contacted your agency wrote again.",
            n,
        ),
        Kind.SENDER_WAITS: lambda: ngettext(
            "%(count)d person who contacted your agency wrote, and nobody has read it.",
            "%(count)d people who contacted your agency wrote, and nobody has read it.",
            n,
        ),
        Kind.LIST_OVERDUE: lambda: ngettext(
            "%(count)d thing on your line’s list is overdue.", "%(count)d things on your line’s list are overdue.", n
        ),
        Kind.CALL_BACK_NEAR: lambda: ngettext(
            "%(count)d person asked your line for a call back, and the time for it is nearly over.",
            "%(count)d people asked your line for a call back, and the time for it is nearly over.",
            n,
        ),
        Kind.NOBODY_ON_SHIFT: lambda: ngettext(
            "%(count)d person is waiting on your line, and nobody is there to answer.",
            "%(count)d people are waiting on your line, and nobody is there to answer.",
            n,
        ),
        Kind.RECORDING_MISSING: lambda: ngettext(
            "%(count)d person left a message on your line, and its recording is missing.",
            "%(count)d people left messages on your line, and the recordings are missing.",
            n,
        ),
        Kind.REVIEW_OVERDUE: lambda: ngettext(
            "The review of %(count)d report is overdue.", "The reviews of %(count)d reports are overdue.", n
        ),
        Kind.REPORT_UNCONFIRMED: lambda: ngettext(
            "%(count)d report was sent, and nobody has confirmed that it arrived.",
            "%(count)d reports were sent, and nobody has confirmed that they arrived.",
            n,
        ),
        Kind.PROOF_OVERDUE: lambda: str(Kind.PROOF_OVERDUE.sentence),
        Kind.MONEY_WAITS: lambda: ngettext(
            "Your line waits for %(count)d decision.", "Your line waits for %(count)d decisions.", n
        ),
        Kind.REFERRAL_WAITS: lambda: ngettext(
            "%(count)d referral waits for your service’s answer.",
            "%(count)d referrals wait for your service’s answer.",
            n,
        ),
        Kind.REFERRAL_ANSWERED: lambda: ngettext(
            "%(count)d referral of yours was answered, or wasn’t in time.",
            "%(count)d referrals of yours were answered, or weren’t in time.",
            n,
        ),
        Kind.REFERRAL_WITHDRAWN: lambda: ngettext(
            "%(count)d referral to your service was withdrawn.",
            "%(count)d referrals to your service were withdrawn.",
            n,
        ),
        Kind.REFERRAL_FOLLOW_UP: lambda: ngettext(
            "%(count)d person you referred asked for a follow-up.",
            "%(count)d people you referred asked for a follow-up.",
            n,
        ),
    }[kind]() % {"count": n}
