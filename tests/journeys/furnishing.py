"""The demonstration, and beside it what fills pages: every kind of row, long names, and names from right to left."""

from __future__ import annotations

import dataclasses
import datetime
import decimal
import re
import uuid

from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal import auth as recovery
from django.test import override_settings
from django.utils import timezone

from nowrongdoor.access import row_security, viewers
from nowrongdoor.agencies import actions as agencies
from nowrongdoor.agencies import app_passwords, inviting, rotas
from nowrongdoor.agencies.models import User
from nowrongdoor.benefits import actions as letters
from nowrongdoor.cases import actions as cases
from nowrongdoor.cases import need_to_know, people
from nowrongdoor.cases import queries as case_queries
from nowrongdoor.cases.models import Case, CaseFile, Note
from nowrongdoor.core import doors, protocols
from nowrongdoor.core.prevalence import estimating
from nowrongdoor.core.protocols import Immigration
from nowrongdoor.leads import changing
from nowrongdoor.line import joining, models, moving, shifts, writing
from nowrongdoor.mailbox import desk, visiting
from nowrongdoor.mailbox.models import Post
from nowrongdoor.mandates.models import MandateTable
from nowrongdoor.outbox import delivering, kinds
from nowrongdoor.outbox.models import Message
from nowrongdoor.prevalence import actions as prevalence
from nowrongdoor.prevalence.models import Run
from nowrongdoor.protocols import library, reporting, weighing
from nowrongdoor.protocols.models import Outcome, Sending
from nowrongdoor.records import breaches, demands
from nowrongdoor.records.models import Breach, BreachNotice, Demand
from nowrongdoor.referrals.models import Ask
from nowrongdoor.releases import actions as releases
from nowrongdoor.releases import messaging, signing
from nowrongdoor.retention import actions as retention
from nowrongdoor.signals import drafts
from nowrongdoor.signals import files as signal_files
from nowrongdoor.signals.models import SignalFile
from nowrongdoor.site import demonstration
from nowrongdoor.vault import keys
from nowrongdoor.wrapup import flags, money, sorting
from nowrongdoor.wrapup.models import Money
from tests import signing_in
from tests.leads import stories
from tests.mailbox import senders

LONG = (
    "Interagency Office for the Protection of Temporary Workers, Domestic Employees and Unaccompanied "
    "Minors of the Northern and Southern Districts, Rechtsschutzversicherungsgesellschaften Division"
)
ARABIC = "ليلى عبد الرحمن المنصوري"
UNBROKEN = "x" * 90
YEARS_AGO = datetime.timedelta(days=6 * 365)
PLACE = re.compile(r"<\w+:(\w+)>")
NOTHING = "00000000-0000-4000-8000-000000000000"


@dataclasses.dataclass(frozen=True)
class House:
    """What there is to see, by the names that addresses give it."""

    case: str
    signal: str
    person: uuid.UUID
    invitation: str
    run: uuid.UUID
    table: uuid.UUID
    agency: uuid.UUID
    release: uuid.UUID
    draft: uuid.UUID
    note: uuid.UUID
    file: uuid.UUID
    closed: str
    demand: uuid.UUID
    breach: uuid.UUID
    sender: str
    sent: uuid.UUID
    protocol: uuid.UUID
    report: uuid.UUID
    contact: uuid.UUID
    call_back: uuid.UUID
    message: uuid.UUID
    referral: uuid.UUID
    ask: uuid.UUID

    def address(self, path: str, *, passkey: str = "0") -> str:
        """Fill an address of the URLconf with what there is to see; what has none gets an id that nothing has."""
        given = {
            "reference": self._reference(path),
            **{"person_id": self.person, "run_id": self.run, "table_id": self.table, "agency_id": self.agency},
            **{"release_id": self.release, "draft_id": self.draft, "note_id": self.note, "file_id": self.file},
            **{"demand_id": self.demand, "breach_id": self.breach, "sent_id": self.sent},
            **{"protocol_id": self.protocol, "report_id": self.report},
            **{"contact_id": self.contact, "call_back_id": self.call_back, "message_id": self.message},
            **{"referral_id": self.referral, "ask_id": self.ask},
            "pk": passkey,
            "code": doors.installed().each[0].code,
        }
        return "/" + PLACE.sub(lambda found: str(given.get(found[1], NOTHING)), path)

    def _reference(self, path: str) -> str:
        if path.startswith(("signals", "senders")):
            return self.signal if path.startswith("signals") else self.sender
        return self.closed if path.endswith("/reopen") else self.case


