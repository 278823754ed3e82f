"""T12 and F5: copied text is proposed to the one agency that received it, and neither refused nor merged."""

from __future__ import annotations

import pytest
from django.test import Client
from django.utils import timezone

from nowrongdoor.access import row_security
from nowrongdoor.agencies.models import User
from nowrongdoor.cases import copies, queries
from nowrongdoor.cases.models import Case, CaseSignal
from nowrongdoor.intake import routing
from nowrongdoor.signals.models import Signal
from tests import signing_in
from tests.leads import stories

COPIED = "They make the cleaners of the Sunset Motel work all night, and take their pay for rent and food."
pytestmark = pytest.mark.django_db


def tip(narrative: str = COPIED, *, receiver: str = "HOTLINE", channel: str = "web") -> Case:
    """Take and route one contact, and return its case."""
    receipt = stories.signal(receiver=receiver, narrative=narrative, channel=channel)
    routing.route([receipt.signal_id], at=timezone.now())
    return CaseSignal.objects.get(signal=receipt.signal_id).case


def proposed(case: Case, agency: str = "HOTLINE") -> list[str | None]:
    """Return the cases that hold copies of a case's signals, as somebody of an agency is shown them."""
    viewer = User.objects.filter(agency__code=agency).latest("id").viewer()
    assert viewer
    with row_security.looking(viewer):
        return [copy.case for signal in queries.signals(viewer, case.id) for copy in signal.copies]


def test_copied_text_is_kept_each_time_and_proposed_to_whoever_received_it() -> None:
    stories.staff()
    first, second, third = tip(), tip(COPIED.upper().replace(",", " ;\n")), tip()
    other = tip(COPIED.replace("Sunset", "Sunrise"))
    assert proposed(first) == [third.reference, second.reference]
    assert proposed(other) == []
    assert Case.objects.filter(closed_at=None).count() == 4  # none was refused, set aside or merged


def test_what_another_agency_received_is_never_compared() -> None:
    stories.staff()
    first, elsewhere = tip(), tip(receiver="FBI")
    assert proposed(first) == []
    assert proposed(elsewhere, "FBI") == []
    one, other = Signal.objects.order_by("receiver_id").values_list("likeness", flat=True)
    assert len({bytes(one), bytes(other)} - {b""}) == 2  # the tokens themselves have nothing in common


def test_what_came_otherwise_or_says_little_is_never_compared() -> None:
    stories.staff()
    assert proposed(tip(channel="call")) == proposed(tip(channel="call")) == []
    assert proposed(tip("Please help me")) == proposed(tip("Please help me")) == []
    assert set(map(bytes, Signal.objects.values_list("likeness", flat=True))) == {b""}


def test_a_page_names_the_newest_and_not_ten_thousand() -> None:
    stories.staff()
    cases = [tip() for _ in range(copies.MOST + 5)]
    assert proposed(cases[0]) == [each.reference for each in cases[: -copies.MOST - 1 : -1]]


def test_staff_find_the_copies_from_the_page_of_the_case() -> None:
    stories.staff()
    first, second = tip(), tip()
    client = Client()
    signing_in.passed(client, User.objects.filter(agency__code="HOTLINE").latest("id"))
    page = client.get(f"/cases/{first.reference}").content.decode()
    assert "1 other signal has the same words." in page
    assert f"/cases/{first.reference}/together#copies" in page
    together = client.get(f"/cases/{first.reference}/together").content.decode()
    assert f'<a href="/cases/{second.reference}">case {second.reference}</a>' in together
