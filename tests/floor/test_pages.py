"""The pages on which people answer the line, through their addresses."""

from __future__ import annotations

import datetime
import re
import uuid

import pytest
from django.db import connection
from django.test import Client
from django.test import utils as test_utils
from django.utils import timezone

from nowrongdoor.access import idle, row_security, viewers
from nowrongdoor.audit.models import Event
from nowrongdoor.cases import need_to_know
from nowrongdoor.cases.models import Case
from nowrongdoor.channels.protocol import Kind
from nowrongdoor.core.line import Medium
from nowrongdoor.intake import routing
from nowrongdoor.line import calling_back, models, moving, queries, shifts, writing
from nowrongdoor.line.models import State
from nowrongdoor.mandates import queries as tables
from nowrongdoor.protocols import reporting, weighing
from nowrongdoor.protocols.models import Report
from nowrongdoor.signals import actions as signals
from nowrongdoor.signals.models import Signal
from tests import signing_in
from tests.leads import stories
from tests.line import floors
from tests.protocols import test_reporting as reports

pytestmark = pytest.mark.django_db
SHIFT = {"groups": "night", "languages": "en", "telephone": "+1 555 010 0111", "texts": "3"}


def text() -> models.Contact:
    return floors.take(floors.event(Kind.WROTE, "a", medium=Medium.TEXT, call="pair", words=floors.WORDS))


def act(client: Client, contact: models.Contact, what: str, **given: str) -> int:
    return client.post(f"/line/contacts/{contact.id}/{what}", given).status_code


def test_whoever_begins_a_shift_gets_what_waits_and_writes_it_down_beside_the_conversation(client: Client) -> None:
    waiting = text()
    person = stories.person("HOTLINE", viewers.Role.ADVOCATE)
    signing_in.sign_in(client, person)
    assert "Begin your shift" in client.get("/line").content.decode()
    client.post("/line/shift/begin", SHIFT)
    assert floors.now(waiting).person_id == person.user_id
    page = client.get(f"/line/contacts/{waiting.id}").content.decode()
    assert floors.WORDS in page
    assert 'id="contact"' in page
    key, name = uuid.uuid4(), uuid.uuid5(waiting.id, person.user_id.hex)  # type: ignore[union-attr]
    assert act(client, waiting, "write", key=str(key), words="We are here.") == 302
    given = {"key": name.hex, "contact": str(waiting.id), "channel": "text", "source": "survivor", "narrative": "x"}
    for _ in range(2):
        answer = client.post("/signals/new", given)
        assert answer.status_code == 302
    with row_security.system():
        assert list(Signal.objects.values_list("id", flat=True)) == [floors.now(waiting).signal_id]
        assert models.Contact.objects.exclude(signal=None).count() == 1
    assert act(client, waiting, "end") == 302
    assert floors.now(waiting).state == State.ANSWERED
    assert "Your last message is still being sent." in client.get("/line").content.decode()
    for message_id in writing.to_send(at=timezone.now() + datetime.timedelta(minutes=1)):
        writing.send(message_id, at=timezone.now())
    assert act(client, waiting, "end") == 302
    assert floors.now(waiting).state == State.ENDED


def test_what_is_written_to_somebody_whom_a_colleague_took_over_meanwhile_stays_on_the_page(client: Client) -> None:
    signing_in.sign_in(client, floors.on_shift())
    waiting = text()
    chief = floors.on_shift(viewers.Role.COORDINATOR, ready=False)
    part = {"HX-Request": "true", "Nwd-Mine": "yes"}
    assert "isn’t yours any more" not in client.get(f"/line/contacts/{waiting.id}", headers=part).content.decode()
    moving.take_over(waiting.id, by=chief, at=timezone.now())
    assert "isn’t yours any more" in client.get(f"/line/contacts/{waiting.id}", headers=part).content.decode()
    sent = {"key": str(uuid.uuid4()), "words": "Are you <safe>?"}
    answer = client.post(f"/line/contacts/{waiting.id}/write", sent)
    assert answer.status_code == 409
    page = answer.content.decode()
    assert "Somebody else has this contact." in page
    assert "Are you &lt;safe&gt;?" in page
    assert [each.words for each in writing.of(waiting.id, by=chief, at=timezone.now())] == [floors.WORDS]


