"""A fictional demonstration: a dozen agencies' people, and cases in every state that a visitor may want to see.

Everybody and everything in it is made up, and every page says so while it is on.
"""

from __future__ import annotations

import contextlib
import dataclasses
import datetime
import uuid
from collections.abc import Mapping

from allauth.mfa.totp.internal import auth as totp
from django.utils import timezone

from nowrongdoor.access import row_security, viewers
from nowrongdoor.agencies import actions as agencies
from nowrongdoor.agencies import queries as directory
from nowrongdoor.agencies import setting_up
from nowrongdoor.agencies.models import User
from nowrongdoor.cases import actions as cases
from nowrongdoor.cases import people as case_people
from nowrongdoor.cases.models import Case, Note
from nowrongdoor.channels import protocol
from nowrongdoor.channels.protocol import Kind
from nowrongdoor.core import receipts
from nowrongdoor.core.line import Medium
from nowrongdoor.core.prevalence import estimating, running
from nowrongdoor.duties import actions as duties
from nowrongdoor.duties import kinds
from nowrongdoor.duties import queries as duty_queries
from nowrongdoor.intake import routing
from nowrongdoor.leads import answering
from nowrongdoor.leads.models import Handoff
from nowrongdoor.line import models, taking
from nowrongdoor.mailbox import desk, openers, sending, visiting
from nowrongdoor.mailbox.models import Post
from nowrongdoor.mandates import queries as tables
from nowrongdoor.prevalence import actions as prevalence
from nowrongdoor.records import breaches, demands
from nowrongdoor.records.models import Breach, Demand
from nowrongdoor.releases import actions as releases
from nowrongdoor.releases import asking, messaging, signing
from nowrongdoor.retention import actions as retention
from nowrongdoor.signals import actions as signals
from nowrongdoor.site import demonstration_referrals, demonstration_reports, demonstration_services

PASSWORD = "no-wrong-door"  # noqa: S105  of fictional people on a demonstration
# What opens the mailbox of the demonstration's sender, and how they are known again.
RECEIPT = receipts.Receipt(3605249238135445818208134)
SAFETY = sending.Safety("What is my sister called?", "Rosa")
TRY_FIRST = (
    "as ada, take a call on /signals/new (keyboard only); as sam, in another window, "
    "see it arrive on the worklist and accept it with the key a."
)


@dataclasses.dataclass(frozen=True)
class Person:
    """Somebody to sign in as."""

    name: str
    full_name: str
    agency: str
    role: viewers.Role
    what: str


PEOPLE = (
    Person("ada", "Ada Advocate", "HOTLINE", viewers.Role.ADVOCATE, "advocate, National Hotline"),
    Person("vera", "Vera Specialist", "HOTLINE", viewers.Role.VICTIM_SPECIALIST, "victim specialist, National Hotline"),
    Person("ina", "Ina Inspector", "HOTLINE", viewers.Role.INSPECTOR, "inspector, National Hotline"),
    Person("hope", "Hope Hotline", "HOTLINE", viewers.Role.COORDINATOR, "coordinator, National Hotline"),
    Person(
        "sam",
        "Sam Coordinator",
        "HSI",
        viewers.Role.COORDINATOR,
        "coordinator, Homeland Security Investigations",
    ),
    Person("fay", "Fay Coordinator", "FBI", viewers.Role.COORDINATOR, "coordinator, FBI"),
    Person(
        "vic",
        "Vic Coordinator",
        "FBI_VCAC",
        viewers.Role.COORDINATOR,
        "coordinator, FBI child squads",
    ),
    Person(
        "wes",
        "Wes Coordinator",
        "WHD",
        viewers.Role.COORDINATOR,
        "coordinator, Labor, Wage and Hour",
    ),
    Person(
        "otis",
        "Otis Coordinator",
        "HHS_OTIP",
        viewers.Role.COORDINATOR,
        "coordinator, HHS trafficking office",
    ),
    Person(
        "dee",
        "Dee Coordinator",
        "DSS",
        viewers.Role.COORDINATOR,
        "coordinator, State, Diplomatic Security",
    ),
    Person(
        "nat",
        "Nat Coordinator",
        "DOJ_COORDINATOR",
        viewers.Role.COORDINATOR,
        "National Coordinator (backstop)",
    ),
    Person("luz", "Luz Lantern", "LANTERN_HOUSE", viewers.Role.PROVIDER, "works at Lantern House, a shelter"),
    Person("mia", "Mia Analyst", "HHS_OTIP", viewers.Role.ANALYST, "analyst, HHS trafficking office"),
    Person(
        "root",
        "Robin Administrator",
        "DOJ_COORDINATOR",
        viewers.Role.ADMINISTRATOR,
        "administrator",
    ),
)
OFFICES = (
    demonstration_referrals.SHELTER,
    agencies.New(
        "USAO_NYS",
        "USAO",
        "U.S. Attorney, Southern District of New York",
        "Justice",
        "prosecutor",
        "NY-S",
    ),
    agencies.New(
        "USAO_FLM",
        "USAO",
        "U.S. Attorney, Middle District of Florida",
        "Justice",
        "prosecutor",
        "FL-M",
    ),
    agencies.New(
        "CHILD_WELFARE_NY",
        "CHILD_WELFARE",
        "New York child welfare agency",
        "New York",
        "child_welfare",
        "NY",
    ),
    agencies.New(
        "CHILD_WELFARE_FL",
        "CHILD_WELFARE",
        "Florida child welfare agency",
        "Florida",
        "child_welfare",
        "FL",
    ),
)


