"""T20: every address, whoever asks and however wrongly, answers with the headers, and its pages name no other host.

The addresses come from the URLconf, so that a new one is checked on the day it is added.
"""

from __future__ import annotations

import base64
import contextlib
import http.client
import json
import re
import socket
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import asgiref.sync
import pytest
from django import http as django_http
from django.conf import settings
from django.core import exceptions
from django.core.files import uploadedfile
from django.test import Client, RequestFactory, override_settings
from django.urls import URLPattern, path
from django.utils import timezone

from nowrongdoor.access import edge, guards, headers, streams, viewers
from nowrongdoor.agencies import actions as agencies
from nowrongdoor.agencies import app_passwords
from nowrongdoor.agencies.models import User
from nowrongdoor.core import doors
from nowrongdoor.duties.models import Duty
from nowrongdoor.mandates.models import MandateTable
from nowrongdoor.site import asgi, urls
from tests import servers, signing_in
from tests.access.test_doors import FRAMED, ROUTES, address
from tests.leads import stories
from tests.line import floors

# Every way in which HTML, or a style inside it, can name an address that the browser would go to by itself.
NAMES_ADDRESS = re.compile(
    r"""(?:\b(?:src|href|action|formaction|srcset|data|poster|ping|hx-(?:get|post))\s*=\s*["']?|url\(\s*["']?|content=["']\d+;\s*url=)\s*([^"'\s>)]+)""",
    re.IGNORECASE,
)
ROLES = [None, viewers.Role.ADVOCATE, viewers.Role.COORDINATOR, viewers.Role.ADMINISTRATOR]


# Written out here once more, so that a header taken out of the code is missed.
MUST: Mapping[str, Callable[[str], bool]] = {
    "x-content-type-options": lambda said: said == "nosniff",
    "x-frame-options": lambda said: said == "DENY",
    "referrer-policy": lambda said: said in ("same-origin", "no-referrer"),
    "cross-origin-opener-policy": lambda said: said == "same-origin",
    "cross-origin-resource-policy": lambda said: said == "same-origin",
    "permissions-policy": lambda said: {"camera=()", "geolocation=()", "microphone=()"} <= set(said.split(", ")),
    "cache-control": lambda said: "no-store" in said,
}


def other_hosts(html: str) -> list[str]:
    """Addresses that lead to, or load from, another host; the way out of a public page leads elsewhere on purpose."""
    named = NAMES_ADDRESS.findall(re.sub(r"<a [^>]* data-leave>", "", html))
    return [each for each in named if "//" in each.split("?")[0] and not each.startswith("data:")]


def wrong(said: Any, policy: str = headers.POLICY) -> list[str]:
    """What is wrong with an answer's headers, in words. The policy is held against its own test below."""
    given = {name.lower(): value for name, value in said.items()}
    problems = [f"{name}: {given.get(name)}" for name, must in MUST.items() if not must(given.get(name, ""))]
    if given.get("content-security-policy") != policy:
        problems.append(f"content-security-policy: {given.get('content-security-policy')}")
    return problems + [f"{name} tells what runs here" for name in ("server", "x-powered-by") if name in given]


def fault(request: django_http.HttpRequest, kind: str) -> django_http.HttpResponse:
    raise {
        "400": exceptions.BadRequest("secret detail"),
        "403": exceptions.PermissionDenied("secret detail"),
        "404": django_http.Http404("secret detail"),
        "413": exceptions.RequestDataTooBig("secret detail"),
        "500": RuntimeError("secret detail"),
    }[kind]


urlpatterns = [*urls.urlpatterns, path("fault/<str:kind>", fault), path("api/fault/<str:kind>", fault)]
handler400, handler403 = urls.handler400, urls.handler403
handler404, handler500 = urls.handler404, urls.handler500


def test_the_policy_lets_nothing_run_from_elsewhere_or_inline() -> None:
    rules = dict(each.split(" ", 1) for each in headers.POLICY.split("; "))
    assert rules["default-src"] == rules["base-uri"] == rules["frame-ancestors"] == "'none'"
    assert set(" ".join(rules.values()).split()) == {"'none'", "'self'", "data:"}
    assert [name for name, value in rules.items() if "data:" in value] == ["img-src"]


