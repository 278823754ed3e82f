"""A report as a tagged PDF (PDF/UA-1), by Typst: no browser, no network.

The promise: no word of it is on a disk while it is set, because there it would be neither sealed nor surely erased.
"""

from __future__ import annotations

import datetime
import pathlib
import shutil
import tempfile
from collections.abc import Mapping
from typing import Literal

import typst

from nowrongdoor import jurisdictions
from nowrongdoor.core.language import gettext_lazy
from nowrongdoor.publishing import documents

NO_FACE = "could not be displayed"  # what Typst says of a sign that none of the machine's faces has
MISSING = gettext_lazy(
    "Some names in this report are written with signs that no typeface on the machine that made it has. They are empty "
    "boxes here; the HTML report shows them."
)
FONTS = pathlib.Path(__file__).with_name("fonts")  # laid out by front/build.py: Latin, Greek, Cyrillic and Vietnamese
TEMPLATE = pathlib.Path(__file__).with_name("report.typ")


def write(
    document: documents.Document, pictures: Mapping[str, str], *, at: datetime.datetime, marking: str = ""
) -> bytes:
    """Set a report. `pictures`: SVG by name; `at`: the date that the file bears; `marking`: what stands at the top and
    the bottom of every page."""
    inputs = {"document": documents.write(document), **({"marking": marking} if marking else {})}
    with tempfile.TemporaryDirectory(prefix="nwd-report-") as folder:
        place = pathlib.Path(folder)
        shutil.copy(TEMPLATE, place / TEMPLATE.name)
        for name, svg in pictures.items():
            (place / f"{name}.svg").write_text(svg, encoding="utf-8")
        try:
            return _made(place, at, standards=["ua-1"], inputs=inputs)
        except typst.TypstError as error:
            if NO_FACE not in str(error):
                raise
            return _made(
                place, at, standards=[], inputs={**inputs, "missing": str(MISSING)}
            )  # tagged, but it says less


def _made(
    place: pathlib.Path, at: datetime.datetime, *, standards: list[Literal["ua-1"]], inputs: dict[str, str]
) -> bytes:
    whole_second = at.replace(microsecond=0)
    # A country whose languages need other letters brings their typefaces in `fonts/` of its folder.
    own = pathlib.Path(str(jurisdictions.folder())) / "fonts"
    return typst.compile(
        place / TEMPLATE.name,
        format="pdf",
        font_paths=[folder for folder in (FONTS, own) if folder.is_dir()],
        pdf_standards=[*standards],
        timestamp=whole_second,
        sys_inputs=inputs,
    )