def test_a_signal_of_a_contact_that_became_another_is_refused_in_words(client: Client) -> None:
    waiting = text()
    person = floors.on_shift(viewers.Role.COORDINATOR)
    receipt = stories.signal()
    moving.became(waiting.id, receipt.signal_id, by=person, at=timezone.now())
    signing_in.sign_in(client, person)
    given = {
        "key": uuid.uuid4().hex,
        "contact": str(waiting.id),
        "channel": "text",
        "source": "survivor",
        "narrative": "x",
    }
    answer = client.post("/signals/new", given)
    assert answer.status_code == 409
    assert "became a signal already" in answer.content.decode()
    with row_security.system():
        assert list(Signal.objects.values_list("id", flat=True)) == [receipt.signal_id]


@pytest.mark.parametrize("why", ["practice", "colleague"])
def test_what_cannot_become_a_signal_leaves_none(client: Client, why: str) -> None:
    """Neither an exercise, nor what is written down by somebody who never had the contact."""
    person = floors.on_shift(is_trainee=why == "practice")
    number = "+15550102" if why == "practice" else ""
    row = floors.take(
        floors.event(Kind.WROTE, "a", medium=Medium.TEXT, call="pair", words=floors.WORDS, address=number)
    )
    assert row.person_id == person.user_id
    writer = person if why == "practice" else stories.person("HOTLINE", viewers.Role.ADVOCATE)
    signing_in.sign_in(client, writer)
    if why == "practice":
        assert 'id="contact"' not in client.get(f"/line/contacts/{row.id}").content.decode()
    given = {"contact": str(row.id), "channel": "text", "source": "survivor", "narrative": "x"}
    assert client.post("/signals/new", {"key": uuid.uuid4().hex, **given}).status_code == 409
    with row_security.system():
        assert Signal.objects.count() == 0
    assert floors.now(row).signal_id is None


def test_every_act_refuses_in_words_what_somebody_else_has(client: Client) -> None:
    floors.on_shift()
    contact = text()
    other = floors.on_shift(ready=False)
    signing_in.sign_in(client, other)
    for what in ("end", "list", "take-over", "interpreter"):
        answer = client.post(f"/line/contacts/{contact.id}/{what}", follow=True)
        assert answer.status_code == 200
        assert "usa-alert--error" in answer.content.decode()
    assert floors.now(contact).state == State.ANSWERED
    answer = client.post(f"/line/contacts/{contact.id}/write", {"key": str(uuid.uuid4()), "words": "Hello"})
    assert answer.status_code == 409
    assert "Somebody else has this contact" in answer.content.decode()
    assert act(client, contact, "nothing") == 404


def test_a_shift_that_still_has_a_contact_does_not_end_and_says_so(client: Client) -> None:
    person = floors.on_shift()
    text()
    signing_in.sign_in(client, person)
    answer = client.post("/line/shift/end", {"words": ""}, follow=True)
    assert "You still have 1" in answer.content.decode()
    assert queries.floor(person, at=timezone.now()).seat is not None


def test_what_the_shift_before_said_is_read_by_the_next(client: Client) -> None:
    person = floors.on_shift()
    signing_in.sign_in(client, person)
    client.post("/line/shift/end", {"words": "The school calls again at six."})
    assert "The school calls again at six." in client.get("/line").content.decode()


def test_the_number_to_call_back_is_shown_to_who_calls_and_noted(client: Client) -> None:
    for number, key in enumerate(["", *floors.CALL_ME]):
        floors.take(floors.event(Kind.PRESSED if key else Kind.RANG, f"p{number}", words=key))
    person = floors.on_shift(ready=False)
    signing_in.sign_in(client, person)
    (wish,) = calling_back.of(person, at=timezone.now())
    address = f"/line/calls/{wish.id}"
    assert floors.SAFE not in client.get(address).content.decode()
    assert floors.SAFE in client.post(address).content.decode()
    with row_security.system():
        assert Event.objects.filter(verb="call_back.taken", by_id=person.user_id).count() == 1
    client.post(address, {"outcome": "reached"})
    assert calling_back.of(person, at=timezone.now()) == []
    assert client.get(address).status_code == 404
    with row_security.system():
        assert bytes(models.CallBack.objects.get().number) == b""


