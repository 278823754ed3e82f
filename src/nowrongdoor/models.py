"""The tables of every room, where Django looks for them."""

from nowrongdoor.access.models import CacheEntry, RateLimit
from nowrongdoor.agencies.models import Agency, AppPassword, Closing, Invitation, Rota, SetupCode, Shift, Token, User
from nowrongdoor.audit.models import Anchor, Event, Seal
from nowrongdoor.benefits.models import BenefitsLetter
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
from nowrongdoor.line.models import CallBack, Contact, ContactMessage, Leg, LineEvent, Seat, Stop
from nowrongdoor.mailbox.models import Mailbox, Post, Unfinished
from nowrongdoor.mandates.models import Country, Decision, MandateTable, Ruling
from nowrongdoor.notifications.models import Notification, Preference
from nowrongdoor.outbox.models import Message
from nowrongdoor.prevalence.models import Run
from nowrongdoor.protocols.models import Outcome, Protocol, Report, Sending
from nowrongdoor.records.models import Breach, BreachNotice, Demand, DemandRecord
from nowrongdoor.referrals.models import Ask, Plan, Referral
from nowrongdoor.releases.models import CaseMessage, CaseRequest, Disclosure, Release
from nowrongdoor.retention.models import Disposal, Hold
from nowrongdoor.services.models import DirectoryRow, FreeRoom, Listing, Opening, Provider, Vetting
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
from nowrongdoor.wrapup.models import CallerFlag, ContactType, Money, Review

__all__ = [
    "Agency",
    "Anchor",
    "AppPassword",
    "Ask",
    "Assessment",
    "BenefitsLetter",
    "Breach",
    "BreachNotice",
    "CacheEntry",
    "CallBack",
    "CallerFlag",
    "Case",
    "CaseFacts",
    "CaseFile",
    "CaseLink",
    "CaseMessage",
    "CaseRequest",
    "CaseSignal",
    "Closing",
    "Contact",
    "ContactMessage",
    "ContactType",
    "Country",
    "DataKey",
    "Decision",
    "Demand",
    "DemandRecord",
    "DirectoryRow",
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
    "FreeRoom",
    "Handoff",
    "Hold",
    "Invitation",
    "KeyVersion",
    "Leg",
    "LineEvent",
    "Listing",
    "Mailbox",
    "MandateTable",
    "Message",
    "Money",
    "Note",
    "NoteCorrection",
    "Notification",
    "Opening",
    "Outcome",
    "Participant",
    "Person",
    "PersonPart",
    "PersonRelation",
    "PersonRole",
    "PersonToken",
    "Plan",
    "Post",
    "Preference",
    "Protocol",
    "Provider",
    "RateLimit",
    "Referral",
    "Release",
    "Reopening",
    "Report",
    "ReturnedCall",
    "Review",
    "RootKey",
    "Rota",
    "Ruling",
    "Run",
    "SavedSearch",
    "Seal",
    "Seat",
    "Sending",
    "SetupCode",
    "Shift",
    "Signal",
    "SignalCorrection",
    "SignalFile",
    "SignalFileContent",
    "Stop",
    "Telling",
    "Tenure",
    "Token",
    "Unfinished",
    "User",
    "Vetting",
    "WithdrawnContent",
]
