"""What a contact was about, flags, money and reviews: through the actions, and as whoever may not."""

from __future__ import annotations

import datetime
import decimal
import uuid

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from nowrongdoor.access import row_security, viewers
from nowrongdoor.channels.protocol import Kind
from nowrongdoor.core import line
from nowrongdoor.core.line import Medium
from nowrongdoor.line import clock, models, moving
from nowrongdoor.line.models import Contact
from nowrongdoor.vault.models import DataKey
from nowrongdoor.wrapup import flags, money, queries, reviewing, sorting
from nowrongdoor.wrapup.models import CallerFlag, ContactType, Money, Review
from tests import signing_in
from tests.leads import stories
from tests.line import floors

pytestmark = pytest.mark.django_db
HUNDRED = decimal.Decimal(100)
WELL = dict.fromkeys(reviewing.QUESTIONS, "yes")
DAY = datetime.timedelta(days=1)
CHIEF = viewers.Role.COORDINATOR


def text(name: str = "a", **more: str) -> Contact:
    """A text that waits."""
    return floors.take(floors.event(Kind.WROTE, name, medium=Medium.TEXT, call=name, words=floors.WORDS, **more))  # type: ignore[arg-type]


def over(name: str, by: viewers.Viewer) -> Contact:
    """A contact that somebody had, and ended."""
    row = text(name, sender=f"+1555019{len(name)}{name[-1]}")
    moving.answer(row.id, by=by, at=timezone.now())
    moving.end(row.id, by=by, at=timezone.now())
    return floors.now(row)


def elsewhere() -> viewers.Viewer:
    return stories.person("HSI", CHIEF)


class TestTypes:
    def test_the_last_one_counts_and_what_was_said_before_stays(self) -> None:
        by, chief, row = floors.on_shift(ready=False), stories.person("HOTLINE", CHIEF), text()
        now = timezone.now()
        for kind, who in (("tip", by), ("tip", by), ("crisis", chief)):
            sorting.sort(row.id, kind, by=who, at=now)
        beside = queries.beside(row.id, by, at=now)
        assert [each.kind.value for each in beside.types] == ["tip", "crisis"]
        assert beside.type is not None
        assert beside.type.kind == ContactType.Kind.CRISIS

    def test_what_is_not_known_and_what_is_elsewhere_are_refused(self) -> None:
        by, row = floors.on_shift(ready=False), text()
        with pytest.raises(line.Refused, match="Choose what the contact was about"):
            sorting.sort(row.id, "rescue", by=by, at=timezone.now())
        with pytest.raises(moving.NoSuchContact):
            sorting.sort(row.id, "tip", by=elsewhere(), at=timezone.now())


class TestFlags:
    def test_a_flag_is_shown_when_the_same_caller_comes_back_until_it_expires(self) -> None:
        by, now = floors.on_shift(ready=False), timezone.now()
        flags.put_on(text("first").id, "familiar", "Speak slowly.", until=now + 7 * DAY, by=by, at=now)
        again, other = text("second"), text("third", sender="+15550177")
        assert [each.words for each in queries.beside(again.id, by, at=now).flags] == ["Speak slowly."]
        assert queries.beside(other.id, by, at=now).flags == []
        assert queries.beside(again.id, by, at=now + 8 * DAY).flags == []

    def test_it_keeps_nobody_out_and_moves_nobody_back(self) -> None:
        """Two who wait: whoever waits longer is answered first, though they were flagged as abusive."""
        now, chief = timezone.now(), stories.person("HOTLINE", CHIEF)
        first, second = text("first"), text("second", sender="+15550177")
        flags.put_on(first.id, "abusive", "Shouts.", until=now + DAY, by=chief, at=now)
        person = floors.on_shift(texts=1)
        assert floors.now(first).person_id == person.user_id
        assert floors.now(second).state == models.State.RINGING

    def test_what_it_says_is_erased_when_it_is_over_and_not_before(self) -> None:
        by, now = floors.on_shift(ready=False), timezone.now()
        row = text()
        for until in (now + DAY, now + 80 * DAY, now + 90 * DAY):
            flags.put_on(row.id, "familiar", "Speak slowly.", until=until, by=by, at=now)
        with row_security.system():
            expired, off, on = CallerFlag.objects.order_by("until")
        flags.take_off(off.id, by=by, at=now)
        flags.take_off(off.id, by=by, at=now)
        assert flags.to_erase(at=now + 2 * DAY) == sorted([expired.id, off.id])
        flags.erase(off.id, at=now)
        with pytest.raises(IntegrityError, match="the key of a flag is destroyed once"), transaction.atomic():
            flags.erase(on.id, at=now)
        with row_security.system():
            assert set(DataKey.objects.filter(subject_id__in=[off.id, on.id]).values_list("subject_id", flat=True)) == {
                on.id
            }

    def test_nobody_is_flagged_without_words_without_an_end_or_by_another_agency(self) -> None:
        by, now, row = floors.on_shift(ready=False), timezone.now(), text()
        for kind, words, days, why in (
            ("blocked", "x", 1, "Choose a kind"),
            ("familiar", " ", 1, "Say what helps"),
            ("familiar", "x", 91, "90 days at most"),
        ):
            with pytest.raises(line.Refused, match=why):
                flags.put_on(row.id, kind, words, until=now + days * DAY, by=by, at=now)
        with pytest.raises(moving.NoSuchContact):
            flags.put_on(row.id, "familiar", "x", until=now + DAY, by=elsewhere(), at=now)
        flags.put_on(row.id, "familiar", "x", until=now + DAY, by=by, at=now)
        with row_security.system():
            flag_id = CallerFlag.objects.get().id
        with pytest.raises(flags.NoSuchFlag):
            flags.take_off(flag_id, by=elsewhere(), at=now)