@dataclasses.dataclass(frozen=True)
class Story:
    """A fictional contact."""

    key: str
    hours_ago: int
    facts: Mapping[str, str]
    narrative: str
    state: str = ""
    district: str = ""


STORIES = (
    Story(
        "demo-farm",
        30,
        {
            "source": "bystander",
            "labor": "yes",
            "age": "adult",
            "means": "yes",
            "nationality": "foreign",
            "visa": "h2a",
            "urgency": "none",
        },
        "A farm worker says that the crew leader keeps the passports and takes the pay for a debt.",
        "FL",
        "FL-M",
    ),
    Story(
        "demo-nail-salon",
        20,
        {
            "source": "bystander",
            "labor": "yes",
            "age": "adult",
            "means": "yes",
            "nationality": "foreign",
            "cross_border": "yes",
        },
        "A neighbor says that the women of a nail salon sleep in its back room and are driven everywhere.",
        "NY",
        "NY-S",
    ),
    Story(
        "demo-motel",
        9,
        {
            "source": "bystander",
            "commercial_sex": "yes",
            "age": "under_18",
            "nationality": "us_citizen",
            "urgency": "within_24h",
        },
        "A motel clerk says that a girl of about fifteen is visited by men all day.",
        "NY",
        "NY-S",
    ),
    Story(
        "demo-residence",
        8,
        {
            "source": "bystander",
            "labor": "yes",
            "means": "yes",
            "age": "adult",
            "visa": "a3_g5",
            "diplomat_employer": "yes",
        },
        "A housekeeper of a diplomat has not been paid or let out alone in a year.",
        "NY",
        "NY-S",
    ),
    Story(
        "demo-services-only",
        7,
        {
            "age": "adult",
            "source": "survivor",
            "wishes": "services_only",
            "commercial_sex": "yes",
            "means": "yes",
        },
        "A woman wants a safe bed tonight and no police.",
    ),
    Story(
        "demo-child-abroad",
        6,
        {
            "source": "bystander",
            "labor": "yes",
            "age": "under_18",
            "nationality": "foreign",
            "means": "yes",
            "urgency": "within_24h",
        },
        "A boy of sixteen works nights in a meat plant under another name.",
        "FL",
        "FL-M",
    ),
    Story(
        "demo-wages",
        5,
        {
            "labor": "yes",
            "age": "adult",
            "means": "no",
            "hazardous_work": "yes",
            "source": "survivor",
            "wishes": "report_agreed",
        },
        "Roofers are paid half of what was promised and have no harness. They can leave.",
        "FL",
    ),
    Story(
        "demo-adult-sex",
        4,
        {"source": "bystander", "commercial_sex": "yes", "age": "adult", "means": "yes", "nationality": "us_citizen"},
        "A friend says that her boyfriend beats her when she does not bring money.",
    ),
    Story(
        "demo-trucker",
        2,
        {"truck": "yes", "source": "bystander"},
        "A driver saw something odd at a truck stop.",
    ),
    Story(
        "demo-contractor",
        1,
        {
            "labor": "yes",
            "means": "yes",
            "age": "adult",
            "federal_award": "dod",
            "source": "contractor",
        },
        "A base kitchen's subcontractor charged its cooks for their jobs.",
    ),
)


# Who is on which list, made up: five lists of unlike reach, two pairs that depend on each other, one that never meets.
LISTS = """\
Police,Hotline,Shelters,Labor,Border,people
1,0,0,0,0,210
0,1,0,0,0,388
0,0,1,0,0,141
0,0,0,1,0,164
0,0,0,0,1,97
1,1,0,0,0,31
1,0,1,0,0,12
0,1,1,0,0,38
1,0,0,1,0,9
0,1,0,1,0,19
0,0,1,1,0,6
1,0,0,0,1,14
0,1,0,0,1,8
0,0,1,0,1,3
1,1,1,0,0,6
1,1,0,1,0,2
0,1,1,1,0,2
1,1,0,0,1,2
"""


