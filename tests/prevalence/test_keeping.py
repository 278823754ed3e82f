"""What an agency asked for is kept with all it rests on, answered once, worked out again bit for bit, and its own."""

from __future__ import annotations

import datetime
import json
import re
import uuid

import psycopg
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, connection, transaction
from django.test import Client, override_settings
from django.test import utils as test_utils

from nowrongdoor.access import row_security, viewers
from nowrongdoor.audit.models import Event
from nowrongdoor.core.prevalence import estimating, reading
from nowrongdoor.prevalence import actions, models, queries
from nowrongdoor.publishing import documents
from nowrongdoor.work import queue
from tests import signing_in
from tests.leads import stories
from tests.prevalence import published

FAST = 200
LATER = stories.NOON + datetime.timedelta(minutes=1)


def analyst(code: str = "HHS_OTIP") -> viewers.Viewer:
    return stories.person(code, viewers.Role.ANALYST)


def asked(
    by: viewers.Viewer, name: str = "UKdat_5", method: estimating.Method = estimating.Method.STEPWISE
) -> models.Run:
    wanted = actions.Wanted(published.text(name), estimating.Settings(method), FAST, 7)
    return actions.ask(wanted, by=by, at=stories.NOON)


def done(by: viewers.Viewer, name: str = "UKdat_5") -> models.Run:
    run = asked(by, name)
    actions.work_out(run.id, at=LATER)
    return again(run)


def again(run: models.Run) -> models.Run:
    with row_security.system():
        return models.Run.objects.get(id=run.id)


def without_token(page: bytes) -> bytes:
    return re.sub(rb'name="csrfmiddlewaretoken" value="\w+"', b"", page)


def browser(viewer: viewers.Viewer) -> Client:
    return signing_in.sign_in(Client(), viewer)


@pytest.mark.django_db
def test_what_is_kept_gives_the_same_figures_again_bit_for_bit() -> None:
    mia = analyst()
    first = done(mia)
    assert first.digest == published.table("UKdat_5").digest
    with row_security.looking(mia):
        saved = queries.table_lines(first)
    wanted = actions.Wanted(saved, estimating.Settings(), first.replicates, first.seed)
    second = actions.ask(wanted, by=mia, at=LATER)
    actions.work_out(second.id, at=LATER)
    assert json.dumps(again(second).figures) == json.dumps(first.figures)
    assert again(second).report == first.report
    other = actions.ask(actions.Wanted(saved, estimating.Settings(), first.replicates, 8), by=mia, at=LATER)
    actions.work_out(other.id, at=LATER)
    assert again(other).figures != first.figures


@pytest.mark.django_db
def test_a_run_is_queued_with_its_row_and_worked_out_once() -> None:
    run = asked(analyst())
    with connection.cursor() as cursor:
        cursor.execute("SELECT args FROM procrastinate_jobs WHERE task_name = %s", [queue.ESTIMATE])
        assert [json.loads(row[0])["run_id"] for row in cursor.fetchall()] == [str(run.id)]
    actions.work_out(run.id, at=LATER)
    first = again(run)
    actions.work_out(run.id, at=LATER + datetime.timedelta(hours=1))
    assert again(run).ended_at == first.ended_at == LATER
    with row_security.system():
        assert Event.objects.filter(verb="prevalence.worked_out", subject_id=run.id).count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    "change",
    ["estimate = 1", "headline = 'x'", "ended_at = NULL", "figures = '{}'", "refused = NOT refused"],
)
def test_an_answer_is_never_written_twice(change: str) -> None:
    run = done(analyst())
    with row_security.system(), pytest.raises(DatabaseError, match="not changed"), transaction.atomic():
        connection.cursor().execute(f"UPDATE nowrongdoor_prevalence_run SET {change} WHERE id = %s", [run.id])  # noqa: S608


