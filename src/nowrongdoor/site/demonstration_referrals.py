"""The fictional referrals of the demonstration: a shelter that signs in, says how much room it has, and is asked; and
somebody who lets it read their name before they come.
"""

from __future__ import annotations

import dataclasses
import datetime
import uuid

from nowrongdoor.access import row_security, viewers
from nowrongdoor.agencies import actions as agencies
from nowrongdoor.referrals import actions
from nowrongdoor.referrals.models import State
from nowrongdoor.releases import actions as releases
from nowrongdoor.services import models, room

SHELTER = agencies.New("LANTERN_HOUSE", "LANTERN_HOUSE", "Lantern House (fictional)", "", "provider")
NEED = "shelter"
BEDS = 3
SINCE = datetime.timedelta(minutes=25)
DAY = datetime.timedelta(days=1)


@dataclasses.dataclass(frozen=True, slots=True)
class Somebody:
    """A person of a case whom the advocate's agency wrote down."""

    case_id: uuid.UUID
    person_id: uuid.UUID


def fill(somebody: Somebody, *, advocate: viewers.Viewer, worker: viewers.Viewer, at: datetime.datetime) -> None:
    """Let the shelter sign in, count its beds, take somebody who needs a ride too and lets it read who they are, and be
    asked for somebody else."""
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
    actions.begin("transport", along=taken, by=advocate, at=at)
    actions.say_whom(taken, somebody.case_id, 1, by=advocate, at=at)
    actions.follow_up(taken, at + 7 * DAY, by=advocate, at=at)
    releases.keep(
        somebody.person_id,
        recipient_code=SHELTER.code,
        which=("identity",),
        purpose="So that whoever opens the door knows her name. (Fictional.)",
        witness="Ada Advocate (fictional)",
        expires_at=at + 7 * DAY,
        by=advocate,
        at=at,
    )
    actions.ask(waits, shelter.id, holds=True, by=advocate, at=at)
