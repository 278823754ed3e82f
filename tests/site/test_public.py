"""The pages that anybody may open: who sees them, what they ask of the database, what they leave in a browser, and that
what they say is what the code declares."""

from __future__ import annotations

import html
import pathlib
import re
from collections.abc import Callable, Iterator
from typing import Any

import asgiref.sync
import pytest
from django import db
from django.conf import settings
from django.db import connection
from django.template import loader
from django.test import Client
from django.test import utils as test_utils
from django.utils import translation

from nowrongdoor.access import edge, guards, viewers
from nowrongdoor.agencies.models import User
from nowrongdoor.core import country, entries, parts, public_help, schedules
from nowrongdoor.door import pages as door
from nowrongdoor.mandates import queries as tables
from nowrongdoor.operating import about
from nowrongdoor.site import asgi, doors_views, public
from tests import signing_in
from tests.leads import stories

PATHS = tuple(f"/{each.pattern}" for each in public.PAGES)
# What a page may ask the database for a visitor: which table is in force, which is public, and nothing else.
QUERIES = {"/": 1, "/about": 1}
PUBLIC_TABLE = '"nowrongdoor_mandate_table"'
STATUSES = (400, 403, 404, 405, 408, 410, 413, 429, 500, 503)
ABOUT = """
operator = "Ministry of Labor"
contact = "nwd@labor.example"
[[report]]
title = "Estimate of 2025"
says = "About 1,200 people, seen and unseen."
published_on = 2026-03-01
address = "https://labor.example/estimate.pdf"
language = "en"
[[report]]
title = "Estimate of 2026"
says = "No single number can be given."
published_on = 2026-09-01
address = "https://labor.example/newer.pdf"
language = "en"
[form]
number = "1234-0001"
expires_on = 2029-05-31
minutes = 10
comments = "forms@labor.example"
[form.statement]
en = "Authority: the Ruritanian Act."
es = "Autoridad: la Ley de Ruritania."
"""


def words(answer: Any) -> str:
    """What a page says, without its tags."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", answer.content.decode())).split())


def someone(role: viewers.Role = viewers.Role.COORDINATOR) -> Client:
    client = Client()
    stories.person("HOTLINE", role)
    signing_in.passed(client, User.objects.filter(agency__code="HOTLINE", role=role.value).latest("id"))
    return client


@pytest.fixture
def said_of_it(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An installation that says who runs it."""
    file = tmp_path / "about.toml"
    file.write_text(ABOUT, encoding="utf-8")
    monkeypatch.setenv(about.VARIABLE, str(file))
    about.installed.cache_clear()
    yield
    about.installed.cache_clear()


def test_these_pages_and_no_others_are_public() -> None:
    from tests.access.test_doors import ROUTES

    open_to_all = {f"/{path}" for path, route in ROUTES if guards.guard_of(route.callback) == guards.PUBLIC}
    by_occupation = {f"/{each.pattern}" for each in doors_views.PAGES}  # tests/site/test_doors.py
    telling = {f"/{each.pattern}" for each in door.PAGES}  # tests/door
    programs = {"/hsds/", "/hsds/profile", "/hsds/<str:name>", "/hsds/<str:name>/<uuid:row_id>"}  # tests/services
    hook = {"/line/providers/<str:provider>"}  # signed by whoever sends it: tests/floor/test_hooks.py
    assert (
        open_to_all - by_occupation - telling - hook - programs
        == set(PATHS)
        == {"/", "/about", "/accessibility", "/privacy", "/help"}
    )


@pytest.mark.django_db
@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("path", PATHS)
def test_a_visitor_reads_it_and_nothing_stays_in_the_browser(path: str, language: str) -> None:
    stories.case()
    client = Client(headers={"accept-language": language})
    with test_utils.CaptureQueriesContext(connection) as captured:
        answer = client.get(path)
    asked = [each["sql"] for each in captured if each["sql"] not in ("BEGIN", "COMMIT")]
    assert len(asked) == QUERIES.get(path, 0), "\n".join(asked)
    assert [each for each in asked if f"FROM {PUBLIC_TABLE}" not in each] == []
    assert answer.status_code == 200
    assert answer["Content-Language"].startswith(language)
    assert answer.cookies == {}
    assert not client.cookies
    assert "no-store" in answer["Cache-Control"]
    assert answer.content.count(b"<h1") == 1
    assert b"csrfmiddlewaretoken" not in answer.content
    assert country.installed().emergency in words(answer)
    assert client.post(path).status_code == 405  # nobody sends anything to it


