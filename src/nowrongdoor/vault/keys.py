"""Making, finding and renewing keys. The provider is asked once per root key and process.

The promise: a key is never overwritten. To wrap it anew adds a version; a version that does not open, or holds another
secret, is passed over; and the provider's old key goes only when every key was seen to open without it.
"""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import hmac
import itertools
import logging
import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence

from cryptography import exceptions
from django.db import IntegrityError, transaction
from django.db.models import Exists, F, Max, OuterRef
from django.db.models.functions import Coalesce
from django.utils import timezone

from nowrongdoor.bulk import writing
from nowrongdoor.core.language import gettext
from nowrongdoor.vault import models, providers, sealing

ERASED = "(erased)"  # shown in place of what no key opens any more
CHECKED_AT_ONCE = 1_000
LOG = logging.getLogger(__name__)


class Erased(LookupError):
    """The key was destroyed, so what it sealed is gone for good."""

    def __init__(self) -> None:
        super().__init__(gettext("What was written here was erased."))


class WrongSecret(ValueError):
    """A version of a key does not open, or holds another secret than the key had first: what was sealed does not open
    with it."""

    def __init__(self, subject_id: uuid.UUID) -> None:
        super().__init__(
            gettext(
                "A version of the key of %(subject_id)s does not open, or holds another secret "
                "than the key had first. Nothing was destroyed: the versions before it still "
                "open. Ask whoever keeps the database to remove that version."
            )
            % {"subject_id": subject_id}
        )


class Keys:
    """The keys that were asked for, by the id of their case or signal."""

    def __init__(self, keys_by_subject: Mapping[uuid.UUID, sealing.Key]) -> None:
        self._found = keys_by_subject

    def __getitem__(self, subject_id: uuid.UUID) -> sealing.Key:
        try:
            return self._found[subject_id]
        except KeyError:
            raise Erased from None

    def get(self, subject_id: uuid.UUID) -> sealing.Key | None:
        """Return a key, or None where it was destroyed."""
        return self._found.get(subject_id)

    def __contains__(self, subject_id: object) -> bool:
        return subject_id in self._found


@dataclasses.dataclass(frozen=True, slots=True)
class KeyRow:
    """A new key as it is kept: wrapped by a root key."""

    subject_id: uuid.UUID
    of: str
    root: uuid.UUID
    wrapped: bytes
    commitment: bytes


@dataclasses.dataclass(frozen=True, slots=True)
class VersionRow:
    """A key wrapped once more, by another root key."""

    id: uuid.UUID
    subject: uuid.UUID
    version: int
    root: uuid.UUID
    wrapped: bytes
    commitment: bytes


class Minted(Keys):
    """New keys, with which one may seal; nothing opens until they are kept."""

    def __init__(self, subject_ids: Iterable[uuid.UUID]) -> None:
        self._secrets = {subject_id: sealing.new_secret() for subject_id in subject_ids}
        super().__init__({subject_id: sealing.Key(secret) for subject_id, secret in self._secrets.items()})

    def keep(self, of: models.DataKey.Of, subject_ids: Collection[uuid.UUID] | None = None) -> None:
        """Keep the keys (or only the named ones), in the caller's transaction, with one statement."""
        root_id, root = _current()
        writing.add(
            models.DataKey,
            [
                KeyRow(
                    subject_id=subject_id,
                    of=of.value,
                    root=root_id,
                    wrapped=sealing.wrap(secret, under=root, label=subject_id.bytes),
                    commitment=sealing.commitment(secret, subject_id.bytes),
                )
                for subject_id, secret in self._secrets.items()
                if subject_ids is None or subject_id in subject_ids
            ],
        )


def open_all(subject_ids: Iterable[uuid.UUID]) -> Keys:
    """Return the keys of cases and signals that row security shows, with one query."""
    now = models.now(OuterRef("subject_id"))
    rows = models.DataKey.objects.filter(subject_id__in=list(subject_ids)).order_by("subject_id")
    wrappings = rows.values_list("subject_id", now.root, now.wrapped, now.commitment)
    return Keys({subject_id: opened(subject_id, *now_wrapped) for subject_id, *now_wrapped in wrappings})


def of(subject_id: uuid.UUID) -> sealing.Key:
    """Find the key of one case or signal. Erased."""
    return open_all([subject_id])[subject_id]


def shown(key: sealing.Key | None, sealed: bytes | memoryview, place: sealing.Place) -> str:
    """Open words for a page, or say that they were erased where there is no key any more."""
    if not sealed:
        return ""
    return key.open(sealed, place) if key else ERASED


def opened(
    subject_id: uuid.UUID, root_id: uuid.UUID, wrapped: bytes | memoryview, commitment: bytes | memoryview | None
) -> sealing.Key:
    """Open a key whose newest version was read with another row. A newest version that does not open, or holds another
    secret than the key had first, hides nothing: the one before it is taken, and the log says so."""
    try:
        return sealing.Key(_secret(subject_id, _Wrapped(root_id, bytes(wrapped)), commitment))
    except (exceptions.InvalidTag, providers.NoSuchKey, WrongSecret):
        for older in reversed(_versions([subject_id])[subject_id][:-1]):
            try:
                secret = _secret(subject_id, older, commitment)
            except (exceptions.InvalidTag, providers.NoSuchKey, WrongSecret):
                continue
            LOG.error("The newest version of the key of %s does not open; an older one was taken.", subject_id)
            return sealing.Key(secret)
        raise


