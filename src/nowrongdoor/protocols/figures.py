"""How many reports of what came by an agency's line left in a time, counted anew from the rows each time it is asked.

The promise: a report is counted once, where it left first; what did not come by the line, or was a test or practice, is
not counted.
"""

from __future__ import annotations

import datetime
import uuid
from collections import Counter
from collections.abc import Mapping

from django.db.models import Exists, OuterRef, Q

from nowrongdoor.cases.models import CaseSignal
from nowrongdoor.line.models import Contact
from nowrongdoor.protocols.models import Sending


def left(agency_id: uuid.UUID, begins: datetime.datetime, ends: datetime.datetime) -> Mapping[str, int]:
    """Count the agency's reports that left for the first time from `begins` until before `ends`, by the kind of their
    first recipient, in the system's context: those about a signal that a contact of the agency's line became (a test or
    practice becomes none), and those about a case that holds such a signal now, whenever that contact was. A report
    that leaves again, or for another recipient, is the same report; whether it was confirmed doesn't matter."""
    became = Contact.objects.filter(agency=agency_id)
    held = CaseSignal.objects.filter(
        case=OuterRef("report__case"), signal__in=became.exclude(signal=None).values("signal")
    )
    first = Sending.objects.filter(agency=agency_id, number=1, at__gte=begins, at__lt=ends)
    of_line = first.filter(Q(Exists(became.filter(signal=OuterRef("report__signal")))) | Q(Exists(held)))
    return dict(sorted(Counter(of_line.order_by("id").values_list("protocol__kind", flat=True)).items()))
