"""The protocol library: who keeps it, when a recipient is proved, and what a file of recipients changes."""

from __future__ import annotations

import datetime
import uuid

import hypothesis
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client, override_settings
from django.utils import timezone
from hypothesis import strategies

from nowrongdoor.access import row_security, viewers
from nowrongdoor.core.protocols import Immigration
from nowrongdoor.protocols import importing, library
from nowrongdoor.protocols.models import Protocol
from nowrongdoor.publishing import csv_out
from tests import signing_in
from tests.leads import stories

pytestmark = pytest.mark.django_db
HEADER = ",".join(importing.COLUMNS)
DAY = datetime.timedelta(days=1)


@pytest.fixture
def keeper(db: None) -> viewers.Viewer:
    return stories.person("HOTLINE")


def recipient(body: str = "A sheriff (fictional)", county: str = "", choice: int = 1) -> library.Recipient:
    return library.Recipient(
        kind="police",
        state="NV",
        county=county,
        choice=choice,
        immigration=Immigration.NO,
        contact=library.Contact(body=body, telephone="+1 555 0100", wants="The address."),
    )


def added(by: viewers.Viewer, which: library.Recipient | None = None) -> uuid.UUID:
    return library.add(which or recipient(), by=by, at=timezone.now()).id


def text(*lines: str) -> str:
    return "\r\n".join((HEADER, *lines)) + "\r\n"


@pytest.mark.usefixtures("clock_ahead")
def test_a_recipient_is_proved_for_a_time_and_then_shown_as_not_proved(keeper: viewers.Viewer) -> None:
    row_id, now = added(keeper), timezone.now()
    assert not library.read(row_id, by=keeper, at=now).is_proved
    library.prove(row_id, by=keeper, at=now)
    last = now + library.PROVED_FOR - DAY
    assert library.read(row_id, by=keeper, at=last).is_proved
    assert not library.read(row_id, by=keeper, at=last + 2 * DAY).is_proved
    assert [each.id for each in library.listed(keeper, at=last + 2 * DAY, to_prove=True)] == [row_id]
    assert library.listed(keeper, at=last, to_prove=True) == []


def test_what_changes_is_not_proved_any_more_and_what_stays_is(keeper: viewers.Viewer) -> None:
    row_id, now = added(keeper), timezone.now()
    library.prove(row_id, by=keeper, at=now)
    library.change(row_id, recipient(), by=keeper, at=now)
    assert library.read(row_id, by=keeper, at=now).is_proved
    library.change(row_id, recipient("Another"), by=keeper, at=now)
    assert not library.read(row_id, by=keeper, at=now).is_proved


def test_one_choice_is_of_one_recipient_until_it_is_retired(keeper: viewers.Viewer) -> None:
    first = added(keeper)
    with pytest.raises(library.Refused) as refusal:
        added(keeper)
    assert refusal.value.field == "choice"
    added(keeper, recipient(choice=2))
    library.retire(first, by=keeper, at=timezone.now())
    added(keeper)
    with pytest.raises(library.Refused):
        library.prove(first, by=keeper, at=timezone.now())


@override_settings(SCAN="off", CLAMD="")
def test_a_cell_of_several_lines_is_imported_as_it_was_shown(keeper: viewers.Viewer) -> None:
    now = timezone.now()
    sent = text('NV,,police,1,A sheriff (fictional),,,555 0100,,,"one\ntwo",no')
    shown = importing.plan(importing.text_of(sent.encode()), by=keeper, at=now)
    importing.carry_out(sent.replace("\r\n", "\n").replace("\n", "\r\n"), seen=shown.digest, by=keeper, at=now)
    (row,) = library.listed(keeper, at=now)
    assert row.contact.wants == "one\ntwo"


def test_each_agency_keeps_its_own_library(keeper: viewers.Viewer) -> None:
    row_id, other = added(keeper), stories.person("FBI")
    assert library.listed(other, at=timezone.now()) == []
    with pytest.raises(library.NotThere):
        library.read(row_id, by=other, at=timezone.now())
    with pytest.raises(library.NotThere):
        library.prove(row_id, by=other, at=timezone.now())


def test_a_contact_is_sealed(keeper: viewers.Viewer) -> None:
    with row_security.looking(keeper):
        row = Protocol.objects.get(id=added(keeper))
    assert b"sheriff" not in bytes(row.contact)


def test_a_file_shows_what_it_changes_and_then_changes_exactly_that(keeper: viewers.Viewer) -> None:
    now = timezone.now()
    row_id = added(keeper)
    library.prove(row_id, by=keeper, at=now)
    sent = text(
        "NV,,police,1,A sheriff (fictional),,,+1 555 0199,,,The address.,no",
        "nv,Elko,police,1,Another (fictional),,,,a@b.example,,,",
    )
    plan = importing.plan(sent, by=keeper, at=now)
    assert [(each.line, each.row) for each in plan.changes] == [(2, row_id), (3, None)]
    assert [(each.column, each.was, each.becomes) for each in plan.changes[0].fields] == [
        ("telephone", "+1 555 0100", "+1 555 0199")
    ]
    assert library.read(row_id, by=keeper, at=now).is_proved
    importing.carry_out(sent, seen=plan.digest, by=keeper, at=now)
    assert not library.read(row_id, by=keeper, at=now).is_proved
    assert [each.contact.body for each in library.listed(keeper, at=now)] == [
        "A sheriff (fictional)",
        "Another (fictional)",
    ]
    again = importing.plan(sent, by=keeper, at=now)
    assert (again.changes, again.same) == ([], 2)