@pytest.mark.django_db
@pytest.mark.parametrize("path", PATHS)
def test_a_page_loads_nothing_from_elsewhere(path: str) -> None:
    page = Client().get(path).content.decode()
    loaded = re.findall(r'<(?:script|link|img|source|iframe)\b[^>]*?(?:src|href)="([^"]*)"', page)
    assert loaded
    assert [each for each in loaded if not each.startswith("/static/")] == []


@pytest.mark.django_db
def test_the_count_of_cases_changes_nothing_that_a_visitor_sees() -> None:
    before = [Client().get(path).content for path in PATHS]
    for _ in range(3):
        stories.case()
    assert [Client().get(path).content for path in PATHS] == before


@pytest.mark.django_db
@pytest.mark.parametrize("path", PATHS)
def test_the_way_out_comes_first_and_is_a_plain_link_for_visitors_alone(path: str) -> None:
    page = Client().get(path).content.decode()
    main = page.partition('id="main"')[2]
    first = re.findall(r"<a [^>]*>", main)[0]
    assert "data-leave" in first
    assert 'href="https://' in first
    assert 'rel="noreferrer"' in first
    if path != "/":
        assert "data-leave" not in someone().get(path).content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize("role", [each for each in viewers.Role if each is not viewers.Role.MACHINE])
def test_whoever_is_signed_in_is_led_from_the_front_to_where_their_day_starts(role: viewers.Role) -> None:
    answer = someone(role).get("/")
    assert answer.status_code == 302
    assert answer["Location"].strip("/")  # not back to the front page
    assert someone(role).get(answer["Location"]).status_code == 200


@pytest.mark.django_db
def test_whoever_is_signed_in_keeps_their_own_frame_on_public_pages_and_on_what_is_not_there() -> None:
    client = someone()
    for path in (*PATHS[1:], "/nowhere"):
        page = client.get(path).content.decode()
        assert 'href="/worklist"' in page, path
        assert 'action="/sign-out"' in page, path
        assert 'id="session-warning"' in page, path
        assert 'href="/worklist"' not in Client().get(path).content.decode(), path


@pytest.mark.django_db
def test_the_front_page_says_whom_to_call_even_when_the_database_cannot_be_asked() -> None:
    def gone(*_: object) -> None:
        raise db.OperationalError("the server is gone")

    shown = words(Client().get("/"))
    with connection.execute_wrapper(gone):
        answer = Client().get("/")
    assert answer.status_code == 200
    assert country.installed().hotline.telephone in words(answer)
    assert "The mandate table in use now" in shown
    assert "The mandate table in use now" not in words(answer)


@pytest.mark.django_db
def test_the_numbers_are_those_of_the_table_in_force() -> None:
    content = tables.in_force().content
    page = Client().get("/").content.decode()
    shown = [int(each) for each in re.findall(r"<dd>(\d+)</dd>", page)]
    assert shown == [len(content.agencies), len(content.rules), len(content.clocks), len(content.gates)]


@pytest.mark.django_db
def test_where_nothing_is_published_the_page_says_so() -> None:
    assert "No figures about cases or people have been published from this system yet." in words(Client().get("/"))
    assert "haven’t published a public contact yet" in words(Client().get("/accessibility"))


