"""A row in every table, through the actions that people use: what the dump of a release is filled with.

All of it is made up. What no action of ours writes (the link to an agency's own sign-in) is written as django-allauth
would.
"""

from __future__ import annotations

import dataclasses
import datetime
import decimal
import pathlib
import secrets
import tempfile
import time
import uuid
from itertools import islice

import psycopg
import pytest
from allauth.socialaccount.models import SocialAccount
from django.test import Client, override_settings
from django.urls import reverse
from django.utils import timezone

from nowrongdoor.access import row_security, viewers
from nowrongdoor.agencies import actions as agencies
from nowrongdoor.agencies import app_passwords, inviting, rotas
from nowrongdoor.agencies.models import User
from nowrongdoor.audit import verifying
from nowrongdoor.benefits import actions as letters
from nowrongdoor.cases import actions as cases
from nowrongdoor.cases import files, need_to_know, noting, people, together
from nowrongdoor.cases.models import Case, Note
from nowrongdoor.channels.protocol import Kind
from nowrongdoor.core import disclosure_grounds, places, receipts, schedules
from nowrongdoor.core.intake import ctdc
from nowrongdoor.core.line import Medium
from nowrongdoor.core.mandates import table
from nowrongdoor.core.notices import How
from nowrongdoor.duties import actions as duties
from nowrongdoor.duties import assigning, searches
from nowrongdoor.duties.models import Duty
from nowrongdoor.intake import closing, importing, joining, routing
from nowrongdoor.leads import answering, changing, passing, reopening
from nowrongdoor.line import joining as legs
from nowrongdoor.line import moving, taking, writing
from nowrongdoor.line.models import LineEvent
from nowrongdoor.mailbox import openers, unfinished
from nowrongdoor.mandates import actions as mandates
from nowrongdoor.mandates import queries as tables
from nowrongdoor.notifications import actions as notifications
from nowrongdoor.operating import cluster
from nowrongdoor.outbox import delivering
from nowrongdoor.outbox import kinds as outbox
from nowrongdoor.records import breaches, demands
from nowrongdoor.records.models import Breach, BreachNotice, Demand
from nowrongdoor.releases import actions as releases
from nowrongdoor.releases import asking, messaging, signing
from nowrongdoor.retention import actions as retention
from nowrongdoor.signals import actions as signals
from nowrongdoor.signals import correcting, drafts, reaching
from nowrongdoor.signals import files as signal_files
from nowrongdoor.site import demonstration
from nowrongdoor.vault import keys
from nowrongdoor.wrapup import flags, money, reviewing, sorting
from tests import at_home, clocks, servers, signing_in
from tests.leads import stories
from tests.line import floors

SAMPLE = pathlib.Path(__file__).resolve().parents[1] / "data" / "ctdc_sample.csv"
ROWS = 5
HOUR, DAY = datetime.timedelta(hours=1), datetime.timedelta(days=1)
KEEP = schedules.installed()["case"].keep or datetime.timedelta()
FACTS = {**stories.FORCED_LABOR, "age": "under_18", "urgency": "immediate_danger"}
DETAILS = {"name": "Zuzana", "phone": "+1 555 0100 200", "address": "Elm Street 1", "immigration": "asked for a T visa"}
PICTURE = signal_files.Upload("note.txt", b"They keep her passport. (Fictional.)\n")
CONTRACT = b"She is to work without pay. (Fictional.)\n"
WHY = "So that they know whom to ask for. (Fictional.)"


def fill(*, at: datetime.datetime) -> None:
    """Fill an empty installation, and start and kill a worker on it."""
    at_home.stay()
    try:
        demonstration.fill(at=at)
        _an_agency_keeps_its_people(at)
        _a_case_is_worked_on(at)
        _a_person_is_told_of(at)
        _somebody_is_kept_away_and_somebody_looks_in(at)
        with clocks.ahead(psycopg.conninfo.make_conninfo(**cluster.address(cluster.OWNER))):
            _cases_are_held_and_disposed_of(at)
        _a_case_is_reopened(at)
        _records_are_demanded_and_breached(at)
        _keys_are_renewed()
        _an_office_closes(at)
        _a_table_is_put_in_force(at)
        _pages_are_looked_at()
        _a_list_is_shared_out(at)
        _people_are_notified(at)
        _a_call_is_taken(at)
        _a_night_on_the_line(at)
        _somebody_has_not_finished(at)
        _a_worker_is_killed()
        _taken(at, narrative="Nobody has looked at this yet. (Fictional.)")  # and waits for the next worker
        verifying.anchor(at=at)
        stories.case(at=at)  # and what happened after the anchor
    finally:
        at_home.leave()