@pytest.mark.parametrize("column", ["table", "digest", "seed", "threshold", "method", "people", "by_id", "at"])
def test_what_a_run_rests_on_is_changed_by_nobody(committed_db: None, owner: str, column: str) -> None:
    """Not by the run-time role, for want of a privilege; not by the owner, because of a trigger."""
    mia, other = analyst(), analyst()
    run = asked(mia)
    value = {"table": "'x'", "digest": f"'{'0' * 64}'", "method": "'bic'", "by_id": f"'{other.user_id}'", "at": "now()"}
    statement = f'UPDATE nowrongdoor_prevalence_run SET "{column}" = {value.get(column, "3")}'  # noqa: S608
    with row_security.system(), pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
        connection.cursor().execute(statement)
    with psycopg.connect(owner) as database, pytest.raises(psycopg.errors.CheckViolation, match="rests on"):
        database.execute(statement)
    assert again(run).digest == run.digest


@pytest.mark.django_db
def test_a_run_ends_with_an_answer_or_a_reason_and_never_with_half_of_either() -> None:
    run = asked(analyst())
    for half in ("ended_at = now()", "headline = 'x', ended_at = now(), refused = false", "failed = 'x'"):
        with row_security.system(), pytest.raises(DatabaseError, match="ends_in_one_way"), transaction.atomic():
            connection.cursor().execute(f"UPDATE nowrongdoor_prevalence_run SET {half} WHERE id = %s", [run.id])  # noqa: S608
    with row_security.system():
        models.Run.objects.filter(id=run.id).update(ended_at=LATER, failed="The worker gave up.")


@pytest.mark.django_db
def test_nobody_but_the_agency_s_analysts_sees_a_run() -> None:
    mia = analyst()
    run = done(mia)
    with row_security.looking(mia):
        assert [each.id for each in queries.runs(mia)] == [run.id]
    for code in ("HHS_OTIP", "EEOC"):
        for role in viewers.Role:
            if (code, role) == ("HHS_OTIP", viewers.Role.ANALYST) or role is viewers.Role.MACHINE:
                continue
            stranger = stories.person(code, role)
            with row_security.looking(stranger):
                assert not models.Run.objects.exists(), (code, role)
                with pytest.raises(queries.NoSuchRun):
                    queries.find(mia, run.id)


@pytest.mark.django_db
def test_an_analyst_of_another_agency_finds_no_address_of_a_run() -> None:
    run = done(analyst())
    colleague, stranger = browser(analyst()), browser(analyst("EEOC"))
    for ending in ("", "/report.html", "/report.pdf", "/figures.json", "/table.csv"):
        assert colleague.get(f"/prevalence/{run.id}{ending}").status_code == 200
        theirs, nowhere = (stranger.get(f"/prevalence/{each}{ending}") for each in (run.id, uuid.uuid4()))
        assert (theirs.status_code, nowhere.status_code) == (404, 404)
        assert without_token(theirs.content) == without_token(nowhere.content)
    assert stranger.post(f"/prevalence/{run.id}/override").status_code == 404
    assert stranger.get(f"/prevalence/compare?run={run.id}&run={run.id}").status_code == 404
    assert colleague.post(f"/prevalence/{run.id}/override").status_code == 302


@pytest.mark.django_db
def test_a_refusal_is_overridden_by_name_in_a_run_of_its_own() -> None:
    mia = analyst()
    refused, given = done(mia), done(mia, "NewOrl_5")
    assert refused.refused
    assert "No single number" in refused.headline
    forced = actions.override(refused.id, by=mia, at=LATER)
    actions.work_out(forced.id, at=LATER)
    told = again(forced)
    assert (told.overrides_id, told.refused) == (refused.id, False)
    assert f"because {mia.name} asked for it" in told.headline
    assert again(refused).headline == refused.headline
    with pytest.raises(actions.Refused, match="can’t find this estimate"):
        actions.override(forced.id, by=mia, at=LATER)
    with pytest.raises(actions.Refused, match="can’t find this estimate"):
        actions.override(refused.id, by=analyst("EEOC"), at=LATER)
    assert given.estimate is not None