def furnish() -> House:
    """Fill the demonstration and add to it."""
    now = timezone.now()
    demonstration.fill(at=now)
    agencies.add_missing([agencies.New("LONG", "CHILD_WELFARE", LONG, "California", "child_welfare", "CA")])
    hotline = stories.agency("HOTLINE")
    for name, full_name, agency, role in (
        ("adam", "Adam Administrator (fictional)", hotline, viewers.Role.ADMINISTRATOR),
        ("layla", f"{ARABIC} (fictional)", hotline, viewers.Role.INVESTIGATOR),
        (f"long-{UNBROKEN}", f"{UNBROKEN} (fictional)", hotline, viewers.Role.PROVIDER),
        ("lena", "Lena Long (fictional)", stories.agency("LONG"), viewers.Role.COORDINATOR),
    ):
        person = User.objects.add(
            name=name, full_name=full_name, agency=agency, role=role, password=demonstration.PASSWORD
        )
        signing_in.enrol(person)
    with row_security.entry():
        for person in User.objects.exclude(name="ina"):  # who stays without, so that both pages are seen
            recovery.RecoveryCodes.activate(person)
        Authenticator.objects.filter(user__name="ina").delete()
    ada, vera, hope, sam = (viewer(name) for name in ("ada", "vera", "hope", "sam"))
    case = Case.objects.get(facts__age="under_18", facts__commercial_sex="yes")  # the motel
    stories.told(case, "LONG")
    stories.told(case, "HSI")
    for text, audience in ((f"{ARABIC}: {UNBROKEN}", Note.Audience.AGENCY), (LONG, Note.Audience.TEAM)):
        cases.add_note(case.id, text=text, audience=audience, by=hope, at=now)
    stories.attach(case.id, ARABIC.encode(), label=LONG[:100], audience=Note.Audience.TEAM, by=hope, at=now)
    hsi = stories.agency("HSI").id
    messaging.send(case.id, to_agency_id=hsi, text=f"{LONG} {UNBROKEN}", for_prosecutors=False, by=hope, at=now)
    details = {"name": ARABIC, "called": UNBROKEN, "phone": "+1 555 0100 200", "address": LONG, "immigration": "None."}
    known = people.add(case.id, details, by=ada, at=now)
    people.add(case.id, {"name": "Zuzana (fictional)"}, by=sam, at=now)
    today = timezone.localdate(now)
    letters.request(known, "certification", on=today, by=ada, at=now)
    for on_it in (UNBROKEN[:60], "HHS-2026-0417"):
        last_on = today + datetime.timedelta(days=40)
        letter = letters.receive_unasked(known, "interim", on=today, number=on_it, last_on=last_on, by=ada, at=now)
    letters.extend(letter, last_on=last_on + datetime.timedelta(days=30), by=ada, at=now)
    told = {"recipient_code": "LONG", "which": ["identity"], "by": vera, "at": now}
    kept = releases.keep(
        known,
        purpose=LONG,
        witness=ARABIC,
        expires_at=now + datetime.timedelta(days=30),
        how=signing.Signing(signed_at=now, language="en-us", text=f"{ARABIC}\n{UNBROKEN}", excluded=UNBROKEN),
        **told,  # type: ignore[arg-type]
    )
    releases.disclose(known, ground="child", because=UNBROKEN, **told)  # type: ignore[arg-type]
    layla = viewer("layla")
    assert layla.user_id
    need_to_know.exclude(case.id, person_id=layla.user_id, because=f"Knows the family. {UNBROKEN}", by=hope, at=now)
    stranger = stories.person("EEOC", viewers.Role.ADVOCATE)
    need_to_know.open_in_emergency(case.reference, because=f"She called us. {UNBROKEN}", by=stranger, at=now)
    elsewhere = stories.case({"labor": "yes"}, receiver="WHD")
    opened = need_to_know.open_in_emergency(elsewhere.reference, because=f"{ARABIC} is in danger.", by=ada, at=now)
    need_to_know.review(opened.id, justified="yes", words=f"She was. {ARABIC}", by=hope, at=now)
    need_to_know.open_in_emergency(elsewhere.reference, because=f"Again. {UNBROKEN}", by=vera, at=now)
    retention.hold(case.id, because=f"A court asked. {UNBROKEN}", by=hope, at=now)
    closed = []
    for number in range(3):
        old = stories.case()
        changing.close(old.id, because="She is safe.", by=hope, at=now - YEARS_AGO)
        closed.append(old.reference)
        if number:
            asked = retention.ask(old.id, by=ada, at=now)
        if number > 1:
            retention.approve(asked.id, by=hope, at=now)
    _on_call(hope, now)
    with row_security.system():
        run = Run.objects.get()
    prevalence.work_out(run.id, at=now)
    wild = f"{ARABIC},{'List ' * 12}\n1,0\n0,1\n1,1\n"
    prevalence.ask(
        prevalence.Wanted(wild, estimating.Settings(estimating.Method.INDEPENDENCE), 0, 1), by=viewer("mia"), at=now
    )
    inviting.invite("olga", f"{UNBROKEN[:80]} (fictional)", "analyst", by=viewer("adam"), at=now - inviting.LASTS)
    with row_security.system():
        for label, lasts in ((LONG[:100], 90), (UNBROKEN, 3)):
            agencies.make_token(hotline, label=label, by=None, at=now, lasts=datetime.timedelta(days=lasts))
        agencies.revoke_token(UNBROKEN, agency_code="HOTLINE", at=now)
        agencies.make_token(hotline, label="Call center", by=None, at=now)
    invited = inviting.invite("nina", f"{ARABIC} (fictional)", "advocate", by=viewer("adam"), at=now)
    with row_security.system():
        in_force = MandateTable.objects.get(in_force=True)
        note = Note.objects.filter(case=case, by_id=hope.user_id).order_by("id")[0]
        file = CaseFile.objects.filter(case=case, by_id=hope.user_id).order_by("id")[0]
    draft = drafts.keep(
        uuid.uuid4(),
        {"channel": ["call"], "source": ["proxy"], "narrative": [f"{ARABIC}: {UNBROKEN}"], "person-1-age": ["9"]},
        seen=0,
        by=ada,
        at=now,
    )
    return House(
        case.reference,
        case.signals.get().signal.reference,
        known,
        invited.secret,
        run.id,
        in_force.id,
        hotline.id,
        kept.id,
        draft.id,
        note.id,
        file.id,
        closed[0],
        _demanded(hope, now),
        _breached(hope, now),
        _sender(hope, now),
        _sent(case.signals.get().signal_id, hope, now),
        *(*_reported(case, ada, hope, now), *_on_the_line(ada, hope, now), *_referred()),
    )