def _viewer(name: str) -> viewers.Viewer:
    viewer = User.objects.get(name=name).viewer()
    assert viewer
    return viewer


def _id(viewer: viewers.Viewer) -> uuid.UUID:
    assert viewer.user_id
    return viewer.user_id


def _taken(at: datetime.datetime, *, narrative: str) -> uuid.UUID:
    contact = signals.Contact(
        key=uuid.uuid4().hex,
        channel="call",
        facts=FACTS,
        answers={"ilo.1.wages": "yes"},
        state="NY",
        district="NY-S",
        narrative=narrative,
        people=({"prs_FirstName": "Zuzana"},),
        raw={"line": "as it was sent"},
    )
    hotline, by = stories.agency("HOTLINE").id, _viewer("ada").user_id
    return signals.take(contact, asked=tables.asked(), receiver_id=hotline, by=by, at=at).signal_id


def _case(at: datetime.datetime, *, narrative: str) -> Case:
    (routed,) = routing.route([_taken(at, narrative=narrative)], at=at)
    return Case.objects.get(id=routed.case_id)


def _an_agency_keeps_its_people(at: datetime.datetime) -> None:
    root, hotline = _viewer("root"), stories.agency("HOTLINE")
    invited = inviting.invite("iva", "Iva Invited (fictional)", "advocate", by=root, at=at)
    with row_security.entry():
        inviting.accept(invited.secret, password=demonstration.PASSWORD, at=at)
    inviting.make_setup_code(_id(_viewer("iva")), by=root, at=at)
    inviting.set_role(_id(_viewer("iva")), "analyst", by=root)  # which ends the code
    for role in ("advocate", "analyst"):  # the second takes the first one's place
        inviting.invite("jon", "Jon Invited (fictional)", role, by=root, at=at)
    for label in ("telephone system", "old telephone system"):
        agencies.make_token(hotline, label=label, by=None, at=at)
    agencies.revoke_token("old telephone system", agency_code=hotline.code, at=at)
    SocialAccount.objects.create(user_id=_id(_viewer("fay")), provider="fbi", uid="s-1", extra_data={"sub": "s-1"})


def _a_case_is_worked_on(at: datetime.datetime) -> None:
    ada, hope = _viewer("ada"), _viewer("hope")
    case = _case(at, narrative="She says that her name is Zuzana. (Fictional.)")
    for audience in Note.Audience:
        cases.add_note(case.id, text="Called back. (Fictional.)", audience=audience, by=ada, at=at)
        files.attach(case.id, files.Sent("Her contract (fictional)", "contract.txt", CONTRACT, audience), by=ada, at=at)
    _notes_and_files_are_mended(case, ada, at)
    for notice in Duty.notices().filter(case=case, agency_id=ada.agency_id, done_at=None):
        number = "CAD 26-118 (fictional)"
        duties.acknowledge(notice.id, how="Called the county dispatcher.", confirmation=number, by=ada, at=at)
    for clock in Duty.deadlines().filter(agency_id=ada.agency_id, done_at=None, withdrawn_at=None)[:2]:
        duties.meet(clock.id, how="Sent.", by=ada, at=at)
    for version, facts in enumerate((FACTS, stories.FORCED_LABOR), start=1):  # what was owed for a child is withdrawn
        changing.change_facts(
            case.id,
            facts={**facts, "hazardous_work": "yes"},
            place=places.Place("NY", "NY-S"),
            seen_version=version,
            because="She called again, and is older than we thought.",
            by=hope,
            at=at,
        )
    more = signals.Contact(key="more", channel="text", facts={"truck": "yes"}, narrative="And more. (Fictional.)")
    joining.take_into_case(more, case.id, by=ada, at=at)
    answering.revoke(stories.offer_of(case).id, reason="She asked us to wait.", by=hope, at=at)
    changing.ask_next(case.id, by=hope, at=at)
    offer = stories.offer_of(case)
    assert offer.due_at
    answering.expire(offer.id, at=offer.due_at)
    offer = stories.offer_of(case)
    answering.accept(offer.id, by=stories.person(offer.to_agency.code), at=at)
    with SAMPLE.open("rb") as sample:
        rows = list(islice(ctdc.read(sample), ROWS))
    source = importing.Source("full story")
    importing.take_file(rows, source, receiver_id=ada.agency_id, by=None, at=at, progress=lambda done: None)