@pytest.mark.django_db
@pytest.mark.usefixtures("said_of_it")
def test_a_report_that_was_published_is_linked_newest_first_and_the_operator_is_named() -> None:
    page = Client().get("/")
    assert re.findall(r'href="(https://labor[^"]*)"', page.content.decode()) == [
        "https://labor.example/newer.pdf",
        "https://labor.example/estimate.pdf",
    ]
    assert "About 1,200 people, seen and unseen." in words(page)
    assert "No figures about cases" not in words(page)
    for path in ("/about", "/accessibility", "/privacy", "/help"):
        answer = Client().get(path)
        assert 'href="mailto:nwd@labor.example"' in answer.content.decode(), path
    assert "Ministry of Labor runs this site for the United States." in words(Client().get("/about"))


@pytest.mark.parametrize(
    ("wrong", "right", "named"),
    [
        ('operator = "Ministry of Labor"', "", "operator"),
        ('contact = "nwd@labor.example"', 'contact = "ask us"', "mail address or a telephone number"),
        ("https://labor.example/newer.pdf", "http://labor.example/newer.pdf", "https://"),
        ("published_on = 2026-09-01", 'published_on = "2026"', "published_on"),
        ('language = "en"', 'language = "en"\ncases = 12', "cases"),
        ('number = "1234-0001"', "", "number"),
        ("expires_on = 2029-05-31", 'expires_on = "soon"', "expires_on"),
        ("minutes = 10", "minutes = 0", "from 1 to 999"),
        ('comments = "forms@labor.example"', 'comment = "forms@labor.example"', "comments"),
        ('en = "Authority: the Ruritanian Act."\nes = "Autoridad: la Ley de Ruritania."', "", "code of its language"),
    ],
)
def test_what_an_installation_says_of_itself_is_refused_by_name_where_it_is_wrong(
    wrong: str, right: str, named: str
) -> None:
    with pytest.raises(entries.Unreadable, match=named):
        about.read(ABOUT.replace(wrong, right, 1), "about.toml")


@pytest.mark.django_db
@pytest.mark.usefixtures("said_of_it")
@pytest.mark.parametrize("path", ["/tell", "/tell/resume", "/mailbox"])
def test_a_form_that_somebody_approved_says_its_number_its_day_its_time_and_its_statement(path: str) -> None:
    shown = words(Client().get(path))
    assert "OMB control number 1234-0001, expires May 31, 2029" in shown
    assert "It takes about 10 minutes to fill this in." in shown
    assert "Send comments about the time it takes to forms@labor.example." in shown
    assert "Authority: the Ruritanian Act." in shown


@pytest.mark.django_db
@pytest.mark.usefixtures("said_of_it")
@pytest.mark.parametrize(("language", "statement"), [("es", "Autoridad: la Ley"), ("vi", "Authority: the")])
def test_the_statement_is_in_the_language_of_the_reader_where_it_was_approved(language: str, statement: str) -> None:
    assert statement in words(Client(headers={"accept-language": language}).get("/tell"))


@pytest.mark.django_db
def test_a_form_that_nobody_approved_says_nothing_of_that() -> None:
    assert "OMB" not in words(Client().get("/tell"))


def test_a_country_that_has_no_sentences_for_an_approved_form_refuses_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(public_help, "installed", lambda: public_help.NOTHING)
    with pytest.raises(entries.Unreadable, match=r"leave \[form\] out"):
        about.read(ABOUT, "about.toml")


def test_a_telephone_number_is_a_contact_too() -> None:
    read = about.read(ABOUT.replace("nwd@labor.example", "+1 (555) 010-0200"), "about.toml")
    assert read.contact_address == "tel:+15550100200"


@pytest.mark.django_db
def test_the_privacy_page_says_what_the_code_declares() -> None:
    shown = words(Client().get("/privacy"))
    for part in parts.Part:
        sees = ", ".join(role.words for role in viewers.who_sees(part))
        assert f"{part.words[:1].upper()}{part.words[1:]} {sees}" in shown
    for schedule in schedules.installed().values():
        kept = "kept permanently" if schedule.keep is None else f"{schedule.kept_for} after closing"
        assert f"{schedule.words}: {kept}. {schedule.citation}" in shown
    assert f"do nothing for {settings.SESSION_COOKIE_AGE // 60} minutes" in shown


