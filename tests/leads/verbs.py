"""Everything that can be done to a case and may change who answers for it, each done by somebody who may.

Used by the tests that do two at once, four in a row, and thirty by chance. What came of a verb is told by one word:
`done`, `nothing`, or the class of the refusal.
"""

from __future__ import annotations

import dataclasses
import datetime
import uuid
from collections.abc import Callable, Mapping

from django.db import connection

from nowrongdoor.access import viewers
from nowrongdoor.agencies import actions as agencies
from nowrongdoor.agencies.models import Agency, User
from nowrongdoor.agencies.queries import NoSuchAgency
from nowrongdoor.cases.models import Case
from nowrongdoor.cases.queries import NoSuchCase
from nowrongdoor.core import handoff, places
from nowrongdoor.intake import closing, joining
from nowrongdoor.leads import answering, changing
from nowrongdoor.leads.models import Handoff
from nowrongdoor.signals import actions as signals
from tests.leads import stories

LATE = datetime.timedelta(days=30)  # past every window in which an offer can be answered
# A verb is refused in one of these ways; anything else is a fault and rises.
REFUSALS = (handoff.Refused, answering.NoSuchOffer, closing.StillNeeded, NoSuchAgency, NoSuchCase)
# A lead moves by these, or to an agency that stands by; by no other verb.
SAY_YES = {"accept", "step_forward", "close_lead"}


class Cast:
    """One person of each agency, made before anything is done and used throughout, also after the agency closed."""

    def __init__(self) -> None:
        self.admin = stories.person("DOJ_COORDINATOR", viewers.Role.ADMINISTRATOR)
        self._people = {each.id: stories.person(each.code) for each in Agency.objects.filter(active=True)}

    def of(self, agency_id: uuid.UUID) -> viewers.Viewer:
        return self._people[agency_id]


@dataclasses.dataclass(frozen=True, slots=True)
class Stage:
    """A case, the people around it, and the time."""

    case_id: uuid.UUID
    cast: Cast
    at: datetime.datetime

    @property
    def case(self) -> Case:
        return Case.objects.get(id=self.case_id)

    @property
    def newest(self) -> Handoff:
        """The newest hand-off, open or over."""
        return Handoff.objects.filter(case_id=self.case_id).order_by("-id")[0]

    @property
    def lead(self) -> viewers.Viewer:
        return self.cast.of(self.case.lead_id)


Act = Callable[[], object]


def accept(stage: Stage) -> Act:
    offer = stage.newest
    by = stage.cast.of(offer.to_agency_id)
    return lambda: answering.accept(offer.id, by=by, at=stage.at)


def decline(stage: Stage) -> Act:
    offer = stage.newest
    by = stage.cast.of(offer.to_agency_id)
    return lambda: answering.decline(offer.id, reason="busy", by=by, at=stage.at)


def revoke(stage: Stage) -> Act:
    offer, by = stage.newest, stage.lead
    return lambda: answering.revoke(offer.id, reason="asked too early", by=by, at=stage.at)


def expire(stage: Stage) -> Act:
    offer = stage.newest
    return lambda: answering.expire(offer.id, at=stage.at + LATE)


def step_forward(stage: Stage) -> Act:
    by = stage.cast.of(stories.agency("FBI").id)
    return lambda: answering.step_forward(stage.case_id, by=by, at=stage.at)


def ask_next(stage: Stage) -> Act:
    by = stage.lead
    return lambda: changing.ask_next(stage.case_id, by=by, at=stage.at)


def change_facts(stage: Stage) -> Act:
    """Between two sets of facts that ask different agencies first."""
    case, by = stage.case, stage.lead
    facts = {"commercial_sex": "yes", "age": "under_18"} if "labor" in case.facts else stories.FORCED_LABOR
    return lambda: changing.change_facts(
        stage.case_id,
        facts=facts,
        place=places.Place(),
        seen_version=case.facts_version,
        because="the caller said more",
        by=by,
        at=stage.at,
    )


def join_signal(stage: Stage) -> Act:
    contact = signals.Contact(key=uuid.uuid4().hex, channel="call", facts={"age": "adult", "commercial_sex": "no"})
    by = stage.cast.of(stories.agency("HOTLINE").id)
    return lambda: joining.take_into_case(contact, stage.case_id, by=by, at=stage.at)


def close(stage: Stage) -> Act:
    by = stage.lead
    return lambda: changing.close(stage.case_id, because="She is home.", by=by, at=stage.at)


