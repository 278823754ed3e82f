"""How the installation is, as far as its own records say: what an administrator or an operator can act on.

The promise: each line rests on a fact that exists. What nothing records is shown as unknown, never as fine; no secret,
path or address of a machine is shown.
"""

from __future__ import annotations

import dataclasses
import datetime
import enum
import importlib.metadata
import shutil
from collections.abc import Sequence

from django.db import connection

from nowrongdoor.audit.models import Anchor
from nowrongdoor.core.language import gettext as _
from nowrongdoor.core.language import gettext_lazy, ngettext
from nowrongdoor.intake import routing
from nowrongdoor.operating import clock, cluster, schema
from nowrongdoor.ui import tags
from nowrongdoor.vault import keys
from nowrongdoor.vault.models import RootKey
from nowrongdoor.work import state

KEY_LASTS = datetime.timedelta(days=365)  # policy: a root key is renewed each year
ANCHORED = datetime.timedelta(days=31)  # policy: the trail is anchored each month
WORKER_SILENT = datetime.timedelta(minutes=1)  # a worker says every ten seconds that it is there
TASK_WAITS = datetime.timedelta(minutes=10)  # policy
CLOCK_OFF = datetime.timedelta(seconds=30)  # policy
LEAST_FREE = 10  # percent of the disk, policy


class Health(enum.Enum):
    """What is known of one line: its words, and how its tag looks."""

    FINE = "fine"
    ACT = "act"
    UNKNOWN = "unknown"

    @property
    def words(self) -> str:
        """Name it for a page."""
        return str(_WORDS[self][0])

    @property
    def tag(self) -> str:
        """Name the look of its tag."""
        return _WORDS[self][1]


_WORDS = {
    Health.FINE: (gettext_lazy("OK"), "open"),
    Health.ACT: (gettext_lazy("Needs action"), "late nowrap"),
    Health.UNKNOWN: (gettext_lazy("Unknown"), "waiting"),
}


@dataclasses.dataclass(frozen=True, slots=True)
class Line:
    """One thing to look at: what is known of it, and what to do about it; `command`: what an operator runs."""

    name: str
    health: Health
    words: str
    act: str = ""
    command: str = ""


def lines(*, at: datetime.datetime) -> Sequence[Line]:
    """Look at everything, in the order of a page."""
    queue = state.now(at=at)
    return [
        _version(),
        _schema(),
        _clock(),
        _worker(queue, at),
        _tasks(queue, at),
        _signals(),
        _keys(at),
        _trail_verified(),
        _trail_anchored(at),
        _backup(),
        _disk(),
        _mail(),
    ]


def _version() -> Line:
    return Line(_("Version"), Health.FINE, importlib.metadata.version("nowrongdoor"))


def _schema() -> Line:
    name = _("Database schema")
    if schema.is_behind():
        return Line(
            name, Health.ACT, _("Behind this version."), _("An operator brings it up to date."), "nwd database migrate"
        )
    return Line(name, Health.FINE, _("Up to date."))


def _clock() -> Line:
    name = _("Clock")
    with connection.cursor() as cursor:
        seconds = clock.seconds_ahead(cursor)
    if abs(seconds) < CLOCK_OFF.total_seconds():
        return Line(name, Health.FINE, _("Same as the database’s."))
    text = (
        _("%(seconds)s seconds ahead of the database’s.")
        if seconds > 0
        else _("%(seconds)s seconds behind the database’s.")
    )
    act = _("An operator syncs both machines with a time server. Five minutes ahead, nobody can save anything.")
    return Line(name, Health.ACT, text % {"seconds": abs(round(seconds))}, act)


def _worker(queue: state.State, at: datetime.datetime) -> Line:
    name = _("Worker")
    act, command = _("Signals from other systems wait until an operator starts a worker."), "nwd worker"
    if queue.worker_seen_at is None:
        return Line(name, Health.ACT, _("No worker has reported."), act, command)
    words = _("Last reported %(at)s.") % {"at": tags.moment(queue.worker_seen_at)}
    if at - queue.worker_seen_at > WORKER_SILENT:
        return Line(name, Health.ACT, words, act, command)
    return Line(name, Health.FINE, words)


