"""A sender's way back: it opens by its receipt alone, keeps what was written, and tells a third party nothing."""

from __future__ import annotations

import datetime
import secrets
import time
import uuid

import pytest
from django.db import connection
from django.utils import timezone

from nowrongdoor.access import limits, row_security, viewers
from nowrongdoor.audit.models import Event
from nowrongdoor.core import receipts
from nowrongdoor.mailbox import desk, openers, sending, unfinished, visiting
from nowrongdoor.mailbox.models import LASTS, Mailbox, Post, Unfinished
from nowrongdoor.notifications import clock
from nowrongdoor.notifications.models import Notification
from nowrongdoor.signals import actions as signals
from nowrongdoor.signals.models import Signal, Telling
from nowrongdoor.work import queue
from tests.leads import stories
from tests.mailbox import senders

NOW = timezone.now
HOUR = datetime.timedelta(hours=1)


def ada() -> viewers.Viewer:
    return stories.person("HOTLINE", viewers.Role.ADVOCATE)


def stranger() -> openers.Opener:
    return openers.of(receipts.draw(secrets.randbits))


@pytest.mark.django_db
def test_what_is_sent_is_a_signal_with_its_receipt_its_event_and_its_task() -> None:
    sent = senders.send()
    with row_security.system():
        signal = Signal.objects.get(id=sent.signal.id)
        assert (signal.channel, signal.taken_by_id, signal.receiver.code) == ("web", None, "HOTLINE")
        assert set(Event.objects.filter(subject_id=signal.id).values_list("verb", flat=True)) == {
            "signal.taken",
            "mailbox.opened",
        }
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM procrastinate_jobs WHERE task_name = %s AND args ->> 'signal_id' = %s",
            [queue.ROUTE, str(signal.id)],
        )
        assert cursor.fetchone() == (1,)


@pytest.mark.django_db
def test_the_same_form_sent_again_gives_the_same_receipt_and_other_words_are_refused() -> None:
    sent = senders.send(safety=senders.SAFETY)
    again = senders.again(sent.contact, sent.sender, sent.opener)
    assert (again.reference, again.outcome) == (sent.signal.reference, signals.Outcome.AGAIN)
    with pytest.raises(signals.KeyReused):
        senders.again(senders.contact(key=sent.contact.key, narrative="Other words."), sent.sender, sent.opener)
    with row_security.system():
        assert Signal.objects.count() == Mailbox.objects.count() == 1


@pytest.mark.django_db
def test_only_the_receipt_opens_a_mailbox_and_shows_nothing_else() -> None:
    sent, other = senders.send(), senders.send()
    with row_security.visiting(sent.opener.hash):
        assert list(Mailbox.objects.values_list("signal", flat=True)) == [sent.signal.id]
        assert list(Signal.objects.values_list("id", flat=True)) == [sent.signal.id]
    with row_security.visiting(stranger().hash):
        assert Mailbox.objects.count() == Signal.objects.count() == 0
    with pytest.raises(visiting.NoSuchMailbox):
        visiting.visit(stranger(), at=NOW())
    assert visiting.visit(other.opener, at=NOW()).posts == []


@pytest.mark.django_db
def test_no_receipt_is_kept_and_none_of_its_words() -> None:
    sent = senders.send(safety=senders.SAFETY)
    with row_security.system():
        box = Mailbox.objects.get()
    kept = b"".join([bytes(box.opener), bytes(box.question), bytes(box.answer)])
    assert sent.receipt.secret not in kept
    assert sent.opener.secret not in kept
    assert b"dog" not in kept
    assert bytes(box.opener) == sent.opener.hash == openers.of(receipts.read(sent.receipt.digits)).hash


