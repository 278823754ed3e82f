"""Deny by default: every address declares a guard, and the guard holds for every role and a stranger's rows."""

from __future__ import annotations

import datetime
import re
import uuid
from collections.abc import Iterator

import pytest
from django import http
from django.db import connection
from django.test import Client, override_settings
from django.test import utils as test_utils
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone

from nowrongdoor.access import guards, headers, row_security, viewers
from nowrongdoor.agencies import actions as agencies
from nowrongdoor.agencies import app_passwords, inviting, rotas
from nowrongdoor.agencies.models import Token, User
from nowrongdoor.cases import actions as cases
from nowrongdoor.cases import need_to_know, people
from nowrongdoor.cases import queries as case_queries
from nowrongdoor.cases.models import Case, Note
from nowrongdoor.core import schedules
from nowrongdoor.core.prevalence import estimating
from nowrongdoor.core.protocols import Immigration
from nowrongdoor.duties import actions as duties
from nowrongdoor.duties import searches, worklist
from nowrongdoor.duties.models import Duty, SavedSearch
from nowrongdoor.leads import answering, changing
from nowrongdoor.mandates.models import MandateTable
from nowrongdoor.prevalence import actions as prevalence
from nowrongdoor.protocols import library, reporting, weighing
from nowrongdoor.protocols.models import Sending
from nowrongdoor.records import breaches, demands
from nowrongdoor.records.models import Breach, Demand
from nowrongdoor.referrals import actions as referrals
from nowrongdoor.releases import actions as releases
from nowrongdoor.releases import asking
from nowrongdoor.releases.models import CaseRequest
from nowrongdoor.retention import actions as retention
from nowrongdoor.services.models import Listing
from nowrongdoor.signals import drafts
from nowrongdoor.signals import files as sent_files
from nowrongdoor.signals.models import SignalFile
from nowrongdoor.site import demonstration_services, entrance
from tests import signing_in
from tests.leads import stories
from tests.line import floors

ENTRANCE = {name for _, _, names in entrance.PAGES for name in names} | {"join", "language"}
BY_OCCUPATION = {"doors", "door", "door_card"}  # whom to call from one's work: tests/site/test_doors
# What this is and whom to call: tests/site/test_public.
TELLING = {"tell", "tell_resume", "mailbox", "mailbox_files"}  # where anybody writes to us: tests/door
HOOK = "line_provider"  # a provider says what happened, and signs it: tests/floor/test_hooks
# There only where there is a line (tests/door/test_chat). One frames the other, and nothing else is framed.
FRAMED: dict[str | None, str] = {"chat": headers.FRAMES, "chat_lines": headers.FRAMED}
CHAT = {"chat", "chat_lines"}
HSDS = {"hsds", "hsds_profile", "hsds_list", "hsds_row"}  # the directory, for programs: tests/services/test_hsds_api
PUBLIC = {*HSDS, "home", "about", "accessibility", "privacy", "help", HOOK, *BY_OCCUPATION, *TELLING, *CHAT}
NOBODY = "AAAA-BBBB-CCCC"
FRAMEWORK = {"api-root"}  # ninja's own: it answers 404


def routes(
    patterns: list[URLPattern | URLResolver] | None = None, prefix: str = ""
) -> Iterator[tuple[str, URLPattern]]:
    for each in get_resolver().url_patterns if patterns is None else patterns:
        if isinstance(each, URLResolver):
            yield from routes(each.url_patterns, prefix + str(each.pattern))
        else:
            yield prefix + str(each.pattern), each


ROUTES = [(path, each) for path, each in routes() if each.name not in FRAMEWORK]


def address(path: str, **values: str) -> str:
    """A concrete address of a route, with made-up values where none are given."""
    path = path.replace("<str:reference>", "<reference>").replace("<reference>", values.get("reference", NOBODY))
    path = re.sub(r"<uuid:(\w+)>", lambda found: values.get(found[1], str(uuid.uuid4())), path)
    path = re.sub(r"<str:(\w+)>", lambda found: values.get(found[1], "nothing"), path)
    path = re.sub(r"<int:\w+>", "1", path)
    return f"/{path}"