def test_a_whisper_is_seen_by_the_colleague(client: Client) -> None:
    person, chief = floors.on_shift(), stories.person("HOTLINE")
    contact = text()
    signing_in.sign_in(client, chief)
    assert act(client, contact, "whisper", key=str(uuid.uuid4()), words="Ask if they are alone.") == 302
    assert [each.words for each in writing.of(contact.id, by=person, at=timezone.now())][-1] == "Ask if they are alone."


def test_an_interpreter_is_noted_with_the_wait(client: Client) -> None:
    person = floors.on_shift()
    contact = text()
    signing_in.sign_in(client, person)
    act(client, contact, "interpreter")
    (part,) = [each for each in queries.parts(contact.id, person) if each.kind == "interpreter"]
    assert part.asked_at is not None
    assert part.began_at is None
    act(client, contact, "part", part=str(part.id), did="came")
    act(client, contact, "part", part=str(part.id), did="left")
    (part,) = [each for each in queries.parts(contact.id, person) if each.kind == "interpreter"]
    assert part.began_at is not None
    assert part.ended_at is not None


def test_an_agency_without_a_line_is_told_so(client: Client) -> None:
    signing_in.sign_in(client, stories.person("HSI"))
    assert "Your agency has no line here" in client.get("/line").content.decode()


def test_a_reload_by_the_page_is_no_event_of_the_trail(client: Client) -> None:
    person = floors.on_shift()
    signing_in.sign_in(client, person)
    client.get("/line")
    with row_security.system():
        before = Event.objects.count()
    for _ in range(3):
        client.get("/line", headers={"HX-Request": "true"})
    with row_security.system():
        assert Event.objects.count() == before


def test_a_contact_is_noted_as_read_when_the_page_shows_something_new(client: Client) -> None:
    person = floors.on_shift()
    contact = text()
    signing_in.sign_in(client, person)
    page = client.get(f"/line/contacts/{contact.id}").content.decode()
    shown = re.findall(r'data-shown="([^"]+)"', page)[0]
    part = {"HX-Request": "true", "Nwd-Shown": shown}

    def reads() -> int:
        with row_security.system():
            return Event.objects.filter(verb="contact.read", subject_id=contact.id).count()

    before = reads()
    for _ in range(3):
        client.get(f"/line/contacts/{contact.id}", headers=part)
    assert reads() == before
    floors.take(floors.event(Kind.WROTE, "more", medium=Medium.TEXT, call="pair", words="more"))
    client.get(f"/line/contacts/{contact.id}", headers=part)
    assert reads() == before + 1


@pytest.mark.parametrize(("hours", "is_kept"), [(0, True), (13, False)])
def test_a_shift_keeps_its_session_open_for_twelve_hours(client: Client, hours: int, is_kept: bool) -> None:  # noqa: FBT001
    person = floors.on_shift(at=timezone.now() - datetime.timedelta(hours=hours))
    shifts.heard(by=person, at=timezone.now())
    signing_in.sign_in(client, person)
    client.get("/line")
    session = client.session
    session[idle.SEEN] = 0
    session.save()
    client.get("/line", headers={"HX-Request": "true"})
    assert (client.session[idle.SEEN] > 0) is is_kept


def test_whoever_is_not_on_shift_is_kept_by_no_reload(client: Client) -> None:
    signing_in.sign_in(client, stories.person("HOTLINE"))
    client.get("/line")
    session = client.session
    session[idle.SEEN] = 0
    session.save()
    client.get("/line", headers={"HX-Request": "true"})
    assert client.session[idle.SEEN] == 0


def asked(client: Client, address: str) -> int:
    """How many queries a page costs, besides the beginnings and ends of transactions."""
    client.get(address)  # the first click of a minute also moves the session's end on
    with test_utils.CaptureQueriesContext(connection) as captured:
        assert client.get(address).status_code == 200
    return len([each for each in captured if not each["sql"].startswith(("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE"))])


