"""A sender adds a picture or document from their mailbox, and is warned first."""

from __future__ import annotations

import datetime
import html

import pytest
from django.core.files import uploadedfile
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from nowrongdoor.access import edge, viewers
from nowrongdoor.door import kept
from nowrongdoor.signals import files
from tests import claims
from tests.leads import stories
from tests.mailbox import senders
from tests.signals.test_files import A_JPEG, opens, scanner, shown
from tests.uploads.files import TOLD
from tests.uploads.test_scanning import EICAR, clamd

__all__ = ["clamd", "scanner"]  # the fixtures


def add(
    sent: senders.Sent, content: bytes | None, *, keep: str = "no", opened_at: datetime.datetime | None = None
) -> HttpResponse:
    """Send the form of an open mailbox, as a browser does."""
    sealed = kept.seal_visit(kept.Visit(sent.opener, is_known=True), at=opened_at or timezone.now())
    given: dict[str, object] = {"kept": sealed, "language": "en", "do": "add", "keep": keep}
    if content is not None:
        given["file"] = uploadedfile.SimpleUploadedFile("IMG_0042.jpg", content)
    return Client().post("/mailbox/files", given)  # type: ignore[return-value]


def words_of(answer: HttpResponse) -> str:
    return " ".join(html.unescape(answer.content.decode()).split())


@pytest.mark.django_db
def test_a_picture_is_added_and_listed_and_only_its_copy_is_kept(scanner: None) -> None:
    sent, ada = senders.send(), stories.person("HOTLINE", viewers.Role.ADVOCATE)
    answer = add(sent, A_JPEG.content)
    page = words_of(answer)
    assert (answer.status_code, "The file was added." in page) == (200, True)
    assert "without what it knew about where and when" in page
    assert "IMG_0042" not in page
    assert not answer.cookies
    (row,) = files.listed([sent.signal.id], by=ada)[sent.signal.id]
    listed = shown(row.id, ada)
    assert listed
    assert (listed.by, listed.keeps_original, listed.state) == ("", False, files.State.READY)
    copy = opens(row.id, files.Form.COPY, ada)
    assert copy
    assert TOLD.encode() not in copy


@pytest.mark.django_db
def test_the_warning_comes_before_the_button_and_the_original_is_kept_only_on_a_yes(scanner: None) -> None:
    sent = senders.send()
    page = words_of(add(sent, A_JPEG.content, keep="yes"))
    assert "with the original for an investigator" in page
    warning = page.index("Do not send sexual pictures of anybody under 18")
    assert warning < page.index("Add the file</button>")
    (added,) = files.added(sent.opener.hash)
    assert added.keeps_original


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (None, "Choose the file to add."),
        (EICAR, "harmful, so it was not kept"),
        (b"MZ\x90\x00\x03", "This kind of file cannot be taken in"),
        (b"From: ana@example.test\r\n\r\nHello", "This is an e-mail."),
    ],
)
def test_what_is_not_taken_says_why_beside_its_field_and_leaves_nothing(
    scanner: None, content: bytes | None, sentence: str
) -> None:
    sent = senders.send()
    answer = add(sent, content)
    page = words_of(answer)
    assert answer.status_code == 422
    assert page.count(sentence) == 2  # above, and beside the field
    assert 'href="#sent-file"' in page
    assert files.added(sent.opener.hash) == []


@pytest.mark.django_db
def test_only_an_open_mailbox_takes_a_file(scanner: None) -> None:
    sent = senders.send()
    assert Client().get("/mailbox/files")["Location"] == "/mailbox"
    long_ago = timezone.now() - datetime.timedelta(days=2)
    late = add(sent, A_JPEG.content, opened_at=long_ago)
    assert (late.status_code, "Enter your receipt" in words_of(late)) == (422, True)
    without = Client().post("/mailbox/files", {"do": "add"})
    assert without.status_code == 422
    assert files.added(sent.opener.hash) == []


@pytest.mark.django_db
def test_after_ten_files_the_form_is_gone(scanner: None) -> None:
    sent = senders.send()
    for number in range(files.MOST):
        files.add_own(sent.opener.hash, files.Upload("x.txt", b"%d" % number), at=timezone.now())
    page = words_of(add(sent, b"one more"))
    assert claims.every(words in page for words in ("You can add at most 10 files.", "You can’t add more files."))
    assert "Add the file</button>" not in page
    assert len(files.added(sent.opener.hash)) == files.MOST


def test_the_edge_lets_that_address_take_files_and_the_mailbox_itself_not() -> None:
    assert edge.TAKES_FILES.fullmatch("/mailbox/files")
    assert not edge.TAKES_FILES.fullmatch("/mailbox")
