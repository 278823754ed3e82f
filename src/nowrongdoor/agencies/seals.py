"""Whether what somebody signs in with, and may do, is what this system wrote: a keyed seal over all of it.

The promise: nobody comes in with a password, factor, identity or role that was put in the place of somebody's past the
system, the superuser of the database included: the key of the seal comes from the key provider. Of a person the seal
covers id, agency, role, whether they are active, the password's hash, every factor and identity, and the event that
changed one of these last, so that yesterday's ways in do not fit with yesterday's seal.

Note [What is sealed]: after a change, what was there before, if its seal was right, and what this process wrote itself;
nothing is read back to be sealed. So whatever somebody plants beside a change, by a trigger of theirs for example, does
not become right with it. What was wrong before stays wrong (`WRONG`): only `nwd database seal --anew` ends that.

Note [Once sealed]: an installation was never sealed (then everybody comes in as before, and the log says so), or is
sealed for good. Which of the two it is, no database can say that somebody may change: this machine remembers it, in a
file beside its data, from the first seal that it saw to be right. `NWD_SEALED=1` says so where no file stays.
"""

from __future__ import annotations

import dataclasses
import datetime
import functools
import hashlib
import hmac
import json
import logging
import os
import pathlib
import uuid
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

from cryptography import exceptions
from django.core.exceptions import ObjectDoesNotExist
from django.db import connection
from django.db import models as django_models
from django.db.models.query import QuerySet

from nowrongdoor.access import row_security
from nowrongdoor.agencies import models, ways_in
from nowrongdoor.audit import models as trail
from nowrongdoor.audit import noted, record
from nowrongdoor.core.language import gettext as _
from nowrongdoor.operating import folder
from nowrongdoor.vault import keys, providers

LOG = logging.getLogger(__name__)
WRONG = b"\x00"  # no seal is so short
FIELDS = frozenset({"agency", "agency_id", "role", "is_active", "password"})  # of a person, that it covers
EVENT = "people.sealed"
_KEPT: Mapping[type[django_models.Model], noted.Kept] = {
    kept.model: kept for kept in (ways_in.FACTOR, ways_in.IDENTITY)
}
_CHANGED_LAST = "SELECT subject_id, max(id) FROM nowrongdoor_auditevent WHERE verb = ANY (%s) GROUP BY subject_id"
_remembered = False


@dataclasses.dataclass(frozen=True, slots=True)
class Ways:
    """What somebody has besides a password, by digest, and the event that changed a way in last (0: none did)."""

    digests: Mapping[str, str]
    changed: int


@dataclasses.dataclass(frozen=True, slots=True)
class Whole:
    """All that a seal covers."""

    person_id: uuid.UUID
    agency_id: uuid.UUID
    role: str
    is_active: bool
    password: str
    ways: Ways

    def seal(self) -> bytes:
        """Make the seal. The provider may refuse: see `keys`."""
        mine = [str(self.person_id), str(self.agency_id), self.role, self.is_active, self.password]
        text = json.dumps([*mine, self.ways.changed, sorted(self.ways.digests.items())])
        return hmac.digest(keys.for_people(), text.encode(), hashlib.sha256)


@dataclasses.dataclass(slots=True)
class Begun:
    """Somebody who is being changed: what was there before, and whether it was as it had been sealed."""

    whole: Whole
    was_right: bool


# Whether this installation is sealed


def is_sealed() -> bool:
    """Return whether nobody without a seal comes in, as far as this machine knows."""
    return _remembered or os.environ.get("NWD_SEALED") == "1" or _file().exists()


def remember() -> None:
    """Remember, on this machine, that this installation is sealed."""
    global _remembered
    _remembered = True
    if not _file().exists():
        try:
            _file().write_text("People are sealed here: nobody without a seal comes in.\n", encoding="utf-8")
        except OSError as error:
            LOG.warning("That people are sealed could not be remembered in a file: set NWD_SEALED=1. %s", error)


def forget() -> None:
    """Ask the file again, and tell the log again."""
    global _remembered
    _remembered = False
    _tell_unsealed.cache_clear()
    _tell_wrong.cache_clear()


# Whether somebody is as they were sealed


def holds(person: models.User) -> bool:
    """Return whether a person, as they were read, is as they were sealed, with the factors and identities there are."""
    with row_security.entry():
        return fits(person, _ways_of(person.pk))


def still_holds(person_id: uuid.UUID) -> bool:
    """Return whether a person, read anew, is as they were sealed."""
    with row_security.entry():
        return holds(models.User.objects.get(id=person_id))


def fits(person: models.User, ways: Ways) -> bool:
    """Return whether a person's seal fits them; say so to the operator where it does not."""
    if person.sealed is None and not is_sealed():
        _tell_unsealed()
        return True
    if _is_right(person, ways):
        if not _remembered:
            remember()
        return True
    _tell_wrong(person.pk)
    return False


def fits_as_read(person: models.User) -> bool:
    """Return whether a person's seal fits them, as `User.objects.signed_in` read both."""
    read = person.__dict__
    return fits(person, Ways(json.loads(read["ways"]), read["changed"]))