@pytest.mark.django_db
def test_a_language_that_nobody_reviewed_says_so() -> None:
    for path in PATHS:
        in_spanish = words(Client(headers={"accept-language": "es"}).get(path))
        assert "Nadie ha revisado todavía esta traducción." in in_spanish, path
        assert "Nobody has reviewed" not in words(Client().get(path)), path


@pytest.mark.django_db
def test_a_visitor_chooses_a_language_without_a_token_and_the_browser_forgets_it_when_it_is_closed() -> None:
    client = Client(enforce_csrf_checks=True)
    answer = client.post("/language", {"language": "es-us", "back": "/about"})
    assert (answer.status_code, answer["Location"]) == (302, "/about")
    kept = client.cookies[settings.LANGUAGE_COOKIE_NAME]
    assert (kept["max-age"], kept["expires"], bool(kept["httponly"])) == ("", "", True)
    assert set(client.cookies) == {settings.LANGUAGE_COOKIE_NAME}
    assert client.get("/about")["Content-Language"] == "es-us"


@pytest.mark.django_db
def test_nobody_changes_the_language_of_an_account_from_another_site() -> None:
    stories.person("HOTLINE")
    client = Client(enforce_csrf_checks=True)
    person = User.objects.filter(agency__code="HOTLINE").latest("id")
    signing_in.passed(client, person)
    assert client.post("/language", {"language": "es-us", "time_zone": ""}).status_code == 403
    person.refresh_from_db()
    assert person.language == ""
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', client.get("/language").content.decode())
    assert token
    sent = {"language": "es-us", "time_zone": "", "csrfmiddlewaretoken": token[1]}
    assert client.post("/language", sent).status_code == 302
    person.refresh_from_db()
    assert person.language == "es-us"
    assert client.cookies[settings.LANGUAGE_COOKIE_NAME]["max-age"] == 365 * 24 * 3600


@pytest.mark.django_db
def test_each_language_is_offered_by_what_it_calls_itself() -> None:
    page = Client(headers={"accept-language": "es"}).get("/").content.decode()
    assert '<a href="/?in=en-us" lang="en-us" hreflang="en-us" dir="auto">English</a>' in page
    assert '<a href="/?in=ar" lang="ar" hreflang="ar" dir="auto">العربية</a>' in page
    page = Client(headers={"accept-language": "es"}).get("/sign-in").content.decode()
    assert re.search(r'value="en-us" lang="en-us" dir="auto">English</button>', page)
    assert "العربية" not in page  # staff's pages are not in it


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("wanted", "code", "direction", "heading"),
    [
        ("vi", "vi", "ltr", "Quý vị có cần giúp đỡ không?"),
        ("ar-EG,ar;q=0.9,en;q=0.1", "ar", "rtl", "هل تحتاج إلى مساعدة؟"),
        ("zh-CN", "zh-hans", "ltr", "您需要帮助吗？"),
        ("zh-TW", "zh-hans", "ltr", "您需要帮助吗？"),  # the nearest there is
        ("fil-PH", "tl", "ltr", "Kailangan mo ba ng tulong?"),
        ("ko-KR", "ko", "ltr", "도움이 필요하신가요?"),
        ("ht", "ht", "ltr", "Èske w bezwen èd?"),
        ("ru", "ru", "ltr", "Вам нужна помощь?"),
        ("pt-PT", "pt-br", "ltr", "Você precisa de ajuda?"),
        ("es-MX", "es-us", "ltr", "¿Necesita ayuda?"),
        ("fr,vi;q=0.5", "vi", "ltr", "Quý vị có cần giúp đỡ không?"),
        ("fr", "en-us", "ltr", "Do you need help?"),
        ("", "en-us", "ltr", "Do you need help?"),
        ("x" * 600, "en-us", "ltr", "Do you need help?"),
    ],
)
def test_the_front_page_is_in_the_language_that_the_browser_asks_for(
    wanted: str, code: str, direction: str, heading: str
) -> None:
    answer = Client(headers={"accept-language": wanted}).get("/")
    page = answer.content.decode()
    assert f'<html lang="{code}" dir="{direction}">' in page
    assert answer["Content-Language"] == code
    assert "Accept-Language" in answer["Vary"]
    assert f">{heading}</h2>" in page
    assert not answer.cookies


