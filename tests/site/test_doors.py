"""The doors by occupation, through their addresses: who reads them, what they ask and keep, what a mistyped code leads
to, and that the picture on a card is the address beside it."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from typing import Any

import pytest
import segno
from django.db import connection
from django.test import Client
from django.test import utils as test_utils
from django.urls import reverse

from nowrongdoor import jurisdictions
from nowrongdoor.core import country, doors, public_help, short_codes
from nowrongdoor.site import doors_views
from tests import claims

INSTALLED = doors.installed().each
FLIGHT = INSTALLED[0]
PATHS = (
    "/doors",
    *(f"/d/{door.code}" for door in INSTALLED),
    *(f"/d/{door.code}/card" for door in INSTALLED),
)
TRAFFICKING = re.compile(r"traffick|victim|slave|exploit", re.IGNORECASE)


def words(answer: Any) -> str:
    """What a page says, without its tags."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", answer.content.decode())).split())


def title(answer: Any) -> str:
    (whole,) = re.findall(r"<title>(.*?)</title>", answer.content.decode(), re.DOTALL)
    return html.unescape(whole)


@pytest.fixture
def without_doors(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The installed country, without its file of doors."""
    has = jurisdictions.has
    monkeypatch.setattr(jurisdictions, "has", lambda name: name != doors.FILE and has(name))
    doors.installed.cache_clear()
    yield
    doors.installed.cache_clear()


@pytest.mark.django_db
@pytest.mark.parametrize("path", PATHS)
def test_a_visitor_reads_it_and_nothing_is_asked_of_the_database_or_left_in_the_browser(path: str) -> None:
    client = Client()
    with test_utils.CaptureQueriesContext(connection) as captured:
        answer = client.get(path)
    assert [each["sql"] for each in captured if each["sql"] not in ("BEGIN", "COMMIT")] == []
    assert answer.status_code == 200
    assert answer.cookies == {}
    assert "no-store" in answer["Cache-Control"]
    assert answer.content.count(b"<h1") == 1
    assert b"<form" not in answer.content.partition(b'id="main"')[2].partition(b"</main>")[0]
    assert country.installed().emergency in words(answer)
    assert client.post(path).status_code == 405


@pytest.mark.django_db
@pytest.mark.parametrize("path", PATHS)
def test_title_and_address_are_neutral_and_nothing_is_loaded_from_elsewhere(path: str) -> None:
    answer = Client().get(path)
    assert TRAFFICKING.search(path) is None
    assert TRAFFICKING.search(title(answer)) is None
    page = answer.content.decode()
    loaded = re.findall(r'<(?:script|link|img|source|iframe)\b[^>]*?(?:src|href)="([^"]*)"', page)
    assert claims.every(each.startswith("/static/") for each in loaded)
    assert "style=" not in page


@pytest.mark.django_db
@pytest.mark.parametrize("door", INSTALLED, ids=lambda door: door.id)
def test_a_door_says_all_that_its_file_says_and_leads_to_the_form(door: doors.Door) -> None:
    answer = Client().get(f"/d/{door.code}")
    shown = words(answer)
    assert title(answer) == f"{door.name} | No Wrong Door"
    said = [door.name, *(each.words for each in (*door.signs, *door.reports, *door.duties, *door.asks))]
    said += [each.source for each in (*door.signs, *door.calls, *door.reports, *door.duties)]
    said += [call.telephone or call.name for call in door.calls]
    said += [f"This does not replace your report to {report.to} ." for report in door.reports]
    squeezed = shown.replace(" .", ".")
    assert [each for each in said if each.replace(" .", ".") not in squeezed] == []
    assert f'href="/tell?d={door.code}"' in answer.content.decode()
    assert country.installed().hotline.telephone in shown.partition("What this doesn’t replace")[0]


@pytest.mark.django_db
def test_what_nobody_checked_is_marked_and_the_rest_is_not() -> None:
    main = re.compile(r'id="calls".*?(?=<section)', re.DOTALL)
    for door in INSTALLED:
        (calls,) = main.findall(Client().get(f"/d/{door.code}").content.decode())
        unverified = sum(call.is_unverified for call in door.calls)
        assert len(re.findall(r">\s*unverified", calls)) == unverified, door.id


@pytest.mark.django_db
def test_the_list_leads_to_each_door_by_its_short_address() -> None:
    answer = Client(headers={"host": "localhost"}).get("/doors")
    for door in INSTALLED:
        assert f'<a href="/d/{door.code}">{html.escape(door.name)}</a>' in answer.content.decode()
        assert f"localhost/d/{door.code}" in words(answer)


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/d/{}", "/d/{}/card"])
@pytest.mark.parametrize("typed", ["hwt543", "HWT-543", "hwt%20543", "H-W-T-5-4-3"])
def test_small_letters_spaces_and_hyphens_are_forgiven(path: str, typed: str) -> None:
    answer = Client().get(path.format(typed))
    assert (answer.status_code, answer["Location"]) == (302, path.format("HWT543"))


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/d/{}", "/d/{}/card"])
@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("HWT542", "At least one letter or digit of this code is wrong, or two are swapped."),
        ("WHT543", "At least one letter or digit of this code is wrong, or two are swapped."),
        ("HWT54O", "“O” is in no code."),
        ("HWT54", "A code has 6 letters and digits; this one has 5."),
        ("M367WD", "No page has this code."),
        ("%3Cb%3Ehey", "“<” is in no code."),
    ],
)
def test_a_code_that_is_wrong_says_so_and_offers_the_list(path: str, typed: str, said: str) -> None:
    answer = Client().get(path.format(typed))
    assert answer.status_code == 404
    assert title(answer) == "This code isn’t right | No Wrong Door"
    assert said in words(answer)
    for door in INSTALLED:
        assert f'href="/d/{door.code}"' in answer.content.decode()


@pytest.mark.django_db
def test_one_wrong_sign_never_leads_to_another_door() -> None:
    client = Client()
    code = FLIGHT.code
    for place in range(short_codes.LENGTH):
        for wrong in short_codes.ALPHABET.replace(code[place], ""):
            assert client.get(f"/d/{code[:place]}{wrong}{code[place + 1 :]}").status_code == 404


@pytest.mark.django_db
@pytest.mark.parametrize("door", INSTALLED, ids=lambda door: door.id)
def test_the_picture_on_a_card_is_the_address_beside_it(door: doors.Door) -> None:
    answer = Client(headers={"host": "localhost"}).get(f"/d/{door.code}/card")
    page = answer.content.decode()
    assert f"localhost/d/{door.code}" in words(answer)
    (picture,) = re.findall(r"<svg.*?</svg>", page, re.DOTALL)
    expected = segno.make_qr(f"http://localhost/d/{door.code}", error="q")
    assert drawn(picture) == [[bool(module) for module in row] for row in expected.matrix]
    other = segno.make_qr(f"http://localhost/d/{short_codes.complete('23456')}", error="q")
    assert drawn(picture) != [[bool(module) for module in row] for row in other.matrix]


def drawn(picture: str) -> list[list[bool]]:
    """Read the modules back off the SVG: strokes of one unit in height, without the quiet zone."""
    (size,) = re.findall(r'viewBox="0 0 (\d+) \1"', picture)
    (strokes,) = re.findall(r'<path[^>]*stroke="#000"[^>]* d="([^"]*)"', picture)
    black = [[False] * int(size) for _ in range(int(size))]
    x, y = 0.0, 0.0
    for verb, first, second in re.findall(r"([Mmh])(-?[\d.]+)(?: (-?[\d.]+))?", strokes):
        if verb == "h":
            for column in range(int(x), int(x + float(first))):
                black[int(y)][column] = True
            x += float(first)
        elif verb == "M":
            x, y = float(first), float(second)
        else:
            x, y = x + float(first), y + float(second)
    quiet = doors_views.QUIET
    assert not any(any(row) for row in [*black[:quiet], *black[-quiet:]])
    return [row[quiet:-quiet] for row in black[quiet:-quiet]]


def test_a_picture_with_one_module_changed_is_another() -> None:
    """The test of the test: it reads modules, and not the address."""
    address = "http://localhost/d/HWT543"
    right = drawn(doors_views.picture(address))
    assert right == [[bool(module) for module in row] for row in segno.make_qr(address, error="q").matrix]
    assert drawn(doors_views.picture(address).replace("h7", "h6", 1)) != right


@pytest.mark.django_db
@pytest.mark.usefixtures("without_doors")
def test_a_country_without_doors_has_no_such_pages_and_no_links_to_them() -> None:
    for path in PATHS:
        assert Client().get(path).status_code == 404, path
    assert "isn’t right" not in words(Client().get("/d/HWT542"))
    assert f'href="{reverse("doors")}"' not in Client().get("/").content.decode()


@pytest.mark.django_db
def test_a_country_with_doors_links_to_them_at_the_foot_of_each_page() -> None:
    for path in ("/", "/about", *PATHS):
        assert 'href="/doors"' in Client().get(path).content.decode(), path


@pytest.mark.django_db
def test_the_way_out_comes_first() -> None:
    for path in PATHS:
        main = Client().get(path).content.decode().partition('id="main"')[2]
        first = re.findall(r"<a [^>]*>", main)[0]
        assert f'href="{public_help.installed().leave}"' in first, path