@pytest.mark.parametrize(("path", "route"), ROUTES, ids=[path for path, _ in ROUTES])
def test_every_route_declares_a_guard(path: str, route: URLPattern) -> None:
    guard = guards.guard_of(route.callback)
    assert guard is not None, f"/{path} declares no guard: decorate its view with one of access.guards"
    assert (guard == guards.PUBLIC) == (route.name in PUBLIC)
    assert (guard == guards.ENTRANCE) == (route.name in ENTRANCE)


def test_a_route_without_a_guard_would_be_seen() -> None:
    def view(request: http.HttpRequest) -> http.HttpResponse:
        return http.HttpResponse()

    assert guards.guard_of(view) is None


@pytest.mark.django_db
@pytest.mark.parametrize(("path", "route"), ROUTES, ids=[path for path, _ in ROUTES])
def test_a_visitor_gets_nothing_but_the_sign_in(path: str, route: URLPattern) -> None:
    for method in ("get", "post"):
        answer = getattr(Client(), method)(address(path))
        assert b"Worklist" not in answer.content
        assert answer.status_code == _to_a_visitor(route, method)
        if answer.status_code == 302:
            assert answer["Location"].startswith("/sign-in")


def _to_a_visitor(route: URLPattern, method: str) -> int:
    """What a visitor is answered: the sign-in for a page, a plain refusal for what no person opens by an address."""
    if route.name in SHUT:
        return 404
    if route.name in OPEN:
        return OPEN[route.name][method]
    if guards.guard_of(route.callback) == guards.ENTRANCE:
        return 302
    if guards.guard_of(route.callback) == guards.TOKEN:
        return 401 if method == TAKES[str(route.name)] else 405
    return 302 if method == "get" and route.name != "events" else 403


# Pages of coming in that a visitor sees, and those where nobody comes in without an invitation or a provider.
OPEN = {
    **{name: {"get": 200, "post": 405} for name in PUBLIC - TELLING},
    **{name: {"get": 200, "post": 422} for name in TELLING},  # what is no form of ours begins again
    **{"hsds_list": {"get": 404, "post": 404}, "hsds_row": {"get": 404, "post": 405}},  # "nothing" is no list
    "mailbox_files": {"get": 405, "post": 422},
    "chat": {"get": 200, "post": 422},  # what is no form of ours begins again
    "chat_lines": {"get": 200, "post": 405},
    **{name: {"get": 404, "post": 405} for name in ("door", "door_card")},  # "nothing" is no code
    "sign_in": {"get": 200, "post": 200},
    "account_login": {"get": 200, "post": 200},
    "account_inactive": {"get": 200, "post": 405},
    "language": {"get": 200, "post": 422},  # a visitor chooses the language of the pages before signing in
    "join": {"get": 200, "post": 404},  # a page to paste an invitation into
    "socialaccount_login_cancelled": {"get": 200, "post": 405},
    "socialaccount_login_error": {"get": 401, "post": 405},
}
SHUT = {
    "account_signup",
    "socialaccount_signup",
    "account_set_password",
    "openid_connect_login",
    "openid_connect_callback",
    HOOK,
}
# What belongs to no agency, and who of any agency may see it.
OF_THE_INSTALLATION = {viewers.Role.ADMINISTRATOR: {"force_table", "agency"}}
TAKES = {"take_signal": "post", "read_signal": "get", "calendar_feed": "get"}  # the methods of programs


def sign_in(code: str, role: viewers.Role) -> Client:
    client = Client()
    signing_in.passed(client, User.objects.get(full_name=f"Pat of {code}", role=role.value))
    return client


def _asked() -> CaseRequest:
    """What HSI, which leads a case that the hotline received, asks the hotline."""
    now, hsi = timezone.now(), stories.person("HSI")
    case = stories.case(at=now)
    answering.accept(stories.offer_of(case).id, by=hsi, at=now)
    to = {"to_agency_id": stories.agency("HOTLINE").id, "what": "words", "person_id": None, "because": "We begin."}
    return asking.ask(case.id, **to, by=hsi, at=now)  # type: ignore[arg-type]