def test_a_library_that_changed_meanwhile_is_shown_again(keeper: viewers.Viewer) -> None:
    now = timezone.now()
    sent = text("NV,,police,1,A sheriff (fictional),,,555,,,,no")
    plan = importing.plan(sent, by=keeper, at=now)
    added(keeper)
    with pytest.raises(importing.ChangedMeanwhile):
        importing.carry_out(sent, seen=plan.digest, by=keeper, at=now)
    importing.carry_out(sent, seen=importing.plan(sent, by=keeper, at=now).digest, by=keeper, at=now)


@pytest.mark.parametrize(
    ("lines", "line", "column"),
    [
        (("Nevada,,police,1,A,,,5,,,,no",), 2, "state"),
        (("NV,,shelter,1,A,,,5,,,,no",), 2, "kind"),
        (("NV,,police,first,A,,,5,,,,no",), 2, "choice"),
        (("NV,,police,10,A,,,5,,,,no",), 2, "choice"),
        (("NV,,police,1,,,,5,,,,no",), 2, "agency"),
        (("NV,,police,1,A,,,,,,,no",), 2, "telephone"),
        (("NV,,police,1,A,,,5,,,,perhaps",), 2, "immigration"),
        (("NV,,police,1,A,,,5,,,,no", "", "NV,,police,1,B,,,5,,,,no"), 4, "choice"),
        (("NV,,police,1,A", "NV,,police,2,B,,,5,,,,no"), 2, ""),
        (('NV,,police,1,"A\nB",,,5,,,,no', "XX,,police,1,B,,,5,,,,no"), 4, "state"),
        (('NV,,police,1,"A,,,5,,,,no',), 2, ""),
    ],
)
def test_a_fault_is_told_by_its_line_and_column_and_nothing_is_imported(
    keeper: viewers.Viewer, lines: tuple[str, ...], line: int, column: str
) -> None:
    now = timezone.now()
    plan = importing.plan(text(*lines), by=keeper, at=now)
    assert [(each.line, each.column) for each in plan.faults] == [(line, column)]
    assert plan.faults[0].words
    with pytest.raises(importing.ChangedMeanwhile):
        importing.carry_out(text(*lines), seen=plan.digest, by=keeper, at=now)
    assert library.listed(keeper, at=now) == []


@pytest.mark.parametrize("sent", ["", "state,county\r\nNV,\r\n", f"{HEADER},phone\r\n", f"{HEADER},state\r\n"])
def test_a_file_without_its_columns_is_refused(keeper: viewers.Viewer, sent: str) -> None:
    assert importing.plan(sent, by=keeper, at=timezone.now()).faults


_WORDS = strategies.text(
    strategies.characters(blacklist_categories=("Cs", "Cc"), blacklist_characters="\x00"), max_size=40
).map(str.strip)


@hypothesis.given(body=_WORDS.filter(bool), unit=_WORDS, wants=_WORDS)
def test_what_is_written_out_reads_back_as_it_was(body: str, unit: str, wants: str) -> None:
    own = recipient()
    kept = library.Recipient(
        kind=own.kind,
        state=own.state,
        county=own.county,
        choice=own.choice,
        immigration=own.immigration,
        contact=library.Contact(body=body, unit=unit, telephone="+1 555", wants=wants),
    )
    written = "".join(csv_out.lines(importing.COLUMNS, [importing.cells(kept)]))
    read, faults = importing.read(written)
    assert faults == []
    assert [each for _, each in read] == [kept]


def test_coordinators_keep_the_library_advocates_read_it_and_others_find_no_page(
    client: Client, keeper: viewers.Viewer
) -> None:
    row_id = added(keeper)
    pages = ("/protocols", f"/protocols/{row_id}", "/protocols.csv")
    sheriff = {
        **{"kind": "police", "state": "NV", "county": "Elko", "choice": "1", "body": "X", "telephone": "5"},
        "immigration": "no",
    }
    for role, reads, keeps in (
        (viewers.Role.COORDINATOR, 200, 302),
        (viewers.Role.ADVOCATE, 200, 404),
        (viewers.Role.INVESTIGATOR, 404, 404),
    ):
        signing_in.sign_in(client, stories.person("HOTLINE", role))
        assert [client.get(page).status_code for page in pages] == [reads] * 3
        assert client.post("/protocols/add", sheriff).status_code == keeps
        assert client.post(f"/protocols/{row_id}/confirm").status_code == keeps


@override_settings(SCAN="off", CLAMD="")
def test_a_file_is_shown_and_imported_by_its_pages(client: Client, keeper: viewers.Viewer) -> None:
    signing_in.sign_in(client, keeper)
    wrong = SimpleUploadedFile("a.csv", text("XX,,police,1,A,,,5,,,,no").encode())
    refused = client.post("/protocols/import", {"file": wrong})
    assert refused.status_code == 422
    assert "“XX” isn’t a state code" in refused.content.decode()
    sent = text("NV,,police,1,A sheriff (fictional),,,555,,,,no")
    shown = client.post("/protocols/import", {"file": SimpleUploadedFile("a.csv", b"\xef\xbb\xbf" + sent.encode())})
    assert "Import exactly this" in shown.content.decode()
    plan = importing.plan(sent, by=keeper, at=timezone.now())
    assert client.post("/protocols/import/do", {"text": sent, "seen": "no"}).status_code == 200
    assert client.post("/protocols/import/do", {"text": sent, "seen": plan.digest}).status_code == 302
    assert "A sheriff (fictional)" in client.get("/protocols.csv").content.decode()
    latin = SimpleUploadedFile("a.csv", "café".encode("latin-1"))
    assert client.post("/protocols/import", {"file": latin}).status_code == 422
