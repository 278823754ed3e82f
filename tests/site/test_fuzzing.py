"""The API against its own document: what it allows and what it does not, sent by every kind of caller, over the wire.

The promise: no fault, no answer that the document does not name, and nobody ever gets another agency's signal back.
"""

from __future__ import annotations

import dataclasses
import json
import pathlib
import time
from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

import httpx
import hypothesis
import pytest
import schemathesis
from django.utils import timezone
from hypothesis import strategies
from schemathesis import checks, generation
from schemathesis.specs.openapi import checks as conformance

from nowrongdoor.agencies import actions as agencies
from nowrongdoor.agencies.models import Token
from nowrongdoor.signals.models import Signal
from nowrongdoor.vault import keys
from tests import claims, servers
from tests.leads import stories

pytestmark = pytest.mark.storm
DOCUMENT = pathlib.Path(__file__).resolve().parents[2] / "docs" / "openapi.json"
KEPT = [
    checks.not_a_server_error,
    conformance.status_code_conformance,
    conformance.content_type_conformance,
    conformance.response_schema_conformance,
]
# The same examples every time: a failure here is a failure everywhere.
SAME = hypothesis.settings(
    max_examples=50,
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=list(hypothesis.HealthCheck),
    phases=[hypothesis.Phase.generate],
)
Case: TypeAlias = "schemathesis.Case[Any]"
SHARED_KEY = "a key that both agencies use"
# Headers that would change who asks, or where a message ends, are the client's matter and not this API's.
NOT_OURS = {"authorization", "host", "content-length", "transfer-encoding", "connection", "cookie", "expect", "upgrade"}


@dataclasses.dataclass(frozen=True)
class Caller:
    """Who asks, and whose signals may come back."""

    agency: str | None
    headers: Mapping[str, str]


@pytest.fixture
def web(committed_db: None) -> Iterator[servers.Web]:
    with servers.Web() as running:
        running.wait_until_answering()
        yield running


@pytest.fixture
def references(web: servers.Web) -> list[str]:
    """References of both agencies' signals: everybody asks for all of them."""
    there = [stories.signal(receiver=code, narrative="Zuzana") for code in ("HOTLINE", "EEOC") for _ in range(3)]
    there += [stories.signal(receiver=code, key=SHARED_KEY) for code in ("HOTLINE", "EEOC")]
    return [each.reference for each in there]


def bearer(code: str) -> Caller:
    token = agencies.make_token(stories.agency(code), label="fuzz", by=None, at=timezone.now())
    return Caller(code, {"Authorization": f"Bearer {token}"})


@pytest.fixture(params=["nobody", "the receiving agency", "another agency", "a revoked token"])
def caller(request: pytest.FixtureRequest, web: servers.Web) -> Caller:
    if request.param == "nobody":
        return Caller(None, {})
    if request.param == "a revoked token":
        headers = bearer("HOTLINE").headers
        Token.objects.update(revoked_at=timezone.now())
        return Caller(None, headers)
    return bearer("HOTLINE" if request.param == "the receiving agency" else "EEOC")


def judge(case: Case, answer: httpx.Response, caller: Caller) -> None:
    """No fault, nothing undocumented, nothing foreign."""
    case.validate_response(answer, checks=KEPT)
    if answer.is_success:
        assert Signal.objects.get(id=answer.json()["id"]).receiver.code == caller.agency
    else:
        assert claims.every(isinstance(said, str) and said for said in answer.json()["problems"])
    assert b"Zuzana" not in answer.content
    assert b"Traceback" not in answer.content


def send(web: servers.Web, case: Case, caller: Caller) -> httpx.Response | None:
    """What the server says, or None for what no HTTP client can send."""
    given: dict[str, Any] = case.as_transport_kwargs(base_url=web.url)
    own = {name: value for name, value in (given["headers"] or {}).items() if name.lower() not in NOT_OURS}
    try:
        return httpx.request(
            given["method"],
            given["url"],
            headers={**own, **caller.headers},
            params=given.get("params"),
            json=given.get("json"),
            content=given.get("data"),
            trust_env=False,
        )
    except (httpx.InvalidURL, httpx.LocalProtocolError, UnicodeEncodeError):
        return None