@row_security.system()
def is_missing() -> bool:
    """Return whether nobody of the demonstration is here yet."""
    return not User.objects.filter(name=PEOPLE[0].name).exists()


@row_security.system()
def fill(*, at: datetime.datetime) -> None:
    """Add the people and walk each story through the actions that people use."""
    agencies.add_missing(OFFICES)
    people = {each.name: _add(each) for each in PEOPLE}
    come_in(at=at)
    ada = people["ada"]
    opened = {}
    for story in STORIES:
        moment = at - datetime.timedelta(hours=story.hours_ago)
        contact = signals.Contact(
            key=story.key,
            channel="call",
            facts=story.facts,
            state=story.state,
            district=story.district,
            narrative=story.narrative + " (Fictional.)",
        )
        receipt = signals.take(contact, asked=tables.asked(), receiver_id=ada.agency_id, by=ada.user_id, at=moment)
        for routed in routing.route([receipt.signal_id], at=moment):
            opened[story.key] = routed.case_id
    _answer(opened, people, at=at)
    marisol = _go_on(opened, people, at=at)
    _hear_from_a_sender(people, at=at)
    _hear_on_the_line(at=at)
    demonstration_services.fill(by=people["hope"], at=at)
    somebody = demonstration_referrals.Somebody(opened["demo-farm"], marisol)
    demonstration_referrals.fill(somebody, advocate=ada, worker=people["luz"], at=at)
    demonstration_reports.fill(opened, ada=ada, hope=people["hope"], at=at)
    wanted = prevalence.Wanted(LISTS, estimating.Settings(), running.REPLICATES, running.SEED)
    prevalence.ask(wanted, by=people["mia"], at=at)


@row_security.entry()
def come_in(*, at: datetime.datetime) -> None:
    """Let everybody of the demonstration sign in, as they do each day: an agency in which nobody did is passed over."""
    names = [person.name for person in PEOPLE]
    agencies.note_sign_in(User.objects.filter(name__in=names).values_list("id", flat=True), at=at)


def _add(person: Person) -> viewers.Viewer:
    user = User.objects.add(
        name=person.name,
        full_name=f"{person.full_name} {viewers.FICTIONAL}",
        agency=directory.by_code(person.agency),
        role=person.role,
        password=PASSWORD,
    )
    with setting_up.showing(setting_up.read(setting_up.make(user, by=None, at=timezone.now()))):
        totp.TOTP.activate(user, totp.generate_totp_secret())
    viewer = user.viewer()
    assert viewer is not None  # the agency was found open
    return viewer


def _answer(opened: Mapping[str, uuid.UUID], people: Mapping[str, viewers.Viewer], *, at: datetime.datetime) -> None:
    def offer(key: str) -> Handoff:
        return Handoff.objects.get(case_id=opened[key], state="offered")

    earlier = at - datetime.timedelta(hours=1)
    answering.accept(offer("demo-farm").id, by=people["sam"], at=earlier)
    answering.decline(
        offer("demo-adult-sex").id,
        reason="The city police already work this with our squad; please ask HSI for the bank records.",
        by=people["fay"],
        at=earlier,
    )
    farm = Case.objects.get(id=opened["demo-farm"])
    cases.add_note(
        farm.id,
        text="Interpreter for Mixtec found for Thursday.",
        audience=Note.Audience.TEAM,
        by=people["sam"],
        at=at,
    )
    notices = duty_queries.of_case(farm.id, kinds.Kind.NOTICE)
    notice = next(each for each in notices if (each.desk, each.role) == ("WHD", "civil"))
    if notice.agency_id == people["wes"].agency_id and notice.done_at is None:
        duties.acknowledge(notice.id, how="Assigned to the Orlando office.", by=people["wes"], at=at)


def _hear_from_a_sender(people: Mapping[str, viewers.Viewer], *, at: datetime.datetime) -> None:
    """Let somebody who works in a household write through the public form, and come back to a question."""
    ada, hour = people["ada"], datetime.timedelta(hours=1)
    opener = openers.of(RECEIPT)
    contact = signals.Contact(
        key="demo-household",
        channel="web",
        facts={"source": "survivor", "labor": "yes", "age": "adult", "wishes": "services_only"},
        state="MD",
        narrative="I clean and cook in a house. They keep my passport. I don't want police. (Fictional.)",
    )
    receipt = sending.send(
        contact,
        sending.Sender("person", "en", safety=SAFETY),
        asked=tables.asked(),
        receiver_id=ada.agency_id,
        opener=opener,
        at=at - 5 * hour,
    )
    routing.route([receipt.signal_id], at=at - 5 * hour)
    desk.read(receipt.signal_id, by=ada, at=at - 4 * hour)
    words = "Thank you for writing. Is there a day when you are out of the house alone? (Fictional.)"
    desk.write(receipt.signal_id, Post.Kind.QUESTION, words, by=ada, at=at - 4 * hour)
    (question,) = visiting.visit(opener, is_known=True, at=at - hour).open_questions
    visiting.write(opener, "Sundays, at church. (Fictional.)", to=question.id, at=at - hour)


