"""The tables of every room, where Django looks for them."""

from nowrongdoor.access.models import CacheEntry, RateLimit
from nowrongdoor.agencies.models import Agency, Closing, Invitation, Token, User
from nowrongdoor.audit.models import Anchor, Event, Seal
from nowrongdoor.cases.models import (
    Case,
    CaseFacts,
    CaseFile,
    CaseSignal,
    EarlierPart,
    Emergency,
    Exclusion,
    Note,
    NoteCorrection,
    Participant,
    Tenure,
    WithdrawnContent,
)
from nowrongdoor.cases.person_models import Person, PersonPart, PersonRelation, PersonRole, PersonToken
from nowrongdoor.duties.models import Duty, Entry, SavedSearch
from nowrongdoor.leads.models import Handoff
from nowrongdoor.mandates.models import Country, Decision, MandateTable, Ruling
from nowrongdoor.prevalence.models import Run
from nowrongdoor.releases.models import Disclosure, Release
from nowrongdoor.retention.models import Disposal, Hold
from nowrongdoor.signals.models import Draft, ReturnedCall, Signal, SignalCorrection, Telling
from nowrongdoor.triage.models import Assessment, Finding
from nowrongdoor.vault.models import DataKey, KeyVersion, RootKey

__all__ = [
    "Agency",
    "Anchor",
    "Assessment",
    "CacheEntry",
    "Case",
    "CaseFacts",
    "CaseFile",
    "CaseSignal",
    "Closing",
    "Country",
    "DataKey",
    "Decision",
    "Disclosure",
    "Disposal",
    "Draft",
    "Duty",
    "EarlierPart",
    "Emergency",
    "Entry",
    "Event",
    "Exclusion",
    "Finding",
    "Handoff",
    "Hold",
    "Invitation",
    "KeyVersion",
    "MandateTable",
    "Note",
    "NoteCorrection",
    "Participant",
    "Person",
    "PersonPart",
    "PersonRelation",
    "PersonRole",
    "PersonToken",
    "RateLimit",
    "Release",
    "ReturnedCall",
    "RootKey",
    "Ruling",
    "Run",
    "SavedSearch",
    "Seal",
    "Signal",
    "SignalCorrection",
    "Telling",
    "Tenure",
    "Token",
    "User",
    "WithdrawnContent",
]