class TestMoney:
    def test_a_coordinator_who_did_not_ask_decides_once_and_no_more_is_spent_than_that(self) -> None:
        by, chief, now = floors.on_shift(ready=False), stories.person("HOTLINE", CHIEF), timezone.now()
        row = over("a", by)
        first = money.ask(row.id, "hotel", HUNDRED, "Two nights.", by=by, at=now)
        own = money.ask(row.id, "ride", HUNDRED, "A taxi.", by=chief, at=now)
        assert [each.amount for each in queries.to_decide(chief)] == [HUNDRED, HUNDRED]
        for which, who, why in ((own, chief, "You asked for this yourself"), (own, by, "A coordinator decides")):
            with pytest.raises(line.Refused, match=why):
                money.decide(which, is_approved=True, by=who, at=now)
        with pytest.raises(line.Refused, match="noted once"):
            money.spend(first, HUNDRED, by=by, at=now)
        money.decide(first, is_approved=True, by=chief, at=now)
        with pytest.raises(line.Refused, match="decided on this already"):
            money.decide(first, is_approved=False, by=chief, at=now)
        with pytest.raises(line.Refused, match=r"100\.00 was approved"):
            money.spend(first, HUNDRED + 1, by=by, at=now)
        money.spend(first, decimal.Decimal("84.50"), by=by, at=now)
        with pytest.raises(line.Refused, match="noted once"):
            money.spend(first, decimal.Decimal(1), by=by, at=now)
        kept, waiting = queries.beside(row.id, by, at=now).money
        assert (kept.spent, kept.is_approved, kept.words) == (decimal.Decimal("84.50"), True, "Two nights.")
        assert (waiting.spent, waiting.is_approved) == (None, None)

    def test_nothing_is_spent_of_what_was_declined(self) -> None:
        by, chief, now = floors.on_shift(ready=False), stories.person("HOTLINE", CHIEF), timezone.now()
        which = money.ask(over("a", by).id, "hotel", HUNDRED, "Two nights.", by=by, at=now)
        money.decide(which, is_approved=False, by=chief, at=now)
        with pytest.raises(line.Refused, match="noted once"):
            money.spend(which, decimal.Decimal(1), by=by, at=now)

    def test_it_is_for_somebody_whom_somebody_talks_with_or_did_within_a_day(self) -> None:
        by, now = floors.on_shift(ready=False), timezone.now()
        waiting, ended = text(sender="+15550188"), over("b", by)
        with pytest.raises(line.Refused, match="while you talk with somebody, or within a day"):
            money.ask(waiting.id, "hotel", HUNDRED, "x", by=by, at=now)
        with pytest.raises(line.Refused, match="while you talk with somebody, or within a day"):
            money.ask(ended.id, "hotel", HUNDRED, "x", by=by, at=now + 2 * DAY)
        money.ask(ended.id, "hotel", HUNDRED, "x", by=by, at=now)

    def test_there_is_none_for_practice_nor_for_another_agencys_contact(self) -> None:
        by, now = floors.on_shift(ready=False), timezone.now()
        practice = text("practice", address="+15550102")
        with pytest.raises(line.Refused, match="test or practice"):
            money.ask(practice.id, "hotel", HUNDRED, "x", by=by, at=now)
        row = over("a", by)
        with pytest.raises(moving.NoSuchContact):
            money.ask(row.id, "hotel", HUNDRED, "x", by=elsewhere(), at=now)
        which = money.ask(row.id, "hotel", HUNDRED, "x", by=by, at=now)
        with pytest.raises(money.NoSuchMoney):
            money.decide(which, is_approved=True, by=elsewhere(), at=now)