def _hear_on_the_line(*, at: datetime.datetime) -> None:
    """Somebody writes twice, somebody leaves a voicemail, a school writes an email, and somebody asks to be called."""
    minute = datetime.timedelta(minutes=1)
    events: list[protocol.Event] = []
    for kind, medium, conversation, words, ago in (
        (Kind.RANG, Medium.VOICE, "call-1", "", 50 * minute),
        (Kind.PRESSED, Medium.VOICE, "call-1", "1", 49 * minute),
        (Kind.RECORDED, Medium.VOICE, "call-1", "", 48 * minute),
        (Kind.LEFT, Medium.VOICE, "call-1", "", 48 * minute),
        (Kind.WROTE, Medium.MAIL, "mail-1", "A student told me something. Whom do I call? (fictional)", 30 * minute),
        (Kind.RANG, Medium.VOICE, "call-2", "", 20 * minute),
        *((Kind.PRESSED, Medium.VOICE, "call-2", key, 19 * minute) for key in ("2", "5550177", "1", "3", "1")),
        (Kind.LEFT, Medium.VOICE, "call-2", "", 18 * minute),
        (Kind.WROTE, Medium.TEXT, "text-1", "hi is this the right number (fictional)", 2 * minute),
        (Kind.WROTE, Medium.TEXT, "text-1", "i cant talk they are in the next room (fictional)", 1 * minute),
    ):
        events.append(
            protocol.Event(
                id=f"demonstration-{len(events)}",
                kind=kind,
                medium=medium,
                conversation=conversation,
                address={"call": "+15550100", "text": "+15550101", "mail": "help@hotline.example"}[conversation[:4]],
                sender="ana@mail.example" if medium is Medium.MAIL else "+15550177",
                at=at - ago,
                words=words,
                seconds=14 if kind is Kind.RECORDED else 0,
            )
        )
    for event in events:
        with contextlib.suppress(taking.NoSuchLine):  # somebody named other lines than those of the demonstration
            taking.take("demonstration", event, how=models.LineEvent.How.TOLD, at=event.at or at)


def _go_on(
    opened: Mapping[str, uuid.UUID], people: Mapping[str, viewers.Viewer], *, at: datetime.datetime
) -> uuid.UUID:
    """Go on with the case of the farm after the yes: a person, whom it returns, a request, a release that answers it, a
    message. And the hotline's desks: a subpoena, the hold that it asks for, a lost telephone."""
    ada, hope, sam = people["ada"], people["hope"], people["sam"]
    farm, day = opened["demo-farm"], datetime.timedelta(days=1)
    known = {"name": "Marisol Cruz (fictional)", "called": "Marisol", "phone": "+1 555 0100 117"}
    person = case_people.add(farm, known, by=ada, at=at)
    asked = asking.ask(
        farm,
        to_agency_id=ada.agency_id,
        what=asking.What.CONTACT,
        person_id=person,
        because="We meet her on Thursday, and the interpreter has to call first.",
        by=sam,
        at=at,
    )
    release = releases.keep(
        person,
        recipient_code="HSI",
        which=("location",),
        purpose="So that the interpreter can call.",
        witness="Ada Advocate (fictional)",
        expires_at=at + 15 * day,
        how=signing.Signing(),
        by=ada,
        at=at,
    )
    asking.answer(asked.id, release_id=release.id, by=hope, at=at)
    words = "Thank you. The interpreter calls on Wednesday after six."
    messaging.send(farm, to_agency_id=ada.agency_id, text=words, for_prosecutors=False, by=sam, at=at)
    demands.log(
        demands.Received(
            kind=Demand.Kind.SUBPOENA,
            received_at=at - day,
            receiver="The front desk (fictional)",
            party="Counsel for a subcontractor (fictional)",
            docket="26-cv-00117 (fictional)",
            asks="Every record of a call about a base kitchen.",
            return_at=at + 12 * day,
            motion_at=at + 9 * day,
        ),
        by=hope,
        at=at,
    )
    retention.hold(opened["demo-contractor"], because="A subpoena asks for it (fictional).", by=hope, at=at)
    lost = breaches.Known(kind=Breach.Kind.IMMINENT, happened_at=None, people=12)
    breaches.log(lost, noticed_at=at - day / 8, what=[Breach.What.CONTACT], by=hope, at=at)
    return person
