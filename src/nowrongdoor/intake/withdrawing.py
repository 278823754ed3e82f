"""A sender takes their consent back: from then on nobody else is told on their word.

The promise: it works at once, as far as the sender's word reaches. For the person, and for whoever speaks for them, the
wish of the case becomes services only, and no to each kind of agency that is asked about; the case is decided on again,
and open offers that rested on a yes are overtaken. A case that is not open yet opens so, and nobody is asked first; one
that is closed is reopened so, and one that was merged into another goes on so there. What was already shared cannot be
called back, and a duty of law stays. Somebody who only saw something has no wish in the case: how to reach them is
erased, and that is all.
"""

from __future__ import annotations

import datetime
import uuid

from nowrongdoor.access import row_security
from nowrongdoor.audit import record
from nowrongdoor.cases.models import Case, CaseSignal
from nowrongdoor.core import places
from nowrongdoor.core.language import gettext_lazy
from nowrongdoor.core.mandates import facts as facts_of
from nowrongdoor.intake import routing, wishes
from nowrongdoor.leads import changing, retrying
from nowrongdoor.mailbox import desk
from nowrongdoor.mandates import queries as tables


def withdraw(signal_id: uuid.UUID, *, at: datetime.datetime) -> bool:
    """Follow what a sender withdrew in the case of their signal, and say whether anything changed. It may run again:
    what was followed stays as it is. tables.CannotDecide, and then the signal still waits: the case that it becomes
    opens without the consent (`routing.route`)."""
    if _follow(signal_id, at=at):
        return True
    routed = routing.route([signal_id], at=at)
    # Whoever routed it meanwhile may have looked before the consent was taken back.
    return _follow(signal_id, at=at) or (bool(routed) and _is_taken_back(signal_id))


@row_security.system()
def _is_taken_back(signal_id: uuid.UUID) -> bool:
    return bool(desk.taken_back([signal_id]))


@retrying.unless_closed
def _follow(signal_id: uuid.UUID, *, at: datetime.datetime) -> bool:
    with row_security.system():
        held = CaseSignal.objects.filter(signal=signal_id).values_list("case", flat=True).first()
        if held is None or not desk.taken_back([signal_id]):
            return False
        case = Case.objects.select_for_update().get(id=held)
        while case.merged_into_id is not None:  # it goes on there
            case = Case.objects.select_for_update().get(id=case.merged_into_id)
        asked = tables.asked()
        before = facts_of.read(case.facts, asked).facts.known()
        known = wishes.taken_back(asked)
        if known.items() <= before.items():
            return False
        details = changing.keep_facts(
            case,
            {**before, **known},
            places.Place(case.state, case.district),
            asked=asked,
            because=gettext_lazy("the sender took their consent back"),
            by=None,
            at=at,
        )
        record.record(record.Deed("facts.changed", case.lead_id, case.id, None, case.id, details), at=at)
    return True