@pytest.mark.django_db
@override_settings(SCAN="off", CLAMD="")
def test_a_file_with_a_row_for_each_person_leaves_only_counts() -> None:
    client = browser(analyst())
    lines = ["id,Police,Shelters,Hotline"]
    lines += [
        f"canary-{at},{row}"
        for at, row in enumerate(["1,0,1", "0,1,1", "1,1,0"] * 9 + ["1,0,0", "0,1,0", "0,0,1"] * 30)
    ]
    answer = client.post("/prevalence/new", {"file": SimpleUploadedFile("lists.csv", "\n".join(lines).encode())})
    assert answer.status_code == 302, answer.content.decode()
    with row_security.system():
        run = models.Run.objects.get()
    assert run.people == 117
    assert "canary" not in run.table
    assert reading.read(run.table).table.digest == run.digest


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({}, "Choose a file, or paste a table"),
        ({"table": "A,B,n\n1,0,x\n"}, "is not a number"),
        ({"table": "A,B,n\n1,0,-4\n"}, "is negative"),
        ({"table": "A,B,n\n1,0,4\n0,1,5\n1,1,2\n"}, "Two lists cannot show whether they depend"),
        ({"table": "A,A,n\n1,0,4\n0,1,5\n1,1,2\n"}, "Two columns are named"),
        ({"table": ",".join(f"L{at}" for at in range(25)) + ",n\n" + "1," * 25 + "3\n"}, "up to 15 can be used"),
        ({"table": "ok", "threshold": "2"}, "a number between 0 and 1"),
        ({"table": "ok", "threshold": "nan"}, "a number between 0 and 1"),
        ({"table": "ok", "seed": "9" * 5_000}, "The seed is a whole number"),
        ({"table": "ok", "replicates": "-1"}, "Replicates: a whole number"),
        ({"table": "ok", "order": "4"}, "Choose pairs"),
        ({"table": "ok", "method": "guess"}, "Choose one of the methods"),
        ({"table": "ok", "method": "dga", "lists": "8"}, "too many graphs"),
    ],
)
def test_a_wrong_form_is_shown_again_with_what_to_do(sent: dict[str, str], said: str) -> None:
    table = published.text("NewOrl" if sent.get("lists") else "NewOrl_5")
    client = browser(analyst())
    fields = {name: table if value == "ok" else value for name, value in sent.items()}
    answer = client.post("/prevalence/new", fields)
    assert answer.status_code == 422
    page = answer.content.decode()
    assert said in page
    if fields.get("table"):
        assert fields["table"].splitlines()[-1][:40] in page  # nothing is lost
    with row_security.system():
        assert not models.Run.objects.exists()
    right = client.post("/prevalence/new", {"table": published.text("NewOrl_5")})
    assert right.status_code == 302


@pytest.mark.django_db
def test_runs_are_compared_by_what_they_rest_on() -> None:
    mia = analyst()
    one, same, other = done(mia), done(mia), done(mia, "NewOrl_5")
    client = browser(mia)
    page = client.get(f"/prevalence/compare?run={one.id}&run={same.id}").content.decode()
    assert "All rest on the same table." in page
    page = client.get(f"/prevalence/compare?run={one.id}&run={other.id}").content.decode()
    assert "do not rest on the same table" in page
    assert "is compared by what it rests on only" in page
    assert client.get(f"/prevalence/compare?run={one.id}").status_code == 302
    assert client.get("/prevalence/compare?run=nonsense").status_code == 404


@pytest.mark.django_db
def test_the_page_asks_until_it_is_done() -> None:
    mia = analyst()
    run = asked(mia)
    client = browser(mia)
    address = f"/prevalence/{run.id}"
    assert b"in progress" in client.get(address).content
    assert client.get(f"{address}/report.pdf").status_code == 404
    waits = client.get(address, HTTP_HX_REQUEST="true")
    assert (waits.status_code, waits.get("HX-Refresh")) == (204, None)
    actions.work_out(run.id, at=LATER)
    assert client.get(address, HTTP_HX_REQUEST="true")["HX-Refresh"] == "true"
    assert b"No single number" in client.get(address).content


@pytest.mark.django_db
def test_a_report_is_read_back_as_it_was_told() -> None:
    run = done(analyst())
    document = queries.document(run)
    assert documents.read(documents.write(document)) == document
    assert {each.name for each in document.pictures} == set(run.pictures or {})
    assert document.headline == run.headline


