"""Files of a case: only their harmless part is kept, only who may see it opens it, and each time is on the trail."""

from __future__ import annotations

import html
import io
import random
import re
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.files import uploadedfile
from django.db import IntegrityError, ProgrammingError, connection, transaction
from django.test import Client, override_settings
from PIL import Image

from nowrongdoor.access import headers, row_security, viewers
from nowrongdoor.audit.models import Event
from nowrongdoor.cases import actions as cases
from nowrongdoor.cases import files, need_to_know
from nowrongdoor.cases.models import Case, CaseFile, Note, Participant
from nowrongdoor.operating import cluster
from nowrongdoor.uploads import checking, kinds, telling
from nowrongdoor.vault import keys, sealing
from tests import claims, signing_in
from tests.leads import stories
from tests.uploads import files as samples
from tests.uploads.files import TOLD

LABEL = "The letter that her employer made her sign"


@pytest.fixture(autouse=True)
def without_scanner() -> Iterator[None]:
    with override_settings(SCAN="off", CLAMD=""):
        yield


def send(
    client: Client,
    case: Case,
    content: bytes | None,
    *,
    label: str = LABEL,
    name: str = "x.txt",
    audience: str = "team",
) -> str:
    """Return the page that a browser shows after the form was sent, with one blank where its source breaks a line."""
    given: dict[str, object] = {"label": label, "audience": audience}
    if content is not None:
        given["file"] = uploadedfile.SimpleUploadedFile(name, content)
    page = client.post(f"/cases/{case.reference}/files", given, follow=True).content.decode()
    return " ".join(page.split())


@pytest.mark.django_db
def test_the_page_says_before_and_after_what_is_taken_out_and_what_stays(client: Client) -> None:
    case = stories.case()
    signing_in.sign_in(client, stories.person("HOTLINE"))
    page = html.unescape(client.get(f"/cases/{case.reference}").content.decode())
    assert telling.PAGE in page
    for told in telling.WHAT.values():
        assert claims.every(phrase in page for phrase in (*told.removed, *told.kept))
    assert telling.after(kinds.Kind.TEXT) in html.unescape(send(client, case, b"Ask ana@example.test"))
    assert telling.after(kinds.Kind.JPEG) in html.unescape(send(client, case, samples.jpeg()))
    mail = b"From: ana@example.test\r\n\r\nHello"
    assert "This is an e-mail." in html.unescape(send(client, case, mail))
    assert CaseFile.objects.count() == 2


def said(page: bytes) -> bytes:
    """A page without the token of its forms, which is another one each time."""
    return re.sub(rb'value="\w{64}"', b"", page)


def events(verb: str) -> list[Event]:
    return list(Event.objects.filter(verb=verb).order_by("id"))


