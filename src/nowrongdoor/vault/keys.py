"""Making, finding and renewing keys. The provider is asked once per root key and process."""

from __future__ import annotations

import functools
import hashlib
import hmac
import time
import uuid
from collections.abc import Collection, Iterable, Mapping

from django.db import IntegrityError, transaction
from django.utils import timezone

from nowrongdoor.rows import writing
from nowrongdoor.vault import models, providers, sealing

ERASED = "(erased)"  # shown in place of what no key opens any more
FRESH = 30  # seconds for which a process goes on with a root key that was renewed elsewhere


class Erased(LookupError):
    """The key was destroyed, so what it sealed is gone for good."""

    def __init__(self) -> None:
        super().__init__("What was written here was erased.")


class Keys:
    """The keys that were asked for, by the id of their case or signal."""

    def __init__(self, found: Mapping[uuid.UUID, sealing.Key]) -> None:
        self._found = found

    def __getitem__(self, subject_id: uuid.UUID) -> sealing.Key:
        try:
            return self._found[subject_id]
        except KeyError:
            raise Erased from None

    def get(self, subject_id: uuid.UUID) -> sealing.Key | None:
        """This will give a key, or None where it was destroyed."""
        return self._found.get(subject_id)

    def __contains__(self, subject_id: object) -> bool:
        return subject_id in self._found


class Minted(Keys):
    """New keys, with which one may seal; nothing opens until they are kept."""

    def __init__(self, subject_ids: Iterable[uuid.UUID]) -> None:
        self._secrets = {subject_id: sealing.new_secret() for subject_id in subject_ids}
        super().__init__({subject_id: sealing.Key(secret) for subject_id, secret in self._secrets.items()})

    def keep(self, of: models.DataKey.Of, subject_ids: Collection[uuid.UUID] | None = None) -> None:
        """This will keep them (or only the named ones), in the caller's transaction, with one statement."""
        root_id, root = _current()
        writing.add(
            models.DataKey,
            ["subject_id", "of", "root", "wrapped"],
            [
                (subject_id, of.value, root_id, sealing.wrap(secret, under=root, label=subject_id.bytes))
                for subject_id, secret in self._secrets.items()
                if subject_ids is None or subject_id in subject_ids
            ],
        )


def open_all(subject_ids: Iterable[uuid.UUID]) -> Keys:
    """This will find the keys of cases and signals that the walls show, in one query."""
    rows = models.DataKey.objects.filter(subject_id__in=list(subject_ids)).order_by("subject_id")
    return Keys(
        {
            subject_id: opened(subject_id, root_id, bytes(wrapped))
            for subject_id, root_id, wrapped in rows.values_list("subject_id", "root_id", "wrapped")
        }
    )


def of(subject_id: uuid.UUID) -> sealing.Key:
    """This will find the key of one case or signal. Erased."""
    return open_all([subject_id])[subject_id]


def shown(key: sealing.Key | None, sealed: bytes | memoryview, place: sealing.Place) -> str:
    """This will open words for a page, or say that they were erased where there is no key any more."""
    if not sealed:
        return ""
    return key.open(sealed, place) if key else ERASED


def opened(subject_id: uuid.UUID, root_id: uuid.UUID, wrapped: bytes) -> sealing.Key:
    """This will open a key whose row was read with another."""
    return sealing.Key(sealing.unwrap(wrapped, under=_root(root_id), label=subject_id.bytes))


def index(agency_id: uuid.UUID) -> sealing.Index:
    """This will give what makes one agency's search tokens."""
    return sealing.Index(_index_secret(), agency_id)


def for_staff() -> sealing.Key:
    """This will give the key that seals what people of the agencies sign in with."""
    return sealing.Key(hmac.digest(_index_secret(), b"second factors of staff", hashlib.sha256))


def prepare() -> None:
    """This will make the first root keys, where there are none."""
    for use in models.RootKey.Use:
        if not models.RootKey.objects.filter(use=use.value, retired_at=None).exists():
            try:
                with transaction.atomic():
                    _new_root(use)
            except IntegrityError:  # another process was quicker
                continue


