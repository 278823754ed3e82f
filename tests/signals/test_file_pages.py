"""Staff see the files of a contact on its receipt and its case, open what is theirs to open, and isolate one."""

from __future__ import annotations

import uuid

import pytest
from django.core.files import uploadedfile
from django.test import Client, RequestFactory, override_settings
from django.utils import timezone
from django.utils.datastructures import MultiValueDict

from nowrongdoor.access import headers, row_security, viewers
from nowrongdoor.audit.models import Event
from nowrongdoor.cases import queries as cases
from nowrongdoor.core import public_help
from nowrongdoor.leads import answering
from nowrongdoor.records import discovery
from nowrongdoor.signals import file_forms, files
from nowrongdoor.ui.panels import Panel
from tests import claims, signing_in
from tests.leads import stories
from tests.signals.test_files import A_JPEG, in_case, scanner, send
from tests.uploads.files import TOLD
from tests.uploads.test_scanning import EICAR, clamd

__all__ = ["clamd", "scanner"]  # the fixtures
Form = files.Form


def signed_in(code: str, role: viewers.Role) -> Client:
    return signing_in.sign_in(Client(), stories.person(code, role))


def text_of(client: Client, address: str) -> str:
    return " ".join(client.get(address).content.decode().split())


@pytest.mark.django_db
def test_the_receipt_lists_a_file_and_its_copy_opens_as_something_to_save(scanner: None) -> None:
    sent, case = in_case()
    here, file_id = f"/signals/{sent.signal.reference}", send(sent, keep_original=True)
    ada = signed_in("HOTLINE", viewers.Role.ADVOCATE)
    page = text_of(ada, here)
    assert claims.every(words in page for words in ("Files added to the contact", "JPEG picture", "by the sender"))
    assert f'href="{here}/files/{file_id}"' in page
    assert f'href="{here}/files/{file_id}/original"' not in page
    assert "The original is kept for an investigator." in page
    assert "<img" not in page.partition("Files added to the contact")[2]
    answer = ada.get(f"{here}/files/{file_id}")
    assert (answer.status_code, answer["Content-Type"]) == (200, "image/jpeg")
    assert answer["Content-Disposition"] == f'attachment; filename="copy-{file_id.hex[-8:]}.jpg"'
    assert answer[headers.CSP] == headers.SANDBOX
    assert answer["Cache-Control"] == "no-store"
    assert TOLD.encode() not in answer.content
    assert ada.get(f"{here}/files/{file_id}/original").status_code == 404
    agent = signed_in("HOTLINE", viewers.Role.INVESTIGATOR)
    assert agent.get(f"{here}/files/{file_id}/original").content == A_JPEG.content
    elsewhere, _ = in_case()
    for address in (
        f"/signals/{elsewhere.signal.reference}/files/{file_id}",
        f"{here}/files/{uuid.uuid4()}",
        f"/signals/nothing/files/{file_id}",
    ):
        assert ada.get(address).status_code == 404
    stranger = signed_in("EEOC", viewers.Role.INVESTIGATOR)
    assert stranger.get(f"{here}/files/{file_id}").status_code == 404
    assert stranger.get(f"/cases/{case.reference}/sent/{file_id}").status_code == 404


@pytest.mark.django_db
def test_the_case_lists_it_to_the_leads_investigators_who_open_the_original_on_record(scanner: None) -> None:
    sent, case = in_case()
    file_id = send(sent, keep_original=True)
    answering.accept(stories.offer_of(case).id, by=stories.person("HSI"), at=timezone.now())
    here = f"/cases/{case.reference}"
    agent = signed_in("HSI", viewers.Role.INVESTIGATOR)
    page = text_of(agent, here)
    assert f'href="{here}/sent/{file_id}/original"' in page
    assert agent.get(f"{here}/sent/{file_id}/original").content == A_JPEG.content
    assert agent.get(f"{here}/sent/{file_id}").status_code == 200
    read = Event.objects.get(verb="signal_file.original_read")
    assert (read.case_id, read.subject_id) == (case.id, file_id)
    for role in viewers.SEES_CASES - {viewers.Role.INVESTIGATOR}:
        other = signed_in("HSI", role)
        assert "Files added to the contact" not in text_of(other, here)
        assert other.get(f"{here}/sent/{file_id}").status_code == 404
        assert other.get(f"{here}/sent/{file_id}/original").status_code == 404
    hope = signed_in("HOTLINE", viewers.Role.COORDINATOR)
    assert f'href="{here}/sent/{file_id}"' in text_of(hope, here)