@pytest.mark.django_db
def test_what_is_attached_comes_out_again_without_what_it_told(client: Client) -> None:
    case, hotline = stories.case(), stories.person("HOTLINE")
    signing_in.sign_in(client, hotline)
    assert "No files yet." in client.get(f"/cases/{case.reference}").content.decode()
    page = send(client, case, samples.jpeg(), name=f"{TOLD}.jpg")
    assert "The file is attached." in page
    assert LABEL in page
    assert "attached a file" in page  # in what happened
    assert TOLD not in page
    file = CaseFile.objects.get()
    assert (file.kind, file.audience, file.by_id, file.agency_id) == ("jpg", "team", hotline.user_id, hotline.agency_id)
    answer = client.get(f"/cases/{case.reference}/files/{file.id}")
    assert answer.status_code == 200
    assert len(answer.content) == file.size
    assert TOLD.encode() not in answer.content
    with Image.open(io.BytesIO(answer.content)) as shown:
        assert shown.size == (48, 64)
        assert not shown.getexif()
    assert answer["Content-Type"] == "image/jpeg"
    assert answer["Content-Disposition"] == f'attachment; filename="case-{case.reference}-{file.id.hex[-8:]}.jpg"'
    assert answer["Cache-Control"] == "no-store"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"] == headers.SANDBOX
    (attached,), (read,) = events("file.attached"), events("file.read")
    said = {"audience": "team", "kind": "jpg", "size": file.size, "scanned": "no"}
    assert (attached.subject_id, attached.case_id, attached.kind, attached.details) == (file.id, case.id, "write", said)
    assert (read.subject_id, read.case_id, read.kind, read.by_id) == (file.id, case.id, "read", hotline.user_id)
    assert TOLD not in str(Event.objects.values_list())


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("field", "content", "label", "said"),
    [
        ("file", samples.pdf(OpenAction=samples.action("JavaScript")), LABEL, "not safe to pass on"),
        ("file", b"MZ\x90\x00\x03", LABEL, "This kind of file cannot be taken in"),
        ("file", samples.jpeg()[:200], LABEL, "cannot be read"),
        ("file", b"x" * (checking.LIMIT + 1), LABEL, "too large: send at most 20 MB"),
        ("file", b"", LABEL, "This file is empty."),
        ("file", None, LABEL, "Choose the file to attach."),
        ("label", b"fine", " ", "Say what the file is"),
        ("label", b"fine", "x" * 201, "Yours has 201."),
        ("label", b"fine", "nu\x00l", "Say what the file is"),
    ],
)
def test_a_refused_file_is_told_beside_its_field_and_nothing_typed_is_lost(
    client: Client, field: str, content: bytes | None, label: str, said: str
) -> None:
    case, hotline = stories.case(), stories.person("HOTLINE")
    signing_in.sign_in(client, hotline)
    page = send(client, case, content, label=label)
    assert page.count(said) == 2  # above, and beside the field
    assert f'<a href="#file-{field}">' in page
    described = f'aria-describedby="file-{field}_helptext file-{field}_error"'
    wrong = next(tag for tag in re.findall("<input[^>]+>", page) if f'id="file-{field}"' in tag)
    assert described in wrong
    assert 'aria-invalid="true"' in wrong
    assert f'value="{label}"' in page
    team = next(tag for tag in re.findall("<input[^>]+>", page) if 'id="file-audience_2"' in tag)
    assert 'value="team"' in team
    assert " checked" in team
    assert f'name="back" value="/cases/{case.reference}"' in page  # the other forms of the page work as before
    assert f'name="back" value="/cases/{case.reference}/files"' not in page
    assert not CaseFile.objects.exists()
    assert not events("file.attached")
    assert "The file is attached." in send(client, case, b"fine")


@pytest.mark.django_db
def test_without_a_scanner_where_one_is_required_nothing_is_attached_and_the_words_stay(client: Client) -> None:
    case = stories.case()
    signing_in.sign_in(client, stories.person("HOTLINE"))
    with override_settings(SCAN="required"):
        page = send(client, case, b"fine")
    assert "the virus scanner cannot be reached" in page
    assert LABEL in page
    assert not CaseFile.objects.exists()


@pytest.mark.django_db
def test_whoever_comes_back_to_the_address_of_a_refused_form_gets_the_case(client: Client) -> None:
    case = stories.case()
    signing_in.sign_in(client, stories.person("HOTLINE"))
    answer = client.get(f"/cases/{case.reference}/files")
    assert (answer.status_code, answer["Location"]) == (302, f"/cases/{case.reference}")


@pytest.mark.django_db
def test_a_session_that_ended_gives_the_words_back(client: Client) -> None:
    case = stories.case()
    answer = client.post(f"/cases/{case.reference}/files", {"label": LABEL})
    assert answer.status_code == 403
    assert LABEL in answer.content.decode()