def _is_right(person: models.User, ways: Ways) -> bool:
    whole = _whole(person, ways)
    return (
        person.sealed is not None
        and person.sealed_for == ways.changed
        and hmac.compare_digest(bytes(person.sealed), whole.seal())
    )


def _whole(person: models.User, ways: Ways) -> Whole:
    return Whole(person.pk, person.agency_id, person.role, person.is_active, person.password, ways)


def _ways_of(person_id: uuid.UUID) -> Ways:
    with connection.cursor() as cursor:
        cursor.execute(ways_in.OF_ONE, {"person": person_id})
        digests = dict(cursor.fetchall())
        cursor.execute("SELECT nwd_changed_last(%s, '')", [person_id])
        return Ways(digests, cursor.fetchone()[0])


@functools.lru_cache(maxsize=1)
def _tell_unsealed() -> None:
    LOG.warning("Nobody is sealed yet: whoever may write the database can plant a password. Run `nwd database seal`.")


@functools.lru_cache(maxsize=1_000)
def _tell_wrong(person_id: uuid.UUID) -> None:
    LOG.error(
        "What person %s signs in with, or may do, is not as it was sealed: they do not come in. "
        "`nwd audit verify` says more.",
        person_id,
    )


# Sealing again whoever is changed: django-allauth, and we, write by saving and deleting


def saving(instance: django_models.Model, update_fields: Collection[str] | None = None, **_signal: object) -> None:
    """Look what there is, before a person, a factor or an identity is saved."""
    person_id = _covered(instance, update_fields)
    if person_id and not (isinstance(instance, models.User) and instance._state.adding):
        instance.__dict__["_begun"] = _begin(person_id)


def saved(
    instance: django_models.Model,
    created: bool,  # noqa: FBT001  Django's own signature
    update_fields: Collection[str] | None = None,
    **_signal: object,
) -> None:
    """Seal a person anew, once they, a factor or an identity of theirs were saved."""
    if isinstance(instance, models.User) and created:
        if is_sealed() or is_anybody_sealed():
            _seal(Begun(_whole(instance, Ways({}, 0)), was_right=True))
        return
    begun: Begun | None = instance.__dict__.pop("_begun", None)
    if begun is None or not _covered(instance, update_fields):
        return
    if isinstance(instance, models.User):
        written = FIELDS if update_fields is None else FIELDS & set(update_fields)
        changes = {field: getattr(instance, field) for field in written - {"agency"}}
        begun.whole = dataclasses.replace(begun.whole, **changes)
    else:
        _put(begun, {_line(instance): _digest(instance)})
    _seal(begun)


def deleting(
    instance: django_models.Model, origin: django_models.Model | QuerySet[django_models.Model], **_signal: object
) -> None:
    """Look what there is, before factors or identities are deleted, once for all that one call deletes."""
    begun = origin.__dict__.setdefault("_begun_of", {})
    person_id = _covered(instance, None)
    if person_id not in begun:
        begun[person_id] = _begin(person_id) if person_id else None


def deleted(
    instance: django_models.Model, origin: django_models.Model | QuerySet[django_models.Model], **_signal: object
) -> None:
    """Seal a person anew, once factors or identities were deleted."""
    begun: Begun | None = origin.__dict__["_begun_of"].get(_covered(instance, None))
    if begun is not None:
        _put(begun, {}, without=_line(instance))
        _seal(begun)


def _covered(instance: django_models.Model, written: Collection[str] | None) -> uuid.UUID | None:
    """Whose seal covers a row, if what is written of it is covered."""
    if isinstance(instance, models.User):
        return instance.pk if written is None or FIELDS & set(written) else None
    columns = _KEPT[type(instance)].columns
    is_written = written is None or {"user", *columns} & set(written)
    return getattr(instance, "user_id") if is_written else None  # noqa: B009  as both models have it


def _begin(person_id: uuid.UUID) -> Begun | None:
    """Read somebody who is to be changed, and hold their row until the transaction ends."""
    with row_security.entry():
        person = models.User.objects.select_for_update(no_key=True).get(id=person_id)
        if person.sealed is None and not is_sealed():
            return None
        ways = _ways_of(person_id)
        return Begun(_whole(person, ways), fits(person, ways))


def _put(begun: Begun, more: Mapping[str, str], *, without: str = "") -> None:
    kept = {line: digest for line, digest in begun.whole.ways.digests.items() if line != without}
    begun.whole = dataclasses.replace(begun.whole, ways=Ways({**kept, **more}, begun.whole.ways.changed))


def _seal(begun: Begun) -> None:
    """Seal somebody as they were before and were changed by us; see Note [What is sealed]."""
    with row_security.entry():
        mine = models.User.objects.filter(id=begun.whole.person_id)
        changed = mine.values_list("sealed_for", flat=True).first()
        ways = Ways(begun.whole.ways.digests, changed or 0)
        seal = dataclasses.replace(begun.whole, ways=ways).seal() if begun.was_right else WRONG
        mine.update(sealed=seal)


def _line(instance: django_models.Model) -> str:
    return f"{_KEPT[type(instance)].name} {instance.pk}"


