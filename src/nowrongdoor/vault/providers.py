"""Who keeps the key above all keys: a file on this machine, or a security module.

A provider only ever wraps and unwraps the few root keys. `NWD_KMS` chooses: `file` (default) or `pkcs11`.
"""

from __future__ import annotations

import json
import os
import pathlib
import secrets
from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any, Protocol

from nowrongdoor.core.language import gettext as _
from nowrongdoor.vault import sealing

if TYPE_CHECKING:
    import pkcs11

LABEL = b"nowrongdoor root key"


class NoSuchKey(LookupError):
    """The provider does not have the key that a root key was wrapped with."""

    def __init__(self, provider: str, name: str) -> None:
        super().__init__(
            _(
                "The key provider '%(provider)s' has no key '%(name)s'. Bring back its file or "
                "its module (docs/running.md); until then nothing that is sealed can be read, "
                "and nothing is lost."
            )
            % {"provider": provider, "name": name}
        )


class Unusable(ValueError):
    """The provider cannot be asked at all; the message says what to set."""


class Provider(Protocol):
    """What can wrap and unwrap a root key. `name` is kept beside what it wrapped."""

    name: str

    def current(self) -> str:
        """Name the key that wraps from now on."""
        ...

    def wrap(self, secret: bytes, key: str) -> bytes:
        """Wrap a root key with the named key. NoSuchKey."""
        ...

    def unwrap(self, wrapped: bytes, key: str) -> bytes:
        """Unwrap a root key. NoSuchKey."""
        ...

    def renew(self) -> str:
        """Make a new key, current from now on, and name it; the old ones stay."""
        ...

    def forget(self, keep: Collection[str]) -> list[str]:
        """Destroy every key but those named, and name what it destroyed."""
        ...


class File:
    """Keys in one file that only its user can read."""

    name = "file"

    def __init__(self, path: pathlib.Path) -> None:
        self._path = path

    def current(self) -> str:
        """Name the newest key, made if there is none."""
        keys = self._read()
        return next(reversed(keys)) if keys else self.renew()

    def wrap(self, secret: bytes, key: str) -> bytes:
        """Wrap with the named key."""
        return sealing.wrap(secret, under=self._key(key), label=LABEL)

    def unwrap(self, wrapped: bytes, key: str) -> bytes:
        """Unwrap with the named key."""
        return sealing.unwrap(wrapped, under=self._key(key), label=LABEL)

    def renew(self) -> str:
        """Add a key to the file, by writing a new file and putting it in the old one's place."""
        name = secrets.token_hex(8)
        self._write({**self._read(), name: sealing.new_secret().hex()})
        return name

    def forget(self, keep: Collection[str]) -> list[str]:
        """Write the file without the other keys."""
        keys = self._read()
        gone = [name for name in keys if name not in keep]
        self._write({name: key for name, key in keys.items() if name in keep})
        return gone

    def _write(self, keys: Mapping[str, str]) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        fresh = self._path.with_suffix(".new")
        handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w") as stream:
            json.dump(keys, stream)
            stream.flush()
            os.fsync(stream.fileno())
        fresh.replace(self._path)

    def _read(self) -> dict[str, str]:
        try:
            return dict(json.loads(self._path.read_text()))
        except FileNotFoundError:
            return {}
        except (ValueError, TypeError):
            words = _(
                "%(file)s holds no keys that can be read. Bring it back from a backup of the keys; nothing is lost."
            )
            raise Unusable(words % {"file": self._path}) from None

    def _key(self, name: str) -> bytes:
        keys = self._read()
        if name not in keys:
            raise NoSuchKey(self.name, name)
        return bytes.fromhex(keys[name])