def _referred() -> tuple[uuid.UUID, uuid.UUID]:
    """A referral for which a service is asked, and a service that takes somebody who released something to it."""
    with row_security.system():
        return Ask.objects.get(state="asked").referral_id, Ask.objects.get(state="accepted").id


def _on_the_line(ada: viewers.Viewer, hope: viewers.Viewer, now: datetime.datetime) -> tuple[uuid.UUID, ...]:
    """A chat that somebody has, with an interpreter and a whisper, and a voicemail that one can listen to."""
    wish = shifts.Wish(
        groups=["night", "backup"], languages=["en", "ar"], skills=[], telephone="", texts=9, is_trainee=False
    )
    for person in (ada, hope):
        shifts.begin(wish, by=person, at=now)
    shifts.ready(by=ada, at=now)
    with row_security.system():
        contact = models.Contact.objects.get(medium="text", state="answered")
        voicemail = models.ContactMessage.objects.get(way="voicemail")
        sound = keys.of(voicemail.contact_id).seal_bytes(
            b"ID3 no sound", writing.place(voicemail.id, "recording", voicemail.agency_id)
        )
        models.ContactMessage.objects.filter(id=voicemail.id).update(recording=sound, fetched_at=now)
        call_back = models.CallBack.objects.get(over_at=None)
    writing.write(contact.id, f"{ARABIC}: {UNBROKEN}", message_id=uuid.uuid4(), by=ada, at=now)
    writing.whisper(contact.id, LONG, message_id=uuid.uuid4(), by=hope, at=now)
    joining.interpreter(contact.id, "ar", by=ada, at=now)
    joining.hand_on(contact.id, "crisis", f"{ARABIC} {UNBROKEN}", by=ada, at=now)
    assert hope.user_id is not None
    moving.ask(contact.id, hope.user_id, by=ada, at=now)
    sorting.sort(contact.id, "crisis", by=ada, at=now)
    sorting.sort(contact.id, "help", by=hope, at=now)
    flags.put_on(
        contact.id, "familiar", f"{ARABIC}: {UNBROKEN}", until=now + datetime.timedelta(days=7), by=ada, at=now
    )
    for amount in (decimal.Decimal(120), decimal.Decimal(45)):
        money.ask(contact.id, "hotel", amount, LONG, by=ada, at=now)
    with row_security.system():
        first = Money.objects.order_by("at", "id")[0].id
    money.decide(first, is_approved=True, by=hope, at=now)
    return contact.id, call_back.id, voicemail.id