@pytest.mark.django_db
@pytest.mark.parametrize("through", ["receipt", "case"])
def test_a_file_is_isolated_after_a_question_and_then_opens_for_nobody_there(scanner: None, through: str) -> None:
    sent, case = in_case()
    file_id = send(sent, keep_original=True)
    back = f"/signals/{sent.signal.reference}" if through == "receipt" else f"/cases/{case.reference}"
    here = f"{back}/files/{file_id}" if through == "receipt" else f"{back}/sent/{file_id}"
    ada = signed_in("HOTLINE", viewers.Role.ADVOCATE)
    assert f'href="{here}/isolate"' in text_of(ada, back)
    question = text_of(ada, f"{here}/isolate")
    tipline = public_help.installed().pictures
    assert tipline
    for words in (tipline.site, tipline.telephone, tipline.law, "This can’t be undone."):
        assert words in question
    assert not files.listed([sent.signal.id], by=stories.person("HOTLINE"))[sent.signal.id][0].is_isolated
    answer = ada.post(f"{here}/isolate")
    assert (answer.status_code, answer["Location"]) == (302, f"{back}#sent-files")
    page = text_of(ada, back)
    assert claims.every(words in page for words in ("isolated it", tipline.telephone, "report.cybertip.org"))
    assert f'href="{here}"' not in page
    assert f'href="{here}/isolate"' not in page
    for role in viewers.SEES_CASES:
        viewer = signed_in("HOTLINE", role)
        assert viewer.get(here).status_code == 404
        assert viewer.get(f"{here}/original").status_code == 404
    assert ada.get(f"{here}/isolate").status_code == 302
    (isolated,) = Event.objects.filter(verb="signal_file.isolated")
    assert isolated.case_id == (case.id if through == "case" else None)


@pytest.mark.django_db
def test_discovery_collects_what_opens_with_its_digest_and_names_what_is_isolated(scanner: None) -> None:
    import hashlib

    sent, case = in_case()
    kept, hidden = send(sent, keep_original=True), send(sent)
    investigator = stories.person("HOTLINE", viewers.Role.INVESTIGATOR)
    files.isolate(hidden, by=investigator, at=timezone.now())
    with row_security.looking(investigator):
        access = cases.find(investigator, case.reference)
        collection = discovery.collect(investigator, access, person=None, form="page", at=timezone.now())
    found = {item.name: item for item in collection.items}
    original = found[f"{kept}, original"]
    assert (original.digest, original.size) == (hashlib.sha256(A_JPEG.content).hexdigest(), len(A_JPEG.content))
    assert f"{kept}, copy" in found
    assert not [name for name in found if name.startswith(str(hidden))]
    assert [each.why for each in collection.left_out if each.name == str(hidden)] == [discovery.Why.ISOLATED]


def form(content: bytes | None, **sent: str) -> file_forms.SentFileForm:
    given: MultiValueDict[str, uploadedfile.UploadedFile[bytes]] = MultiValueDict()
    if content is not None:
        given["file"] = uploadedfile.SimpleUploadedFile("x.jpg", content)
    return file_forms.SentFileForm(sent, given)


@pytest.mark.django_db
def test_the_form_takes_out_what_a_picture_knows_unless_its_sender_says_otherwise(scanner: None) -> None:
    asked = file_forms.SentFileForm()
    assert asked["keep"].value() == "no"
    assert (asked["keep"].label, asked["keep"].help_text) == (
        "Keep what the picture knows about where and when it was taken?",
        "It can help an investigation; it can also tell who you are.",
    )
    ready = form(A_JPEG.content, keep="no").look()
    assert ready
    assert (ready.original, ready.was_scanned) == (None, True)
    kept = form(A_JPEG.content, keep="yes").look()
    assert kept
    assert kept.original == A_JPEG.content


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("content", "keep", "field", "sentence"),
    [
        (None, "no", "file", "Choose the file to add."),
        (b"", "no", "file", "This file is empty. Choose it again."),
        (EICAR, "yes", "file", "harmful, so it was not kept"),
        (b"MZ\x90\x00", "yes", "file", "This kind of file cannot be taken in"),
        (A_JPEG.content, "", "keep", "Choose “No” or “Yes”."),
        (A_JPEG.content, "maybe", "keep", "maybe is not one of the available choices"),
    ],
)
def test_the_form_says_beside_its_field_why_a_file_is_not_taken(
    scanner: None, content: bytes | None, keep: str, field: str, sentence: str
) -> None:
    refused = form(content, keep=keep)
    assert refused.look() is None
    assert sentence in str(refused.errors[field])
    assert set(refused.errors) == {field}


@pytest.mark.django_db
def test_the_warning_stands_before_the_button() -> None:
    given = {
        "file_form": file_forms.SentFileForm(),
        "can_add": True,
        "added": [],
        "kept": "sealed",
    }
    page = str(Panel("door/_files.html", given).rendered(RequestFactory().get("/mailbox"), {}))
    warning, button = page.index("Do not send sexual pictures of anybody under 18"), page.index("<button")
    assert warning < button
    assert 'enctype="multipart/form-data"' in page
    assert page.count('type="hidden"') == 1  # the sealed field, and nothing that could be told apart without it
    with override_settings(SCAN="off", CLAMD=""):
        full = str(Panel("door/_files.html", {**given, "can_add": False}).rendered(RequestFactory().get("/"), {}))
    assert "<form" not in full
