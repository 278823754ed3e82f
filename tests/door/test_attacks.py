"""What an attacker, or somebody unlucky, does at the public door; each of these went through once."""

from __future__ import annotations

import datetime
import secrets

import pytest
from django.test import Client
from django.utils import timezone

from nowrongdoor.access import row_security, viewers
from nowrongdoor.cases.models import Case
from nowrongdoor.core import receipts, schedules
from nowrongdoor.intake import closing, routing, withdrawing
from nowrongdoor.leads import changing, reopening
from nowrongdoor.leads.models import Handoff
from nowrongdoor.mailbox import desk, visiting
from nowrongdoor.mailbox.models import Post
from nowrongdoor.retention import actions as retention
from nowrongdoor.signals import actions as signals
from nowrongdoor.signals.models import Signal, SignalFileContent, Telling
from tests.door import walking
from tests.door.test_mailbox import opened
from tests.leads import stories
from tests.mailbox import senders, test_succession, test_withdrawing
from tests.signals import test_files
from tests.signals.test_files import scanner
from tests.uploads.test_scanning import clamd

__all__ = ["clamd", "scanner"]  # the fixtures
NOW = timezone.now


def case_of(sent: senders.Sent) -> Case:
    """Route what was sent, and return its case."""
    routing.route([sent.signal.id], at=NOW())
    return test_withdrawing.case_of(sent)


@pytest.mark.django_db
def test_a_mailbox_opens_and_takes_consent_back_after_its_agency_closed() -> None:
    test_succession.office()
    admin = stories.person("DOJ_COORDINATOR", viewers.Role.ADMINISTRATOR)
    back = signals.WayBack({"reach_number": "+1 555 0100"}, NOW() + datetime.timedelta(days=7))
    sent = senders.send(to="SMALL", telling={"reach_safe": "yes"}, way_back=back)
    closing.close_agency("SMALL", into="HOTLINE", by=admin, at=NOW())
    visitor = opened(sent.receipt.words("en"))
    assert visitor.page.status_code == 200
    visitor.send("/mailbox", do="withdraw")
    assert "Nobody else is told." in visitor.words
    with row_security.system():
        assert bytes(Telling.objects.get(signal=sent.signal.id).way_back) == b""


@pytest.mark.django_db
def test_what_a_sender_adds_reaches_whoever_answers_them_after_a_closing(scanner: None) -> None:
    test_succession.office()
    admin = stories.person("DOJ_COORDINATOR", viewers.Role.ADMINISTRATOR)
    sent = senders.send(to="SMALL")
    before = test_files.send(sent)
    closing.close_agency("SMALL", into="HOTLINE", by=admin, at=NOW())
    after = test_files.send(sent)
    heir, stranger = stories.person("HOTLINE"), stories.person("HSI", viewers.Role.COORDINATOR)
    for each in (before, after):
        listed = test_files.shown(each, heir)
        assert listed
        assert listed.opens_copy
        assert test_files.opens(each, SignalFileContent.Form.COPY, heir)
        assert test_files.shown(each, stranger) is None
        assert test_files.rows_of(each, stranger) == set()


@pytest.mark.django_db
@pytest.mark.usefixtures("clock_ahead")
def test_a_mailbox_whose_words_were_erased_still_answers() -> None:
    stories.staff()
    sent, hope, grace = senders.send(), stories.person("HOTLINE"), stories.person("HOTLINE")
    visitor = opened(sent.receipt.words("en"))
    visitor.send("/mailbox", do="write", words="Before.")
    case = case_of(sent)
    closed = changing.close(case.id, because="She is home.", by=hope, at=NOW())
    assert closed.closed_at
    later = closed.closed_at + (schedules.installed()["case"].keep or datetime.timedelta()) + datetime.timedelta(days=1)
    disposal = retention.ask(case.id, by=hope, at=later)
    retention.approve(disposal.id, by=grace, at=later)
    for do, status in {"write": 422, "correct": 422, "show": 200, "withdraw": 200, "erase": 200}.items():
        assert visitor.send("/mailbox", do=do, words="After.").status_code == status
        assert "Before." not in visitor.words
    with pytest.raises(desk.Refused, match="erased"):
        desk.write(sent.signal.id, Post.Kind.MESSAGE, "Hello", by=hope, at=NOW())


@pytest.mark.django_db
def test_consent_taken_back_of_a_closed_case_is_not_there_when_it_is_reopened() -> None:
    stories.staff()
    sent, hope = senders.send(facts=test_withdrawing.YES), stories.person("HOTLINE")
    case = case_of(sent)
    changing.close(case.id, because="She is home.", by=hope, at=NOW())
    visiting.withdraw(sent.opener, at=NOW())
    withdrawing.withdraw(sent.signal.id, at=NOW())
    with row_security.system():
        before = Handoff.objects.filter(case=case).count()
    reopening.reopen(case.id, because="She asked.", by=hope, at=NOW())
    with row_security.system():
        after = Case.objects.get(id=case.id)
        assert Handoff.objects.filter(case=case).count() == before
    assert after.facts["wishes"] == "services_only"
    assert after.facts["wish_federal"] == "no"


