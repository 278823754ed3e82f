"""A night on the line, played with a clock of its own through the actions that production uses.

The promise: who comes, when, and what they do turns on the seed alone, so the same night can be played again; what is
counted is read from the rows that the night left behind, and an owner is asked of the database at every minute of it.
"""

from __future__ import annotations

import dataclasses
import datetime
import functools
import heapq
import itertools
import random
import uuid
from collections.abc import Callable, Sequence

from django.db.models import Q

from nowrongdoor.access import row_security, viewers
from nowrongdoor.agencies.models import Agency, User
from nowrongdoor.channels import protocol
from nowrongdoor.channels.protocol import Kind
from nowrongdoor.core.line import Medium
from nowrongdoor.core.mandates import rules
from nowrongdoor.line import calling_back, models, moving, shifts, speaking, taking
from nowrongdoor.line.models import State
from nowrongdoor.vault import keys

BEGINS = datetime.datetime(2026, 3, 1, 2, tzinfo=datetime.UTC)
NIGHT = datetime.timedelta(hours=8)
STANDS_STILL = BEGINS + NIGHT / 2  # in a night with faults: for ten minutes, the clock and half of the staff
TICK = datetime.timedelta(minutes=1)
POLL = datetime.timedelta(seconds=speaking.HOLD)
LONGEST = 10  # minutes that a call waits
# What people do is a rule of this game, and measured nowhere.
PATIENCE, TALK = 360, 720  # seconds, on average
LEAVES_MESSAGE, WANTS_CALL = 0.2, 0.15  # of all who hear the menu
CALL_ME = ("2", "5550177", "1", "3", "2")  # what whoever wants a call presses
SPEAKS_AT_LAST = 0.5  # of those who hear the greeting once their wait is over
TOLD_AGAIN, TOLD_LATE, NEVER_TOLD = 0.05, 0.05, 0.05  # of what a provider says, in a night with faults
NUMBER = "+15550100"
PROVIDER = "telephone"
PLAN = f"""
[provider.{PROVIDER}]
kind = "null"
[[group]]
code = "night"
agency = "AGENCY"
name = "Night"
longest_minutes = {LONGEST}
overflow = "backup"
overflow_after_minutes = 2
answers_within_hours = 12
[[group]]
code = "backup"
agency = "AGENCY"
name = "Backup"
longest_minutes = {LONGEST}
overflow = "night"
overflow_after_minutes = 2
answers_within_hours = 12
[[line]]
code = "calls"
agency = "AGENCY"
medium = "voice"
provider = "{PROVIDER}"
address = "{NUMBER}"
group = "night"
language = "en"
use = "live"
"""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Night:
    """What is played. `has_faults`: the provider tells things twice, late or never, the clock stands still for ten
    minutes in the middle, and half of the staff lose their page."""

    calls: int
    staff: int
    seed: int
    has_faults: bool


@dataclasses.dataclass(frozen=True, slots=True)
class Outcome:
    """What became of it. `endless_holds`: contacts that waited longer than their wait and a minute, or wait still;
    `unowned`: contacts that were not over, and nobody's; `longest_wait_s`: that anybody waited at a time."""

    contacts: int
    endless_holds: int
    unowned: int
    abandoned: int
    voicemails: int
    call_backs: int
    longest_wait_s: int


@dataclasses.dataclass(slots=True)
class _Call:
    """Somebody who calls. `does`: at the menu, hold, leave a message, or ask to be called back."""

    id: str
    rang_at: datetime.datetime
    leaves_at: datetime.datetime
    does: str
    talks: datetime.timedelta
    contact_id: uuid.UUID | None = None
    is_talking: bool = False
    is_gone: bool = False


@row_security.system()
def agency() -> Agency:
    """Make the agency whose line it is, and the keys of its installation."""
    keys.prepare()
    return Agency.objects.create(code="LINE", desk="LINE", name="Line", kind=rules.Kind.HOTLINE.value)