def _notes_and_files_are_mended(case: Case, ada: viewers.Viewer, at: datetime.datetime) -> None:
    note = Note.objects.filter(case=case).order_by("at", "id")[0]
    noting.correct(note.id, text="Called back, twice. (Fictional.)", because="It was twice.", seen=0, by=ada, at=at)
    noting.pin(note.id, by=ada, at=at)
    wrong = files.Sent("Somebody else’s contract (fictional)", "contract.txt", CONTRACT, Note.Audience.AGENCY)
    attached = files.attach(case.id, wrong, by=ada, at=at)
    files.withdraw(case.id, attached.id, because="It’s somebody else’s. (Fictional.)", by=ada, at=at)
    she, brother = (people.add(case.id, {"called": name}, by=ada, at=at) for name in ("Zuzana", "Jan"))
    for role in ("victim", "offender"):
        people.add_role(she, role, from_at=at - 9 * DAY, to_at=None, by=ada, at=at)
    people.relate(she, brother, "sibling", from_at=None, by=ada, at=at)


def _a_person_is_told_of(at: datetime.datetime) -> None:
    ada, sam = _viewer("ada"), _viewer("sam")
    case = stories.case(at=at)
    person = people.add(case.id, DETAILS, by=ada, at=at)
    answering.accept(stories.offer_of(case).id, by=sam, at=at)
    witness = "The advocate on the telephone"
    for which in (["identity"], ["identity", "location"]):
        kept = releases.keep(
            person,
            recipient_code=sam.agency_code,
            which=which,
            purpose=WHY,
            witness=witness,
            expires_at=at + 300 * DAY,
            by=ada,
            at=at,
            how=signing.Signing(
                signer=disclosure_grounds.Signer.MINOR_AND_PARENT,
                co_signer_name="Her aunt (fictional)",
                is_no_abuser=True,
                excluded="Her stepfather, who is a suspect. (Fictional.)",
                longer_because=WHY,
                text="I agree. (Fictional.)",
                signed_at=at,
                language="en-us",
            ),
        )
    releases.revoke(kept.id, by=ada, at=at)
    letters.request(person, "certification", on=timezone.localdate(at), by=ada, at=at)
    releases.disclose(
        person, recipient_code=sam.agency_code, which=["location"], ground="danger", because=WHY, by=ada, at=at
    )
    asked = asking.ask(case.id, to_agency_id=ada.agency_id, what="words", person_id=None, because=WHY, by=sam, at=at)
    asking.answer(asked.id, words="She is afraid. (Fictional.)", by=ada, at=at)
    again = asking.ask(case.id, to_agency_id=ada.agency_id, what="words", person_id=None, because=WHY, by=sam, at=at)
    asking.refuse(again.id, reason="She asked us not to. (Fictional.)", by=ada, at=at)
    passing.offer(case.id, to_agency_id=ada.agency_id, reason="She is safe now. (Fictional.)", by=sam, at=at)
    words = "We call on Thursday. (Fictional.)"
    messaging.send(case.id, to_agency_id=ada.agency_id, text=words, for_prosecutors=False, by=sam, at=at)
    together.link(case.id, other_id=stories.case(at=at).id, by=ada, at=at)


def _somebody_is_kept_away_and_somebody_looks_in(at: datetime.datetime) -> None:
    ada, hope, stranger = _viewer("ada"), _viewer("hope"), stories.person("EEOC")
    case = stories.case(at=at)
    for _ in range(2):
        kept_away = need_to_know.exclude(case.id, person_id=_id(_viewer("vera")), because=WHY, by=ada, at=at)
        need_to_know.lift(kept_away.id, by=hope, at=at)
    need_to_know.exclude(case.id, person_id=_id(_viewer("vera")), because=WHY, by=ada, at=at)
    for _ in range(2):
        looked = need_to_know.open_in_emergency(case.reference, because=WHY, by=stranger, at=at)
    need_to_know.review(looked.id, justified="no", words=WHY, by=stories.person("EEOC"), at=at)


def _cases_are_held_and_disposed_of(at: datetime.datetime) -> None:
    ada, hope = _viewer("ada"), _viewer("hope")
    later = at + KEEP + DAY
    for fate in ("held", "held once", "asked", "asked and held", "disposed of"):
        case = _case(at, narrative=f"This one is {fate}. (Fictional.)")
        people.add(case.id, DETAILS, by=ada, at=at)
        changing.close(case.id, because="She is home. (Fictional.)", by=hope, at=at)
        if fate.startswith("held"):
            held = retention.hold(case.id, because=WHY, by=ada, at=at)
            if fate == "held once":
                retention.lift(held.id, by=ada, at=at)
        else:
            asked = retention.ask(case.id, by=ada, at=later)
            if fate == "disposed of":
                retention.approve(asked.id, by=hope, at=later)
            elif fate == "asked and held":
                retention.hold(case.id, because=WHY, by=ada, at=later)


