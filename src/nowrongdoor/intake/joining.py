"""A further signal of a case that is open already.

The promise: what it says fills only what was not known; of the person's wish, their own newest word counts.
"""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Mapping

from nowrongdoor.access import row_security, viewers
from nowrongdoor.audit import record
from nowrongdoor.cases import actions as cases
from nowrongdoor.cases import people
from nowrongdoor.cases.models import Case
from nowrongdoor.core import handoff, places
from nowrongdoor.core.language import gettext as _
from nowrongdoor.core.language import gettext_lazy
from nowrongdoor.core.mandates import facts as facts_of
from nowrongdoor.intake import wishes
from nowrongdoor.leads import changing, retrying
from nowrongdoor.mandates import queries as tables
from nowrongdoor.signals import actions as signals
from nowrongdoor.signals.models import Signal

# Who speaks for the person or has their confidence, in the facts of a table.
CLOSE = ("provider", "lawyer", "clinician", "school", "consulate", "proxy")


@retrying.unless_closed
def take_into_case(
    contact: signals.Contact, case_id: uuid.UUID, *, by: viewers.Viewer, at: datetime.datetime
) -> signals.Receipt:
    """Store a further signal of a case that the viewer may see. What it says fills what was not known; what was known
    stays for whoever leads to change, but for the person's wish: `_with_wish` says whose word counts.
    signals.Unreadable, signals.KeyReused, handoff.Over."""
    with row_security.looking(by):
        row_security.act_on(case_id)
        asked = tables.asked()
        receipt = signals.take(contact, asked=asked, receiver_id=by.agency_id, by=by.user_id, at=at)
        case = Case.objects.select_for_update().get(id=case_id)
        signal = Signal.objects.select_for_update().get(id=receipt.signal_id)
        if signal.routed_at is not None:
            return receipt  # sent before: it has its case
        if case.closed_at is not None:
            raise handoff.Over(_("This case is closed. Keep the signal without it; a new case is opened then."))
        cases.hold(signal, case)
        people.add_to(case.id, contact.people, by=by, at=at)
        Signal.objects.filter(id=signal.id).update(routed_at=at)
        details: dict[str, record.Detail] = {"version": case.facts_version, "asked": None}
        place = places.Place(case.state, case.district)
        if not place.code:
            place = places.Place(contact.state, contact.district)
        before, now = (facts_of.read(each, asked).facts.known() for each in (case.facts, contact.facts))
        facts = _with_wish({**now, **before}, before=before, now=now)
        if facts != before or place.code != (case.district or case.state):
            because = gettext_lazy("another signal said more")
            details = changing.keep_facts(
                case,
                facts,
                place,
                asked=asked,
                because=because,
                by=by,
                at=at,
                discovered_at=signal.arrived_at,
            )
        record.record(record.Deed("signal.joined", by.agency_id, signal.id, by.user_id, case.id, details), at=at)
    return receipt


def _with_wish(facts: Mapping[str, str], *, before: Mapping[str, str], now: Mapping[str, str]) -> dict[str, str]:
    """Return the facts of a case with the wish that counts after a further signal: the person's own newest word; until
    they said one themselves, silence does not undo the wish for services only, and nobody else agrees to a report for
    somebody who is in touch now. Somebody who speaks for the person, or has their confidence, counts for more
    than a bystander. A no to one kind of agency counts whoever passes it on."""
    joined = dict(facts)
    for name in wishes.KINDS_ASKED:
        is_own = now.get("source") == "survivor" and name in now
        if is_own or now.get(name) == "no":
            joined[name] = now[name]
    if now.get("source") == "survivor":
        joined["source"] = "survivor"
        told_themselves = before.get("source") == "survivor"
        kept = before.get("wishes") if told_themselves or before.get("wishes") == "services_only" else None
        wish = now.get("wishes") or kept
        joined.pop("wishes", None)
        if wish:
            joined["wishes"] = wish
        return joined
    if now.get("source") in CLOSE and before.get("source") == "bystander":
        joined["source"] = now["source"]
    if now.get("wishes") == "services_only":
        joined["wishes"] = "services_only"
    return joined
