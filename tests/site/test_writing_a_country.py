"""docs/writing-a-country.md is done as it stands: each file is written as it is shown, each command run, and the
country that comes of it serves."""

from __future__ import annotations

import dataclasses
import pathlib
import re
import subprocess
from collections.abc import Iterator, Sequence

import pytest

from nowrongdoor import jurisdictions
from nowrongdoor.core import (
    benefits,
    country_files,
    gazetteer,
    line_indicators,
    official,
    protocols,
    public_help,
    records_law,
)
from nowrongdoor.core.mandates import reading, table
from nowrongdoor.core.services import profile
from tests.agencies.test_coming_in import PASSWORD
from tests.site import elsewhere

OPTIONAL = (official.FILE, public_help.FILE, gazetteer.FILE)
DOCUMENT = pathlib.Path(__file__).resolve().parents[2] / "docs" / "writing-a-country.md"


@dataclasses.dataclass(frozen=True, slots=True)
class Step:
    """A file to write, or a command to run and what the document says that it prints."""

    file: str = ""
    text: str = ""
    command: str = ""
    output: str = ""


def steps() -> Iterator[Step]:
    """List what a reader does, in order."""
    for kind, block in re.findall(r"^```(\w*)\n(.*?)^```$", DOCUMENT.read_text(encoding="utf-8"), re.M | re.S):
        if kind == "toml":
            name = re.match(r"# (\S+)\n", block)
            assert name, f"a file without its name: {block[:60]}"
            yield Step(file=name[1], text=block)
            continue
        for part in re.split(r"^\$ ", block, flags=re.M)[1:]:
            command, _, output = part.partition("\n")
            yield Step(command=command, output=output)


def plain(text: str) -> str:
    return " ".join(text.split())


def ruritania(here: elsewhere.Installation) -> pathlib.Path:
    """Write the country of the page, and return its folder."""
    folder = here.folder / "my-country"
    (folder / "words").mkdir(parents=True)
    for name in ("supports", "clocks", "left_out"):
        (folder / f"{name}.toml").touch()
    for step in steps():
        if step.file:
            (here.folder / step.file).write_text(step.text, encoding="utf-8")
    return folder


@pytest.fixture
def here() -> Iterator[elsewhere.Installation]:
    with elsewhere.installation("") as made:
        yield made


def test_whoever_does_what_the_page_says_has_a_country_that_serves(here: elsewhere.Installation) -> None:
    done: Sequence[Step] = list(steps())
    assert len([step for step in done if step.command]) == 11
    for step in done:
        if step.file:
            (here.folder / step.file).write_text(step.text, encoding="utf-8")
            continue
        ran = subprocess.run(
            ["bash", "-o", "pipefail", "-c", step.command],
            cwd=here.folder,
            env=here.environment,
            input=f"{PASSWORD}\n" * 2,  # what a command may ask for
            capture_output=True,
            text=True,
            check=False,
        )
        assert ran.returncode == 0, f"{step.command}\n{ran.stdout}{ran.stderr}"
        assert plain(step.output) in plain(ran.stdout), f"{step.command} prints\n{ran.stdout}"
    folder = here.folder / "my-country"
    there = {str(file.relative_to(folder)) for file in folder.rglob("*") if file.is_file()}
    assert there == {*table.FILES, *reading.BESIDE} - {
        *OPTIONAL,
        benefits.FILE,
        line_indicators.FILE,
        protocols.FILE,
        profile.FILE,
        records_law.FILE,
    }  # left out
    with here.up() as said, elsewhere.Visitor(here) as ann, elsewhere.Visitor(here) as lea:
        assert "this installation starts without it" in said.read_text()
        lea.sign_in("lea")
        ann.sign_in("ann")
        form = ann.get("/signals/new").text
        assert "In danger now: 112." in form
        assert "Is the person Ruritanian?" in form
        facts = {"age": "adult", "labor": "yes", "source": "survivor", "wishes": "report_agreed"}
        receipt = ann.post("/signals/new", channel="call", place="N", **facts)
        assert "The lead was offered to <strong>Labor Inspectorate</strong>" in receipt.text
        accept = re.search(r'action="(/offers/[0-9a-f-]+/accept)"', lea.get("/worklist").text)
        assert accept
        assert "You now lead case" in lea.post(accept[1], shown_at="/worklist").text