def _a_case_is_reopened(at: datetime.datetime) -> None:
    hope = _viewer("hope")
    case = _case(at, narrative="This one is closed, opened again, closed, and opened. (Fictional.)")
    for number in range(2):
        changing.close(case.id, because="She is home. (Fictional.)", by=hope, at=at + 2 * number * HOUR)
        reopening.reopen(case.id, because=f"She called again. {WHY}", by=hope, at=at + (2 * number + 1) * HOUR)


def _records_are_demanded_and_breached(at: datetime.datetime) -> None:
    hope = _viewer("hope")
    received = demands.Received(
        kind=Demand.Kind.SUBPOENA,
        received_at=at,
        receiver="Hope (fictional)",
        party="The county court (fictional)",
        docket="26-cv-118",
        asks="All records about one person. (Fictional.)",
    )
    demand = demands.log(received, by=hope, at=at)
    standing = demands.Standing(
        return_at=at + 9 * DAY,
        motion_at=at + 5 * DAY,
        counsel_at=at,
        notice=Demand.Notice.GIVEN,
        notice_at=at,
        forbidden_by="",
    )
    demands.change(demand.id, standing, by=hope, at=at)
    demands.note_record(demand.id, name="A note (fictional)", digest="a" * 64, case=None, by=hope, at=at)
    over = demands.log(received, by=hope, at=at)
    forbidden = "The county court, until the trial is over (fictional)"
    withheld = dataclasses.replace(standing, notice=Demand.Notice.WITHHELD, forbidden_by=forbidden)
    demands.change(over.id, withheld, by=hope, at=at)
    demands.close(over.id, outcome=Demand.Outcome.WITHDRAWN, how="Counsel called them. (Fictional.)", by=hope, at=at)
    known = breaches.Known(kind=Breach.Kind.IMMINENT, happened_at=None, people=3)
    breach = breaches.log(known, noticed_at=at, what=[Breach.What.CONTACT], by=hope, at=at)
    to = BreachNotice.Recipient.AWARD
    breaches.tell(breach.id, to, told_at=at, confirmation="OJP-2026-00117", by=hope, at=at)


def _keys_are_renewed() -> None:
    with row_security.system():
        keys.renew()
        while keys.rewrap(limit=100):
            pass
        keys.forget_old()
    keys.forget()


def _an_office_closes(at: datetime.datetime) -> None:
    agencies.add_missing([agencies.New("OLD_OFFICE", "USAO", "An office that closed", "Justice", "prosecutor", "AK")])
    closing.close_agency("OLD_OFFICE", into="DOJ_COORDINATOR", by=_viewer("root"), at=at)


def _a_table_is_put_in_force(at: datetime.datetime) -> None:
    root, files = _viewer("root"), table.shipped_files()
    files["table.toml"] = files["table.toml"].replace('version = "', 'version = "of our own, after ')
    with row_security.system():
        row = mandates.add(files, at=at)
        mandates.put_in_force(row.id, agency_id=root.agency_id, by=root.user_id, at=at)
    while changing.follow_table(limit=100, at=at):
        pass


def _pages_are_looked_at() -> None:
    client = Client(SERVER_NAME="localhost")
    client.post(reverse("sign_in"), {"login": "nobody", "password": demonstration.PASSWORD})  # a failed try is counted
    secret = signing_in.secret_of(User.objects.get(name="hope"))
    client.post(reverse("sign_in"), {"login": "hope", "password": demonstration.PASSWORD})
    client.post(reverse("mfa_authenticate"), {"code": signing_in.code(secret)})  # a used code is remembered
    led = stories.case()
    for path in ("/worklist", f"/cases/{led.reference}"):
        assert client.get(path).status_code == 200


def _a_list_is_shared_out(at: datetime.datetime) -> None:
    hope = _viewer("hope")
    assigning.give(stories.case(at=at).id, to=hope.user_id, seen=None, by=hope, at=at)
    searches.save("kind=lead&due=none", by=hope, at=at)