@pytest.mark.django_db
def test_a_file_opens_for_its_own_agency_and_for_the_team_when_it_is_meant_for_it() -> None:
    case, hotline, hsi = stories.case(), stories.person("HOTLINE"), stories.person("HSI")
    ours = stories.attach(case.id, by=hotline, label="ours alone")
    shared = stories.attach(case.id, by=hotline, label="for everybody", audience=Note.Audience.TEAM)
    elsewhere = stories.case()
    for viewer, opens in ((hotline, (ours, shared)), (hsi, (shared,)), (stories.person("EEOC"), ())):
        client = signing_in.sign_in(Client(), viewer)
        page = client.get(f"/cases/{case.reference}").content.decode()
        for file in (ours, shared):
            answer = client.get(f"/cases/{case.reference}/files/{file.id}")
            assert answer.status_code == (200 if file in opens else 404)
            assert (str(file.id) in page) is (file in opens)
            assert client.get(f"/cases/{elsewhere.reference}/files/{file.id}").status_code == 404
        not_there = client.get(f"/cases/{case.reference}/files/{uuid.uuid4()}")
        if ours not in opens:
            not_yours = client.get(f"/cases/{case.reference}/files/{ours.id}")
            assert (not_there.status_code, not_yours.status_code) == (404, 404)
            assert said(not_there.content) == said(not_yours.content)
    assert len(events("file.read")) == 3, "who got nothing read nothing"


@pytest.mark.django_db
def test_an_agency_that_left_opens_what_it_attached_itself_and_attaches_no_more() -> None:
    case, hotline, eeoc = stories.case(), stories.person("HOTLINE"), stories.person("EEOC")
    stories.told(case, "EEOC")
    theirs = stories.attach(case.id, by=eeoc, label="theirs")
    shared = stories.attach(case.id, by=hotline, audience=Note.Audience.TEAM)
    client = signing_in.sign_in(Client(), eeoc)
    assert client.get(f"/cases/{case.reference}/files/{shared.id}").status_code == 200
    with row_security.system():
        cases.leave(cases.Joining(case.id, eeoc.agency_id, Participant.Relation.TOLD), at=stories.NOON)
    assert client.get(f"/cases/{case.reference}/files/{shared.id}").status_code == 404
    assert client.get(f"/cases/{case.reference}/files/{theirs.id}").status_code == 200
    page = client.get(f"/cases/{case.reference}").content.decode()
    assert ("theirs" in page, "Attach a file" in page) == (True, False)
    assert client.post(f"/cases/{case.reference}/files", {"label": "late"}).status_code == 404
    with pytest.raises(ProgrammingError, match="row-level security"), transaction.atomic():
        stories.attach(case.id, by=eeoc)


@pytest.mark.django_db
def test_emergency_access_opens_what_the_team_shares_and_says_by_what_right() -> None:
    case, hotline, stranger = stories.case(), stories.person("HOTLINE"), stories.person("EEOC")
    ours = stories.attach(case.id, by=hotline)
    shared = stories.attach(case.id, by=hotline, audience=Note.Audience.TEAM)
    client = signing_in.sign_in(Client(), stranger)
    assert client.get(f"/cases/{case.reference}/files/{shared.id}").status_code == 404
    from django.utils import timezone

    need_to_know.open_in_emergency(case.reference, because="She is in danger now.", by=stranger, at=timezone.now())
    assert client.get(f"/cases/{case.reference}/files/{ours.id}").status_code == 404
    assert client.get(f"/cases/{case.reference}/files/{shared.id}").status_code == 200
    (read,) = events("file.read")
    assert (read.authority, read.by_id) == ("emergency", stranger.user_id)


@pytest.mark.django_db
@pytest.mark.parametrize("role", [role for role in viewers.Role if role.sees_cases])
def test_every_role_that_opens_cases_attaches_and_opens_files(role: viewers.Role) -> None:
    case = stories.case()
    client = signing_in.sign_in(Client(), stories.person("HOTLINE", role))
    assert "The file is attached." in send(client, case, b"fine")
    assert client.get(f"/cases/{case.reference}/files/{CaseFile.objects.get().id}").content == b"fine"


