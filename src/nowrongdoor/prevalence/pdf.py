"""A report as a tagged PDF (PDF/UA-1), by Typst: no browser, no network."""

from __future__ import annotations

import datetime
import pathlib
import shutil
import tempfile
from collections.abc import Mapping

import typst

from nowrongdoor.prevalence import documents

TEMPLATE = pathlib.Path(__file__).with_name("report.typ")


def write(document: documents.Document, pictures: Mapping[str, str], *, at: datetime.datetime) -> bytes:
    """This will set a report. `pictures`: SVG by name; `at`: the date that the file bears."""
    with tempfile.TemporaryDirectory(prefix="nwd-report-") as folder:
        place = pathlib.Path(folder)
        shutil.copy(TEMPLATE, place / TEMPLATE.name)
        (place / "document.json").write_text(documents.write(document), encoding="utf-8")
        for name, svg in pictures.items():
            (place / f"{name}.svg").write_text(svg, encoding="utf-8")
        whole_second = at.replace(microsecond=0)
        return typst.compile(place / TEMPLATE.name, format="pdf", pdf_standards="ua-1", timestamp=whole_second)