@pytest.mark.parametrize(
    ("file", "right", "wrong", "told"),
    [
        ("country.toml", 'code = "XR"', 'code = "Ruritania"', "country.toml: 'code' cannot be 'Ruritania'"),
        ("country.toml", "Europe/Prague", "Europe/Strelsau", "write a name of the tz database"),
        ("country.toml", 'emergency = "112"', "emergency = 112", "'emergency' cannot be 112; write it as text"),
        ("country.toml", "emergency", "emergancy", "'emergency' is missing"),
        ("country.toml", 'evidence = "unverified"', 'evidence = "hearsay"', "write one of statute, secondary"),
        ("country.toml", 'hours = "day', 'open = "day', "[hotline]: 'open' is no part of this"),
        ("places.toml", 'example = "N-1"', 'example = "N-9"', "'example' cannot be 'N-9'"),
        ("places.toml", 'parts = ["1", "2"]', 'parts = ["1", "3"]', "[parts]: '3' is missing"),
        ("places.toml", 'code = "S"', 'code = "N"', "places.toml, places N: 'code' cannot be 'N'"),
        ("holidays.toml", "day = 9", "day = 31", "holidays.toml, fixed Day of the South: 'day' cannot be 31"),
        ("holidays.toml", '"saturday", "sunday"', '"Samstag"', "write monday"),
        ("holidays.toml", 'places = ["S"]', 'places = ["X"]', "'X' is no place of places.toml"),
        ("holidays.toml", "on = 2026-10-10", 'on = "2026-10-10"', "write a day, like 2026-12-25, without quotes"),
        ("calls.toml", 'agency = "POLICE"', 'agency = "POLIZEI"', "agencies.toml names no such agency"),
        ("sources.toml", 'id = "M04"', 'id = "M05"', "'sources' names 'M04', which sources.toml does not have"),
        ("intake.toml", 'citizen = "ruritanian"', 'citizen = "citizen"', "'citizen' is no answer to 'nationality'"),
        ("instruments.toml", 'fact = "means"', 'fact = "force"', "'force' is no fact of facts.toml"),
        ("instruments.toml", '"code.act"]', '"code.acts"]', "'code.acts' is no question"),
        ("grounds.toml", "[danger]", "[peril]", "grounds.toml: 'danger' is missing; write it under [danger]"),
        ("schedules.toml", "years = 5", "years = 0", "write a whole number from 1 to 100"),
        ("facts.toml", 'name = "wishes"', 'name = "will"', "facts.toml"),
        (
            "leads.toml",
            'agency = "RAPPORTEUR"',
            'agency = "NOBODY"',
            "leads.toml, line 62, rule backstop: 'agency' names",
        ),
        ("leads.toml", "why = ", "reason = ", "leads.toml, line 12, rule lead-help-only: a rule has no 'reason'"),
        (
            "agencies.toml",
            '"hotline"',
            '"phone line"',
            "line 6, agency LINE: 'kind' cannot be 'phone line'. Did you mean",
        ),
        (
            "doors.toml",
            '"P3F6MP"',
            '"P3F6M2"',
            "doors.toml, door pilots: 'code' cannot be 'P3F6M2'; write a short code",
        ),
        ("doors.toml", 'to = "the harbor', 'too = "the harbor', "report 1: 'to' is missing"),
        ("words/en.toml", "ruritanian =", "\ufeffruritanian =", "words/en.toml, line 37: "),
    ],
)
def test_a_country_that_does_not_fit_together_is_refused_with_the_file_and_what_to_write(
    file: str, right: str, wrong: str, told: str
) -> None:
    texts = {step.file.removeprefix("my-country/"): step.text for step in steps() if step.file}

    def text(name: str) -> str:
        if name in (*OPTIONAL, benefits.FILE, line_indicators.FILE, protocols.FILE, profile.FILE):
            raise jurisdictions.NoSuchFile(name)
        return texts.get(name, "")  # the guide makes the others empty

    assert country_files.problems(text) == []  # it fits, and then it does not
    assert right in texts[file]
    texts[file] = texts[file].replace(right, wrong, 1)
    assert told in "\n".join(country_files.problems(text))


def test_an_installation_is_made_for_no_country_that_does_not_fit_together(here: elsewhere.Installation) -> None:
    folder = ruritania(here)
    calls = folder / "calls.toml"
    right = calls.read_text(encoding="utf-8")
    here.country = str(folder)
    calls.write_text(right.replace('"POLICE"', '"POLIZEI"'), encoding="utf-8")
    refused = here.nwd("agency", "list")
    assert refused.returncode == 1
    assert "This country cannot be used yet." in refused.stderr
    assert "call POLIZEI: agencies.toml names no such agency." in refused.stderr
    assert "Traceback" not in refused.stderr
    calls.write_bytes(right.replace("112", "112 für alle").encode("latin-1"))
    (folder / "cloks.toml").touch()
    refused = here.nwd("country", "check", str(folder))
    assert refused.returncode == 1
    assert "calls.toml, line 6: the text is not UTF-8 from here on. Save the file as UTF-8." in refused.stderr
    assert "cloks.toml, line 1: a table has no file of this name. Did you mean 'clocks.toml'?" in refused.stderr
    assert "Traceback" not in refused.stderr
    (folder / "cloks.toml").unlink()
    calls.unlink()
    refused = here.nwd("agency", "list")
    assert refused.returncode == 1
    assert f"{folder}: calls.toml is missing" in refused.stderr
    assert "Traceback" not in refused.stderr
    calls.write_text(right, encoding="utf-8")
    assert "Labor Inspectorate" in here.do("agency", "list")


def test_a_fact_that_the_product_knows_has_the_answers_that_it_knows(here: elsewhere.Installation) -> None:
    folder = ruritania(here)
    for file, right, wrong in (("facts.toml", '"survivor"', '"victim"'), ("words/en.toml", "survivor =", "victim =")):
        text = (folder / file).read_text(encoding="utf-8")
        assert right in text
        (folder / file).write_text(text.replace(right, wrong), encoding="utf-8")
    refused = here.nwd("country", "check", str(folder))
    assert refused.returncode == 1
    assert "facts.toml, fact source: the product knows the answers survivor: name them so." in refused.stderr
