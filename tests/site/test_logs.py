"""T35, its first part: what people type into an address, a form or a search is in no log of the command that serves."""

from __future__ import annotations

import logging
import pathlib

import httpx
import psycopg
import pytest
from django.db import connection, utils

from nowrongdoor.operating import logs
from tests import servers


def test_what_is_typed_into_an_address_or_a_form_is_in_no_log(committed_db: None, tmp_path: pathlib.Path) -> None:
    web = servers.Web()
    web.log = tmp_path / "log"
    with web, httpx.Client(base_url=web.url) as browser:
        web.wait_until_answering()
        assert browser.get("/canary-path?q=canary-query").status_code == 404
        assert browser.get("/cases/canary-case?q=canary-query").status_code == 302
        assert browser.get("/sign-in?next=/canary-next").status_code == 200
        assert browser.post("/sign-in?q=canary-query", data={"login": "canary-login"}).status_code == 403
        assert browser.post("/cases/canary-case/notes", data={"text": "canary-note"}).status_code == 403
        bearer = {"Authorization": "Bearer canary-token"}
        assert browser.get("/api/v1/signals/canary-reference?q=canary-query", headers=bearer).status_code == 401
    told = web.log.read_text()
    assert "Not Found: (no such address)" in told  # so that something was logged at all
    assert "sign-in" in told
    assert "canary-" not in told


def shown(error: BaseException) -> str:
    about = (type(error), error, error.__traceback__)
    record = logging.LogRecord("x", logging.ERROR, __file__, 1, "Something failed", (), about)
    return logs.Plain("%(levelname)s %(message)s").format(record)


def test_an_outage_is_one_line_that_names_its_cause() -> None:
    for error in (psycopg.OperationalError("connection failed:\n\tno such host"), utils.OperationalError("gone\naway")):
        told = shown(error)
        assert told.startswith("ERROR Something failed: ")
        assert "\n" not in told
    assert "no such host" in shown(psycopg.OperationalError("connection failed:\n\tno such host"))


def test_what_postgresql_quotes_is_left_out_and_the_rest_stays(committed_db: None) -> None:
    insert = "INSERT INTO cache_entry (key, value) VALUES ('canary-key', 'canary-value')"
    with pytest.raises(utils.IntegrityError) as failed, connection.cursor() as cursor:
        cursor.execute(insert)
    assert "canary-value" in str(failed.value)
    told = shown(failed.value)
    assert "canary-" not in told
    assert "Traceback" in told
    assert "violates not-null constraint" in told
