"""The folder in which an installation keeps what is its own: the database, keys, credentials, and which country it is
for."""

from __future__ import annotations

import os
import pathlib

from nowrongdoor import jurisdictions

COUNTRY = "country"  # the file that says which country this installation is for
_CHECKOUT = pathlib.Path(__file__).resolve().parents[3]


def var() -> pathlib.Path:
    """Return where data is kept: `NWD_VAR`, else var/ of the checkout, else var/ of the working directory."""
    named = os.environ.get("NWD_VAR")
    if named:
        return pathlib.Path(named).resolve()
    return (_CHECKOUT if (_CHECKOUT / "pyproject.toml").is_file() else pathlib.Path.cwd().resolve()) / "var"


def recall_country() -> None:
    """Take the country that this installation was made for, unless the environment names one."""
    kept = var() / COUNTRY
    if not os.environ.get(jurisdictions.VARIABLE) and kept.is_file():
        os.environ[jurisdictions.VARIABLE] = kept.read_text(encoding="utf-8").strip()
