"""Files of a contact: kept as their sender chose, opened by nobody before a scanner looked, isolated for good."""

from __future__ import annotations

import datetime
import hashlib
import io
import uuid
from collections.abc import Iterator

import pikepdf
import psycopg
import psycopg.sql
import pytest
from django.db import Error, connection, transaction
from django.test import override_settings
from django.utils import timezone
from PIL import Image

from nowrongdoor.access import row_security, viewers
from nowrongdoor.audit.models import Event
from nowrongdoor.cases import need_to_know
from nowrongdoor.cases import queries as cases
from nowrongdoor.cases.models import Case
from nowrongdoor.core import schedules
from nowrongdoor.intake import routing, tasks
from nowrongdoor.leads import answering, changing
from nowrongdoor.retention import actions as retention
from nowrongdoor.signals import files
from nowrongdoor.signals.models import SignalFile, SignalFileContent
from nowrongdoor.uploads import checking, kinds, refusing
from tests import at_home, claims
from tests.leads import stories
from tests.mailbox import senders
from tests.uploads import files as samples
from tests.uploads.files import TOLD
from tests.uploads.test_scanning import EICAR, clamd

__all__ = ["clamd"]  # the fixture: a real scanner
Form = files.Form
A_JPEG = files.Upload("IMG_1.jpg", samples.jpeg())


@pytest.fixture
def scanner(clamd: str) -> Iterator[None]:
    """A real scanner that can look."""
    with override_settings(SCAN="required", CLAMD=clamd):
        yield


@pytest.fixture
def no_scanner() -> Iterator[None]:
    """None can look, and one is required."""
    with override_settings(SCAN="required", CLAMD="/nowhere/clamd.ctl"):
        yield


def send(sent: senders.Sent, upload: files.Upload = A_JPEG, *, keep_original: bool = False) -> uuid.UUID:
    """Add a file as the sender of a contact does, by their receipt."""
    return files.add_own(sent.opener.hash, upload, keep_original=keep_original, at=timezone.now())


def in_case() -> tuple[senders.Sent, Case]:
    """A contact, and the case that was opened for it."""
    stories.staff()
    sent = senders.send("official", facts=stories.FORCED_LABOR)
    routing.route([sent.signal.id], at=timezone.now())
    return sent, Case.objects.get(signals__signal_id=sent.signal.id)


def shown(file_id: uuid.UUID, viewer: viewers.Viewer, case: Case | None = None) -> files.FileShown | None:
    """The file as a page lists it to somebody, who came through a case or not."""
    with row_security.looking(viewer):
        signal_id = SignalFile.objects.filter(id=file_id).values_list("signal", flat=True).first()
        if case is not None:
            cases.find(viewer, case.reference)
            signal_id = case.signals.get().signal_id
        through = case.id if case else None
        rows = files.listed([signal_id], by=viewer, case_id=through).get(signal_id, ()) if signal_id else ()
    return next((row for row in rows if row.id == file_id), None)


def opens(
    file_id: uuid.UUID, form: SignalFileContent.Form, viewer: viewers.Viewer, case: Case | None = None
) -> bytes | None:
    """What somebody gets of a file, or None."""
    with row_security.looking(viewer):
        if case is not None:
            cases.find(viewer, case.reference)
        try:
            through = case.id if case else None
            return files.opened(file_id, form, by=viewer, at=timezone.now(), case_id=through).content
        except files.NoSuchFile:
            return None


def rows_of(file_id: uuid.UUID, viewer: viewers.Viewer, case: Case | None = None) -> set[str]:
    """The forms of a file whose content the database itself hands out, whatever the code asks."""
    with row_security.looking(viewer):
        if case is not None:
            row_security.act_on(case.id)
        return set(SignalFileContent.objects.filter(file=file_id).values_list("form", flat=True))


def events(verb: str) -> list[Event]:
    return list(Event.objects.filter(verb=verb).order_by("id"))