@pytest.mark.django_db
def test_messages_go_both_ways_and_each_side_sees_that_the_other_read() -> None:
    advocate, sent = ada(), senders.send()
    visiting.write(sent.opener, "I moved.", at=NOW())
    visiting.correct(sent.opener, "It was in March.", at=NOW())
    before = desk.shown(sent.signal.id, by=advocate)
    assert before
    assert [(post.kind.value, post.words) for post in before.unread] == [
        ("message", "I moved."),
        ("correction", "It was in March."),
    ]
    assert desk.read(sent.signal.id, by=advocate, at=NOW()) == 2
    desk.write(sent.signal.id, Post.Kind.MESSAGE, "We found a bed.", by=advocate, at=NOW())
    desk.write(sent.signal.id, Post.Kind.QUESTION, "Are you safe tonight?", by=advocate, at=NOW())
    visit = visiting.visit(sent.opener, at=NOW())
    assert visit.read_at
    assert [post.words for post in visit.posts if not post.is_own] == ["We found a bed.", "Are you safe tonight?"]
    (question,) = visit.open_questions
    visiting.write(sent.opener, "Yes.", to=question.id, at=NOW())
    assert visiting.visit(sent.opener, at=NOW()).open_questions == []
    after = desk.shown(sent.signal.id, by=advocate)
    assert after
    assert [post.read_at is not None for post in after.posts] == [True, True, True, True, False]
    assert {post.by for post in after.posts if post.by} == {advocate.name}


@pytest.mark.django_db
def test_the_same_words_sent_twice_are_there_once() -> None:
    advocate, sent = ada(), senders.send()
    for _ in range(2):
        visiting.write(sent.opener, "I moved.", at=NOW())
        desk.write(sent.signal.id, Post.Kind.QUESTION, "Where to?", by=advocate, at=NOW())
    shown = desk.shown(sent.signal.id, by=advocate)
    assert shown
    assert sorted(post.words for post in shown.posts) == ["I moved.", "Where to?"]


@pytest.mark.django_db
@pytest.mark.parametrize("stance", ["proxy", "bystander", "official"])
def test_a_third_party_is_thanked_or_asked_and_told_nothing_else(stance: str) -> None:
    advocate, sent = ada(), senders.send(stance)
    with pytest.raises(desk.Refused, match="Only the person themselves is told more"):
        desk.write(sent.signal.id, Post.Kind.MESSAGE, "HSI goes there on Tuesday.", by=advocate, at=NOW())
    desk.write(sent.signal.id, Post.Kind.THANKS, "", by=advocate, at=NOW())
    desk.write(sent.signal.id, Post.Kind.QUESTION, "Which truck was it?", by=advocate, at=NOW())
    assert [(post.kind, post.words) for post in visiting.visit(sent.opener, at=NOW()).posts] == [
        ("thanks", ""),
        ("question", "Which truck was it?"),
    ]
    with pytest.raises(sending.Unreadable):
        sending.check(sending.Sender(stance, "en", safety=senders.SAFETY))


@pytest.mark.django_db
def test_another_agency_and_a_role_that_opens_no_case_see_no_mailbox() -> None:
    sent = senders.send()
    visiting.write(sent.opener, "I moved.", at=NOW())
    for who in (stories.person("HSI"), stories.person("HOTLINE", viewers.Role.ANALYST)):
        assert desk.shown(sent.signal.id, by=who) is None
        assert desk.lines(who) == []
        assert desk.read(sent.signal.id, by=who, at=NOW()) == 0
        with pytest.raises(desk.NoSuchMailbox):
            desk.write(sent.signal.id, Post.Kind.THANKS, "", by=who, at=NOW())
        with row_security.looking(who):
            assert Mailbox.objects.count() == Post.objects.count() == 0


@pytest.mark.django_db
def test_staff_are_told_at_once_reminded_after_an_hour_and_no_more_once_it_is_read() -> None:
    advocate, coordinator, sent = ada(), stories.person("HOTLINE"), senders.send()
    then = NOW() - 2 * HOUR
    visiting.write(sent.opener, "I moved.", at=then)
    clock.remind_of_senders(at=NOW())
    clock.remind_of_senders(at=NOW())
    told = Notification.objects.filter(person__in=[advocate.user_id, coordinator.user_id])
    with row_security.system():
        kinds = sorted(told.values_list("kind", "person"))
        assert [kind for kind, _ in kinds] == ["sender_waits"] * 2 + ["sender_wrote"] * 2
        assert {person for _, person in kinds} == {advocate.user_id, coordinator.user_id}
    desk.read(sent.signal.id, by=advocate, at=NOW())
    with row_security.system():
        assert told.filter(over_at=None).count() == 0