def renew() -> uuid.UUID:
    """This will make a new root key under a new key of the provider; keys made from now on are wrapped by it. The old
    ones go on opening what they wrapped until `rewrap` is through. The index key is wrapped anew, and stays itself."""
    provider = providers.chosen()
    name = provider.renew()
    now = timezone.now()
    with transaction.atomic():
        kept = models.RootKey.objects.select_for_update().get(use=models.RootKey.Use.INDEX, retired_at=None)
        kept.wrapped = provider.wrap(_unwrapped(kept), name)
        kept.provider, kept.provider_key = provider.name, name
        kept.save(update_fields=["wrapped", "provider", "provider_key"])
        models.RootKey.objects.filter(use=models.RootKey.Use.WRAP, retired_at=None).update(retired_at=now)
        root_id = _new_root(models.RootKey.Use.WRAP)
    forget()
    return root_id


def rewrap(*, limit: int) -> int:
    """This will wrap keys of retired root keys anew, some at a time, and count them; run it until it gives 0. What the
    keys sealed is not touched, and everybody goes on reading meanwhile."""
    root_id, root = _current()
    with transaction.atomic():
        stale = models.DataKey.objects.select_for_update(skip_locked=True, of=("self",))
        rows = list(stale.filter(root__retired_at__isnull=False).order_by("subject_id")[:limit])
        for row in rows:
            secret = sealing.unwrap(bytes(row.wrapped), under=_root(row.root_id), label=row.subject_id.bytes)
            row.root_id = root_id
            row.wrapped = sealing.wrap(secret, under=root, label=row.subject_id.bytes)
        models.DataKey.objects.bulk_update(rows, ["root", "wrapped"])
    return len(rows)


def forget_old() -> list[str]:
    """This will destroy the provider's keys that no root key in use is wrapped with, once `rewrap` is through. What was
    copied before (a backup, a log of the database) cannot be unwrapped any more: that is what makes an erasure reach
    every copy."""
    if models.DataKey.objects.filter(root__retired_at__isnull=False).exists():
        return []
    in_use = models.RootKey.objects.filter(retired_at=None)
    return providers.chosen().forget(set(in_use.values_list("provider_key", flat=True)))


def _new_root(use: models.RootKey.Use) -> uuid.UUID:
    provider = providers.chosen()
    name = provider.current()
    row = models.RootKey.objects.create(
        id=uuid.uuid4(),
        use=use.value,
        provider=provider.name,
        provider_key=name,
        wrapped=provider.wrap(sealing.new_secret(), name),
        made_at=timezone.now(),
    )
    return row.id


_now: tuple[float, uuid.UUID, bytes] | None = None


def _current() -> tuple[uuid.UUID, bytes]:
    """The root key that wraps now; looked up again every half minute, because another process may have renewed it."""
    global _now
    if _now is None or time.monotonic() - _now[0] > FRESH:
        rows = models.RootKey.objects.filter(use=models.RootKey.Use.WRAP, retired_at=None)
        root_id = rows.values_list("id", flat=True).get()
        _now = time.monotonic(), root_id, _root(root_id)
    return _now[1], _now[2]


@functools.lru_cache(maxsize=64)
def _root(root_id: uuid.UUID) -> bytes:
    return _unwrapped(models.RootKey.objects.get(id=root_id))


@functools.lru_cache(maxsize=1)
def _index_secret() -> bytes:
    return _unwrapped(models.RootKey.objects.get(use=models.RootKey.Use.INDEX, retired_at=None))


def _unwrapped(row: models.RootKey) -> bytes:
    provider = providers.chosen()
    if provider.name != row.provider:
        raise providers.NoSuchKey(provider.name, f"{row.provider}:{row.provider_key}")
    return provider.unwrap(bytes(row.wrapped), row.provider_key)


def forget() -> None:
    """This will ask the provider again for every root key."""
    global _now
    _now = None
    _root.cache_clear()
    _index_secret.cache_clear()