def _logged_demand(by: viewers.Viewer, now: datetime.datetime) -> Demand:
    received = demands.Received(
        kind=Demand.Kind.WARRANT, received_at=now, receiver="Pat", party="A court", docket="", asks="All of it."
    )
    return demands.log(received, by=by, at=now)


def _logged_breach(by: viewers.Viewer, now: datetime.datetime) -> Breach:
    known = breaches.Known(kind=Breach.Kind.IMMINENT, happened_at=None, people=3)
    return breaches.log(known, noticed_at=now, what=[Breach.What.CONTACT], by=by, at=now)


def _reported(case: Case, hotline: viewers.Viewer) -> dict[str, uuid.UUID | None]:
    """Make a recipient of reports, and a report that left."""
    recipient = library.Recipient(
        kind="child_protection",
        state="NV",
        county="",
        choice=1,
        immigration=Immigration.NO,
        contact=library.Contact(body="A hotline (fictional)", telephone="555-0100"),
    )
    row = library.add(recipient, by=hotline, at=timezone.now())
    with row_security.looking(hotline):
        subject = weighing.of_case(case_queries.find(hotline, case.reference), hotline)
    text = reporting.Written(protocol_id=row.id, parts={"what": "She called."}, danger_because="Tonight.")
    report = reporting.write(subject, text, by=hotline, at=timezone.now())
    leaving = {"protocol_id": row.id, "how": Sending.How.PHONE, "seen": 1, "by": hotline, "at": timezone.now()}
    sending = reporting.send(report.id, **leaving)  # type: ignore[arg-type]
    return {"protocol_id": row.id, "report_id": report.id, "sending_id": sending.id}


def _rows_of(case: Case, hotline: viewers.Viewer) -> dict[str, uuid.UUID | None]:
    """Make a row of every kind that an address names, of agencies other than a stranger's, by the name of its id."""
    now, why = timezone.now(), "Somebody may come to harm."
    colleague = stories.person("HOTLINE").user_id
    assert colleague is not None
    person = people.add(case.id, {"name": "Zuzana"}, by=hotline, at=now)
    release = releases.keep(
        person,
        recipient_code="HSI",
        which=["identity"],
        purpose=why,
        witness="Pat",
        expires_at=now + datetime.timedelta(days=9),
        by=hotline,
        at=now,
    )
    closed = changing.close(stories.case(at=stories.NOON).id, because=why, by=hotline, at=stories.NOON)
    kept_for = schedules.installed()["case"].keep
    assert kept_for is not None
    analyst = stories.person("HOTLINE", viewers.Role.ANALYST)
    administrator = stories.person("HOTLINE", viewers.Role.ADMINISTRATOR)
    with row_security.system():
        agencies.make_token(stories.agency("HOTLINE"), label="theirs", by=None, at=now)
    table = "one,two,n\n1,0,20\n0,1,30\n1,1,10\n"
    settings = estimating.Settings(estimating.Method.INDEPENDENCE)
    searches.save("kind=offer&due=late", by=hotline, at=now)
    rotas.begin(by=hotline, at=now)
    shift = rotas.add(colleague, rotas.FIRST, from_at=now, to_at=now + datetime.timedelta(days=1), by=hotline, at=now)
    row = {"from_at": None, "by": hotline, "at": now}
    brother = people.add(case.id, {"name": "Jan"}, by=hotline, at=now)
    return {
        **_reported(case, hotline),
        "entry_id": case.id,
        "referral_id": referrals.begin("shelter", by=hotline, at=now),
        "ask_id": _an_ask(hotline, now),
        "shift_id": shift.id,
        "password_id": app_passwords.make(app_passwords.Scope.CALENDAR, by=hotline, at=now).id,
        "search_id": SavedSearch.objects.get(by_id=hotline.user_id).id,
        "note_id": cases.add_note(case.id, text=why, audience=Note.Audience.TEAM, by=hotline, at=now).id,
        "role_id": people.add_role(person, "victim", to_at=None, **row).id,  # type: ignore[arg-type]
        "relation_id": people.relate(person, brother, "sibling", **row).id,  # type: ignore[arg-type]
        "person_id": person,
        "file_id": stories.attach(case.id, by=hotline, audience=Note.Audience.TEAM).id,
        "clock_id": Duty.deadlines().filter(case=case)[0].id,
        "release_id": release.id,
        "request_id": _asked().id,
        "exclusion_id": need_to_know.exclude(case.id, person_id=colleague, because=why, by=hotline, at=now).id,
        "emergency_id": need_to_know.open_in_emergency(
            case.reference, because=why, by=stories.person("WHD"), at=now
        ).id,
        "hold_id": retention.hold(case.id, because=why, by=hotline, at=now).id,
        "disposal_id": retention.ask(closed.id, by=hotline, at=stories.NOON + kept_for + datetime.timedelta(days=1)).id,
        "sent_id": _sent(case.signals.get().signal_id, hotline, now),
        "draft_id": drafts.keep(uuid.uuid4(), {"narrative": [why]}, seen=0, by=hotline, at=now).id,
        "demand_id": _logged_demand(hotline, now).id,
        "breach_id": _logged_breach(hotline, now).id,
        "table_id": MandateTable.objects.get(in_force=True).id,
        "invitation_id": inviting.invite("nina", "Nina", "analyst", by=administrator, at=now).row.id,
        "token_id": Token.objects.get(agency_id=hotline.agency_id).id,
        "agency_id": hotline.agency_id,
        **floors.rows(),
        "run_id": prevalence.ask(prevalence.Wanted(table, settings, 0, 1), by=analyst, at=now).id,
    }