def disable(stage: Stage) -> Act:
    viewer = stage.cast.of(stage.newest.to_agency_id)
    assert viewer.user_id
    person = User.objects.get(id=viewer.user_id)
    return lambda: agencies.disable(person, by=stage.cast.admin)


def close_asked(stage: Stage) -> Act:
    asked = Agency.objects.get(id=stage.newest.to_agency_id)
    return lambda: closing.close_agency(asked.code, into=None, by=stage.cast.admin, at=stage.at)


def close_lead(stage: Stage) -> Act:
    lead = Agency.objects.get(id=stage.case.lead_id)
    into = "WHD" if lead.code != "WHD" else "FBI"
    return lambda: closing.close_agency(lead.code, into=into, by=stage.cast.admin, at=stage.at)


# Each looks at the case as somebody does who opens its page, and returns what they then do: what they chose is not
# chosen anew when somebody else was quicker.
VERBS: Mapping[str, Callable[[Stage], Act]] = {
    each.__name__: each
    for each in (
        accept,
        decline,
        revoke,
        expire,
        step_forward,
        ask_next,
        change_facts,
        join_signal,
        close,
        disable,
        close_asked,
        close_lead,
    )
}
OF_AGENCIES = {"close_asked", "close_lead"}


def outcome(act: Act) -> str:
    """Do it and return what came of it."""
    try:
        came = act()
    except REFUSALS as refusal:
        return type(refusal).__name__
    return "nothing" if came is False else "done"


def attempt(verb: str, stage: Stage) -> str:
    """Look at the case, do a verb, and return what came of it."""
    return outcome(VERBS[verb](stage))


def opened(cast: Cast) -> Stage:
    """A case with an open offer to HSI, of which FBI knows."""
    case = stories.told(stories.case(at=stories.NOON), "FBI")
    return Stage(case.id, cast, stories.NOON)


TABLES = ("case", "handoff", "tenure", "participant", "duty", "case_facts", "decision")
ALL_OF_IT = " UNION ALL ".join(
    f"SELECT md5(string_agg(t::text, '|' ORDER BY t.id)) FROM nowrongdoor_{name} t "  # noqa: S608
    f"WHERE t.{'id' if name == 'case' else 'case_id'} = %(case)s"
    for name in TABLES
)


def content(case_id: uuid.UUID) -> list[tuple[str | None, ...]]:
    """Return digests of every row of a case, for asking whether anything changed."""
    with connection.cursor() as cursor:
        cursor.execute(ALL_OF_IT, {"case": case_id})
        return [tuple(row) for row in cursor.fetchall()]


# The state of a case without what differs each time: ids and moments.
STATE: Mapping[str, str] = {
    "case": "SELECT lead_id, received_by_id, closed_at IS NULL, facts::text, state, district FROM nowrongdoor_case "
    "WHERE id = %(case)s",
    "handoff": "SELECT h.to_agency_id, h.from_agency_id, h.state, h.kind, h.position, "
    "h.facts_version = c.facts_version, h.id = c.lead_handoff_id, h.over_at >= f.at "
    "FROM nowrongdoor_handoff h JOIN nowrongdoor_case c ON c.id = h.case_id "
    "JOIN nowrongdoor_case_facts f ON f.case_id = c.id AND f.version = c.facts_version "
    "WHERE c.id = %(case)s ORDER BY h.id",
    "participant": "SELECT agency_id, relation, to_at IS NULL FROM nowrongdoor_participant "
    "WHERE case_id = %(case)s ORDER BY 1, 2",
    "duty": "SELECT kind, desk, role, clock, agency_id, by_hand, follows_lead, done_at IS NULL FROM nowrongdoor_duty "
    "WHERE case_id = %(case)s AND kind <> 'answer' AND withdrawn_at IS NULL ORDER BY 1, 2, 3, 4, 5",
    "agency": "SELECT id FROM nowrongdoor_agency WHERE NOT active ORDER BY 1",
    "person": "SELECT id FROM nowrongdoor_user WHERE NOT is_active ORDER BY 1",
}


def state(stage: Stage) -> str:
    """Return what decides on everything that can still be done to a case."""
    with connection.cursor() as cursor:
        rows = []
        for query in STATE.values():
            cursor.execute(query, {"case": stage.case_id})
            rows.append(cursor.fetchall())
    return repr(rows)