@pytest.mark.django_db
def test_a_language_in_the_address_wins_and_is_kept_in_the_links_of_public_pages_alone() -> None:
    client = Client(headers={"accept-language": "vi"})
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "es-us"
    page = client.get("/?in=ko").content.decode()
    assert '<html lang="ko"' in page
    inside = {each for each in re.findall(r'href="(/[^"]*)"', page) if not each.startswith("/static/")}
    others = {f"/?in={code}" for code, _ in settings.PUBLIC_LANGUAGES}
    kept = {f"/{page}?in=ko" for page in ("privacy", "about", "accessibility", "tell", "chat", "doors")}
    assert inside - others == kept | {"/help", "/help#sign-in", "/sign-in"}
    assert '<html lang="ko"' in client.get("/privacy?in=ko").content.decode()
    assert '<html lang="es-us"' in client.get("/").content.decode()  # the choice in a cookie, before the browser's
    assert '<html lang="es-us"' in client.get("/?in=xx").content.decode()  # one that nobody offers
    assert "/privacy?in=" not in client.get("/").content.decode()  # nothing was asked for


@pytest.mark.django_db
def test_a_choice_of_language_keeps_the_page_and_what_its_address_asks() -> None:
    page = Client().get("/about?from=poster&in=ko#numbers").content.decode()
    assert 'href="/about?from=poster&amp;in=ar"' in page


@pytest.mark.django_db
def test_what_is_not_there_is_said_in_a_visitors_language() -> None:
    for sent in ({"path": "/nowhere?in=ar"}, {"path": "/nowhere", "headers": {"accept-language": "ar"}}):
        answer = Client().get(**sent)
        assert answer.status_code == 404
        assert '<html lang="ar" dir="rtl">' in answer.content.decode()
    assert 'href="/?in=ar"' in Client().get("/nowhere?in=ar").content.decode().partition('id="main"')[2]


@pytest.mark.django_db
def test_pages_for_staff_are_in_the_languages_of_staff_whatever_the_browser_asks_for() -> None:
    in_arabic = {"accept-language": "ar"}
    for path in ("/sign-in", "/help", "/language"):
        assert '<html lang="en-us" dir="ltr">' in Client(headers=in_arabic).get(path).content.decode(), path
        assert '<html lang="en-us" dir="ltr">' in Client().get(f"{path}?in=ar").content.decode(), path
    client = someone()
    for path in ("/cases", "/about", "/privacy?in=ar", "/nowhere?in=ar"):
        assert '<html lang="en-us" dir="ltr">' in client.get(path, headers=in_arabic).content.decode(), path
    assert '<html lang="es-us"' in client.get("/cases", headers={"accept-language": "ar,es;q=0.5"}).content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize("code", [code for code, _ in settings.PUBLIC_LANGUAGES])
@pytest.mark.parametrize("path", [path for path in PATHS if path != "/help"])
def test_every_public_page_is_in_every_public_language(path: str, code: str) -> None:
    answer = Client().get(f"{path}?in={code}")
    page = answer.content.decode()
    assert answer.status_code == 200
    assert f'<html lang="{code}"' in page
    assert page.count("<h1") == 1
    assert country.installed().hotline.telephone in page
    assert not answer.cookies


@pytest.mark.django_db
@pytest.mark.parametrize("path", [*(path for path in PATHS if path != "/help"), "/nowhere"])
def test_a_telephone_number_runs_from_left_to_right_among_arabic_words(path: str) -> None:
    """Without a mark, a browser shows 1-888-373-7888 as 7888-373-888-1."""
    page = Client().get(f"{path}?in=ar").content.decode()
    number = re.compile(r">([^<]*\d-\d{3}-\d{3}[^<]*)<")
    marked = re.compile(r'<bdi class="telephone" dir="ltr">[\d-]+</bdi>')
    assert len(marked.findall(page)) >= 1
    assert number.findall(marked.sub("", page)) == []


