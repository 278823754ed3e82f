"""Nobody learns by accident: whoever is asked, and whoever gave, is told in the transaction in which it happens."""

from __future__ import annotations

import datetime
import uuid

import pytest

from nowrongdoor.access import row_security, viewers
from nowrongdoor.agencies import inviting
from nowrongdoor.agencies.models import User
from nowrongdoor.cases import need_to_know
from nowrongdoor.cases.models import Case
from nowrongdoor.core import places
from nowrongdoor.duties import actions as duties
from nowrongdoor.duties.models import Duty
from nowrongdoor.intake import closing, routing
from nowrongdoor.leads import answering, changing
from nowrongdoor.mandates import queries as tables
from nowrongdoor.notifications import actions, clock, queries
from nowrongdoor.notifications.kinds import Kind
from nowrongdoor.notifications.models import Notification
from nowrongdoor.signals import actions as signals
from tests import signing_in
from tests.leads import stories

pytestmark = pytest.mark.django_db
NOON, DAY = stories.NOON, datetime.timedelta(days=1)
WHY = "She is home."


def told(viewer: viewers.Viewer) -> list[str]:
    """What a person was told and still stands, oldest first."""
    with row_security.looking(viewer):
        rows = Notification.objects.filter(person=viewer.user_id, over_at=None)
        return list(rows.order_by("at", "id").values_list("kind", flat=True))


def test_everybody_who_may_answer_is_told_of_an_offer_and_nobody_else() -> None:
    one, two, fbi = stories.person("HSI"), stories.person("HSI"), stories.person("FBI")
    others = [
        stories.person("HSI", role) for role in viewers.Role if role not in (viewers.ANSWERS, viewers.Role.MACHINE)
    ]
    case = stories.case(at=NOON)
    assert (told(one), told(two), told(fbi)) == (["offer_waits"], ["offer_waits"], [])
    assert [told(other) for other in others] == [[]] * len(others)
    row = Notification.objects.get(person=one.user_id)
    assert (row.case_id, row.thing_id, row.at) == (case.id, stories.offer_of(case).id, NOON)


def test_somebody_who_is_switched_off_or_kept_away_is_told_nothing() -> None:
    left, kept_away = stories.person("HSI"), stories.person("HSI")
    stories.person("HSI")
    User.objects.filter(name=signing_in.person(left).name).update(is_active=False)
    case = stories.case(at=NOON)
    assert told(left) == []
    assert told(kept_away) == ["offer_waits"]
    hsi = stories.person("HSI")
    answering.accept(stories.offer_of(case).id, by=hsi, at=NOON)
    assert kept_away.user_id
    need_to_know.exclude(case.id, person_id=kept_away.user_id, because="Knows the family well.", by=hsi, at=NOON)
    changing.close(case.id, because=WHY, by=hsi, at=NOON)
    assert told(kept_away) == []


def test_the_giver_is_told_of_yes_and_of_closing_and_so_is_whoever_took_the_call() -> None:
    hope, ada = stories.person("HOTLINE"), stories.person("HOTLINE", viewers.Role.ADVOCATE)
    idle = stories.person("HOTLINE", viewers.Role.ADVOCATE)
    stories.staff()
    contact = signals.Contact(key=uuid.uuid4().hex, channel="call", facts=stories.FORCED_LABOR)
    receipt = signals.take(contact, asked=tables.asked(), receiver_id=ada.agency_id, by=ada.user_id, at=NOON)
    routing.route([receipt.signal_id], at=NOON)
    case = Case.objects.get(signals__signal_id=receipt.signal_id)
    hsi = stories.person("HSI")
    answering.accept(stories.offer_of(case).id, by=hsi, at=NOON)
    assert (told(hope), told(ada), told(idle)) == (["offer_accepted"], ["offer_accepted"], [])
    changing.close(case.id, because=WHY, by=hsi, at=NOON + DAY)
    assert told(ada) == ["offer_accepted", "case_closed"]
    assert told(hope) == ["offer_accepted", "case_closed"]
    assert told(hsi) == []  # whoever closed it knows


