"""The fictional referrals of the demonstration: a shelter that signs in, says how much room it has, and is asked."""

from __future__ import annotations

import datetime

from nowrongdoor.access import row_security, viewers
from nowrongdoor.agencies import actions as agencies
from nowrongdoor.referrals import actions
from nowrongdoor.referrals.models import State
from nowrongdoor.services import models, room

SHELTER = agencies.New("LANTERN_HOUSE", "LANTERN_HOUSE", "Lantern House (fictional)", "", "provider")
NEED = "shelter"
BEDS = 3
SINCE = datetime.timedelta(minutes=25)


def fill(*, advocate: viewers.Viewer, worker: viewers.Viewer, at: datetime.datetime) -> None:
    """Let the shelter sign in, count its beds, take somebody, and be asked for somebody else."""
    with row_security.system():
        organization = models.DirectoryRow.objects.get(
            table="organizations", content__name__startswith="Lantern House"
        ).listed
    room.join(organization, SHELTER.code, at=at)
    shelter = next(each for each in room.served(worker) if NEED in each.name)
    room.say(shelter.id, BEDS, by=worker, at=at)
    taken, waits = (actions.begin(NEED, by=advocate, at=at - SINCE) for _ in range(2))
    ask = actions.ask(taken, shelter.id, holds=True, by=advocate, at=at - SINCE)
    actions.answer(ask, State.ACCEPTED, by=worker, at=at)
    actions.ask(waits, shelter.id, holds=True, by=advocate, at=at)