def _sent(signal_id: uuid.UUID, by: viewers.Viewer, now: datetime.datetime) -> uuid.UUID:
    """Files that were added to a contact: one that a scanner passed, one that waits for it, and one isolated."""
    with override_settings(SCAN="off", CLAMD=""):
        upload = signal_files.Upload("x.txt", ARABIC.encode())
        passed, _, hidden = (
            signal_files.attach(signal_id, upload, keep_original=True, by=by, at=now) for _ in range(3)
        )
    signal_files.isolate(hidden, by=by, at=now)
    with row_security.system():
        SignalFile.objects.filter(id__in=[passed, hidden]).update(scanned_at=now, verdict="clean")
    return passed


def _sender(by: viewers.Viewer, now: datetime.datetime) -> str:
    """What a sender and the agency wrote to each other, long and from right to left."""
    sent = senders.send(at=now)
    visiting.write(sent.opener, f"{ARABIC}: {UNBROKEN}", at=now)
    desk.write(sent.signal.id, Post.Kind.QUESTION, LONG, by=by, at=now)
    return sent.signal.reference


def _demanded(by: viewers.Viewer, now: datetime.datetime) -> uuid.UUID:
    """A demand for which a record left, and one that is closed."""
    day = datetime.timedelta(days=1)
    received = demands.Received(
        kind=Demand.Kind.SUBPOENA,
        received_at=now - day,
        receiver=ARABIC,
        party=LONG,
        docket=UNBROKEN,
        asks=f"{ARABIC}: {UNBROKEN}",
        return_at=now + day,
        motion_at=now - day,
    )
    row, over = (demands.log(received, by=by, at=now) for _ in range(2))
    standing = demands.Standing(
        return_at=now + day,
        motion_at=now - day,
        counsel_at=now,
        notice=Demand.Notice.WITHHELD,
        notice_at=now,
        forbidden_by=LONG,
    )
    demands.change(row.id, standing, by=by, at=now)
    demands.note_record(row.id, name=f"{ARABIC} {UNBROKEN}", digest="a" * 64, case=None, by=by, at=now)
    demands.close(over.id, outcome=Demand.Outcome.WITHDRAWN, how=LONG, by=by, at=now)
    return row.id