def _tasks(queue: state.State, at: datetime.datetime) -> Line:
    name = _("Task queue")
    words = [ngettext("%(count)s task waits.", "%(count)s tasks wait.", queue.waiting) % {"count": queue.waiting}]
    if queue.waiting_since:
        words.append(_("The oldest has waited since %(at)s.") % {"at": tags.moment(queue.waiting_since)})
    if queue.failed:
        failed = ngettext("%(count)s task failed.", "%(count)s tasks failed.", queue.failed)
        words.append(failed % {"count": queue.failed})
    is_late = queue.waiting_since is not None and at - queue.waiting_since > TASK_WAITS
    if is_late or queue.failed:
        return Line(name, Health.ACT, " ".join(words), _("An operator looks at the worker and its log."), "nwd worker")
    return Line(name, Health.FINE, " ".join(words))


def signals_waiting() -> str:
    """Say how many signals no case holds yet; empty where every one has its case."""
    count = routing.count_waiting()
    words = ngettext("%(count)s signal is waiting for a case.", "%(count)s signals are waiting for a case.", count)
    return words % {"count": count} if count else ""


def _signals() -> Line:
    name = _("Signals")
    if words := signals_waiting():
        return Line(name, Health.ACT, words, _("The Routing page says why."))
    return Line(name, Health.FINE, _("No signal is waiting for a case."))


def _keys(at: datetime.datetime) -> Line:
    name, root = _("Keys"), RootKey.objects.filter(use=RootKey.Use.WRAP, retired_at=None).first()
    if root is None:
        return Line(name, Health.UNKNOWN, _("No root key has been made yet. The first case or signal makes it."))
    if not keys.root_opens():
        act = _("An operator brings back its file or its module. What restarts until then can’t read what is sealed.")
        return Line(name, Health.ACT, _("The root key doesn’t open."), act)
    due_at = root.made_at + KEY_LASTS
    words = _("The root key was made %(made)s. Renewal is due %(due)s (policy: each year).") % {
        "made": tags.moment(root.made_at),
        "due": tags.moment(due_at),
    }
    if due_at <= at:
        return Line(name, Health.ACT, words, _("An operator renews it. Nobody has to stop working."), "nwd vault renew")
    return Line(name, Health.FINE, words)


def _trail_verified() -> Line:
    return Line(
        _("Audit trail verified"),
        Health.UNKNOWN,
        _("No record is kept of when the trail was last verified."),
        _("An operator verifies it; the command answers at once."),
        "nwd audit verify",
    )


def _trail_anchored(at: datetime.datetime) -> Line:
    name, newest = _("Audit trail anchored"), Anchor.objects.order_by("-id").first()
    act, command = _("An operator anchors it, and sends the line to another agency."), "nwd audit anchor"
    if newest is None:
        return Line(name, Health.ACT, _("Never anchored."), act, command)
    words = _("Last anchored %(at)s (policy: each month).") % {"at": tags.moment(newest.at)}
    if at - newest.at > ANCHORED:
        return Line(name, Health.ACT, words, act, command)
    return Line(name, Health.FINE, words)


def _backup() -> Line:
    return Line(
        _("Backup"),
        Health.UNKNOWN,
        _("No record is kept of when the last backup was made."),
        _("Ask an operator when it was made, and when it was last restored as a test."),
        "nwd backup",
    )


def _disk() -> Line:
    name = _("Disk")
    if not cluster.is_embedded():
        return Line(name, Health.UNKNOWN, _("The database runs on another server, so its disk space isn’t known here."))
    try:
        usage = shutil.disk_usage(cluster.var())
    except OSError:
        return Line(name, Health.UNKNOWN, _("Free space on the disk couldn’t be read."))
    free = 100 * usage.free // usage.total
    words = _("%(free)s%% of the disk is free.") % {"free": free}
    if free < LEAST_FREE:
        return Line(name, Health.ACT, words, _("An operator makes room. When the disk is full, nothing can be saved."))
    return Line(name, Health.FINE, words)


def _mail() -> Line:
    return Line(_("Mail"), Health.UNKNOWN, _("This version doesn’t send mail yet."))
