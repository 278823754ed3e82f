"""The tables of every room, where Django looks for them."""

from nowrongdoor.access.models import CacheEntry, RateLimit
from nowrongdoor.agencies.models import Agency, AppPassword, Closing, Invitation, Rota, Shift, Token, User
from nowrongdoor.audit.models import Anchor, Event, Seal
from nowrongdoor.cases.models import (
    Case,
    CaseFacts,
    CaseFile,
    CaseLink,
    CaseSignal,
    EarlierPart,
    Emergency,
    Exclusion,
    Note,
    NoteCorrection,
    Participant,
    Reopening,
    Tenure,
    WithdrawnContent,
)
from nowrongdoor.cases.person_models import Person, PersonPart, PersonRelation, PersonRole, PersonToken
from nowrongdoor.duties.models import Duty, Entry, SavedSearch
from nowrongdoor.leads.models import Handoff
from nowrongdoor.mailbox.models import Mailbox, Post, Unfinished
from nowrongdoor.mandates.models import Country, Decision, MandateTable, Ruling
from nowrongdoor.notifications.models import Notification, Preference
from nowrongdoor.outbox.models import Message
from nowrongdoor.prevalence.models import Run
from nowrongdoor.records.models import Breach, BreachNotice, Demand, DemandRecord
from nowrongdoor.releases.models import CaseMessage, CaseRequest, Disclosure, Release
from nowrongdoor.retention.models import Disposal, Hold
from nowrongdoor.signals.models import (
    Draft,
    ReturnedCall,
    Signal,
    SignalCorrection,
    SignalFile,
    SignalFileContent,
    Telling,
)
from nowrongdoor.triage.models import Assessment, Finding
from nowrongdoor.vault.models import DataKey, KeyVersion, RootKey

__all__ = [
    "Agency",
    "Anchor",
    "AppPassword",
    "Assessment",
    "Breach",
    "BreachNotice",
    "CacheEntry",
    "Case",
    "CaseFacts",
    "CaseFile",
    "CaseLink",
    "CaseMessage",
    "CaseRequest",
    "CaseSignal",
    "Closing",
    "Country",
    "DataKey",
    "Decision",
    "Demand",
    "DemandRecord",
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
    "Mailbox",
    "MandateTable",
    "Message",
    "Note",
    "NoteCorrection",
    "Notification",
    "Participant",
    "Person",
    "PersonPart",
    "PersonRelation",
    "PersonRole",
    "PersonToken",
    "Post",
    "Preference",
    "RateLimit",
    "Release",
    "Reopening",
    "ReturnedCall",
    "RootKey",
    "Rota",
    "Ruling",
    "Run",
    "SavedSearch",
    "Seal",
    "Shift",
    "Signal",
    "SignalCorrection",
    "SignalFile",
    "SignalFileContent",
    "Telling",
    "Tenure",
    "Token",
    "Unfinished",
    "User",
    "WithdrawnContent",
]