def _digest(instance: django_models.Model) -> str:
    """The digest of a row as this process wrote it, which is not asked of the table."""
    kept = _KEPT[type(instance)]
    text = json.dumps({column: getattr(instance, column) for column in kept.columns}, default=str)
    row = f"jsonb_populate_record(NULL::{kept.model._meta.db_table}, %s::jsonb) w"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {kept.digest} FROM {row}", [text])  # noqa: S608  our own names
        return str(cursor.fetchone()[0])


def is_anybody_sealed() -> bool:
    """Return whether anybody in this database has a seal, right or wrong."""
    with row_security.entry():
        return models.User.objects.filter(sealed__isnull=False).exists()


def is_from_before() -> bool:
    """Return whether nobody here has a seal though this machine saw one: as with a backup from before sealing."""
    with row_security.entry():
        return is_sealed() and models.User.objects.exists() and not is_anybody_sealed()


# Sealing everybody, and looking at everybody


@dataclasses.dataclass(frozen=True, slots=True)
class Sealed:
    """What came of sealing everybody: how many were right already, how many were sealed now, and who is wrong and was
    left so."""

    right: int
    now: int
    wrong: Sequence[uuid.UUID]


def seal_everybody(*, at: datetime.datetime, anew: str = "") -> Sealed:
    """Seal everybody as they are, once; whoever is not as they were sealed, `anew` alone ("yes"), which is in the
    trail."""
    with row_security.entry():
        people = list(models.User.objects.select_for_update(no_key=True).order_by("id"))
        is_first = not is_sealed() and all(person.sealed is None for person in people)
        right, sealed, wrong = 0, [], []
        for person in people:
            ways = _ways_of(person.pk)
            if not is_first and _is_right(person, ways):
                right += 1
            elif is_first or anew:
                _seal(Begun(_whole(person, ways), was_right=True))
                sealed.append(person)
            else:
                wrong.append(person.pk)
        record.record_all(_told(sealed, is_first=is_first), at=at)
    remember()
    return Sealed(right, len(sealed), wrong)


def _told(people: Sequence[models.User], *, is_first: bool) -> Iterator[record.Deed]:
    """One event for each agency; of whoever was sealed anew, one for each person."""
    if is_first:
        for agency_id in sorted({person.agency_id for person in people}):
            count = sum(person.agency_id == agency_id for person in people)
            yield record.Deed(EVENT, agency_id, agency_id, details={"people": count})
    else:
        for person in people:
            yield record.Deed(EVENT, person.agency_id, person.pk, details={"anew": "yes"})


def begin(*, at: datetime.datetime) -> None:
    """Seal everybody where this installation was never sealed."""
    if not is_sealed() and not is_anybody_sealed():
        seal_everybody(at=at)


def begin_with_the_first(*, at: datetime.datetime) -> None:
    """Have a new installation sealed from its first person on."""
    with row_security.entry():
        if not models.User.objects.exists():
            begin(at=at)


def look_over() -> noted.LookedOver:
    """Look at everybody's seal, for `nwd audit verify`. The caller sees every row."""
    people = list(models.User.objects.order_by("id"))
    ways = _everybodys_ways()
    if not is_sealed() and all(person.sealed is None for person in people):
        return noted.LookedOver((), 0, _("Nobody is sealed yet. Run `nwd database seal`."))
    try:
        wrong = [(words, None) for person in people if (words := _wrong(person, ways(person.pk)))]
    except (
        providers.NoSuchKey,
        providers.Unusable,
        OSError,
        exceptions.InvalidTag,
        keys.WrongSecret,
        ObjectDoesNotExist,
    ):
        return noted.LookedOver((), 0, _("The key isn’t here, so nobody’s seal was looked at."))
    return noted.LookedOver(tuple(wrong), len(people), "")


def _everybodys_ways() -> Callable[[uuid.UUID], Ways]:
    """Read what everybody has, and asks no function that lives in the database; the caller sees every row."""
    digests: dict[uuid.UUID, dict[str, str]] = {}
    with connection.cursor() as cursor:
        cursor.execute(ways_in.EVERYBODYS)
        for person_id, line, digest in cursor.fetchall():
            digests.setdefault(person_id, {})[line] = digest
        cursor.execute(_CHANGED_LAST, [list(trail.WAYS_IN)])
        changed = dict(cursor.fetchall())
    return lambda person_id: Ways(digests.get(person_id, {}), changed.get(person_id, 0))


def _wrong(person: models.User, ways: Ways) -> str:
    """Say what is wrong with somebody's seal; empty where it is right."""
    if _is_right(person, ways):
        return ""
    if person.sealed is None:
        words = _("Person %(person)s has no seal.")
    elif person.sealed_for != ways.changed:
        words = _("Person %(person)s is sealed for event %(then)s, and event %(last)s changed them last.")
    else:
        words = _("The seal of person %(person)s doesn’t fit what they sign in with, or may do.")
    return words % {"person": person.pk, "then": person.sealed_for, "last": ways.changed}


def _file() -> pathlib.Path:
    return folder.var() / "sealed"