def written_down(client: Client, advocate: viewers.Viewer) -> tuple[models.Contact, Signal]:
    """A contact that somebody wrote down, and its signal."""
    contact = text()
    moving.answer(contact.id, by=advocate, at=timezone.now())
    taken = signals.take(
        signals.Contact(key=uuid.uuid4().hex, channel="text", facts=reports.AGREED, state="NV"),
        asked=tables.asked(),
        receiver_id=advocate.agency_id,
        by=advocate.user_id,
        at=timezone.now(),
    )
    moving.became(contact.id, taken.signal_id, by=advocate, at=timezone.now())
    with row_security.system():
        return floors.now(contact), Signal.objects.get(id=taken.signal_id)


def test_from_what_was_written_down_one_writes_a_report_and_sees_how_far_it_is(client: Client) -> None:
    chief, advocate = stories.person("HOTLINE"), floors.on_shift(ready=False)
    to = reports.kept(chief)
    contact, signal = written_down(client, advocate)
    signing_in.sign_in(client, advocate)
    here, there = f"/line/contacts/{contact.id}", f"/signals/{signal.reference}/report"
    assert f'href="{there}"' in client.get(here).content.decode()
    assert client.get(there).status_code == 200
    without = asked(client, here)

    def write(danger: str = "") -> Report:
        with row_security.looking(advocate):
            about = weighing.of_signal(signal.reference, advocate)
        words = reporting.Written(protocol_id=to, parts={"what": "canary-of-a-report"}, danger_because=danger)
        return reporting.write(about, words, by=advocate, at=timezone.now())

    report = write()
    one = asked(client, here)
    assert one - without == 3  # what left of it, what came of it, and the key of its recipient
    reports.sent(write("He is on his way."), to, advocate)
    reports.sent(write("He is on his way."), to, advocate)
    assert asked(client, here) == one
    page = client.get(here).content.decode()
    assert f'href="/reports/{report.id}"' in page
    assert "Waits for review" in page
    assert "Sent, not confirmed" in page
    assert "canary-of-a-report" not in page
    stories.staff()
    (routed,) = routing.route([signal.id], at=timezone.now())  # the case holds it, so the link leads to the case
    page = client.get(here).content.decode()
    assert f'href="/reports/{report.id}"' in page
    assert f'href="{there}"' in page
    with row_security.system():
        case = Case.objects.get(id=routed.case_id)
    assert client.get(there).url == f"/cases/{case.reference}/report"  # type: ignore[attr-defined]
    assert advocate.user_id
    need_to_know.exclude(case.id, person_id=advocate.user_id, because="Knows them.", by=chief, at=timezone.now())
    page = client.get(here).content.decode()
    assert f'href="/reports/{report.id}"' not in page
    assert f'href="{there}"' not in page


def test_the_floor_shows_a_supervisor_how_many_reports_wait_for_a_review_and_nobody_else(client: Client) -> None:
    chief, advocate = stories.person("HOTLINE"), floors.on_shift(ready=False)
    to = reports.kept(chief)
    signing_in.sign_in(client, chief)
    assert "for a review" not in client.get("/line").content.decode()
    none = asked(client, "/line")
    waiting = [reports.written(advocate, to) for _ in range(2)]
    urgent = reports.written(advocate, to, danger="He is on his way.")
    assert asked(client, "/line") == none
    page = client.get("/line").content.decode()
    assert re.search(r'<a href="/reports">3 reports wait for a review</a>\s*<span[^>]*>\s*1 about danger', page)
    listed = client.get("/reports").content.decode()
    assert listed.index(f"report-{urgent.id}") < listed.index(f"report-{waiting[0].id}")
    reports.reviewed(urgent, chief)
    page = client.get("/line").content.decode()
    assert "2 reports wait for a review" in page
    assert "about danger" not in page
    reporting.send_back(waiting[0].id, comment="Say where.", seen=1, by=chief, at=timezone.now())
    assert "1 report waits for a review" in client.get("/line").content.decode()
    signing_in.sign_in(client, advocate)
    assert "for a review" not in client.get("/line").content.decode()