class Game:
    """One night: what is still to happen, in the order of its clock."""

    def __init__(self, night: Night, agency: Agency) -> None:
        self._night, self._agency = night, agency
        self._dice = random.Random(night.seed)  # noqa: S311  a game, not a secret
        self._next: list[tuple[datetime.datetime, int, Callable[[datetime.datetime], None]]] = []
        self._count = itertools.count()
        self._staff: dict[uuid.UUID | None, viewers.Viewer] = {}
        self._lost: set[uuid.UUID | None] = set()  # whose page is gone
        self._calls: dict[uuid.UUID, _Call] = {}
        self._by_name: dict[str, _Call] = {}
        self._provider: list[protocol.Event] = []  # what the provider knows, for whoever looks again
        self._endless: set[uuid.UUID] = set()
        self._unowned: set[uuid.UUID] = set()

    def play(self) -> Outcome:
        """Play it until every wait is over."""
        for number in range(self._night.staff):
            self._at(BEGINS, functools.partial(self._begins_shift, number))
        for call in self._drawn():
            self._by_name[call.id] = call
            self._at(call.rang_at, functools.partial(self._rings, call))
        minutes = (NIGHT + 2 * models.LONGEST_WAIT) // TICK
        for minute in range(minutes):
            self._at(BEGINS + minute * TICK, self._ticks)
        if self._night.has_faults:
            self._at(STANDS_STILL, self._loses_pages)
        while self._next:
            at, _, act = heapq.heappop(self._next)
            act(at)
            self._settles(at)
        self._looks(at)
        return self._outcome()

    def _drawn(self) -> Sequence[_Call]:
        dice = self._dice
        calls: list[_Call] = []
        for number in range(self._night.calls):
            rang_at = BEGINS + datetime.timedelta(seconds=round(NIGHT.total_seconds() * dice.random()))
            patience = datetime.timedelta(seconds=max(5, round(dice.expovariate(1 / PATIENCE))))
            roll, talks = dice.random(), max(30, round(dice.expovariate(1 / TALK)))
            does = "message" if roll < LEAVES_MESSAGE else "call" if roll < LEAVES_MESSAGE + WANTS_CALL else "hold"
            calls.append(_Call(f"call-{number}", rang_at, rang_at + patience, does, datetime.timedelta(seconds=talks)))
        return calls

    def _at(self, at: datetime.datetime, act: Callable[[datetime.datetime], None]) -> None:
        heapq.heappush(self._next, (at, next(self._count), act))

    def _begins_shift(self, number: int, at: datetime.datetime) -> None:
        with row_security.system():
            user = User(name=f"advocate-{number}", full_name=f"Advocate {number}", agency=self._agency)
            user.role = viewers.Role.ADVOCATE.value
            user.set_unusable_password()
            user.save()
            viewer = user.viewer()
        assert viewer is not None  # they are active
        wish = shifts.Wish(
            groups=["night", "backup"],
            languages=["en"],
            skills=[],
            telephone=f"+1555020{number:04}",
            texts=2,
            is_trainee=False,
        )
        shifts.begin(wish, by=viewer, at=at)
        shifts.ready(by=viewer, at=at)
        self._staff[user.id] = viewer

    def _rings(self, call: _Call, at: datetime.datetime) -> None:
        self._says(call, Kind.RANG, "", at)
        self._at(call.leaves_at, functools.partial(self._leaves, call))
        if call.does != "hold":
            self._at(at + POLL, functools.partial(self._presses, call, ("1",) if call.does == "message" else CALL_ME))

    def _presses(self, call: _Call, keys: Sequence[str], at: datetime.datetime) -> None:
        if call.is_gone or call.is_talking:
            return
        self._says(call, Kind.PRESSED, keys[0], at)
        if len(keys) > 1:
            self._at(at + POLL, functools.partial(self._presses, call, keys[1:]))

    def _leaves(self, call: _Call, at: datetime.datetime) -> None:
        """Whoever still waits hangs up; whoever was answered, or leaves a message, stays."""
        if self._state(call) in (State.RINGING, ""):
            self._hangs_up(call, at)

    def _hangs_up(self, call: _Call, at: datetime.datetime) -> None:
        if not call.is_gone:
            call.is_gone = True
            self._says(call, Kind.LEFT, "", at)

    def _records(self, call: _Call, at: datetime.datetime) -> None:
        self._says(call, Kind.RECORDED, "", at)
        self._hangs_up(call, at)

    def _has_talked(self, call: _Call, at: datetime.datetime) -> None:
        self._hangs_up(call, at)
        assert call.contact_id is not None  # somebody answered
        with row_security.system():
            person_id = models.Contact.objects.values_list("person", flat=True).get(id=call.contact_id)
        if person_id in self._staff and person_id not in self._lost:
            moving.end(call.contact_id, by=self._staff[person_id], at=at)

    def _wakes(self, call: _Call, at: datetime.datetime) -> None:
        """The call asks what it hears next, as a call on hold does: so its wait ends without any clock of ours."""
        if not call.is_gone and self._state(call) == State.RINGING:
            self._takes(self._event(call, Kind.RANG, "", at), models.LineEvent.How.TOLD, at)

    def _settles(self, at: datetime.datetime) -> None:
        """Let whoever was answered talk, and whoever hears the greeting speak or hang up."""
        with row_security.system():
            open_rows = models.Contact.objects.filter(over_at=None, left_at=None).exclude(state=State.RINGING)
            moved = list(open_rows.order_by("rang_at", "id").values_list("id", "state"))
        for contact_id, state in moved:
            call = self._calls[contact_id]
            if state == State.ANSWERED and not call.is_talking:
                call.is_talking = True
                self._at(at + call.talks, functools.partial(self._has_talked, call))
            elif state == State.VOICEMAIL and not call.is_gone and not call.is_talking:
                call.is_talking = True
                speaks = call.does == "message" or (call.does == "hold" and self._dice.random() < SPEAKS_AT_LAST)
                self._at(at + POLL, functools.partial(self._records if speaks else self._hangs_up, call))

    def _ticks(self, at: datetime.datetime) -> None:
        self._looks(at)
        stands_still = self._night.has_faults and STANDS_STILL <= at < STANDS_STILL + 10 * TICK
        if stands_still:
            return
        for person_id, viewer in self._staff.items():
            if person_id not in self._lost:
                shifts.heard(by=viewer, at=at)
        moving.give_back(self._agency.id, at=at)
        calling_back.run_out(at=at)
        if at.minute % 5 == 0:
            for event in self._provider:
                self._takes(event, models.LineEvent.How.FOUND, at)
            self._provider.clear()

    def _loses_pages(self, _at: datetime.datetime) -> None:
        people = list(self._staff)
        self._lost.update(people[: (len(people) + 1) // 2])

    def _looks(self, at: datetime.datetime) -> None:
        """Ask the database who waits too long, and what nobody has."""
        with row_security.system():
            late = Q(state=State.RINGING, ends_at__lt=at - TICK - POLL)
            seated = models.Seat.objects.filter(ended_at=None).values("person")
            nobody = Q(person=None, group="") | Q(state=State.ANSWERED) & ~Q(person__in=seated)
            self._endless.update(models.Contact.objects.filter(late).values_list("id", flat=True))
            self._unowned.update(models.Contact.objects.filter(nobody, over_at=None).values_list("id", flat=True))

    def _state(self, call: _Call) -> str:
        if call.contact_id is None:
            return ""
        with row_security.system():
            return models.Contact.objects.values_list("state", flat=True).get(id=call.contact_id)

    def _event(self, call: _Call, kind: Kind, words: str, at: datetime.datetime) -> protocol.Event:
        """What the provider says of a call; the same thing has the same name."""
        seconds = 20 if kind is Kind.RECORDED else 0
        name = f"{call.id} {kind.value} {at.isoformat() if kind is Kind.PRESSED else ''}"
        sender = f"+1555{call.id[5:]:0>7}"
        return protocol.Event(name, kind, Medium.VOICE, call.id, NUMBER, sender, at, words, "", seconds)

    def _says(self, call: _Call, kind: Kind, words: str, at: datetime.datetime) -> None:
        """Let the provider say something; in a night with faults some of it twice, late, or never."""
        event = self._event(call, kind, words, at)
        roll = self._dice.random() if self._night.has_faults else 1.0
        if roll < NEVER_TOLD and kind is not Kind.PRESSED:  # a key that nobody heard is pressed again
            self._provider.append(event)
            return
        if roll < NEVER_TOLD + TOLD_LATE and kind is Kind.LEFT:
            self._at(at + 3 * TICK, functools.partial(self._takes, event, models.LineEvent.How.TOLD))
            return
        for _ in range(5 if roll > 1 - TOLD_AGAIN and self._night.has_faults else 1):
            self._takes(event, models.LineEvent.How.TOLD, at)

    def _takes(self, event: protocol.Event, how: models.LineEvent.How, at: datetime.datetime) -> None:
        contact = taking.take(PROVIDER, event, how=how, at=at)
        assert contact is not None  # a call is always one
        call = self._by_name[event.conversation]
        self._calls[contact.id] = call
        if call.contact_id is None:
            call.contact_id = contact.id
            wakes_at = at + datetime.timedelta(minutes=LONGEST) + POLL
            self._at(wakes_at, functools.partial(self._wakes, call))

    def _outcome(self) -> Outcome:
        with row_security.system():
            rows = models.Contact.objects.filter(agency=self._agency)
            still = rows.filter(state=State.RINGING).values_list("id", flat=True)
            return Outcome(
                contacts=rows.count(),
                endless_holds=len(self._endless | set(still)),
                unowned=len(self._unowned),
                abandoned=rows.filter(state=State.ABANDONED).count(),
                voicemails=models.ContactMessage.objects.filter(agency=self._agency, way="voicemail").count(),
                call_backs=models.CallBack.objects.filter(agency=self._agency).count(),
                longest_wait_s=max((_waited(*row) for row in rows.values_list(*WAITED)), default=0),
            )


WAITED = ("rang_at", "answered_at", "state", "since", "left_at")


def _waited(
    rang_at: datetime.datetime,
    answered_at: datetime.datetime | None,
    state: str,
    since: datetime.datetime,
    left_at: datetime.datetime | None,
) -> int:
    """Return for how many seconds a call waited: until somebody answered, it went on the list, or they hung up."""
    ends = [each for each in (answered_at, left_at, since if state == State.VOICEMAIL else None) if each]
    return round((min(ends, default=rang_at) - rang_at).total_seconds())