def test_whoever_asks_and_however_no_fault_nothing_undocumented_nothing_foreign(
    web: servers.Web, references: list[str], caller: Caller
) -> None:
    before = Signal.objects.count()
    codes = hand_in(web, caller, generation.GenerationMode.POSITIVE)
    codes |= hand_in(web, caller, generation.GenerationMode.NEGATIVE)
    own = set(Signal.objects.filter(receiver__code=caller.agency).values_list("reference", flat=True))
    read = ask_after(web, caller, references)
    assert read <= own
    if caller.agency is None:
        assert codes <= {400, 401, 413, 429}
        assert not read
        assert Signal.objects.count() == before
    else:
        assert {201, 409, 422} <= codes, "the examples reach past the door"
        assert own & set(references) <= read, "and whoever may, reads"
    hotline = stories.agency("HOTLINE")
    kept = keys.index(hotline.id).token("signal key", SHARED_KEY)
    assert Signal.objects.filter(receiver=hotline, key=kept).count() == 1


def hand_in(web: servers.Web, caller: Caller, mode: generation.GenerationMode) -> set[int]:
    """Sends what the document names, or forbids; gives what came back."""
    schema = schemathesis.openapi.from_path(DOCUMENT)
    operation = schema["/api/v1/signals"]["POST"]
    codes = set()

    @SAME
    @hypothesis.given(case=operation.as_strategy(generation_mode=mode), same=strategies.booleans())
    def fuzz(case: Case, same: bool) -> None:  # noqa: FBT001
        if same:
            case.headers["Idempotency-Key"] = SHARED_KEY
        answer = send(web, case, caller)
        if answer is not None:
            codes.add(answer.status_code)
            judge(case, answer, caller)

    fuzz()
    return codes


def ask_after(web: servers.Web, caller: Caller, references: list[str]) -> set[str]:
    """Asks after every signal there is, and after nonsense; gives the references that came back."""
    schema = schemathesis.openapi.from_path(DOCUMENT)
    read = set()

    @SAME
    @hypothesis.given(
        case=schema["/api/v1/signals/{reference}"]["GET"].as_strategy(),
        known=strategies.one_of(strategies.none(), strategies.sampled_from(references)),
    )
    def fuzz(case: Case, known: str | None) -> None:
        if known:
            case.path_parameters["reference"] = known
        answer = send(web, case, caller)
        if answer is not None:
            judge(case, answer, caller)
            if answer.is_success:
                read.add(answer.json()["reference"])

    fuzz()
    for known in references:  # each of them for certain, and as it is
        answer = ask_for(web, known, caller)
        is_theirs = Signal.objects.filter(reference=known, receiver__code=caller.agency).exists()
        assert answer.status_code == (401 if caller.agency is None else 200 if is_theirs else 404)
        if answer.is_success:
            read.add(answer.json()["reference"])
    return read


def ask_for(web: servers.Web, reference: str, caller: Caller) -> httpx.Response:
    """Asks for one signal; a caller who asked too often waits as long as it was told to."""
    while True:
        answer = httpx.get(f"{web.url}/api/v1/signals/{reference}", headers=dict(caller.headers), trust_env=False)
        if answer.status_code != 429:
            return answer
        time.sleep(int(answer.headers["Retry-After"]))


def test_every_operation_of_the_document_is_fuzzed_here() -> None:
    named = json.loads(DOCUMENT.read_text())["paths"]
    assert {(path, verb) for path, verbs in named.items() for verb in verbs} == {
        ("/api/v1/signals", "post"),
        ("/api/v1/signals/{reference}", "get"),
    }
