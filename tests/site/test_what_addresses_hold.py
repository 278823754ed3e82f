"""T35: no address holds a secret or words about people, because addresses end up in logs, histories and referrers.

Routes come from the URLconf and forms from the pages as every role sees them, so that new ones are asked too.
"""

from __future__ import annotations

import html.parser
import pathlib
import re

import pytest
from django.test import Client
from django.urls import URLPattern

from nowrongdoor.access import viewers
from nowrongdoor.agencies.models import User
from nowrongdoor.cases import people
from nowrongdoor.releases import views
from tests import signing_in
from tests.access.test_doors import ROUTES, address
from tests.leads import stories

TEMPLATES = pathlib.Path(views.__file__).parent.parent / "templates"
# What a path may hold besides the ids of rows, which name nobody: the reference of a case or signal, an agency's code,
# the short code of an occupation's page, which is printed on cards.
# `name`: one of the five lists of the directory; whatever else is not found.
IN_A_PATH = {"name", "reference", "provider_id", "code", "act", "step", "provider"}
# Where a form puts what was chosen into the address, and why that says nothing of anybody.
IN_AN_ADDRESS = {
    "prevalence": "the ids of the estimates to compare",
    "what_if": "codes of facts, picked from lists, and a day",
    "mandates": "an agency of the table",
    "worklist": "codes of its filters, picked from lists",
    "agencies": "codes of its filters, picked from lists",
    "protocols": "codes of its filters, picked from lists",
    "line_past": "codes of its filters, picked from lists",
}
ROLES = [None, *(role for role in viewers.Role if role is not viewers.Role.MACHINE)]
CANARY = "Zuzana Kanarek"


class Forms(html.parser.HTMLParser):
    """Each form of a page: how it is sent, and the fields into which somebody can write."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, list[str]]] = []
        self._is_open = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "form":
            self.found.append(((given.get("method") or "get").lower(), []))
            self._is_open = True
        kind = (given.get("type") or "text").lower()
        is_written = tag == "textarea" or (tag == "input" and kind in {"text", "search", "email", "tel", "url"})
        if is_written or (tag == "input" and kind == "password"):
            if self._is_open:
                self.found[-1][1].append(given.get("name") or "")
            else:
                assert given.get("form"), f"a field outside of every form: {given}"

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._is_open = False


def forms(page: str) -> list[tuple[str, list[str]]]:
    parser = Forms()
    parser.feed(page)
    return parser.found


@pytest.mark.parametrize(
    ("page", "found"),
    [
        ('<form><input name="q"></form>', [("get", ["q"])]),
        ('<form method="GET"><textarea name="t"></textarea></form>', [("get", ["t"])]),
        ('<form method="post"><input type="search" name="q"></form>', [("post", ["q"])]),
        ('<form><select name="s"></select><input type="radio" name="r"></form>', [("get", [])]),
    ],
)
def test_a_form_that_puts_words_into_an_address_would_be_seen(page: str, found: list[tuple[str, list[str]]]) -> None:
    assert forms(page) == found


@pytest.mark.parametrize(("path", "route"), ROUTES, ids=[path for path, _ in ROUTES])
def test_no_path_has_room_for_a_secret_or_for_words(path: str, route: URLPattern) -> None:
    words = {name for kind, name in re.findall(r"<(?:(\w+):)?(\w+)>", path) if kind not in ("uuid", "int")}
    assert words <= IN_A_PATH


@pytest.mark.django_db
@pytest.mark.parametrize("role", ROLES, ids=lambda role: role.value if role else "a visitor")
def test_no_form_puts_what_somebody_writes_into_an_address(role: viewers.Role | None) -> None:
    case = stories.case({**stories.FORCED_LABOR, "age": "under_18"})
    hotline = stories.person("HOTLINE")
    person = people.add(case.id, {"name": CANARY}, by=hotline, at=stories.NOON)
    client = Client()
    if role:
        signing_in.sign_in(client, stories.person("HOTLINE", role))
    seen = 0
    for path, route in ROUTES:
        reference = case.signals.get().signal.reference if path.startswith("signals") else case.reference
        answer = client.get(address(path, reference=reference, person_id=str(person)))
        if answer.streaming or not answer.get("Content-Type", "").startswith("text/html"):
            continue
        for method, written in forms(answer.content.decode()):
            seen += 1
            if method != "post":
                assert written == [], path
                assert route.name in IN_AN_ADDRESS, f"/{path} has a form that is sent in its address"
    assert seen


def test_no_template_sends_what_is_written_in_its_address() -> None:
    """Those too that no test opens; and a part of a page asks for no more than its own form holds."""
    for file in TEMPLATES.rglob("*.html"):
        for form in re.findall(r"<form\b.*?</form>", file.read_text(), re.DOTALL):
            if not re.search(r'method="post"', form.partition(">")[0]):
                given = re.findall(r"<(?:input|textarea)\b[^>]*>", form)
                written = [each for each in given if not re.search(r'type="(checkbox|radio|hidden|date)"', each)]
                assert written == [], file.name


@pytest.mark.django_db
def test_a_search_for_a_person_is_in_the_session_and_nowhere_else() -> None:
    case = stories.case()
    hotline = stories.person("HOTLINE")
    people.add(case.id, {"name": CANARY}, by=hotline, at=stories.NOON)
    client = signing_in.sign_in(Client(), hotline)
    asked = client.post("/people", {"q": CANARY})
    assert (asked.status_code, asked["Location"]) == (302, "/people?search=1")
    for _ in range(2):  # reloaded, or come back to: the same
        found = client.get(asked["Location"])
        assert case.reference in found.content.decode()
        assert "no-store" in found["Cache-Control"]
    assert client.post("/people", {"q": "somebody else"})["Location"] == "/people?search=2"
    assert case.reference not in client.get("/people?search=2").content.decode()
    assert case.reference in client.get("/people?search=1").content.decode()
    for number in range(3, 13):
        client.post("/people", {"q": f"name {number}"})
    assert "no longer available" in client.get("/people?search=1").content.decode()  # the ten newest are kept
    assert CANARY not in client.get("/people").content.decode()
    assert case.reference not in client.get(f"/people?q={CANARY}").content.decode()  # the way of 0.2.0
    other = signing_in.sign_in(Client(), stories.person("HOTLINE"))
    assert "no longer available" in other.get("/people?search=12").content.decode()  # a number is nobody else's


@pytest.mark.django_db
def test_whom_an_inspector_asks_about_is_in_no_address() -> None:
    stories.case()
    looked = stories.person("HOTLINE", viewers.Role.ADVOCATE)
    assert looked.user_id
    name = User.objects.get(id=looked.user_id).name
    client = signing_in.sign_in(Client(), stories.person("HOTLINE", viewers.Role.INSPECTOR))
    answer = client.post("/trail", {"person": str(looked.user_id)})
    assert (answer.status_code, answer["Location"]) == (302, f"/trail?person={looked.user_id}")
    page = client.get(answer["Location"]).content.decode()
    assert name in page
    assert "No events match." in page
    wrong = client.post("/trail", {"person": name})  # a name is no id, and comes back in no address
    assert (wrong.status_code, wrong.has_header("Location")) == (422, False)