@pytest.mark.django_db
def test_by_default_only_the_copy_is_kept_and_the_picture_no_longer_knows_where_it_was_taken(scanner: None) -> None:
    sent, ada = senders.send(), stories.person("HOTLINE", viewers.Role.ADVOCATE)
    with Image.open(io.BytesIO(A_JPEG.content)) as given:
        assert given.getexif().get_ifd(0x8825)[29] == TOLD  # the picture that is sent knows
    file_id = send(sent)
    assert rows_of(file_id, stories.person("HOTLINE", viewers.Role.INVESTIGATOR)) == {"copy"}
    content = opens(file_id, Form.COPY, ada)
    assert content
    assert TOLD.encode() not in content
    with Image.open(io.BytesIO(content)) as picture:
        assert not picture.getexif()
    listed = shown(file_id, ada)
    assert listed
    assert (listed.state, listed.kind, listed.size) == (files.State.READY, kinds.Kind.JPEG, len(content))
    assert (listed.keeps_original, listed.opens_copy, listed.opens_original) == (False, True, False)
    (read,) = events("signal_file.read")
    assert (read.subject_id, read.by_id, read.kind) == (file_id, ada.user_id, "read")


@pytest.mark.django_db
def test_an_original_is_kept_where_its_sender_lets_it_and_opens_for_investigators_alone(scanner: None) -> None:
    sent = senders.send()
    file_id = send(sent, keep_original=True)
    for role in viewers.SEES_CASES:
        viewer = stories.person("HOTLINE", role)
        may = role is viewers.Role.INVESTIGATOR
        assert rows_of(file_id, viewer) == ({"original", "copy"} if may else {"copy"})
        assert opens(file_id, Form.ORIGINAL, viewer) == (A_JPEG.content if may else None)
        assert opens(file_id, Form.COPY, viewer) not in (None, A_JPEG.content)
    (read,) = events("signal_file.original_read")
    assert (read.subject_id, read.details) == (file_id, {"form": "original", "sha256": "as sent"})
    stranger = stories.person("HSI", viewers.Role.INVESTIGATOR)
    assert shown(file_id, stranger) is None
    assert opens(file_id, Form.COPY, stranger) is None


@pytest.mark.django_db
def test_a_pdf_loses_its_author_and_its_original_stays_byte_for_byte(scanner: None) -> None:
    content = samples.pdf()
    assert TOLD.encode() in content
    file_id = send(senders.send(), files.Upload("letter.pdf", content), keep_original=True)
    investigator = stories.person("HOTLINE", viewers.Role.INVESTIGATOR)
    copy = opens(file_id, Form.COPY, investigator)
    assert copy
    assert TOLD.encode() not in copy
    with pikepdf.open(io.BytesIO(copy)) as document:
        assert len(document.pages) > 0
        assert not document.docinfo
    original = opens(file_id, Form.ORIGINAL, investigator)
    assert original == content
    assert hashlib.sha256(original).hexdigest() == hashlib.sha256(content).hexdigest()


@pytest.mark.django_db
def test_what_cannot_be_copied_is_refused_by_default_and_else_kept_for_investigators_and_says_why(
    scanner: None,
) -> None:
    sent = senders.send()
    runs = files.Upload("offer.pdf", samples.pdf(OpenAction=samples.action("JavaScript")))
    mail = files.Upload("offer.eml", b"From: ana@example.test\r\n\r\nHello")
    cut = files.Upload("x.jpg", samples.jpeg()[:200])
    for upload, why in ((runs, "active"), (mail, "names"), (cut, "damaged")):
        with pytest.raises(refusing.Refused):
            send(sent, upload)
        assert not SignalFile.objects.filter(no_copy=why).exists()
        file_id = send(sent, upload, keep_original=True)
        ada = stories.person("HOTLINE", viewers.Role.ADVOCATE)
        listed = shown(file_id, ada)
        assert listed
        assert (listed.no_copy, listed.opens_copy, bool(listed.no_copy_words)) == (why, False, True)
        assert opens(file_id, Form.COPY, ada) is None
        investigator = stories.person("HOTLINE", viewers.Role.INVESTIGATOR)
        assert opens(file_id, Form.ORIGINAL, investigator) == upload.content


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"MZ\x90\x00\x03", "This kind of file cannot be taken in"),
        (b"", "This file is empty"),
        (b"x" * (checking.LIMIT + 1), "too large: send at most 20 MB"),
        (EICAR, "harmful, so it was not kept"),
    ],
)
def test_what_is_refused_leaves_nothing_behind(scanner: None, content: bytes, sentence: str) -> None:
    sent = senders.send()
    with (
        override_settings(CLAMD="" if len(content) > 1000 else _clamd()),
        pytest.raises(refusing.Refused, match=sentence),
    ):
        send(sent, files.Upload("x.txt", content), keep_original=True)
    assert SignalFile.objects.count() == 0
    with row_security.system():
        assert SignalFileContent.objects.count() == 0
    assert events("signal_file.added") == []


def _clamd() -> str:
    from django.conf import settings

    return str(settings.CLAMD)