@pytest.mark.django_db
@pytest.mark.parametrize("kind", kinds.Kind)
def test_every_kind_goes_in_and_out_under_a_name_of_ours(client: Client, kind: kinds.Kind) -> None:
    content = {
        kinds.Kind.PDF: samples.pdf(),
        kinds.Kind.PNG: samples.png(),
        kinds.Kind.JPEG: samples.jpeg(),
        kinds.Kind.TEXT: b"<script>alert(1)</script>",
        kinds.Kind.CSV: b"a,b\n1,2",
        kinds.Kind.XLSX: samples.workbook(),
        kinds.Kind.DOCX: samples.document(),
    }[kind]
    case = stories.case()
    signing_in.sign_in(client, stories.person("HOTLINE"))
    send(client, case, content, name='x".csv')
    file = CaseFile.objects.get()
    answer = client.get(f"/cases/{case.reference}/files/{file.id}")
    assert (file.kind, answer["Content-Type"]) == (kind.code, kind.media_type)
    assert answer["Content-Disposition"].endswith(f'.{kind.code}"')
    assert kind.words in client.get(f"/cases/{case.reference}").content.decode()


WRONG: dict[str, dict[str, Any]] = {
    "a_file_says_what_it_is": {"label": b""},
    "a_file_is_of_a_kind_that_comes_in": {"kind": "exe"},
    "a_file_is_within_the_limit": {"size": checking.LIMIT + 1, "content": b"\1" + bytes(checking.LIMIT + 29)},
    "a_file_is_as_large_as_it_says": {"size": 4},
    "case_file_label_is_sealed": {"label": b"She is called Zuzana and lives next door."},
    "case_file_content_is_sealed": {"content": b"She is called Zuzana and lives next door.", "size": 12},
}


@pytest.mark.django_db
@pytest.mark.parametrize("constraint", WRONG)
def test_the_database_keeps_no_file_that_is_not_as_it_should_be(constraint: str) -> None:
    case, hotline = stories.case(), stories.person("HOTLINE")
    key, row_id = keys.of(case.id), uuid.uuid4()
    place = sealing.Place("case_file", row_id, "content", hotline.agency_id)

    def keep(**wrong: Any) -> None:
        sealed = {"label": key.seal("x", place), "content": key.seal_bytes(b"12345", place)}
        who = {"agency_id": hotline.agency_id, "by_id": hotline.user_id, "at": stories.NOON}
        row: dict[str, Any] = {"audience": "agency", "kind": "txt", "size": 5, **sealed, **who, **wrong}
        with transaction.atomic(), row_security.looking(hotline):
            CaseFile(id=row_id, case=case, **row).save(force_insert=True)

    with pytest.raises(IntegrityError, match=constraint):
        keep(**WRONG[constraint])
    keep()


@pytest.mark.django_db
@pytest.mark.parametrize("verb", ["UPDATE nowrongdoor_case_file SET {0} = {0}", "DELETE FROM nowrongdoor_case_file"])
def test_a_file_is_written_once_even_by_whoever_attached_it(verb: str) -> None:
    case, hotline = stories.case(), stories.person("HOTLINE")
    stories.attach(case.id, by=hotline)
    assert connection.settings_dict["USER"] == cluster.APP
    for field in CaseFile._meta.fields:
        if verb.startswith("UPDATE") and field.name.startswith("withdrawn_"):
            continue  # a file is withdrawn, once: tests/promises
        with (
            pytest.raises(ProgrammingError, match="permission denied"),
            row_security.looking(hotline),
            connection.cursor() as cursor,
        ):
            cursor.execute(verb.format(field.column))


@pytest.mark.django_db
def test_a_picture_that_grows_beyond_the_limit_when_it_is_drawn_again_is_refused() -> None:
    noise = Image.frombytes("L", (6000, 6000), random.Random(7).randbytes(36_000_000))
    out = io.BytesIO()
    noise.save(out, "JPEG", quality=30)
    assert len(out.getvalue()) < checking.LIMIT
    with pytest.raises(checking.TooLarge, match="once it is cleaned"):
        stories.attach(stories.case().id, out.getvalue(), by=stories.person("HOTLINE"))


def test_the_codes_of_kinds_are_told_apart_and_fit() -> None:
    assert len(kinds.BY_CODE) == len(kinds.Kind)
    assert files.LABEL_LIMIT > 0
    assert claims.every(len(code) <= 10 for code in kinds.BY_CODE)
