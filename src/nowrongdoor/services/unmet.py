"""What nobody offers: how often somebody looked for help, and how often nothing was found, as the trail says.

Each look counts, so that one person for whom somebody looked three times is three; nothing is known of who it was.
"""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Sequence

from django.db.models import Count, Q

from nowrongdoor.access import row_security
from nowrongdoor.audit.models import Event


@dataclasses.dataclass(frozen=True, slots=True)
class Looked:
    """How often somebody looked for one kind of help in one State (empty where nobody knew), and how often in vain."""

    kind: str
    state: str
    looked: int
    nothing: int


def counted(*, since: datetime.datetime, until: datetime.datetime) -> Sequence[Looked]:
    """Count from one instant until another, by need and State, those that were met least first."""
    with row_security.system():
        looks = Event.objects.filter(verb="services.searched", at__gte=since, at__lt=until)
        rows = looks.values("details__kind", "details__state").annotate(
            looked=Count("id"), nothing=Count("id", filter=Q(details__offered=0))
        )
        found_least = rows.order_by("-nothing", "details__kind", "details__state")
        return [
            Looked(row["details__kind"], row["details__state"], row["looked"], row["nothing"]) for row in found_least
        ]