def _breached(by: viewers.Viewer, now: datetime.datetime) -> uuid.UUID:
    """A breach whose notice nobody confirmed yet, and one that is closed."""
    long_ago = now - datetime.timedelta(days=2)
    known = breaches.Known(kind=Breach.Kind.ACTUAL, happened_at=long_ago, people=12_000)
    row, over = (
        breaches.log(known, noticed_at=noticed_at, what=list(Breach.What), by=by, at=now)
        for noticed_at in (long_ago, now)
    )
    for breach, confirmation in ((row, ""), (over, "OJP-2026-00117")):
        breaches.tell(breach.id, BreachNotice.Recipient.AWARD, told_at=now, confirmation=confirmation, by=by, at=now)
    breaches.close(over.id, by=by, at=now)
    return row.id


def _reported(
    case: Case, ada: viewers.Viewer, hope: viewers.Viewer, now: datetime.datetime
) -> tuple[uuid.UUID, uuid.UUID]:
    """A recipient with long names, and a report to them that is reviewed and left twice, and came to something."""
    contact = library.Contact(
        body=LONG[:200], unit=UNBROKEN, person=ARABIC, telephone="+1 555 0100 205", hours=UNBROKEN, wants=LONG
    )
    recipient = library.Recipient(
        kind="police", state="NY", county="B" * 60, choice=1, immigration=Immigration.YES, contact=contact
    )
    row = library.add(recipient, by=hope, at=now)
    subject = weighing.of_case(case_queries.find(ada, case.reference), ada)
    parts = {part.code: f"{ARABIC}: {UNBROKEN}" for part in protocols.installed().parts}
    report = reporting.write(subject, reporting.Written(protocol_id=row.id, parts=parts), by=ada, at=now)
    reporting.review(report.id, comment=f"{ARABIC} {UNBROKEN}", seen=1, by=hope, at=now)
    for how in (Sending.How.FAX, Sending.How.PERSON):
        sent = reporting.send(report.id, protocol_id=row.id, how=how, seen=1, by=ada, at=now)
    reporting.confirm(sent.report_id, sent.id, number=UNBROKEN, name=ARABIC, by=hope, at=now)
    reporting.note_outcome(report.id, Outcome.Result.PASSED, by=ada, at=now)
    return row.id, report.id


def _on_call(hope: viewers.Viewer, now: datetime.datetime) -> None:
    """Who is on call, a calendar's password, and mail that could not be delivered."""
    assert hope.user_id
    rotas.begin(by=hope, at=now)
    for step in (rotas.FIRST, rotas.SECOND):
        until = now + datetime.timedelta(days=step)
        rotas.add(hope.user_id, step, from_at=now, to_at=until, by=hope, at=now)
    app_passwords.make(app_passwords.Scope.CALENDAR, by=hope, at=now)
    with row_security.system():
        for problem, outcome in (("server_down", ""), ("recipient_refused", "given_up")):
            message = delivering.queue(
                kinds.Kind.NEWS, agency_id=hope.agency_id, person_id=hope.user_id, due_at=now + YEARS_AGO, at=now
            )
            over = {"outcome": outcome, "over_at": now if outcome else None}
            Message.objects.filter(id=message.id).update(problem=problem, tries=2, tried_at=now, **over)


def viewer(name: str) -> viewers.Viewer:
    found = User.objects.get(name=name).viewer()
    assert found
    return found
