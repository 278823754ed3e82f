"""Pages are made of components and Django forms: what the templates themselves must not hold."""

from __future__ import annotations

import pathlib
import re

import pytest

import nowrongdoor

FOLDER = pathlib.Path(nowrongdoor.__file__).parent / "templates"
TEMPLATES = sorted(FOLDER.rglob("*.html"))
FIELD = re.compile(r"<(?:textarea|select)\b|<input\b(?![^>]*\btype=\"hidden\")[^>]*>")
# Where one field belongs: the renderer's own option.
RENDERERS = {"ui/forms/option.html"}
# Pages that still write their fields by hand. A line leaves with the page's conversion; none comes.
BY_HAND = {
    # the worklist and its acts
    *("casework/_entries.html", "casework/worklist.html", "leads/_acts.html", "leads/_take_lead.html"),
    # the case and its panels
    *("casework/_facts.html", "casework/case.html", "casework/cases.html", "cases/_audience.html"),
    *("cases/_emergency.html", "cases/_files.html", "cases/_notes.html", "cases/_signals_and_people.html"),
    *("duties/_deadlines.html", "duties/_notices.html", "mandates/_to_ask.html"),
    # nobody's yet
    *("casework/force.html", "mandates/what_if.html"),
}


def test_no_page_writes_a_field_by_hand() -> None:
    written = {name_of(each) for each in TEMPLATES if FIELD.search(each.read_text())}
    assert written - RENDERERS - BY_HAND == set()


@pytest.mark.parametrize(
    "text",
    [
        '<input class="usa-input" name="x">',
        '<input type="text" name="x">',
        "<textarea>",
        '<select id="x">',
        '<input type="checkbox">',
        '<input\n  class="x"\n  name="y">',
    ],
)
def test_a_field_by_hand_is_seen(text: str) -> None:
    assert FIELD.search(text)


def test_a_hidden_field_is_no_field_that_somebody_fills_in() -> None:
    assert not FIELD.search('<input type="hidden" name="back" value="/">')


def test_nothing_is_said_by_a_title_alone() -> None:
    """No keyboard and no finger reaches a title attribute."""
    wrong = [name_of(each) for each in TEMPLATES if re.search(r"<(?!abbr|iframe)\w[^>]*\stitle=", each.read_text())]
    assert wrong == []


def test_no_page_holds_a_script_or_a_style_of_its_own() -> None:
    """The content security policy would not run it. Data for a script is no script."""
    inline = re.compile(r"<script(?![^>]*(?:src=|type=\"application/json\"))|\sstyle=|\son\w+=")
    wrong = [name_of(each) for each in TEMPLATES if inline.search(each.read_text())]
    assert wrong == []


def name_of(template: pathlib.Path) -> str:
    return template.relative_to(FOLDER).as_posix()
