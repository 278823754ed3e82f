"""T40: another country is a folder. The United Kingdom, as test data in tests/site/countries/uk, runs a signal to an
accepted hand-off through the real commands and pages, and nothing of the United States is on any of them."""

from __future__ import annotations

import functools
import pathlib
import re
import time
import tomllib
from collections.abc import Iterator

import httpx
import pytest

from nowrongdoor import jurisdictions
from tests import claims
from tests.site import elsewhere

UK = elsewhere.COUNTRIES / "uk"
US = pathlib.Path(jurisdictions.__file__).parent / "us"
# What names the United States, its law or its numbers, in whatever words; more is read from its own files below.
FOREIGN = (
    *("911", "1-888", "888-373", "8883737888", "233733", "FBI", "HSI", "DOJ", "HHS", "USC", "CFR", "State", "States"),
    *("VAWA", "Homeland", "Attorney General", "American", "Federal", "federal", "Thanksgiving", "Juneteenth"),
)


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        for each in value.values():
            yield from _texts(each)
    elif isinstance(value, list):
        for each in value:
            yield from _texts(each)
    elif isinstance(value, str):
        yield value


def _named(folder: pathlib.Path, file: str, entries: str, *keys: str) -> set[str]:
    content = tomllib.loads((folder / file).read_text(encoding="utf-8"))
    return {entry[key] for entry in content.get(entries, ()) for key in keys if entry.get(key)}


@functools.cache
def of_the_united_states() -> frozenset[str]:
    """Its agencies, departments, places, holidays and citations by name, less what the United Kingdom says too."""
    named = set(FOREIGN) | _named(US, "agencies.toml", "agency", "code", "name")
    named |= {each for each in _named(US, "agencies.toml", "agency", "department") if " " in each}
    named |= _named(US, "places.toml", "places", "name")
    named |= _named(US, "holidays.toml", "fixed", "name") | _named(US, "holidays.toml", "moving", "name")
    named |= _named(US, "sources.toml", "source", "citation")
    here = "\n".join(
        text for file in sorted(UK.rglob("*.toml")) for text in _texts(tomllib.loads(file.read_text(encoding="utf-8")))
    )
    return frozenset(each for each in named if not re.search(rf"\b{re.escape(each)}\b", here))