class Pkcs11:
    """AES keys inside a PKCS #11 module (OASIS, v2.40): they wrap there and never leave it."""

    name = "pkcs11"
    PREFIX = "nowrongdoor-"
    NONCE = 12

    def __init__(self, module: str, token: str, pin: str) -> None:
        import pkcs11

        try:
            self._token = pkcs11.lib(module).get_token(token_label=token)
        except RuntimeError as error:  # what the module says, and that it is none
            words = _("The security module %(module)s cannot be asked for the token %(token)s: %(reason)s.")
            reason = str(error) or type(error).__name__
            raise Unusable(words % {"module": module, "token": repr(token), "reason": reason}) from None
        self._pin = pin

    def current(self) -> str:
        """Name the newest key, made if there is none."""
        names = self._names()
        return names[-1] if names else self.renew()

    def wrap(self, secret: bytes, key: str) -> bytes:
        """Wrap with the named key, inside the module (CKM_AES_GCM)."""
        import pkcs11

        nonce = os.urandom(self.NONCE)
        with self._token.open(user_pin=self._pin) as session:
            sealed = self._key(session, key).encrypt(
                secret, mechanism=pkcs11.Mechanism.AES_GCM, mechanism_param=pkcs11.GCMParams(nonce, LABEL, 128)
            )
        return nonce + bytes(sealed)

    def unwrap(self, wrapped: bytes, key: str) -> bytes:
        """Unwrap with the named key, inside the module."""
        import pkcs11

        nonce, sealed = wrapped[: self.NONCE], wrapped[self.NONCE :]
        with self._token.open(user_pin=self._pin) as session:
            return bytes(
                self._key(session, key).decrypt(
                    sealed, mechanism=pkcs11.Mechanism.AES_GCM, mechanism_param=pkcs11.GCMParams(nonce, LABEL, 128)
                )
            )

    def renew(self) -> str:
        """Make a 256-bit AES key in the module that cannot be taken out of it."""
        import pkcs11

        names = self._names()
        name = f"{self.PREFIX}{int(names[-1].removeprefix(self.PREFIX)) + 1 if names else 1:06}"
        with self._token.open(rw=True, user_pin=self._pin) as session:
            session.generate_key(
                pkcs11.KeyType.AES,
                256,
                label=name,
                store=True,
                template={pkcs11.Attribute.SENSITIVE: True, pkcs11.Attribute.EXTRACTABLE: False},
            )
        return name

    def forget(self, keep: Collection[str]) -> list[str]:
        """Destroy the other keys inside the module."""
        gone = [name for name in self._names() if name not in keep]
        with self._token.open(rw=True, user_pin=self._pin) as session:
            for name in gone:
                self._key(session, name).destroy()
        return gone

    def _names(self) -> list[str]:
        import pkcs11

        with self._token.open(user_pin=self._pin) as session:
            objects = session.get_objects(
                {pkcs11.Attribute.CLASS: pkcs11.ObjectClass.SECRET_KEY, pkcs11.Attribute.TOKEN: True}
            )
            labels = (str(key[pkcs11.Attribute.LABEL]) for key in objects)
            return sorted(label for label in labels if label.startswith(self.PREFIX))

    def _key(self, session: pkcs11.Session, name: str) -> Any:
        import pkcs11

        try:
            return session.get_key(object_class=pkcs11.ObjectClass.SECRET_KEY, label=name)
        except pkcs11.NoSuchKey:
            raise NoSuchKey(self.name, name) from None


def chosen() -> Provider:
    """Open the provider that the environment names. Unusable."""
    named = os.environ.get("NWD_KMS", "file")
    if named not in (File.name, Pkcs11.name):
        raise Unusable(_("NWD_KMS cannot be %(named)s: write 'file' or 'pkcs11'.") % {"named": repr(named)})
    if named == Pkcs11.name:
        module, token, pin_file = (os.environ.get(f"NWD_PKCS11_{each}", "") for each in ("MODULE", "TOKEN", "PIN_FILE"))
        if not (module and token and pin_file):
            raise Unusable(
                _("NWD_KMS is 'pkcs11': set NWD_PKCS11_MODULE, NWD_PKCS11_TOKEN and NWD_PKCS11_PIN_FILE, too.")
            )
        return Pkcs11(module, token, pathlib.Path(pin_file).read_text().strip())
    from django.conf import settings

    return File(settings.KEY_FILE)