@pytest.mark.django_db
def test_ten_files_and_no_more(no_scanner: None) -> None:
    sent = senders.send()
    for number in range(files.MOST):
        send(sent, files.Upload("x.txt", f"{number}".encode()))
    assert not files.can_add(sent.opener.hash)
    with pytest.raises(files.TooMany, match="at most 10 files"):
        send(sent, files.Upload("x.txt", b"one more"))
    assert SignalFile.objects.count() == 10
    send(senders.send(), files.Upload("x.txt", b"another contact's"))


@pytest.mark.django_db
def test_what_no_scanner_looked_at_is_kept_and_opens_for_nobody_until_one_did(clamd: str) -> None:
    sent = senders.send()
    with override_settings(SCAN="required", CLAMD="/nowhere/clamd.ctl"):
        clean = send(sent, keep_original=True)
        harmful = send(sent, files.Upload("x.txt", EICAR), keep_original=True)
        assert files.scan_waiting(at=timezone.now()) == 0
    everybody = [stories.person("HOTLINE", role) for role in viewers.SEES_CASES]
    for viewer in everybody:
        for file_id in (clean, harmful):
            listed = shown(file_id, viewer)
            assert listed
            assert (listed.state, listed.opens_copy, listed.opens_original) == (files.State.WAITING, False, False)
            assert rows_of(file_id, viewer) == set()
            assert claims.every(opens(file_id, form, viewer) is None for form in Form)
    with override_settings(SCAN="required", CLAMD=clamd):
        assert files.scan_waiting(at=timezone.now()) == 2
        assert files.unscanned() == []
    for viewer in everybody:
        assert rows_of(harmful, viewer) == set()
        assert claims.every(opens(harmful, form, viewer) is None for form in Form)
        named = shown(harmful, viewer)
        assert named
        assert named.state is files.State.HARMFUL
        assert opens(clean, Form.COPY, viewer)
    assert [event.details["verdict"] for event in events("signal_file.scanned")] == ["clean", "infected"]


@pytest.mark.django_db
def test_where_no_scanner_is_required_a_file_that_none_looked_at_still_opens_for_nobody() -> None:
    with override_settings(SCAN="off", CLAMD=""):
        file_id = send(senders.send(), keep_original=True)
        assert files.scan_waiting(at=timezone.now()) == 0
    assert opens(file_id, Form.ORIGINAL, stories.person("HOTLINE", viewers.Role.INVESTIGATOR)) is None


@pytest.mark.django_db
def test_investigators_of_the_lead_open_it_through_the_case_and_nobody_else_of_theirs(scanner: None) -> None:
    (sent, case), hsi = in_case(), stories.person("HSI")
    file_id = send(sent, keep_original=True)
    investigator = stories.person("HSI", viewers.Role.INVESTIGATOR)
    stories.told(case, "FBI")
    told = stories.person("FBI", viewers.Role.INVESTIGATOR)
    assert rows_of(file_id, investigator, case) == set(), "nobody said yes yet"
    answering.accept(stories.offer_of(case).id, by=hsi, at=timezone.now())
    assert opens(file_id, Form.ORIGINAL, investigator, case) == A_JPEG.content
    assert opens(file_id, Form.COPY, investigator, case)
    assert opens(file_id, Form.COPY, investigator) is None, "only through the case"
    assert shown(file_id, investigator, case)
    for viewer in (hsi, told):
        assert opens(file_id, Form.COPY, viewer, case) is None
        assert rows_of(file_id, viewer, case) == set()
    assert shown(file_id, hsi, case) is None


@pytest.mark.django_db
def test_somebody_kept_away_from_the_case_opens_none_of_its_files(scanner: None) -> None:
    (sent, case), hope = in_case(), stories.person("HOTLINE")
    file_id = send(sent)
    vera = stories.person("HOTLINE", viewers.Role.ADVOCATE)
    assert opens(file_id, Form.COPY, vera)
    need_to_know.exclude(case.id, person_id=vera.user_id, because="They are related.", by=hope, at=timezone.now())  # type: ignore[arg-type]
    assert (shown(file_id, vera), opens(file_id, Form.COPY, vera), rows_of(file_id, vera)) == (None, None, set())
    with pytest.raises(files.NoSuchFile):
        files.isolate(file_id, by=vera, at=timezone.now())