def foreign_words(page: str) -> list[str]:
    """Find what a page says of the United States; ids and one-time secrets of a page are no words of it."""
    words = re.sub(r'csrfmiddlewaretoken" value="[^"]+|name="key" value="[^"]+|"data:image[^"]+', "", page)
    words = re.sub(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", "", words)
    words = re.sub(r"\b[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}\b", "", words)
    return sorted(each for each in of_the_united_states() if re.search(rf"(?<!\w){re.escape(each)}(?!\w)", words))


def test_the_scan_would_find_the_united_states() -> None:
    """The test of the test: it looks for hundreds of names, and finds each of them in a page that says it."""
    looked_for = of_the_united_states()
    assert len(looked_for) > 200
    some = {"911", "FBI", "Homeland Security Investigations", "Wyoming", "Labor Day", "Health and Human Services"}
    assert some <= looked_for
    assert "Christmas Day" not in looked_for
    assert claims.every(name in foreign_words(f"<p>Call {name}.</p>") for name in looked_for)


@pytest.fixture(scope="module")
def united_kingdom() -> Iterator[elsewhere.Installation]:
    """An installation whose country was said once: in the first command, and in none after it."""
    with elsewhere.installation(str(UK)) as made:
        made.do(
            "agency", "add", "MET", "--desk", "POLICE", "--place", "ENG-MET", "--name", "Metropolitan Police Service"
        )
        made.country = ""
        made.person("hana", "HELPLINE", "advocate")
        made.person("gwen", "GLAA", "coordinator")
        made.person("adil", "HELPLINE", "administrator")
        made.person("mary", "MET", "coordinator")
        yield made


PAGES = (
    *("/", "/worklist", "/cases", "/signals/new", "/mandates", "/mandates/what-if", "/routing", "/roles", "/people"),
    *("/trail", "/emergency", "/emergencies", "/retention", "/staff", "/prevalence", "/prevalence/new"),
    *("/security", "/cases/AAAA-BBBB-CCCC"),
)


def test_a_signal_is_taken_routed_offered_and_accepted_and_no_page_names_the_united_states(
    united_kingdom: elsewhere.Installation,
) -> None:
    here = united_kingdom
    token = here.do("token", "make", "line", "--agency", "HELPLINE").strip().splitlines()[-1]
    seen: dict[str, str] = {}

    def keep(who: str, answer: httpx.Response) -> str:
        seen[f"{who} {answer.url.path}"] = answer.text
        return answer.text

    with here.up() as said, elsewhere.Visitor(here) as hana, elsewhere.Visitor(here) as gwen:
        with elsewhere.Visitor(here) as visitor:
            front = keep("visitor", visitor.get("/sign-in"))
        assert "tells of the United States, so this installation starts without it" in said.read_text()
        assert '<html lang="en-gb" dir="ltr">' in front
        assert "In danger now: 999." in front
        line = "Modern Slavery Helpline, day and night: 08000 121 700 unverified"
        assert line in _text(front).replace(" ,", ",")

        # Another system hands one in; the law of the United Kingdom names whom to ask, who has signed in before.
        gwen.sign_in("gwen")
        answer = httpx.post(
            f"{here.url}/api/v1/signals",
            headers={"Authorization": f"Bearer {token}", "Idempotency-Key": "1"},
            json={
                "door": "call",
                "facts": {"age": "adult", "labor": "yes", "source": "survivor", "wishes": "report_agreed"},
                "state": "ENG",
                "district": "ENG-MET",
                "narrative": "Four to a room, and the wages stay with the foreman.",
            },
        )
        assert answer.status_code == 201, answer.text
        refused = httpx.post(
            f"{here.url}/api/v1/signals",
            headers={"Authorization": f"Bearer {token}", "Idempotency-Key": "2"},
            json={"state": "NY"},
        )
        assert refused.json()["problems"] == ["'state' cannot be 'NY': write three letters like ENG, or leave it out."]
        signal = answer.json()["reference"]

        # By hand, in danger: 999 first, on the receipt.
        hana.sign_in("hana")
        form = keep("hana", hana.get("/signals/new"))
        assert "Is the person British or Irish?" in form
        assert "England, Metropolitan Police area" in form
        assert "The nation is enough." in form
        assert "Elements of the Modern Slavery Act 2015" in form
        danger = {"urgency": "immediate_danger", "age": "adult", "source": "survivor", "place": "SCT"}
        receipt = keep("hana", hana.post("/signals/new", channel="call", narrative="Locked in.", **danger))
        assert "Call 999 now and ask for the police." in receipt

        status = _until_asked(here, token, signal)
        assert (status["lead"], status["asked"]) == ("HELPLINE", "GLAA")
        case = str(status["case_reference"])

        worklist = keep("gwen", gwen.get("/worklist"))
        assert "Gangmasters (Licensing) Act 2004; Immigration Act 2016 s.11" in worklist
        assert "unverified" in worklist
        page = keep("gwen", gwen.get(f"/cases/{case}"))
        accept = re.search(r'action="(/offers/[0-9a-f-]+/accept)"', page)
        assert accept
        accepted = keep("gwen", gwen.post(accept[1], shown_at=f"/cases/{case}"))
        assert f"You now lead case {case}" in _text(accepted)
        assert _status(here, token, signal)["lead"] == "GLAA"

        # In the words and the time of the United Kingdom, and of nobody else.
        assert "Decide whether there are reasonable grounds." in page
        assert re.search(r"\d{1,2} [A-Z][a-z]+ 20\d\d, \d\d:\d\d (GMT|BST)", page)
        for who, browser in _signed_in(here, hana=hana, gwen=gwen):
            for path in (*PAGES, f"/cases/{case}", f"/cases/{case}/who", f"/signals/{signal}"):
                keep(who, browser.get(path))
    assert "Traceback" not in said.read_text()
    assert len(seen) > 60
    named = {page: words for page, text in seen.items() if (words := foreign_words(text))}
    assert named == {}


def _text(page: str) -> str:
    """Return the words of a page alone."""
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


def _signed_in(here: elsewhere.Installation, **known: elsewhere.Visitor) -> Iterator[tuple[str, elsewhere.Visitor]]:
    yield from known.items()
    for name in ("adil", "mary"):
        with elsewhere.Visitor(here) as browser:
            browser.sign_in(name)
            yield name, browser


def _status(here: elsewhere.Installation, token: str, signal: str) -> dict[str, object]:
    answer = httpx.get(f"{here.url}/api/v1/signals/{signal}", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 200, answer.text
    status = answer.json()
    assert isinstance(status, dict)
    return status


def _until_asked(here: elsewhere.Installation, token: str, signal: str) -> dict[str, object]:
    end = time.monotonic() + elsewhere.ROUTED
    while not (status := _status(here, token, signal))["asked"]:
        assert time.monotonic() < end, status
        time.sleep(0.3)
    return status


def test_an_installation_remembers_its_country_and_refuses_another(united_kingdom: elsewhere.Installation) -> None:
    here = united_kingdom
    assert "the United Kingdom (GB)" in here.do("country", "check")
    try:
        here.country = "us"
        for command in (("agency", "list"), ("database", "migrate"), ("worker",), ("web",), ("up",)):
            refused = here.nwd(*command)
            assert refused.returncode == 1, command
            assert "it was made for GB, and NWD_COUNTRY names US" in refused.stderr, command
        here.country = "narnia"
        refused = here.nwd("agency", "list")
        assert refused.returncode == 1
        assert "NWD_COUNTRY names no country: narnia." in refused.stderr
    finally:
        here.country = ""
    assert "GLAA" in here.do("agency", "list")  # and what was refused changed nothing


def test_a_plan_of_the_line_is_checked_against_the_agencies_that_are_there(
    united_kingdom: elsewhere.Installation,
) -> None:
    refused = united_kingdom.nwd("line", "check")  # the plan of the demonstration, whose hotline is another country's
    assert refused.returncode == 1
    assert "There is no open agency with the code 'HOTLINE'." in refused.stderr
