"""When an agency closes between looking it up and writing: look again.

The database refuses an offer to a closed agency, a closed agency as lead, a duty of one, and a signal that waits at
one, by named constraints; a refusal undoes the whole action, which is then simply done once more with the agencies as
they are now.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from django.db.utils import IntegrityError

from nowrongdoor.bulk import writing
from nowrongdoor.core import handoff
from nowrongdoor.core.language import gettext

TRIES = 5
CLOSED_MEANWHILE = {
    "an_offer_is_to_an_open_agency",
    "the_lead_of_an_open_case_is_open",
    "a_duty_is_owed_by_an_open_agency",
    "a_waiting_signal_has_an_open_receiver",
}
Given = ParamSpec("Given")
Came = TypeVar("Came")


class AgencyClosed(handoff.Refused):
    """The agency closed while this was being done, again and again."""

    def __init__(self) -> None:
        super().__init__(gettext("The agency was closed while you did this. Nothing was changed; load the page again."))


def unless_closed(action: Callable[Given, Came]) -> Callable[Given, Came]:
    """Do an action, which is one transaction, once more when an agency closed under it. AgencyClosed."""

    @functools.wraps(action)
    def tried(*args: Given.args, **kwargs: Given.kwargs) -> Came:
        for _ in range(TRIES):
            try:
                return action(*args, **kwargs)
            except IntegrityError as error:
                if writing.constraint_of(error) not in CLOSED_MEANWHILE:
                    raise
        raise AgencyClosed

    return tried