def test_a_file_that_somebody_sent_has_a_stricter_policy_and_nothing_else_does() -> None:
    rules = headers.SANDBOX.split("; ")
    assert {"default-src 'none'", "form-action 'none'", "frame-ancestors 'none'", "sandbox"} <= set(rules)

    def answered(policy: str) -> str:
        answer = django_http.HttpResponse(headers={headers.CSP: policy})
        return headers.Headers(lambda _: answer).process_response(RequestFactory().get("/"), answer)[headers.CSP]

    assert answered(headers.SANDBOX) == headers.SANDBOX
    for laxer in ("default-src *", "sandbox allow-scripts", headers.SANDBOX + " allow-scripts", ""):
        assert answered(laxer) == headers.POLICY


@pytest.mark.parametrize(
    "html",
    [
        '<img src="https://cdn.test/x.png">',
        "<script src=//cdn.test/x.js>",
        '<form action="http://elsewhere.test">',
        "<i style=\"background:url('//cdn.test/x')\">",
    ],
)
def test_another_host_in_a_page_would_be_seen(html: str) -> None:
    assert other_hosts(html)
    assert not other_hosts(html.replace("https:", "").replace("http:", "").replace("//", "/"))


def clients() -> Iterator[tuple[str, Client]]:
    """A visitor, somebody of each role in the agency that leads, their token, and their calendar program."""
    token = agencies.make_token(stories.agency("HOTLINE"), label="edges", by=None, at=timezone.now())
    for role in ROLES:
        client = Client(raise_request_exception=False)
        if role:
            stories.person("HOTLINE", role)
            signing_in.passed(client, User.objects.filter(agency__code="HOTLINE", role=role.value).latest("id"))
        yield (role.value if role else "a visitor"), client
    yield (
        "a token",
        Client(raise_request_exception=False, headers={"Authorization": f"Bearer {token}", "Idempotency-Key": "edges"}),
    )
    made = app_passwords.make(app_passwords.Scope.CALENDAR, by=stories.person("HOTLINE"), at=timezone.now())
    basic = base64.b64encode(f"{made.sign_in_name}:{made.secret}".encode()).decode()
    yield "a calendar", Client(raise_request_exception=False, headers={"Authorization": f"Basic {basic}"})


# Nobody gets in without a provider that is set up; and nobody signs up.
SHUT = {
    "line_provider",
    "account_signup",
    "socialaccount_signup",
    "account_set_password",
    "openid_connect_login",
    "openid_connect_callback",
    "hsds_row",  # of a directory that is empty here: tests/services/test_hsds_api
}


@pytest.mark.django_db
@pytest.mark.parametrize(("route_path", "route"), ROUTES, ids=[route_path for route_path, _ in ROUTES])
def test_every_address_answers_with_the_headers_and_names_no_other_host(route_path: str, route: URLPattern) -> None:
    case = stories.case({**stories.FORCED_LABOR, "age": "under_18"})
    values = {"offer_id": str(stories.offer_of(case).id), "notice_id": str(Duty.notices().filter(case=case)[0].id)}
    values["table_id"] = str(MandateTable.objects.get(in_force=True).id)
    values["file_id"] = str(stories.attach(case.id, by=stories.person("HOTLINE")).id)
    values["code"] = doors.installed().each[0].code
    values |= {
        "name": "services",
        "act": "danger",
        "step": "pause",
        **{name: str(row) for name, row in floors.rows().items()},
    }
    reference = case.signals.get().signal.reference if "signals" in route_path else case.reference
    ours, nowhere = address(route_path, reference=reference, **values), address(route_path)
    body = {"data": {}, "content_type": "application/json"} if guards.guard_of(route.callback) == guards.TOKEN else {}
    seen = set()
    for who, client in clients():
        for method in ("get", "post", "put", "delete", "patch", "head", "options"):
            for url in (ours, nowhere, f"{ours.rstrip('/')}/"):
                answer = getattr(client, method)(url, **body if method == "post" else {})
                seen.add(answer.status_code)
                assert answer.status_code < 500, (who, method, url)
                is_file = route.name == "file" and answer.status_code == 200
                is_framed = route.name in FRAMED and answer.status_code in (200, 422)
                policy = FRAMED[route.name] if is_framed else headers.SANDBOX if is_file else headers.POLICY
                framed_by_ours = {"x-frame-options: SAMEORIGIN"} if is_framed and route.name == "chat_lines" else set()
                problems = [each for each in wrong(answer, policy) if each not in framed_by_ours]
                assert not problems, (who, method, url, problems)
                if answer["Content-Type"].startswith("text/html") and not answer.streaming:
                    assert other_hosts(answer.content.decode()) == [], (who, method, url)
    if route.name not in SHUT:
        assert seen & {200, 201, 302, 422}, "somebody gets in"
    assert seen & {403, 404, 405}, "somebody does not"