def test_what_is_refused_stays_on_the_page(client: Client) -> None:
    """A number that somebody just named is known to nobody else."""
    person, chief = floors.on_shift(), floors.on_shift(viewers.Role.COORDINATOR, ready=False)
    call = floors.take(floors.event(Kind.RANG, "a"))
    moving.take_over(call.id, by=chief, at=timezone.now())
    signing_in.sign_in(client, person)
    wish = {"number": "+1 555 010 0177", "within": "1", "otherwise": "hang_up"}
    for what, given, typed in (
        ("call-back", wish, "+1 555 010 0177"),
        ("hand-on", {"to": "elsewhere", "taken_by": "Rosa of the shelter"}, "Rosa of the shelter"),
    ):
        answer = client.post(f"/line/contacts/{call.id}/{what}", given)
        assert answer.status_code == 409
        assert typed in answer.content.decode()


def test_a_message_that_was_changed_after_it_went_is_not_dropped(client: Client) -> None:
    person, row, key = floors.on_shift(), text(), str(uuid.uuid4())
    signing_in.sign_in(client, person)
    for words, status in (("We are here.", 302), ("We are here.", 302), ("We are here. Go outside.", 409)):
        answer = client.post(f"/line/contacts/{row.id}/write", {"key": key, "words": words})
        assert answer.status_code == status
    page = answer.content.decode()
    assert "went out as it was before you changed it" in page
    assert "We are here. Go outside." in page
    fresh = re.findall(r'name="key" value="([0-9a-f-]+)"', page)[0]
    assert fresh != key
    assert client.post(f"/line/contacts/{row.id}/write", {"key": fresh, "words": "Go outside."}).status_code == 302
    shown = [each.words for each in writing.of(row.id, by=person, at=timezone.now())]
    assert shown == [floors.WORDS, "We are here.", "Go outside."]


def test_nobody_reads_without_a_trace_by_saying_that_it_was_shown_to_them(client: Client) -> None:
    row, person, other = text(), floors.on_shift(ready=False), stories.person("HOTLINE", viewers.Role.ADVOCATE)
    signing_in.sign_in(client, person)
    page = f"/line/contacts/{row.id}"

    def reads() -> int:
        with row_security.system():
            return Event.objects.filter(verb="contact.read", subject_id=row.id).count()

    newest = str(writing.of(row.id, by=person, at=timezone.now())[-1].id)
    before = reads()
    for number, headers in enumerate(({"Nwd-Shown": newest}, {"Nwd-Shown": newest, "HX-Request": "true"}), 1):
        client.get(page, headers=headers)
        assert reads() == before + number
    signed = re.findall(r'data-shown="([^"]+)"', client.get(page).content.decode())[0]
    client.get(page, headers={"Nwd-Shown": signed, "HX-Request": "true"})
    assert reads() == before + 3
    signing_in.sign_in(client, other)
    client.get(page, headers={"Nwd-Shown": signed, "HX-Request": "true"})
    assert reads() == before + 4


def test_whoever_is_kept_away_from_the_case_is_kept_from_the_contact_that_it_came_by(client: Client) -> None:
    person, away = floors.on_shift(), stories.person("HOTLINE", viewers.Role.ADVOCATE)
    row = text()
    case = stories.case()
    moving.became(row.id, case.signals.get().signal_id, by=person, at=timezone.now())
    moving.end(row.id, by=person, at=timezone.now())
    page = f"/line/contacts/{row.id}"
    signing_in.sign_in(client, away)
    assert floors.WORDS in client.get(page).content.decode()
    chief = stories.person("HOTLINE")
    assert away.user_id is not None
    need_to_know.exclude(case.id, person_id=away.user_id, because="A stake in it.", by=chief, at=timezone.now())
    for address in (page, f"{page}/wrap-up"):
        assert client.get(address).status_code == 404
    assert str(row.id) not in client.get("/line/past").content.decode()
    with row_security.looking(away):
        assert models.ContactMessage.objects.filter(contact=row.id).count() == 0
        assert models.Leg.objects.filter(contact=row.id).count() == 0
    with row_security.looking(person):
        assert models.ContactMessage.objects.filter(contact=row.id).count() == 1


def test_only_whoever_is_not_on_shift_reads_that_no_contact_comes_to_them(client: Client) -> None:
    away = "You’re not on shift, so no contact comes to you."
    signing_in.sign_in(client, floors.on_shift())
    assert away not in client.get("/line").content.decode()
    signing_in.sign_in(client, stories.person("HOTLINE", viewers.Role.ADVOCATE))
    assert away in client.get("/line").content.decode()