# --- what goes wrong ---


@pytest.mark.parametrize("status", STATUSES)
@pytest.mark.parametrize("language", ["en-us", "es-us"])
def test_what_goes_wrong_is_said_in_the_pages_language_and_leads_somewhere(status: int, language: str) -> None:
    with translation.override(language):
        page = loader.render_to_string(f"{status}.html")
    assert f'<html lang="{language}"' in page
    main = page.partition('id="main"')[2].partition("</main>")[0]
    assert re.findall(r'href="([^"#]*)"', main)[-3:] == ["/", "/help", "/sign-in"]
    assert country.installed().emergency in page
    assert country.installed().hotline.telephone in re.sub(r"<[^>]+>", "", page)
    assert "<form" not in page  # without a request there is no token, so a form would be refused
    assert f'href="{public_help.installed().leave}"' in main  # whoever has to leave at once can do so here too
    assert ("Nadie ha revisado todavía esta traducción" in main) is (language == "es-us")
    if language == "es-us":
        with translation.override("en-us"):
            english = loader.render_to_string(f"{status}.html")
        heading = re.compile(r"<h1>(.*?)</h1>", re.DOTALL)
        assert heading.findall(page) != heading.findall(english)


@pytest.mark.django_db
def test_the_address_of_a_button_says_so_when_somebody_is_led_to_it() -> None:
    case = stories.case()
    where = f"/cases/{case.reference}/notes"
    answer = someone().get(where)
    assert (answer.status_code, answer["Allow"]) == (405, "POST")
    assert "belongs to a button on another page" in words(answer)
    assert 'href="/worklist"' in answer.content.decode()
    in_spanish = Client(headers={"accept-language": "es"}).post("/privacy")
    assert (in_spanish.status_code, in_spanish["Allow"]) == (405, "GET")
    assert "Pertenece a un botón de otra página" in words(in_spanish)


@pytest.mark.parametrize(
    ("path", "cookie", "wanted", "shown"),
    [
        ("/sign-in", "", "es-MX,es;q=0.9", "es-us"),
        ("/sign-in", "", "en", "en-us"),
        ("/sign-in", "django_language=es-us", "en", "es-us"),
        ("/sign-in", "", "ar", "en-us"),
        ("/", "", "ar", "ar"),
        ("/?in=ko", "", "ar", "ko"),
    ],
)
def test_what_is_refused_before_django_speaks_the_browsers_language(
    path: str, cookie: str, wanted: str, shown: str
) -> None:
    sent = _sent(
        path,
        [
            (b"host", b"localhost"),
            (b"accept", b"text/html"),
            (b"accept-language", wanted.encode()),
            (b"cookie", cookie.encode()),
            (b"content-length", str(edge.UPLOAD_LIMIT + 1).encode()),
        ],
    )
    assert sent[0]["status"] == 413
    assert f'<html lang="{shown}"'.encode() in sent[1]["body"]


def _sent(address: str, headers: list[tuple[bytes, bytes]]) -> list[dict[str, Any]]:
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        sent.append(dict(message))

    path, _, query = address.partition("?")
    scope = {"type": "http", "method": "POST", "path": path, "query_string": query.encode(), "headers": headers}
    call: Callable[..., object] = asgiref.sync.async_to_sync(asgi.application)
    call(scope, receive, send)
    return sent


@pytest.mark.parametrize("content", [None, b"\xff\xfe operator", b"operator = "])
def test_a_file_about_the_installation_that_cannot_be_read_is_refused_with_its_name(
    monkeypatch: pytest.MonkeyPatch, tmp_path: pathlib.Path, content: bytes | None
) -> None:
    file = tmp_path / "about.toml"
    if content is not None:
        file.write_bytes(content)
    monkeypatch.setenv(about.VARIABLE, str(file))
    about.installed.cache_clear()
    with pytest.raises(entries.Unreadable, match=r"about\.toml"):
        about.installed()
    about.installed.cache_clear()
