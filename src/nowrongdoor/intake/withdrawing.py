"""A sender takes their consent back: from then on nobody else is told on their word.

The promise: it works at once, as far as the sender's word reaches. For the person, and for whoever speaks for them, the
wish of the case becomes services only, and no to each kind of agency that is asked about; the case is decided on again,
and open offers that rested on a yes are overtaken. What was already shared cannot be called back, and a duty of law
stays. Somebody who only saw something has no wish in the case: how to reach them is erased, and that is all.
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
from nowrongdoor.intake import joining, routing
from nowrongdoor.leads import changing, retrying
from nowrongdoor.mailbox.models import Mailbox
from nowrongdoor.mandates import queries as tables

SERVICES_ONLY = "services_only"
WHOSE_WISH = (Mailbox.Stance.PERSON.value, Mailbox.Stance.PROXY.value)


def withdraw(signal_id: uuid.UUID, *, at: datetime.datetime) -> bool:
    """Follow what a sender withdrew in the case of their signal, and say whether anything changed. It may run again:
    what was followed stays as it is. tables.CannotDecide, and then the signal still waits."""
    routing.route([signal_id], at=at)
    return _follow(signal_id, at=at)


@retrying.unless_closed
def _follow(signal_id: uuid.UUID, *, at: datetime.datetime) -> bool:
    with row_security.system():
        box = Mailbox.objects.filter(signal=signal_id, withdrawn_at__isnull=False).first()
        held = CaseSignal.objects.filter(signal=signal_id).values_list("case", flat=True).first()
        if box is None or held is None or box.stance not in WHOSE_WISH:
            return False
        case = Case.objects.select_for_update().get(id=held)
        if case.closed_at is not None:
            return False
        asked = tables.asked()
        before = facts_of.read(case.facts, asked).facts.known()
        wish = dict.fromkeys(joining.KINDS_ASKED, "no") | {"wishes": SERVICES_ONLY}
        known = {name: code for name, code in wish.items() if _offers(asked, name, code)}
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


def _offers(asked: facts_of.Vocabulary, name: str, code: str) -> bool:
    return name in asked.positions and code in asked.attribute(name).codes