@pytest.mark.django_db
def test_what_is_isolated_opens_for_investigators_of_law_enforcement_alone(scanner: None) -> None:
    (sent, case), ada = in_case(), stories.person("HOTLINE", viewers.Role.ADVOCATE)
    file_id = send(sent, keep_original=True)
    stories.told(case, "FBI")
    stories.told(case, "EEOC")
    files.isolate(file_id, by=ada, at=timezone.now())
    again = stories.person("HOTLINE")
    files.isolate(file_id, by=again, at=timezone.now())
    (isolated,) = events("signal_file.isolated")
    assert (isolated.subject_id, isolated.by_id) == (file_id, ada.user_id)
    for code, role in [
        *(("HOTLINE", role) for role in viewers.SEES_CASES),
        *(("FBI", role) for role in viewers.SEES_CASES if role is not viewers.Role.INVESTIGATOR),
        ("EEOC", viewers.Role.INVESTIGATOR),
    ]:
        viewer = stories.person(code, role)
        for through in (None, case):
            assert rows_of(file_id, viewer, through) == set(), (code, role)
            assert claims.every(opens(file_id, form, viewer, through) is None for form in Form)
    listed = shown(file_id, ada)
    assert listed
    assert (listed.state, listed.opens_copy, listed.opens_original) == (files.State.ISOLATED, False, False)
    agent = stories.person("FBI", viewers.Role.INVESTIGATOR)
    assert opens(file_id, Form.ORIGINAL, agent, case) == A_JPEG.content
    (read,) = events("signal_file.isolated_read")
    assert (read.by_id, read.agency_id) == (agent.user_id, agent.agency_id)
    with row_security.looking(agent):
        cases.find(agent, case.reference)
        assert files.collected([case.signals.get().signal_id], by=agent, case_id=case.id) == []


@pytest.mark.django_db
def test_isolating_is_never_undone_at_run_time(scanner: None) -> None:
    file_id = send(senders.send())
    ada = stories.person("HOTLINE", viewers.Role.ADVOCATE)
    files.isolate(file_id, by=ada, at=timezone.now())
    undo = "UPDATE nowrongdoor_signal_file SET isolated_at = NULL, isolated_by_id = NULL, isolated_for_id = NULL"
    for context in (row_security.looking(ada), row_security.system()):
        with pytest.raises(Error, match="stays isolated"), context, connection.cursor() as cursor:
            cursor.execute(undo)
    for verb in ("DELETE FROM nowrongdoor_signal_file", "DELETE FROM nowrongdoor_signal_file_content"):
        with pytest.raises(Error, match="denied"), row_security.system(), connection.cursor() as cursor:
            cursor.execute(verb)
    assert SignalFile.objects.get(id=file_id).isolated_by_id == ada.user_id


@pytest.mark.django_db
def test_nobody_but_the_system_says_what_a_scanner_found_and_it_says_so_once(no_scanner: None) -> None:
    file_id = send(senders.send())
    ada = stories.person("HOTLINE", viewers.Role.ADVOCATE)
    say = "UPDATE nowrongdoor_signal_file SET scanned_at = now(), verdict = %s"
    with pytest.raises(Error, match="only the system says"), row_security.looking(ada), connection.cursor() as cursor:
        cursor.execute(say, ["clean"])
    with row_security.system(), connection.cursor() as cursor:
        cursor.execute(say, ["infected"])
    with pytest.raises(Error, match="stays on record"), row_security.system(), connection.cursor() as cursor:
        cursor.execute(say, ["clean"])
    assert opens(file_id, Form.COPY, ada) is None


@pytest.mark.django_db
def test_staff_add_a_file_in_their_own_name_and_only_to_what_their_agency_took(scanner: None) -> None:
    sent, ada = senders.send(), stories.person("HOTLINE", viewers.Role.ADVOCATE)
    file_id = files.attach(sent.signal.id, A_JPEG, by=ada, at=timezone.now())
    listed = shown(file_id, ada)
    assert listed
    assert listed.by == "Pat of HOTLINE"
    with pytest.raises(files.NoSuchSignal):
        files.attach(sent.signal.id, A_JPEG, by=stories.person("HSI"), at=timezone.now())
    with pytest.raises(files.NoSuchSignal):
        files.attach(uuid.uuid4(), A_JPEG, by=ada, at=timezone.now())
    assert files.added(sent.opener.hash) == [], "its sender added none"