class TestReviews:
    def test_the_lot_draws_what_was_answered_and_is_over_and_not_twice(self) -> None:
        by, chief, now = floors.on_shift(ready=False), stories.person("HOTLINE", CHIEF), timezone.now()
        ended = {over(name, by).id for name in ("a", "b")}
        text("waits", sender="+15550188")
        assert reviewing.draw(20, by=chief, at=now) == 2
        assert {each.id for each in queries.drawn(chief)} == ended
        with pytest.raises(line.Refused, match="Review what was drawn first"):
            reviewing.draw(1, by=chief, at=now)
        for each in ended:
            reviewing.write(each, WELL, "Kind, and clear.", by=chief, at=now)
        with pytest.raises(reviewing.NothingToDraw):
            reviewing.draw(1, by=chief, at=now)
        for each in ended:
            review = queries.beside(each, by, at=now).review
            assert review is not None
            assert review.words == "Kind, and clear."
            assert len(review.answers) == len(reviewing.QUESTIONS)

    def test_whoever_had_it_sees_it_once_it_is_written_and_a_colleague_never(self) -> None:
        by, chief, now = floors.on_shift(ready=False), stories.person("HOTLINE", CHIEF), timezone.now()
        colleague, row = stories.person("HOTLINE", viewers.Role.ADVOCATE), over("a", by)
        reviewing.draw(1, by=chief, at=now)
        assert queries.beside(row.id, by, at=now).review is None
        reviewing.write(row.id, WELL, "", by=chief, at=now)
        assert queries.beside(row.id, by, at=now).review is not None
        assert queries.beside(row.id, colleague, at=now).review is None

    def test_nobody_reviews_what_they_had_what_was_not_drawn_or_twice(self) -> None:
        chief, other, now = floors.on_shift(CHIEF, ready=False), stories.person("HOTLINE", CHIEF), timezone.now()
        row = over("a", chief)
        with pytest.raises(line.Refused, match="not drawn"):
            reviewing.write(row.id, WELL, "", by=other, at=now)
        reviewing.draw(1, by=chief, at=now)
        with pytest.raises(line.Refused, match="You had this contact yourself"):
            reviewing.write(row.id, WELL, "", by=chief, at=now)
        with pytest.raises(line.Refused, match="Answer each question"):
            reviewing.write(row.id, {"safe": "yes"}, "", by=other, at=now)
        reviewing.write(row.id, WELL, "", by=other, at=now)
        with pytest.raises(line.Refused, match="reviewed already"):
            reviewing.write(row.id, WELL, "", by=other, at=now)

    def test_what_nobody_can_review_any_more_keeps_nobody_from_drawing(self) -> None:
        """Neither what was erased, nor what the only coordinator had."""
        by, chief, now = floors.on_shift(ready=False), floors.on_shift(CHIEF, ready=False), timezone.now()
        erased, own, other = over("a", by), over("b", chief), over("c", by)
        with row_security.looking(chief):
            Review.objects.create(contact=erased, agency_id=chief.agency_id, drawn_by_id=chief.user_id, drawn_at=now)  # type: ignore[misc]
        with pytest.raises(line.Refused, match="Review what was drawn first"):
            reviewing.draw(20, by=chief, at=now)
        clock.erase(erased.id, at=now)
        assert reviewing.draw(20, by=chief, at=now) == 1
        assert {each.id for each in queries.drawn(chief)} >= {other.id}
        with row_security.system():
            assert not Review.objects.filter(contact=own).exists()

    def test_after_its_words_were_erased_nothing_is_added(self) -> None:
        by, chief, now = floors.on_shift(ready=False), stories.person("HOTLINE", CHIEF), timezone.now()
        row = over("a", by)
        reviewing.draw(1, by=chief, at=now)
        clock.erase(row.id, at=now)
        with pytest.raises(line.Refused, match="was erased"):
            reviewing.write(row.id, WELL, "Kind.", by=chief, at=now)


