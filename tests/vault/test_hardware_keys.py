"""Root keys inside a PKCS #11 module: SoftHSM, the real library, with a token of its own."""

from __future__ import annotations

import os
import pathlib
import shutil
import subprocess

import pkcs11.exceptions
import pytest

from nowrongdoor.vault import providers, sealing

BAD_TAG = pkcs11.exceptions.GeneralError  # how SoftHSM says that what was sealed is not what is opened
MODULE = next(
    (
        str(path)
        for path in map(
            pathlib.Path,
            ("/usr/lib/softhsm/libsofthsm2.so", "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so"),
        )
        if path.exists()
    ),
    "",
)


@pytest.fixture(scope="module")
def pin_file(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    """A fresh token, and the file with its PIN."""
    assert shutil.which("softhsm2-util"), "SoftHSM is missing; on Debian: apt-get install softhsm2"
    folder = tmp_path_factory.mktemp("hsm")
    (folder / "tokens").mkdir()
    config = folder / "softhsm2.conf"
    config.write_text(f"directories.tokendir = {folder / 'tokens'}\nobjectstore.backend = file\nlog.level = ERROR\n")
    os.environ["SOFTHSM2_CONF"] = str(config)  # the library reads it when it is loaded, once a process
    command = ["softhsm2-util", "--init-token", "--free", "--label", "nwd", "--so-pin", "87654321", "--pin", "12345678"]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    pin = folder / "pin"
    pin.write_text("12345678\n")
    return pin


@pytest.fixture
def module(pin_file: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> providers.Provider:
    """The provider that the environment names."""
    for name, value in {
        "NWD_KMS": "pkcs11",
        "NWD_PKCS11_MODULE": MODULE,
        "NWD_PKCS11_TOKEN": "nwd",
        "NWD_PKCS11_PIN_FILE": str(pin_file),
    }.items():
        monkeypatch.setenv(name, value)
    return providers.chosen()


def test_what_the_module_wraps_it_unwraps_and_nobody_else_does(module: providers.Provider) -> None:
    secret, name = sealing.new_secret(), module.current()
    wrapped = module.wrap(secret, name)
    assert secret not in wrapped
    assert module.unwrap(wrapped, name) == secret
    with pytest.raises(BAD_TAG):
        module.unwrap(wrapped[:-1] + bytes([wrapped[-1] ^ 1]), name)


def test_a_renewed_key_wraps_from_then_on_and_the_old_one_still_unwraps(module: providers.Provider) -> None:
    before = module.current()
    wrapped = module.wrap(b"x" * 32, before)
    after = module.renew()
    assert after != before
    assert module.current() == after
    assert module.unwrap(wrapped, before) == b"x" * 32
    with pytest.raises(BAD_TAG):
        module.unwrap(wrapped, after)


def test_a_key_that_the_module_does_not_have_is_named(module: providers.Provider) -> None:
    with pytest.raises(providers.NoSuchKey, match="nowrongdoor-999999"):
        module.unwrap(b"x" * 60, "nowrongdoor-999999")


def test_the_file_keeps_old_keys_and_is_readable_by_its_user_only(tmp_path: pathlib.Path) -> None:
    file = providers.File(tmp_path / "keys" / "root.json")
    first = file.current()
    wrapped = file.wrap(b"y" * 32, first)
    second = file.renew()
    assert file.current() == second != first
    assert file.unwrap(wrapped, first) == b"y" * 32
    assert (tmp_path / "keys" / "root.json").stat().st_mode & 0o777 == 0o600
    with pytest.raises(providers.NoSuchKey):
        file.unwrap(wrapped, "gone")