def _people_are_notified(at: datetime.datetime) -> None:
    hope = _viewer("hope")
    choice = notifications.Choice("", How.AT_ONCE, How.DIGEST, How.PAGE, How.AT_ONCE, 8, (22, 7))
    notifications.choose(choice, by=hope, at=at)
    rotas.begin(by=hope, at=at)
    rotas.add(_id(hope), rotas.FIRST, from_at=at, to_at=at + DAY, by=hope, at=at)
    app_passwords.make(app_passwords.Scope.CALENDAR, by=hope, at=at)
    with row_security.system():
        delivering.queue(outbox.Kind.NEWS, agency_id=hope.agency_id, person_id=_id(hope), due_at=at, at=at)


def _a_call_is_taken(at: datetime.datetime) -> None:
    ada = _viewer("ada")
    drafts.keep(
        uuid.uuid4(), {"narrative": ["She is still telling us. (Fictional.)"]}, seen=0, by=ada, at=timezone.now()
    )
    contact = signals.Contact(
        key=uuid.uuid4().hex,
        channel="call",
        facts=FACTS,
        narrative="She wants to be called back. (Fictional.)",
        telling={"proxy_knows": "no"},
        way_back=signals.WayBack({"reach_number": "+1 555 0100 200"}, at + DAY),
    )
    taken = signals.take(contact, asked=tables.asked(), receiver_id=ada.agency_id, by=ada.user_id, at=at).signal_id
    correcting.correct(taken, narrative="She wants to write. (Fictional.)", because=WHY, seen=0, by=ada, at=at)
    reaching.note_call(taken, "nobody", by=ada, at=at)
    with override_settings(SCAN="off", CLAMD=""):
        sent = [signal_files.attach(taken, PICTURE, keep_original=keep, by=ada, at=at) for keep in (True, False)]
    signal_files.isolate(sent[1], by=ada, at=at)


def _a_night_on_the_line(at: datetime.datetime) -> None:
    """A text in progress with an interpreter, a call that asked to be called back, and a sender who stopped."""
    with pytest.MonkeyPatch.context() as patch, tempfile.TemporaryDirectory() as folder:
        floors.install(pathlib.Path(folder), patch)
        desk = floors.on_shift(at=at)
        came_in = floors.event(Kind.WROTE, "text", medium=Medium.TEXT, call="text", words="It is cold. (Fictional.)")
        contact = floors.take(came_in, at=at)
        for number, key in enumerate(floors.CALL_ME):
            floors.take(floors.event(Kind.PRESSED, f"key {number}", call="call", words=key), at=at)
        stopped = floors.event(Kind.STOPPED, "stop", medium=Medium.TEXT, call="stop", sender="+15550198")
        taking.take("telephone", stopped, how=LineEvent.How.TOLD, at=at)
        writing.write(contact.id, "We are here. (Fictional.)", message_id=uuid.uuid4(), by=desk, at=at)
        ended = floors.take(
            floors.event(Kind.WROTE, "over", medium=Medium.TEXT, call="over", words="Thank you. (Fictional.)"), at=at
        )
        moving.answer(ended.id, by=desk, at=at)
        moving.end(ended.id, by=desk, at=at)
    legs.interpreter(contact.id, "es", by=desk, at=at)
    chief = stories.person("HOTLINE", viewers.Role.COORDINATOR)
    sorting.sort(ended.id, "help", by=desk, at=at)
    flags.put_on(contact.id, "familiar", "Speak slowly.", until=at + datetime.timedelta(days=30), by=desk, at=at)
    night = money.ask(contact.id, "hotel", decimal.Decimal(120), "One night.", by=desk, at=at)
    money.decide(night, is_approved=True, by=chief, at=at)
    reviewing.draw(20, by=chief, at=at)
    reviewing.write(ended.id, dict.fromkeys(reviewing.QUESTIONS, "yes"), "Kind, and clear.", by=chief, at=at)


def _somebody_has_not_finished(at: datetime.datetime) -> None:
    unfinished.keep(openers.of(receipts.draw(secrets.randbits)), "It began in May. (Fictional.)", at=timezone.now())


def _a_worker_is_killed() -> None:
    """It leaves its own row and those of its minute's tasks behind, as a crash would."""
    told = (
        "SELECT count(*) FROM procrastinate_workers",
        "SELECT count(*) FROM procrastinate_periodic_defers",
    )
    worker = servers.Worker()
    worker.start()
    try:
        with psycopg.connect(**cluster.address(cluster.OWNER), autocommit=True) as owner:  # type: ignore[arg-type]
            deadline = time.monotonic() + 120  # the minute's tasks begin with the next minute
            while not all(owner.execute(question).fetchone() != (0,) for question in told):
                assert time.monotonic() < deadline
                time.sleep(0.2)
    finally:
        worker.kill9()