class TestPages:
    def test_an_advocate_wraps_up_and_a_coordinator_decides(self, client: Client) -> None:
        by, chief = floors.on_shift(ready=False), stories.person("HOTLINE", CHIEF)
        row = over("a", by)
        page = f"/line/contacts/{row.id}/wrap-up"
        signing_in.sign_in(client, by)
        assert "of 1 that you had" in client.get("/line").content.decode()
        assert client.post(page, {"do": "type", "kind": "help"}).status_code == 302
        assert "of 1 that you had" not in client.get("/line").content.decode()
        flag = {"do": "flag", "flag": "familiar", "knows": "Speak slowly.", "days": "7"}
        ask = {"do": "ask", "need": "hotel", "amount": "120.50", "what_for": "Two nights."}
        for each in (flag, ask):
            assert client.post(page, each).status_code == 302
        shown = client.get(page).content.decode()
        assert "Speak slowly." in shown
        assert "$120.50" in shown
        assert 'value="approve"' not in shown
        with row_security.system():
            which = str(Money.objects.get().id)
        decide = {"do": "decide", "which": which, "answer": "approve"}
        assert client.post(page, decide).status_code == 422
        signing_in.sign_in(client, chief)
        assert "Money waits for your decision" in client.get("/line").content.decode()
        assert client.post(page, decide).status_code == 302
        assert "Money waits for your decision" not in client.get("/line").content.decode()
        signing_in.sign_in(client, by)
        assert client.post(page, {"do": "spend", "which": which, "spent": "200"}).status_code == 422
        assert client.post(page, {"do": "spend", "which": which, "spent": "118"}).status_code == 302
        assert "cost $118" in client.get(page).content.decode()

    def test_errors_stand_beside_what_was_typed(self, client: Client) -> None:
        signing_in.sign_in(client, floors.on_shift(ready=False))
        page = f"/line/contacts/{text().id}/wrap-up"
        answer = client.post(page, {"do": "ask", "need": "hotel", "amount": "much", "what_for": "Two nights."})
        assert answer.status_code == 422
        assert "Two nights." in answer.content.decode()
        assert "Enter an amount, like 120 or 84.50." in answer.content.decode()
        assert client.post(page, {"do": "delete"}).status_code == 404
        assert client.get(f"/line/contacts/{uuid.uuid4()}/wrap-up").status_code == 404

    def test_a_coordinator_draws_and_reviews_and_an_advocate_cannot(self, client: Client) -> None:
        by, chief = floors.on_shift(ready=False), stories.person("HOTLINE", CHIEF)
        row = over("a", by)
        page = f"/line/contacts/{row.id}/wrap-up"
        signing_in.sign_in(client, by)
        assert client.post("/line/past", {"count": "1"}).status_code == 404
        assert "Draw contacts" not in client.get("/line/past").content.decode()
        with row_security.system():
            assert Review.objects.count() == 0
        signing_in.sign_in(client, chief)
        assert client.post("/line/past", {"count": "99"}).status_code == 422
        assert client.post("/line/past", {"count": "1"}).status_code == 302
        assert f"/line/contacts/{row.id}/wrap-up#review" in client.get("/line/past").content.decode()
        assert client.post(page, {"do": "review", **WELL, "comment": "Kind, and clear."}).status_code == 302
        signing_in.sign_in(client, by)
        assert "Kind, and clear." in client.get(page).content.decode()

    def test_contacts_that_are_over_are_listed_by_what_they_were_about(self, client: Client) -> None:
        by, colleague = floors.on_shift(ready=False), floors.on_shift(ready=False)
        mine, theirs = over("a", by), over("b", colleague)
        sorting.sort(mine.id, "tip", by=by, at=timezone.now())
        practice = text("practice", address="+15550102")
        signing_in.sign_in(client, by)
        for query, shown in (
            ("", {mine.id, theirs.id}),
            ("?kind=tip", {mine.id}),
            ("?kind=none", {theirs.id}),
            ("?mine=on", {mine.id}),
            ("?page=2", set()),
            ("?page=x&kind=?", {mine.id, theirs.id}),
        ):
            page = client.get(f"/line/past{query}").content.decode()
            assert {row.id for row in (mine, theirs, practice) if str(row.id) in page} == shown, query