def _an_ask(by: viewers.Viewer, now: datetime.datetime) -> uuid.UUID:
    """What a service is asked that answers by telephone alone."""
    demonstration_services.fill(by=by, at=now)
    with row_security.system():
        service = Listing.objects.filter(kinds__contains=["shelter"], name__startswith="Four Winds").get().id
    return referrals.ask(referrals.begin("shelter", by=by, at=now), service, holds=False, by=by, at=now)


def _sent(signal_id: uuid.UUID, by: viewers.Viewer, now: datetime.datetime) -> uuid.UUID:
    """A file of a contact that a scanner passed."""
    with override_settings(SCAN="off", CLAMD=""):
        file_id = sent_files.attach(signal_id, sent_files.Upload("x.txt", b"x"), keep_original=True, by=by, at=now)
    with row_security.system():
        SignalFile.objects.filter(id=file_id).update(scanned_at=now, verdict="clean")
    return file_id


@pytest.mark.django_db
@pytest.mark.usefixtures("clock_ahead")
@pytest.mark.parametrize("role", [role for role in viewers.Role if role is not viewers.Role.MACHINE])
def test_not_found_and_not_yours_answer_alike_on_every_route(role: viewers.Role) -> None:
    """Every route with a row in it, as every role, with a row of other agencies and with one that is not there."""
    case = stories.case({**stories.FORCED_LABOR, "age": "under_18"})
    signal = case.signals.get().signal
    offer, notice = stories.offer_of(case), Duty.notices().filter(case=case, by_hand=False).exclude(clock="")[0]
    hotline = stories.person("HOTLINE")
    theirs_by_name = _rows_of(case, hotline)
    stories.person("EEOC", role)  # takes no part in this case
    stranger = sign_in("EEOC", role)
    refused = set()
    before = Duty.notices().filter(done_at=None).count()
    assert before > 0
    for path, route in ROUTES:
        if "<" not in path or guards.guard_of(route.callback) == guards.TOKEN or route.name in HSDS:
            continue
        if route.name in OF_THE_INSTALLATION.get(role, ()):
            continue
        kind = signal.reference if path.startswith("signals") else case.reference
        values = {**theirs_by_name, "offer_id": offer.id, "notice_id": notice.id}
        if path.startswith("staff"):
            values["person_id"] = hotline.user_id
        assert set(re.findall(r"<uuid:(\w+)>", path)) <= values.keys(), path
        theirs = address(path, reference=kind, **{name: str(value) for name, value in values.items()})
        for method in ("get", "post"):
            sent = {**dict.fromkeys(("reason", "how", "text", "because"), "x"), "to": "me"}
            not_yours = getattr(stranger, method)(theirs, sent)
            not_found = getattr(stranger, method)(address(path), sent)
            assert not_yours.status_code == not_found.status_code, path
            # 405 only where the page takes the other method; it says so.
            assert not_yours.status_code == (405 if not_yours.has_header("Allow") else 404), path
            refused.add(not_yours.status_code)
    assert refused == {404, 405}
    assert stories.lead_of(case) == "HOTLINE"
    assert Duty.notices().filter(done_at=None).count() == before