@pytest.mark.django_db
def test_whoever_wrote_to_a_sender_is_told_and_not_everybody() -> None:
    advocate, other, sent = ada(), ada(), senders.send()
    desk.write(sent.signal.id, Post.Kind.QUESTION, "Are you safe?", by=advocate, at=NOW())
    visiting.write(sent.opener, "Yes.", at=NOW())
    with row_security.system():
        rows = Notification.objects.filter(kind="sender_wrote")
        assert set(rows.values_list("person", flat=True)) == {advocate.user_id}
        assert other.user_id != advocate.user_id


@pytest.mark.django_db
def test_the_list_shows_what_waits_longest_first() -> None:
    advocate = ada()
    quiet, second, first = senders.send(), senders.send(), senders.send()
    visiting.write(first.opener, "I wait.", at=NOW() - 3 * HOUR)
    visiting.write(second.opener, "I wait too.", at=NOW() - HOUR)
    lines = desk.lines(advocate)
    assert [line.signal for line in lines] == [each.signal.reference for each in (first, second, quiet)]
    assert [line.unread for line in lines] == [1, 1, 0]


@pytest.mark.django_db
def test_consent_is_taken_back_at_once_and_how_to_reach_the_sender_goes_with_it() -> None:
    back = signals.WayBack({"reach_number": "+1 555 0100 200"}, NOW() + datetime.timedelta(days=7))
    sent = senders.send(way_back=back)
    with row_security.system():
        assert Telling.objects.exclude(way_back=b"").count() == 1
    visiting.withdraw(sent.opener, at=NOW())
    visiting.withdraw(sent.opener, at=NOW())
    with row_security.system():
        assert Telling.objects.exclude(way_back=b"").count() == 0
        assert list(Post.objects.values_list("kind", flat=True)) == ["withdrawal"]
    assert visiting.visit(sent.opener, at=NOW()).is_withdrawn


@pytest.mark.django_db
def test_erasure_is_a_request_that_stays_and_takes_consent_back_too() -> None:
    sent = senders.send()
    visiting.ask_erasure(sent.opener, at=NOW())
    visiting.ask_erasure(sent.opener, at=NOW())
    visit = visiting.visit(sent.opener, at=NOW())
    assert (visit.is_withdrawn, visit.is_erasure_asked) == (True, True)
    assert [post.kind for post in visit.posts] == ["withdrawal", "erasure"]
    with row_security.system():
        assert Signal.objects.filter(id=sent.signal.id).exists()


@pytest.mark.django_db
def test_a_mailbox_closes_after_a_year() -> None:
    sent = senders.send(at=NOW() - LASTS + datetime.timedelta(seconds=1))
    assert visiting.visit(sent.opener, at=NOW()).posts == []
    time.sleep(1)
    with pytest.raises(visiting.NoSuchMailbox):
        visiting.visit(sent.opener, at=NOW())
    with row_security.visiting(sent.opener.hash), connection.cursor() as cursor:
        assert Signal.objects.count() == Telling.objects.count() == Post.objects.count() == 0
        cursor.execute("SELECT nwd_visited_agency(), nwd_files_of(%s)", [sent.signal.id])
        assert cursor.fetchone() == (None, 0)
    with pytest.raises(desk.Refused, match="has closed"):
        desk.write(sent.signal.id, Post.Kind.THANKS, "", by=ada(), at=NOW())