@pytest.mark.django_db
def test_a_sender_finds_what_they_added_and_nothing_of_what_became_of_it(scanner: None) -> None:
    sent, other = senders.send(), senders.send()
    ada = stories.person("HOTLINE", viewers.Role.ADVOCATE)
    files.attach(sent.signal.id, A_JPEG, by=ada, at=timezone.now())
    file_id = send(sent, keep_original=True)
    (added,) = files.added(sent.opener.hash)
    with row_security.visiting(sent.opener.hash):
        assert set(SignalFileContent.objects.values_list("id", flat=True)) == set()
        with pytest.raises(files.NoSuchSignal):
            files.attach(other.signal.id, A_JPEG, at=timezone.now())
    assert (added.number, added.kind, added.keeps_original) == (2, kinds.Kind.JPEG, True)
    assert not {"state", "isolated_at"} & set(dir(added))
    assert files.added(other.opener.hash) == []
    with pytest.raises(files.NoSuchSignal):
        files.add_own(b"7" * 32, A_JPEG, at=timezone.now())
    listed = shown(file_id, ada)
    assert listed
    assert listed.by == ""
    (theirs,) = Event.objects.filter(verb="signal_file.added", subject_id=file_id)
    assert (theirs.by_id, theirs.agency_id) == (None, ada.agency_id)


@pytest.mark.django_db
def test_nobody_adds_or_reads_anything_outside_of_a_context(scanner: None) -> None:
    sent = senders.send()
    send(sent)
    with at_home.seeing_nothing() as database, transaction.atomic():
        for question in (
            "SELECT count(*) FROM nowrongdoor_signal_file",
            "SELECT count(*) FROM nowrongdoor_signal_file_content",
        ):
            assert database.execute(question).fetchone() == (0,)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            database.execute(
                "INSERT INTO nowrongdoor_signal_file_content (id, file_id, form, size, digest, content) "
                "VALUES (gen_random_uuid(), gen_random_uuid(), 'copy', 1, '', '')"
            )


@pytest.mark.django_db
def test_nothing_of_an_original_or_its_name_stands_unsealed_in_any_table(no_scanner: None) -> None:
    canary = b"Zuzana-Unsealed-5512"
    content = samples.jpeg() + canary
    digest = hashlib.sha256(content).hexdigest()
    file_id = send(senders.send(), files.Upload(f"{canary.decode()}.jpg", content), keep_original=True)
    sealed = SignalFileContent.__name__
    with row_security.system(), connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename LIKE 'nowrongdoor%'")
        tables = [name for (name,) in cursor.fetchall()]
        rows = []
        for table in tables:
            cursor.execute(psycopg.sql.SQL("SELECT t::text FROM {} t").format(psycopg.sql.Identifier(table)))
            rows += [text for (text,) in cursor.fetchall()]
    everything = "\n".join(rows)
    assert str(file_id) in everything, f"the rows of {sealed} are read"
    for secret in (canary, TOLD.encode(), digest.encode(), bytes.fromhex(digest), content[:40]):
        assert secret.hex() not in everything
        assert secret.decode("latin-1") not in everything


@pytest.mark.usefixtures("clock_ahead")
@pytest.mark.django_db
def test_when_the_key_is_destroyed_the_files_and_their_digests_are_gone(scanner: None) -> None:
    sent, case = in_case()
    file_id = send(sent, keep_original=True)
    hope, grace = stories.person("HOTLINE"), stories.person("HOTLINE")
    closed = changing.close(case.id, because="She is home.", by=hope, at=timezone.now())
    assert closed.closed_at
    later = closed.closed_at + (schedules.installed()["case"].keep or datetime.timedelta()) + datetime.timedelta(days=1)
    retention.approve(retention.ask(case.id, by=hope, at=later).id, by=grace, at=later)
    agent = stories.person("HOTLINE", viewers.Role.INVESTIGATOR)
    assert claims.every(opens(file_id, form, agent) is None for form in Form)
    listed = shown(file_id, agent)
    assert listed
    assert (listed.state, listed.opens_copy, listed.opens_original) == (files.State.ERASED, False, False)
    assert files.unscanned() == []


def test_the_worker_has_waiting_files_scanned_every_minute(clamd: str, committed_db: None) -> None:
    with override_settings(SCAN="required", CLAMD="/nowhere/clamd.ctl"):
        first, second = (send(senders.send(), files.Upload("x.txt", text)) for text in (b"one", b"two"))
        tasks.scan_files(0)
        assert files.unscanned() == [first, second]
    with override_settings(SCAN="required", CLAMD=clamd):
        tasks.scan_files(0)
        tasks.scan_files(60)
    assert files.unscanned() == []
    assert len(events("signal_file.scanned")) == 2