def test_the_giver_is_told_of_no_of_silence_and_of_the_backstop_which_is_told_of_its_lead() -> None:
    hope = stories.person("HOTLINE")
    backstop = stories.person("DOJ_COORDINATOR")
    case, now = stories.case(at=NOON), NOON
    first = stories.offer_of(case)
    asked = stories.person(first.to_agency.code)
    answering.decline(first.id, reason="No agents.", by=asked, at=NOON)
    assert told(hope) == ["offer_declined"]
    while offer := Case.objects.get(id=case.id).handoffs.filter(state="offered").first():
        assert offer.due_at
        now = offer.due_at
        answering.expire(offer.id, at=now)
    kinds = told(hope)
    assert set(kinds) == {"offer_declined", "offer_expired", "offer_to_backstop"}
    assert (kinds.count("offer_declined"), kinds.count("offer_to_backstop")) == (1, 1)
    assert told(backstop) == ["lead_came"]


def test_an_agency_that_takes_over_from_one_that_closes_is_told_of_each_lead() -> None:
    admin = stories.person("DOJ_COORDINATOR", viewers.Role.ADMINISTRATOR)
    case = stories.case(at=NOON)
    answering.accept(stories.offer_of(case).id, by=stories.person("HSI"), at=NOON)
    fbi = stories.person("FBI")
    closing.close_agency("HSI", into="FBI", by=admin, at=NOON)
    assert told(fbi) == ["lead_came"]


def test_the_giver_is_told_when_an_agency_steps_forward() -> None:
    hope, case = stories.person("HOTLINE"), stories.told(stories.case(at=NOON), "FBI")
    answering.step_forward(case.id, by=stories.person("FBI"), at=NOON)
    assert told(hope) == ["offer_accepted"]


def test_an_offer_that_is_over_waits_no_longer() -> None:
    one, two, case = stories.person("HSI"), stories.person("HSI"), stories.case(at=NOON)
    answering.accept(stories.offer_of(case).id, by=one, at=NOON)
    assert told(two) == []
    with row_security.looking(two):
        assert queries.unseen(two).count == 0


def test_an_offer_that_is_withdrawn_or_replaced_waits_no_longer() -> None:
    hsi, hope, case = stories.person("HSI"), stories.person("HOTLINE"), stories.case(at=NOON)
    answering.revoke(stories.offer_of(case).id, reason="A mistake.", by=hope, at=NOON)
    assert told(hsi) == []
    again = stories.case(at=NOON)
    changing.change_facts(
        again.id,
        facts={**stories.FORCED_LABOR, "urgency": "within_24h"},
        place=places.Place(),
        seen_version=1,
        because="She called again.",
        by=hope,
        at=NOON,
    )
    assert told(hsi) == ["offer_waits"]  # of the new one alone


def test_opening_the_case_is_seeing_it_and_marking_the_list_leaves_offers_that_wait() -> None:
    hsi, hope = stories.person("HSI"), stories.person("HOTLINE")
    case, other = stories.case(at=NOON), stories.case(at=NOON)
    answering.decline(stories.offer_of(other).id, reason="No agents.", by=hsi, at=NOON)
    with row_security.looking(hsi):
        assert queries.unseen(hsi).count == 1
        assert actions.see_all(by=hsi, at=NOON) == 0
        assert queries.unseen(hsi).count == 1
        actions.see_case(hsi, case.id, at=NOON)
        assert queries.unseen(hsi).count == 0
    with row_security.looking(hope):
        assert actions.see_all(by=hope, at=NOON) == 1
        assert queries.unseen(hope).count == 0


def test_a_reminder_ends_with_what_it_reminds_of() -> None:
    case = stories.case({**stories.FORCED_LABOR, "age": "under_18"}, at=NOON)
    duty = Duty.notices().filter(case=case, by_hand=False, done_at=None).order_by("due_at", "id")[0]
    owner = stories.person(stories.owner_of(duty))
    clock.remind(at=duty.due_at - datetime.timedelta(minutes=1))
    of_it = Notification.objects.filter(thing_id=duty.id, person=owner.user_id)
    assert list(of_it.values_list("kind", "over_at")) == [(Kind.DEADLINE_NEAR.value, None)]
    duties.acknowledge(duty.id, how="", by=owner, at=duty.due_at)
    assert of_it.get().over_at == duty.due_at


def test_whoever_changes_roles_is_told_no_more_offers() -> None:
    admin, hsi = stories.person("HSI", viewers.Role.ADMINISTRATOR), stories.person("HSI")
    stories.person("HSI")
    assert hsi.user_id
    inviting.set_role(hsi.user_id, "analyst", by=admin)
    stories.case(at=NOON)
    assert Notification.objects.filter(person=hsi.user_id).count() == 0