@pytest.mark.django_db(transaction=False)
def test_a_safety_answer_opens_however_it_is_typed_and_a_wrong_one_is_counted() -> None:
    sent = senders.send(safety=senders.SAFETY)
    assert visiting.visit(sent.opener, at=NOW()).question == "What was the dog called?"
    assert visiting.check_answer(sent.opener, "  senor BIGOTES. ", at=NOW()) == sent.signal.id
    at = NOW()
    for _ in range(limits.BURSTS[limits.Budget.SAFETY_ANSWER]):
        with pytest.raises(visiting.WrongAnswer):
            visiting.check_answer(sent.opener, "Rex", at=at)
    with pytest.raises(limits.TooMany):
        visiting.check_answer(sent.opener, "Señor Bigotes", at=at)
    later = at + datetime.timedelta(minutes=1)
    assert visiting.check_answer(sent.opener, "Señor Bigotes", at=later) == sent.signal.id


@pytest.mark.django_db
def test_before_the_safety_question_is_answered_nothing_is_shown_and_nothing_counts_as_read() -> None:
    advocate, sent = ada(), senders.send(safety=senders.SAFETY)
    desk.write(sent.signal.id, Post.Kind.MESSAGE, "We found a bed.", by=advocate, at=NOW())
    assert visiting.visit(sent.opener, at=NOW()).posts == []
    shown = desk.shown(sent.signal.id, by=advocate)
    assert shown
    assert [post.read_at for post in shown.posts] == [None]
    assert [post.words for post in visiting.visit(sent.opener, is_known=True, at=NOW()).posts] == ["We found a bed."]


@pytest.mark.django_db
def test_without_a_safety_question_nobody_learns_more() -> None:
    sent = senders.send()
    for answer in ("", "anything"):
        with pytest.raises(visiting.WrongAnswer):
            visiting.check_answer(sent.opener, answer, at=NOW())


@pytest.mark.django_db
def test_what_is_unfinished_opens_by_its_receipt_alone_and_goes_when_it_is_sent() -> None:
    receipt = receipts.draw(secrets.randbits)
    opener = openers.of(receipt)
    unfinished.keep(opener, "first", at=NOW())
    unfinished.keep(opener, '{"story": "half"}', at=NOW())
    assert unfinished.open_again(openers.carried(opener.carried)) == '{"story": "half"}'
    with pytest.raises(unfinished.NothingKept):
        unfinished.open_again(stranger())
    with row_security.system():
        assert Unfinished.objects.count() == 0  # not even the system sees it before it ends
    senders.again(senders.contact(), sending.Sender("person", "en"), opener)
    with pytest.raises(unfinished.NothingKept):
        unfinished.open_again(opener)


@pytest.mark.django_db
def test_what_is_unfinished_ends_after_a_week() -> None:
    opener = stranger()
    unfinished.keep(opener, "half", at=NOW() - datetime.timedelta(days=8))
    with pytest.raises(unfinished.NothingKept):
        unfinished.open_again(opener)
    (over,) = unfinished.ended()
    unfinished.end(over)
    assert unfinished.ended() == []


@pytest.mark.django_db
@pytest.mark.parametrize("words", ["", " \n ", "\x00", "x" * (visiting.WORDS_LIMIT + 1)])
def test_words_that_cannot_be_kept_are_refused(words: str) -> None:
    advocate, sent = ada(), senders.send()
    with pytest.raises(visiting.Refused):
        visiting.write(sent.opener, words, at=NOW())
    with pytest.raises(desk.Refused):
        desk.write(sent.signal.id, Post.Kind.QUESTION, words, by=advocate, at=NOW())


@pytest.mark.django_db
def test_an_answer_is_to_a_question_of_the_same_mailbox() -> None:
    advocate, sent, other = ada(), senders.send(), senders.send()
    desk.write(other.signal.id, Post.Kind.QUESTION, "Are you safe?", by=advocate, at=NOW())
    (question,) = visiting.visit(other.opener, at=NOW()).open_questions
    for to in (question.id, uuid.uuid4()):
        with pytest.raises(visiting.Refused, match="That question isn’t there"):
            visiting.write(sent.opener, "Yes.", to=to, at=NOW())