@pytest.mark.django_db
def test_people_of_a_role_that_may_not_answer_get_the_answer_of_a_page_that_is_not_there() -> None:
    case = stories.case()
    stories.person("HSI", viewers.Role.ADVOCATE)
    answer = sign_in("HSI", viewers.Role.ADVOCATE).post(f"/offers/{stories.offer_of(case).id}/accept")
    assert answer.status_code == 404
    stories.person("HSI")
    answer = sign_in("HSI", viewers.Role.COORDINATOR).post(f"/offers/{stories.offer_of(case).id}/accept")
    assert answer.status_code == 302
    assert stories.lead_of(case) == "HSI"


@pytest.mark.django_db
def test_the_words_and_people_of_a_case_stay_with_the_agency_that_wrote_them_down() -> None:
    receipt = stories.signal(narrative="She is called Zuzana.")
    from nowrongdoor.cases.models import Case
    from nowrongdoor.intake import routing

    (routed,) = routing.route([receipt.signal_id], at=stories.NOON)
    case = Case.objects.get(id=routed.case_id)
    hotline, hsi = stories.person("HOTLINE"), stories.person("HSI")
    people.add(case.id, {"name": "Zuzana", "phone": "+1 555 0100 200"}, by=hotline, at=stories.NOON)
    answering.accept(stories.offer_of(case).id, by=hsi, at=stories.NOON)
    for viewer, told in ((hotline, True), (hsi, False)):
        with row_security.looking(viewer):
            found = case_queries.find(viewer, case.reference)
            (signal,) = case_queries.signals(viewer, case.id)
            (person,) = people.shown(viewer, case.id, found.key)
            assert signal.narrative == ("She is called Zuzana." if told else "")
            assert ("Zuzana" in str(person.parts)) is told
            assert people.find(viewer, "zuzana") == ([case.reference] if told else [])
            assert people.find(viewer, "(555) 0100-200") == ([case.reference] if told else [])
    cases.add_note(case.id, text="Zuzana is safe.", audience=Note.Audience.AGENCY, by=hotline, at=stories.NOON)
    assert b"Zuzana" not in sign_in("HSI", viewers.Role.COORDINATOR).get(f"/cases/{case.reference}").content
    assert b"Zuzana" in sign_in("HOTLINE", viewers.Role.COORDINATOR).get(f"/cases/{case.reference}").content


@pytest.mark.django_db
def test_a_duty_is_answered_by_its_own_agency_once() -> None:
    case = stories.case({**stories.FORCED_LABOR, "age": "under_18"})
    notice = Duty.notices().get(case=case, desk="HHS_OTIP", role="notify")
    with pytest.raises(duties.NoSuchDuty):
        duties.acknowledge(notice.id, how="", by=stories.person("EEOC"), at=stories.NOON)
    otip = stories.person("HHS_OTIP")
    duties.acknowledge(notice.id, how="", by=otip, at=stories.NOON)
    with pytest.raises(duties.AlreadyDone):
        duties.acknowledge(notice.id, how="", by=otip, at=stories.NOON)


@pytest.mark.django_db
def test_what_is_told_by_hand_moves_with_the_lead_and_needs_to_say_how() -> None:
    case = stories.case({**stories.FORCED_LABOR, "urgency": "immediate_danger"})
    hotline, hsi = stories.person("HOTLINE"), stories.person("HSI")
    police = Duty.notices().get(case=case, desk="LOCAL_POLICE")
    assert (police.agency_id, police.by_hand) == (hotline.agency_id, True)
    answering.accept(stories.offer_of(case).id, by=hsi, at=stories.NOON)
    with pytest.raises(duties.HowMissing):
        duties.acknowledge(police.id, how=" ", by=hsi, at=stories.NOON)
    duties.acknowledge(police.id, how="Called the county dispatcher.", by=hsi, at=stories.NOON)