def index(agency_id: uuid.UUID) -> sealing.Index:
    """Return what makes one agency's search tokens."""
    return sealing.Index(_index_secret(), agency_id)


def salt_of_receipts() -> bytes:
    """Return the salt, the same for all receipts of this installation, with which their hashes are made: so that one
    hash finds the mailbox, and nobody who holds the database alone can try receipts out."""
    return hmac.digest(_index_secret(), b"receipts of senders", hashlib.sha256)[:16]


def for_staff() -> sealing.Key:
    """Return the key that seals what people of the agencies sign in with."""
    return sealing.Key(hmac.digest(_index_secret(), b"second factors of staff", hashlib.sha256))


def for_people() -> bytes:
    """Return the key of the seals over what people of the agencies sign in with."""
    return hmac.digest(_index_secret(), b"what people sign in with", hashlib.sha256)


def prepare() -> None:
    """Make the first root keys, where there are none."""
    for use in models.RootKey.Use:
        if not models.RootKey.objects.filter(use=use.value, retired_at=None).exists():
            try:
                with transaction.atomic():
                    _new_root(use, sealing.new_secret())
            except IntegrityError:  # another process was quicker
                continue


def renew() -> uuid.UUID:
    """Make a new root key under a new key of the provider; keys made from now on are wrapped by it. The old ones go on
    opening what they wrapped until `rewrap` is through. The index key is wrapped anew, in a new row."""
    provider = providers.chosen()
    provider.renew()
    now = timezone.now()
    with transaction.atomic():
        secret = _index_secret()
        models.RootKey.objects.filter(retired_at=None).update(retired_at=now)
        _new_root(models.RootKey.Use.INDEX, secret)
        root_id = _new_root(models.RootKey.Use.WRAP, sealing.new_secret())
    forget()
    return root_id


def rewrap(*, limit: int) -> int:
    """Add a version, wrapped by the root key in use, to keys that have none, some at a time, and return how many; run
    it until it gives 0. What the keys sealed is not touched, and everybody goes on reading meanwhile."""
    root_id, root = _current()
    with transaction.atomic():
        stale = models.DataKey.objects.exclude(root_id=root_id).annotate(last=Coalesce(Max("versions__version"), 1))
        stale = stale.filter(~Exists(models.KeyVersion.objects.filter(subject=OuterRef("subject_id"), root_id=root_id)))
        batch = list(stale.order_by("subject_id").values_list("subject_id", "last", "commitment")[:limit])
        if not batch:
            return 0
        ids = [subject_id for subject_id, _, _ in batch]
        versions = _versions(ids)
        secrets = [_secret_that_stays(subject_id, versions[subject_id], proof) for subject_id, _, proof in batch]
        writing.add_missing(  # whatever another process added meanwhile is left as it is
            models.KeyVersion,
            [
                VersionRow(
                    id=uuid.uuid4(),
                    subject=subject_id,
                    version=last + 1,
                    root=root_id,
                    wrapped=sealing.wrap(secret, under=root, label=subject_id.bytes),
                    commitment=sealing.commitment(secret, subject_id.bytes),
                )
                for (subject_id, last, _), secret in zip(batch, secrets, strict=True)
            ],
            key=["subject", "version"],
            returning="id",
        )
    return len(batch)


def forget_old() -> list[str]:
    """Destroy the provider's keys that no root key in use is wrapped with, once `rewrap` is through and every key was
    seen to open with the same secret under the new one. What was copied before (a backup, a log of the database)
    cannot be unwrapped any more, so an erasure reaches every copy. WrongSecret, and then nothing is destroyed."""
    root_id, _ = _current()
    now = models.now(OuterRef("subject_id"))
    rows = models.DataKey.objects.order_by("subject_id")
    rows_now = rows.values_list("subject_id", "commitment", now.root, now.wrapped, now.commitment)
    kept = rows_now.iterator(chunk_size=CHECKED_AT_ONCE)
    while chunk := list(itertools.islice(kept, CHECKED_AT_ONCE)):
        versions = _versions([subject_id for subject_id, *_ in chunk])
        for subject_id, proof, now_root, wrapped, now_proof in chunk:
            if now_root != root_id:
                return []
            try:
                opens = _secret(subject_id, _Wrapped(now_root, bytes(wrapped)), now_proof)
            except exceptions.InvalidTag:
                raise WrongSecret(subject_id) from None
            if opens != _secret_that_stays(subject_id, versions[subject_id], proof):
                raise WrongSecret(subject_id)
    in_use = models.RootKey.objects.filter(retired_at=None)
    return providers.chosen().forget(set(in_use.values_list("provider_key", flat=True)))