@pytest.mark.django_db
@override_settings(ROOT_URLCONF="tests.site.test_edges")
@pytest.mark.parametrize("kind", ["400", "403", "404", "413", "500"])
@pytest.mark.parametrize("prefix", ["/fault/", "/api/fault/"])
def test_what_goes_wrong_is_answered_by_us_without_details(kind: str, prefix: str) -> None:
    answer = Client(raise_request_exception=False).get(prefix + kind)
    assert answer.status_code == int(kind)
    assert not wrong(answer)
    assert b"secret detail" not in answer.content
    assert b"RuntimeError" not in answer.content
    if prefix.startswith("/api/"):
        assert answer.json()["problems"]
    else:
        assert b"<h1>" in answer.content
        assert other_hosts(answer.content.decode()) == []


@pytest.mark.django_db
def test_a_missing_page_speaks_of_agencies_and_cases_to_staff_alone() -> None:
    anybody, staff = Client(), signing_in.sign_in(Client(), stories.person("HOTLINE"))
    public, own = anybody.get("/nowhere").content.decode(), staff.get("/nowhere").content.decode()
    assert "your agency doesn’t have access to it" in own
    assert "your agency" not in public
    assert 'href="/tell"' in public


@pytest.mark.django_db
def test_a_wrong_host_name_and_a_forged_form_are_answered_by_us() -> None:
    answer = Client().get("/sign-in", headers={"Host": "evil.test"})
    assert (answer.status_code, wrong(answer)) == (400, [])
    assert b"evil.test" not in answer.content
    answer = Client(enforce_csrf_checks=True).post("/sign-in", {"username": "x", "password": "x"})
    assert (answer.status_code, wrong(answer)) == (403, [])
    assert b"open too long" in answer.content


@pytest.mark.django_db
def test_more_than_a_form_may_hold_is_413_not_a_fault() -> None:
    stories.person("HOTLINE")
    client = Client()
    signing_in.passed(client, User.objects.filter(agency__code="HOTLINE").latest("id"))
    answer = client.post(
        "/signals/new",
        "narrative=" + "x" * settings.DATA_UPLOAD_MAX_MEMORY_SIZE,
        content_type="application/x-www-form-urlencoded",
    )
    assert (answer.status_code, wrong(answer)) == (413, [])
    token = agencies.make_token(stories.agency("HOTLINE"), label="big", by=None, at=timezone.now())
    answer = client.post(
        "/api/v1/signals",
        json.dumps({"narrative": "x" * settings.DATA_UPLOAD_MAX_MEMORY_SIZE}),
        content_type="application/json",
        headers={"Authorization": f"Bearer {token}", "Idempotency-Key": "big"},
    )
    assert (answer.status_code, wrong(answer)) == (413, [])
    assert "at most" in answer.json()["problems"][0]


def test_the_two_limits_on_a_body_are_one() -> None:
    assert settings.DATA_UPLOAD_MAX_MEMORY_SIZE == edge.BODY_LIMIT


def test_only_the_addresses_that_take_files_take_so_much() -> None:
    form = [(b"Content-Type", b"multipart/form-data; boundary=x")]
    takes = {
        name for path, route in ROUTES if edge._limit(address(path), form) > edge.BODY_LIMIT and (name := route.name)
    }
    assert takes == {"attach", "mailbox_files"}
    assert edge._limit("/cases/AAAA-BBBB-CCCC/files", [(b"content-type", b"text/plain")]) == edge.BODY_LIMIT


def test_a_file_that_is_being_sent_never_reaches_the_disk_in_the_clear() -> None:
    """It is read into memory whole, up to the most that the edge lets in."""
    assert settings.FILE_UPLOAD_MAX_MEMORY_SIZE >= edge.UPLOAD_LIMIT  # also what Django's ASGI side holds of a request
    sent = uploadedfile.SimpleUploadedFile("x", b"x" * 20_000_000)
    request = RequestFactory().post("/", {"file": sent})
    assert isinstance(request.FILES["file"], uploadedfile.InMemoryUploadedFile)