@pytest.mark.django_db
@pytest.mark.parametrize(("path", "route"), ROUTES, ids=[path for path, _ in ROUTES])
def test_every_answer_carries_the_headers_errors_included(path: str, route: URLPattern) -> None:
    for answer in (Client().get(address(path)), Client().post(address(path)), Client().get("/nowhere")):
        is_framed = route.name in FRAMED and answer.status_code in (200, 422)
        assert answer["Content-Security-Policy"] == (FRAMED[route.name] if is_framed else headers.POLICY)
        assert "no-store" in answer["Cache-Control"].split(", ")
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert answer["X-Frame-Options"] == ("SAMEORIGIN" if is_framed and route.name == "chat_lines" else "DENY")


@pytest.mark.django_db
def test_pages_turn_forward_and_back_without_losing_an_entry(django_assert_num_queries: object) -> None:
    for minute in range(60):
        stories.case(at=stories.NOON.replace(minute=minute))
    hsi = stories.person("HSI")
    first = worklist.page(hsi)
    assert first.next
    second = worklist.page(hsi, cursor=worklist.read_cursor(first.next))
    assert second.next
    assert second.previous
    third = worklist.page(hsi, cursor=worklist.read_cursor(second.next))
    assert third.next is None
    everything = [entry.id for page in (first, second, third) for entry in page.entries]
    assert len(everything) == len(set(everything)) == 60
    back = worklist.page(hsi, cursor=worklist.read_cursor(second.previous))
    assert back.entries == first.entries
    with pytest.raises(worklist.UnreadableCursor):
        worklist.read_cursor("nonsense")


@pytest.mark.django_db
@pytest.mark.parametrize("kind", worklist.Kind)
def test_each_kind_of_entry_is_shown_alone_as_it_is_among_the_others(kind: worklist.Kind) -> None:
    case = stories.case({**stories.FORCED_LABOR, "age": "under_18", "urgency": "within_24h"})
    asked = stories.offer_of(case).to_agency.code
    agencies = {worklist.Kind.OFFER: asked, worklist.Kind.NOTICE: "HHS_OTIP", worklist.Kind.CLOCK: "HOTLINE"}
    agencies |= {worklist.Kind.LEAD: "HOTLINE", worklist.Kind.REQUEST: "HOTLINE", worklist.Kind.TASK: "HSI"}
    _asked()
    viewer = stories.person(agencies[kind])
    among = [entry for entry in worklist.page(viewer).entries if entry.kind is kind]
    assert list(worklist.page(viewer, worklist.Wanted(kind=kind)).entries) == among != []


@pytest.mark.parametrize("cases_there", [1, 30])
def test_pages_cost_a_constant_number_of_queries(cases_there: int, committed_db: None) -> None:
    made = [stories.case({**stories.FORCED_LABOR, "age": "under_18"}) for _ in range(cases_there)]
    for number in range(cases_there):
        stories.attach(made[0].id, by=stories.person("HOTLINE"), audience=Note.Audience.TEAM, label=f"Letter {number}")
    stories.person("HSI")
    client = sign_in("HSI", viewers.Role.COORDINATOR)
    client.get("/worklist")  # the first click of a minute also moves the session's end on
    for path, limit in (("/worklist", 12), ("/cases", 8), (f"/cases/{made[0].reference}", 20), ("/mandates", 8)):
        with test_utils.CaptureQueriesContext(connection) as captured:
            assert client.get(path).status_code == 200
        asked = [each["sql"] for each in captured if each["sql"] not in ("BEGIN", "COMMIT")]
        assert len(asked) <= limit, "\n".join([path, *asked])
        assert not [each for each in asked if '_file"."content"' in each], "a list of files reads none of them"