@dataclasses.dataclass(frozen=True, slots=True)
class _Wrapped:
    root_id: uuid.UUID
    wrapped: bytes


def _versions(subject_ids: Collection[uuid.UUID]) -> Mapping[uuid.UUID, list[_Wrapped]]:
    """Keys as they were ever wrapped, oldest first."""
    versions: dict[uuid.UUID, list[_Wrapped]] = {subject_id: [] for subject_id in subject_ids}
    first = models.DataKey.objects.filter(subject_id__in=subject_ids).order_by("subject_id")
    later = models.KeyVersion.objects.filter(subject__in=subject_ids).order_by("version")
    for rows in (first, later):
        for subject_id, root_id, wrapped in rows.values_list("subject_id", "root_id", "wrapped"):
            versions[subject_id].append(_Wrapped(root_id, bytes(wrapped)))
    return versions


def _secret(subject_id: uuid.UUID, version: _Wrapped, commitment: bytes | memoryview | None) -> bytes:
    secret = sealing.unwrap(version.wrapped, under=_root(version.root_id), label=subject_id.bytes)
    if commitment is not None and sealing.commitment(secret, subject_id.bytes) != bytes(commitment):
        raise WrongSecret(subject_id)
    return secret


def _secret_that_stays(
    subject_id: uuid.UUID, versions: Sequence[_Wrapped], commitment: bytes | memoryview | None
) -> bytes:
    """The secret that a key had first, as its oldest version says that still opens: later ones may be wrong."""
    refused: Exception = Erased()
    for version in versions:
        if not _is_there(version.root_id):
            continue
        try:
            return _secret(subject_id, version, commitment)
        except (exceptions.InvalidTag, WrongSecret) as error:
            refused = error
    raise refused


def _new_root(use: models.RootKey.Use, secret: bytes) -> uuid.UUID:
    provider = providers.chosen()
    name = provider.current()
    row = models.RootKey.objects.create(
        id=uuid.uuid4(),
        use=use.value,
        provider=provider.name,
        provider_key=name,
        wrapped=provider.wrap(secret, name),
        made_at=timezone.now(),
        commitment=sealing.commitment(secret, providers.LABEL),
    )
    return row.id


def _current() -> tuple[uuid.UUID, bytes]:
    """The root key that wraps now. It is asked each time: a key that is wrapped by one that another process retired
    would be lost with that one's provider key (a_key_is_wrapped_by_the_root_key_in_use refuses it)."""
    rows = models.RootKey.objects.filter(use=models.RootKey.Use.WRAP, retired_at=None)
    root_id = rows.values_list("id", flat=True).get()
    return root_id, _root(root_id)


@functools.lru_cache(maxsize=64)
def _root(root_id: uuid.UUID) -> bytes:
    return _unwrapped(models.RootKey.objects.get(id=root_id))


@functools.lru_cache(maxsize=64)
def _is_there(root_id: uuid.UUID) -> bool:
    """Whether the provider still has the key that a root key is wrapped with: asked once, not for every key."""
    try:
        _root(root_id)
    except providers.NoSuchKey:
        return False
    return True


@functools.lru_cache(maxsize=1)
def _index_secret() -> bytes:
    """The secret of the index key in use; of the one before it where that one does not open, or is another's."""
    rows = models.RootKey.objects.filter(use=models.RootKey.Use.INDEX)
    refused: Exception | None = None
    for row in rows.order_by(F("retired_at").desc(nulls_first=True)):
        try:
            return _unwrapped(row)
        except (exceptions.InvalidTag, providers.NoSuchKey, WrongSecret) as error:
            refused = refused or error
    raise refused or models.RootKey.DoesNotExist


def _unwrapped(row: models.RootKey) -> bytes:
    provider = providers.chosen()
    if provider.name != row.provider:
        raise providers.NoSuchKey(provider.name, f"{row.provider}:{row.provider_key}")
    secret = provider.unwrap(bytes(row.wrapped), row.provider_key)
    if row.commitment is not None and sealing.commitment(secret, providers.LABEL) != bytes(row.commitment):
        raise WrongSecret(row.id)
    return secret


def refuse_a_root_that_does_not_open() -> None:
    """Refuse where the provider does not open the root keys in use, asked anew: what this process opened before, the
    next one may not. Where there is none yet, it refuses nothing. NoSuchKey, Unusable, OSError."""
    for row in models.RootKey.objects.filter(retired_at=None).order_by("use"):
        try:
            _unwrapped(row)
        except (exceptions.InvalidTag, WrongSecret):
            raise providers.NoSuchKey(row.provider, row.provider_key) from None


def root_opens() -> bool:
    """Return whether the provider opens the root keys in use."""
    try:
        refuse_a_root_that_does_not_open()
    except (providers.NoSuchKey, providers.Unusable, OSError):
        return False
    return True


def forget() -> None:
    """Ask the provider again for every root key."""
    _root.cache_clear()
    _is_there.cache_clear()
    _index_secret.cache_clear()