def raw(web: servers.Web, request: bytes) -> tuple[int, dict[str, str]]:
    """What the real server says to bytes that no client library would send."""
    with socket.create_connection(("127.0.0.1", web.port), timeout=20) as wire:
        wire.sendall(request)
        with contextlib.closing(http.client.HTTPResponse(wire)) as answer:
            answer.begin()
            return answer.status, dict(answer.getheaders())


@pytest.mark.storm
def test_the_real_server_answers_so_too_and_does_not_say_what_it_is(live: servers.Web) -> None:
    start = b"Host: 127.0.0.1\r\n"
    form = start + b"Content-Type: application/x-www-form-urlencoded\r\n"
    files = start + b"Accept: text/html,*/*\r\nContent-Type: multipart/form-data; boundary=x\r\n"
    attach = b"/cases/AAAA-BBBB-CCCC/files"
    chunk = b"%x\r\n" % 1_000_000 + b"x" * 1_000_000 + b"\r\n"
    asked = {
        "a page": (200, b"GET /sign-in HTTP/1.1\r\n" + start + b"\r\n"),
        "nothing": (404, b"GET /nowhere HTTP/1.1\r\n" + start + b"\r\n"),
        "another host": (400, b"GET /sign-in HTTP/1.1\r\nHost: evil.test\r\n\r\n"),
        "a stream without a pass": (401, b"GET /events HTTP/1.1\r\n" + start + b"\r\n"),
        "no token": (401, b"POST /api/v1/signals HTTP/1.1\r\n" + start + b"Content-Length: 2\r\n\r\n{}"),
        "too long, and said so": (413, b"POST /sign-in HTTP/1.1\r\n" + form + b"Content-Length: 3000000\r\n\r\n"),
        "files where none are taken": (413, b"POST /sign-in HTTP/1.1\r\n" + files + b"Content-Length: 3000000\r\n\r\n"),
        "a file too long": (413, b"POST " + attach + b" HTTP/1.1\r\n" + files + b"Content-Length: 26000000\r\n\r\n"),
        "too long, in pieces": (
            413,
            b"POST /sign-in HTTP/1.1\r\n" + form + b"Transfer-Encoding: chunked\r\n\r\n" + chunk * 3 + b"0\r\n\r\n",
        ),
    }
    for what, (status, request) in asked.items():
        said, given = raw(live, request)
        assert said == status, what
        assert not wrong(given), (what, wrong(given))
        if said == 413:
            kind = {True: "text/html; charset=utf-8", False: "application/json"}[b"text/html" in request]
            assert given["content-type"] == kind, what
    token = agencies.make_token(stories.agency("HOTLINE"), label="live", by=None, at=timezone.now())
    head = f"GET /api/v1/signals/NONE HTTP/1.1\r\nAuthorization: Bearer {token}\r\n".encode()
    assert raw(live, head + start + b"\r\n")[0] == 404
    stories.person("HOTLINE", viewers.Role.COORDINATOR)
    client = Client()
    signing_in.passed(client, User.objects.filter(agency__code="HOTLINE").latest("id"))
    client.get("/worklist")
    cookie = f"Cookie: {streams.COOKIE}={client.cookies[streams.COOKIE].value}\r\n".encode()
    said, given = raw(live, b"GET /events HTTP/1.1\r\n" + start + cookie + b"\r\n")
    assert (said, wrong(given)) == (200, [])


@pytest.mark.django_db
def test_what_django_answers_before_its_own_layers_carries_the_headers_too() -> None:
    """A query that is no UTF-8 ends before any middleware."""
    sent: list[Mapping[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request"}

    async def send(message: Mapping[str, Any]) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": "GET",
        "path": "/",
        "query_string": b"\xff",
        "headers": [(b"host", b"localhost")],
    }
    asgiref.sync.async_to_sync(asgi.application)(scope, receive, send)
    assert sent[0]["status"] == 400
    assert not wrong({name.decode(): value.decode() for name, value in sent[0]["headers"]})


@pytest.mark.parametrize("name", ["bad_request", "denied", "missing", "broken"])
def test_the_handlers_are_ours(name: str) -> None:
    assert f"nowrongdoor.site.errors.{name}" in {handler400, handler403, handler404, handler500}
    assert guards.guard_of(fault) is None