@pytest.mark.parametrize("runs", [1, 30])
def test_the_list_and_a_run_cost_a_constant_number_of_queries(runs: int, committed_db: None) -> None:
    mia = analyst()
    first = done(mia)
    for _ in range(runs):
        asked(mia)
    client = browser(mia)
    client.get("/prevalence")
    for path, limit in (("/prevalence", 5), (f"/prevalence/{first.id}", 6)):
        with test_utils.CaptureQueriesContext(connection) as captured:
            assert client.get(path).status_code == 200
        said = [each["sql"] for each in captured if each["sql"] not in ("BEGIN", "COMMIT")]
        assert len(said) <= limit, "\n".join([path, *said])


@pytest.mark.django_db
def test_a_refused_number_is_on_no_page_and_what_was_read_is_on_it() -> None:
    mia = analyst()
    wanted = actions.Wanted(published.text("UKdat_5"), estimating.Settings(), FAST, 7)
    run = actions.ask(wanted, by=mia, at=stories.NOON)
    actions.work_out(run.id, source=actions.source_of(wanted), at=LATER)
    given = again(run)
    assert given.refused
    assert given.estimate is not None
    client = browser(mia)
    number = f"{given.estimate:,.0f}"
    own = client.get(f"/prevalence/{run.id}").content.decode()
    assert "18 rows of counts" in own
    for path in ("", f"/{run.id}", f"/compare?run={run.id}&run={asked(mia).id}", f"/{run.id}/report.html"):
        page = client.get(f"/prevalence{path}").content.decode()
        assert "No single number" in page
        assert number not in page
        assert f"About {number[:3]}" not in page
    answer = client.get(f"/prevalence/{run.id}/report.pdf?public")
    assert answer.status_code == 200
    assert given.digest[:8] not in answer["Content-Disposition"]
    forced = actions.override(run.id, by=mia, at=LATER)
    with connection.cursor() as cursor:
        cursor.execute("SELECT args FROM procrastinate_jobs WHERE args->>'run_id' = %s", [str(forced.id)])
        assert ["18 rows of counts" in json.loads(row[0])["read_as"] for row in cursor.fetchall()] == [True]


def kept_by_0_2_0(by: viewers.Viewer, p_of_fit: float | None) -> models.Run:
    """A run as 0.2.0 kept it: with one number, whatever the fit was."""
    figures, run = dict(done(by).figures or {}), asked(by)
    for new in ("fit", "read_as", "rows"):
        del figures[new]
    empty = {"title": "t", "headline": "About 11,300 people", "one_number": True, "parts": []}
    with row_security.system():
        models.Run.objects.filter(id=run.id).update(
            ended_at=LATER,
            version="0.2.0",
            estimate=11_313.0,
            low=10_000.0,
            high=14_000.0,
            refused=False,
            headline="About 11,300 people",
            figures=figures | {"p_of_fit": p_of_fit, "refused": None},
            report=empty,
            pictures={},
        )
    return again(run)


@pytest.mark.django_db
@pytest.mark.parametrize(("p_of_fit", "is_shown"), [(1e-6, False), (0.2, True), (None, True)])
def test_a_number_that_0_2_0_gave_from_a_model_that_does_not_fit_is_in_no_list(
    p_of_fit: float | None,
    is_shown: bool,  # noqa: FBT001
) -> None:
    """Its report is shown as it was made, below a warning; what this version says of it holds no number."""
    mia = analyst()
    old, other = kept_by_0_2_0(mia, p_of_fit), asked(mia)
    client = browser(mia)
    with row_security.looking(mia):
        (listed,) = (each for each in queries.runs(mia) if each.id == old.id)
    assert (listed.answer, listed.is_refused) == (("About 11,300", False) if is_shown else ("No single number", True))
    assert ("11,300" in client.get("/prevalence").content.decode()) is is_shown
    compared = client.get(f"/prevalence/compare?run={old.id}&run={other.id}").content.decode()
    for number in ("11,300", "10,000 to 14,000"):
        assert (number in compared) is is_shown
    own = client.get(f"/prevalence/{old.id}").content.decode()
    assert ("Its model does not fit the data." in own) is not is_shown
