"""Two who add the same choice at the same instant: one of them is first, and the other is refused in words."""

from __future__ import annotations

import functools

import pytest
from django.utils import timezone

from nowrongdoor.access import row_security
from nowrongdoor.protocols import library
from nowrongdoor.protocols.models import Protocol
from tests import at_once
from tests.leads import stories
from tests.protocols.test_library import recipient

pytestmark = pytest.mark.usefixtures("committed_db")


def test_two_who_add_one_choice_at_once_are_one_recipient_and_one_refusal() -> None:
    keeper = stories.person("HOTLINE")
    for number in range(8):
        county = f"County {number}"
        refusals = at_once.do(
            library.Refused,
            *(
                functools.partial(library.add, recipient(county=name), by=keeper, at=timezone.now())
                for name in (county, county.upper())
            ),
        )
        assert sum(isinstance(each, library.Refused) for each in refusals) == 1
    with row_security.system():
        assert Protocol.objects.count() == 8
