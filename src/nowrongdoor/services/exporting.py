"""The directory out: a package of tables or nested JSON, as whoever looks is shown it."""

from __future__ import annotations

import pathlib
from collections.abc import Sequence

from nowrongdoor.core.services import package
from nowrongdoor.services import importing


def write(folder: pathlib.Path, form: str) -> Sequence[str]:
    """Write what the context shows into a folder, as "csv" or "json", and return the names of the files."""
    writes = {"csv": package.tabular, "json": package.documents}[form]
    folder.mkdir(parents=True, exist_ok=True)
    names = []
    for name, text in writes(importing.kept()):
        (folder / name).write_bytes(text.encode())
        names.append(name)
    return names
