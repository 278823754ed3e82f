"""A session that is over: a page is sent to sign in, a part of a page is told so, and nothing typed is lost."""

from __future__ import annotations

import html
import pathlib
import re

import pytest
from django import http
from django.test import Client

from nowrongdoor.access import guards, viewers
from nowrongdoor.agencies.models import User
from nowrongdoor.signals.models import Signal
from nowrongdoor.ui import unsent
from tests import signing_in
from tests.access.test_doors import ROUTES, address
from tests.leads import stories

TEMPLATES = pathlib.Path(unsent.__file__).parent.parent / "templates"
TYPED = {
    "key": "0" * 32,
    "channel": "text",
    "source": "unknown",
    "urgency": "within_24h",
    "narrative": 'She said: <b>"help"</b> & more.\r\n\r\nTwo lines below.',
    "labor": "yes",
    "indicator": ["ilo-01", "ilo-02"],
    "place": "NY-S",
    "case": "K7QM-2XWD-94HT",
}


@pytest.mark.django_db
def test_a_part_of_a_page_never_gets_another_page_put_into_it() -> None:
    """Every address, for a visitor and for somebody who showed one factor of two."""
    half = Client()
    half.force_login(User.objects.filter(full_name=stories.person("HSI").name).latest("id"))
    part = {"HX-Request": "true"}
    asked = 0
    for path, route in ROUTES:
        if guards.guard_of(route.callback) != guards.SIGNED_IN:
            continue
        is_for_them = viewers.Role.COORDINATOR in (guards.roles_of(route.callback) or ())
        for method in ("get", "post"):
            # Of a page a visitor is led on, or shown what they wrote; and nobody learns of a page that is for others.
            whole = {"a visitor": 302 if method == "get" else 403, "half signed in": 302 if is_for_them else 404}
            for who, client in (("a visitor", Client()), ("half signed in", half)):
                answer = getattr(client, method)(address(path), headers=part)
                assert answer.status_code == (404 if whole[who] == 404 else 401), (path, method, who)
                if answer.status_code == 401:
                    assert answer.content == b"", (path, method, who)
                    asked += 1
                assert getattr(client, method)(address(path)).status_code == whole[who], (path, method, who)
    assert asked > 100


@pytest.mark.parametrize("template", sorted(TEMPLATES.rglob("*.html")), ids=lambda file: file.name)
def test_every_field_to_write_in_has_its_words_for_when_the_session_ends(template: pathlib.Path) -> None:
    """So that no text is carried on in silence; those of signing in are another matter, and are never shown again."""
    text = template.read_text()
    if template.parent.name in ("account", "mfa", "webauthn", "totp", "recovery_codes", "elements", "snippets"):
        return
    if template.name in ("unsent.html", "join.html"):
        return
    for form in re.findall(r'<form\b[^>]*method="post".*?</form>', text, re.DOTALL):
        fields = re.findall(r"<textarea\b[^>]*>|<input\b[^>]*>", form)
        for field in fields:
            kind = re.search(r'type="(\w+)"', field)
            if kind and kind[1] in ("hidden", "radio", "checkbox", "file", "date"):
                continue
            named = re.search(r'name="([^"]+)"', field)
            assert named, field
            names = [named[1]]
            if named[1] == "person_{{ name }}":
                names = [each for each in unsent.TEXTS if each.startswith("person_")]
                assert names
            if named[1] == "person" and template.name == "trail.html":
                continue  # a search, and sent again in one line
            if named[1] in ("threshold", "replicates", "seed"):
                continue  # numbers, carried on with what was picked
            assert set(names) <= set(unsent.TEXTS), (template.name, named[1])


def resent(page: str) -> dict[str, list[str]]:
    """What the form of a page would send, as a browser reads it."""
    sent: dict[str, list[str]] = {}
    form = page.partition("<main")[2].partition("<form")[2].partition("</form>")[0]
    for name, value in re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form):
        sent.setdefault(name, []).append(html.unescape(value))
    for name, value in re.findall(r'<textarea[^>]*name="([^"]+)"[^>]*>\n(.*?)</textarea>', form, re.DOTALL):
        sent.setdefault(name, []).append(html.unescape(value))
    return sent


@pytest.mark.django_db
def test_what_was_typed_when_the_session_ended_is_kept_whole_and_can_be_sent_again() -> None:
    answer = Client().post("/signals/new", TYPED)
    assert answer.status_code == 403
    sent = resent(answer.content.decode())
    sent.pop("csrfmiddlewaretoken")
    assert sent == {name: value if isinstance(value, list) else [value] for name, value in TYPED.items()}
    assert Signal.objects.count() == 0


@pytest.mark.django_db
def test_a_form_of_an_earlier_sign_in_is_kept_too_and_then_saved() -> None:
    client = Client(enforce_csrf_checks=True)
    signing_in.sign_in(client, stories.person("HOTLINE"))
    given = {**TYPED, "case": "", "indicator": [], "csrfmiddlewaretoken": "x" * 64}
    ours = {"Origin": "http://testserver"}
    refused = client.post("/signals/new", given, headers=ours)
    assert refused.status_code == 403
    again = resent(refused.content.decode())
    assert again["narrative"] == [TYPED["narrative"]]
    assert Signal.objects.count() == 0
    assert client.post("/signals/new", again, headers=ours).status_code == 302
    assert Signal.objects.count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("path", "headers"),
    [("/signals/new", {"Origin": "https://evil.test"}), ("/signals/new", {}), ("/sign-in", None), ("/join", None)],
)
def test_what_another_site_sent_or_a_password_is_never_shown_again(path: str, headers: dict[str, str] | None) -> None:
    client = Client(enforce_csrf_checks=True)
    signing_in.sign_in(client, stories.person("HOTLINE"))
    given = dict.fromkeys(("narrative", "password", "code"), "planted")
    answer = client.post(path, given, headers={"Origin": "http://testserver"} if headers is None else headers)
    assert answer.status_code == 403
    assert b"planted" not in answer.content


def test_choices_are_carried_on_and_the_old_token_is_not() -> None:
    sent = http.QueryDict("csrfmiddlewaretoken=old&narrative=Words&labor=yes&indicator=a&indicator=b&case=")
    kept = unsent.of(sent)
    assert [(each.name, each.value) for each in kept.texts] == [("narrative", "Words")]
    assert [(each.name, each.value) for each in kept.choices] == [
        ("labor", "yes"),
        ("indicator", "a"),
        ("indicator", "b"),
        ("case", ""),
    ]
