"""The tables of every room, where Django looks for them."""

from nowrongdoor.access.models import RateLimit
from nowrongdoor.agencies.models import Agency, Token, User
from nowrongdoor.audit.models import Event
from nowrongdoor.cases.models import Case, CaseFacts, CaseSignal, Note, Participant, Person, Tenure
from nowrongdoor.mandates.models import Decision, MandateTable, Ruling
from nowrongdoor.referrals.models import Clock, Handoff, Notice
from nowrongdoor.signals.models import Signal
from nowrongdoor.triage.models import Assessment, Finding

__all__ = [
    "Agency",
    "Assessment",
    "Case",
    "CaseFacts",
    "CaseSignal",
    "Clock",
    "Decision",
    "Event",
    "Finding",
    "Handoff",
    "MandateTable",
    "Note",
    "Notice",
    "Participant",
    "Person",
    "RateLimit",
    "Ruling",
    "Signal",
    "Tenure",
    "Token",
    "User",
]