@pytest.mark.django_db
def test_consent_taken_back_holds_in_the_case_that_took_the_contact_over() -> None:
    stories.staff()
    hope = stories.person("HOTLINE")
    sent, other = senders.send(facts=test_withdrawing.YES), senders.send(facts={**test_withdrawing.YES})
    gone, kept = case_of(sent), case_of(other)
    changing.merge(gone.id, into_id=kept.id, because="The same.", by=hope, at=NOW())
    visiting.withdraw(sent.opener, at=NOW())
    assert withdrawing.withdraw(sent.signal.id, at=NOW())
    with row_security.system():
        after = Case.objects.get(id=kept.id)
        assert Handoff.objects.filter(case=kept, state="offered").count() == 0
    assert (after.facts["wishes"], after.facts["wish_federal"]) == ("services_only", "no")


@pytest.mark.django_db
def test_what_was_sent_is_not_saved_to_finish_later() -> None:
    visitor = walking.Visitor()
    visitor.answer(stance="person")
    while visitor.at != "check":
        if visitor.at == "safety":
            visitor.answer(question="What did I call my bike?", answer="Zuzana")
        else:
            visitor.send(do="skip")
    before = visitor.hidden["kept"]
    visitor.send(do="send")
    receipt = visitor.receipt
    visitor.client.post("/tell", {"kept": before, "at": "check", "do": "save"})
    again = walking.Visitor("/tell/resume")
    again.send("/tell/resume", receipt=receipt)
    assert again.page.status_code == 422
    assert "Zuzana" not in again.words


@pytest.mark.django_db
def test_a_yes_that_somebody_said_for_themselves_is_none_of_somebody_else() -> None:
    visitor = walking.Visitor()
    visitor.answer(stance="person")
    while visitor.at != "check":
        if visitor.at == "wish":
            visitor.answer(wish="report")
        elif visitor.at.startswith("agency-"):
            visitor.answer(**{visitor.at.removeprefix("agency-"): "yes"})
        else:
            visitor.send(do="skip")
    visitor.send(change="who")
    visitor.answer(stance="proxy")
    asked = []
    while visitor.at != "check":
        asked.append(visitor.at)
        visitor.send(do="skip")
    visitor.send(do="send")
    with row_security.system():
        facts = Signal.objects.get().facts
    assert asked[:4] == ["knows", "visit", "children", "wish"]
    assert not [name for name, code in facts.items() if code in ("yes", "report_agreed")]


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/tell", "/tell/resume", "/mailbox", "/mailbox/files"])
@pytest.mark.parametrize("name", ["kept", "words", "receipt", "stance", "at", "ticket", "passed", "do", "to"])
def test_half_a_character_is_no_fault(path: str, name: str) -> None:
    visitor = walking.Visitor(path) if path != "/mailbox/files" else walking.Visitor("/mailbox")
    fields = {"kept": visitor.hidden.get("kept", ""), "at": "who", "do": "next", "stance": "person", name: "+2AA-"}
    if path.startswith("/mailbox") and name != "kept":
        fields.pop("kept")
    body = (
        "".join(
            f'--X\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n' for key, value in fields.items()
        )
        + "--X--\r\n"
    )
    kind = "multipart/form-data; boundary=X; charset=utf-7"
    page = Client().generic("POST", path, body, content_type=kind, headers={"origin": "http://testserver"})
    assert page.status_code < 500


@pytest.mark.parametrize(
    "written",
    ["\u202b{}\u202c", "\u200f{}", "\u2067{}\u2069", "\ufeff{}", "“{}”", "{}."],
)
def test_what_a_page_or_a_telephone_puts_around_a_receipt_does_not_matter(written: str) -> None:
    receipt = receipts.draw(secrets.randbits)
    assert receipts.read(written.format(receipt.words("en"))) == receipt
    assert receipts.read(written.format(receipt.digits)) == receipt


@pytest.mark.parametrize("between", ["\u2013", "\u2014", "\u2011", "\u060c", "·", " | ", "_", "、"])
def test_whatever_stands_between_the_groups_of_a_receipt_does_not_matter(between: str) -> None:
    receipt = receipts.draw(secrets.randbits)
    assert receipts.read(receipt.digits.replace(" ", between)) == receipt
    arabic = receipt.digits.translate({ord("0") + each: 0x0660 + each for each in range(10)})
    assert receipts.read(arabic.replace(" ", between)) == receipt


@pytest.mark.django_db
@pytest.mark.parametrize("question", ["", "%s%d", "null", "\x00"])
def test_an_answer_to_what_is_no_question_is_kept_as_a_message(question: str) -> None:
    visitor = opened(senders.send().receipt.words("en"))
    visitor.send("/mailbox", do="reply", to=question, words="The red one.")
    assert visitor.page.status_code == 200
    assert "The red one." in visitor.words
