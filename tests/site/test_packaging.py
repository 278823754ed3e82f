"""The wheel: everything that the product reads is in it, the license too, and it runs from there."""

from __future__ import annotations

import os
import pathlib
import shutil
import subprocess
import sys
import zipfile

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
TITLE = "Apache License\n                           Version 2.0, January 2004"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    """A wheel built from a copy of what git knows and the front end that was built, so that nothing is left here."""
    copy = tmp_path_factory.mktemp("copy")
    known = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for name in filter(None, known.split("\0")):
        if not name.startswith(("tests/", "docs/", "front/")) and (ROOT / name).is_file():
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, copy / name)
    package = pathlib.Path("src/nowrongdoor")
    for made in (package / "ui" / "static", package / "publishing" / "fonts"):
        shutil.copytree(ROOT / made, copy / made)
    for pattern in ("*.mo", "sentences.json"):  # what front/catalogs.py makes
        for catalog in (ROOT / package / "locale").rglob(pattern):
            shutil.copy(catalog, copy / catalog.relative_to(ROOT))
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "-w", "out", "."]
    subprocess.run([*command, "--disable-pip-version-check"], cwd=copy, check=True)
    (built,) = (copy / "out").glob("nowrongdoor-*.whl")
    return built


def test_the_license_is_the_apache_license_whole(wheel: pathlib.Path) -> None:
    text = (ROOT / "LICENSE").read_text()
    for part in (TITLE, "9. Accepting Warranty or Additional Liability", "END OF TERMS AND CONDITIONS"):
        assert part in text
    with zipfile.ZipFile(wheel) as packed:
        (inside,) = [name for name in packed.namelist() if name.endswith(".dist-info/licenses/LICENSE")]
        assert packed.read(inside).decode() == text
        (about,) = [name for name in packed.namelist() if name.endswith(".dist-info/METADATA")]
        assert "License-Expression: Apache-2.0\n" in packed.read(about).decode()


def test_the_wheel_holds_every_file_of_the_package(wheel: pathlib.Path) -> None:
    package = ROOT / "src" / "nowrongdoor"
    ours = {
        f"nowrongdoor/{file.relative_to(package).as_posix()}"
        for file in package.rglob("*")
        if file.is_file() and "__pycache__" not in file.parts and file.suffix != ".po"  # what a catalog is made of
    }
    with zipfile.ZipFile(wheel) as packed:
        inside = set(packed.namelist())
    for kind in (".py", ".toml", ".sql", ".html", ".txt", ".csv", ".css", ".js", ".typ", ".mo", ".ttf"):
        assert any(name.endswith(kind) for name in ours), kind  # so that the comparison is about each kind
    assert ours - inside == set()


def test_it_runs_from_the_wheel(wheel: pathlib.Path, tmp_path: pathlib.Path) -> None:
    there = tmp_path / "installed"
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--disable-pip-version-check"]
    subprocess.run([*command, "--target", str(there), str(wheel)], check=True)
    environment = {**os.environ, "PYTHONPATH": str(there), "NWD_VAR": str(tmp_path / "none")}
    where = [sys.executable, "-c", "import nowrongdoor; print(nowrongdoor.__file__)"]
    found = subprocess.run(where, cwd=tmp_path, env=environment, capture_output=True, text=True, check=True).stdout
    assert found.startswith(str(there))  # and not the checkout
    nwd = [sys.executable, str(there / "bin" / "nwd")]
    proved = subprocess.run(
        [*nwd, "mandates", "prove"], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    assert proved.returncode == 0, proved.stderr
    assert proved.stdout.startswith("Proved. ")
    assert not (tmp_path / "none").exists()
