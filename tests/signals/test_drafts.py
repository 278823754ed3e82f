"""Drafts: kept for whoever writes them alone, and gone for good when they're saved, erased or over."""

from __future__ import annotations

import datetime
import re
import threading
import uuid

import psycopg
import pytest
from django.db import connection, connections
from django.test import Client
from django.utils import timezone

from nowrongdoor.access import row_security, viewers
from nowrongdoor.audit.models import Event
from nowrongdoor.signals import drafts
from nowrongdoor.signals.models import Draft, Signal
from nowrongdoor.vault.models import DataKey
from tests import claims, signing_in
from tests.leads import stories

WORDS = "She said: do not write that I am Zuzana."
PAGE = {"channel": "call", "source": "survivor", "narrative": WORDS}
PART = {"HX-Request": "true"}


def advocate() -> viewers.Viewer:
    return stories.person("HOTLINE", viewers.Role.ADVOCATE)


def kept(
    by: viewers.Viewer,
    words: str = WORDS,
    *,
    seen: int = 0,
    draft_id: uuid.UUID | None = None,
    at: datetime.datetime | None = None,
) -> drafts.Kept:
    return drafts.keep(draft_id or uuid.uuid4(), {"narrative": [words]}, seen=seen, by=by, at=at or timezone.now())


def seen_by(viewer: viewers.Viewer) -> int:
    with row_security.looking(viewer):
        return Draft.objects.count()


@pytest.mark.django_db
def test_a_draft_comes_back_as_it_was_typed_to_whoever_wrote_it() -> None:
    ada = advocate()
    first = kept(ada)
    again = kept(ada, "And more.", seen=first.version, draft_id=first.id)
    opened = drafts.open_again(first.id, by=ada, at=timezone.now())
    assert opened.fields == {"narrative": ["And more."]}
    assert (opened.kept.version, again.version) == (2, 2)
    assert [each.id for each in drafts.of(ada)] == [first.id]


@pytest.mark.django_db
def test_nobody_else_sees_a_draft_nor_changes_or_erases_it() -> None:
    ada, colleague = advocate(), advocate()
    draft = kept(ada)
    assert seen_by(ada) == 1
    assert seen_by(colleague) == 0
    assert Draft.objects.count() == 0, "the system sees no draft that lasts"
    with pytest.raises(drafts.NoSuchDraft):
        drafts.open_again(draft.id, by=colleague, at=timezone.now())
    for seen in (0, 1):
        with pytest.raises(drafts.NoSuchDraft):
            kept(colleague, seen=seen, draft_id=draft.id)
    drafts.erase(draft.id, by=colleague, at=timezone.now())
    assert seen_by(ada) == 1


@pytest.mark.django_db
def test_the_same_words_again_change_nothing_and_another_window_is_told() -> None:
    ada = advocate()
    draft = kept(ada)
    assert kept(ada, seen=1, draft_id=draft.id).version == 1
    kept(ada, "Newer.", seen=1, draft_id=draft.id)
    with pytest.raises(drafts.ChangedElsewhere):
        kept(ada, "Older.", seen=1, draft_id=draft.id)
    assert drafts.open_again(draft.id, by=ada, at=timezone.now()).fields == {"narrative": ["Newer."]}


@pytest.mark.django_db
def test_a_page_goes_on_whose_answer_was_lost_and_what_it_sent_before_and_comes_late_changes_nothing() -> None:
    ada, draft_id, now = advocate(), uuid.uuid4(), timezone.now()

    def typed(words: str, turn: int, *, page: str = "page") -> drafts.Kept:
        sent = {"narrative": [words]}
        return drafts.keep(draft_id, sent, seen=0, page=drafts.Page(page, turn), by=ada, at=now)

    typed("One", 1)
    typed("One two three", 3)
    assert typed("One two", 2).version == 2, "it was slow on its way"
    with pytest.raises(drafts.ChangedElsewhere):
        typed("Else", 4, page="another")
    assert drafts.open_again(draft_id, by=ada, at=now).fields == {"narrative": ["One two three"]}


@pytest.mark.django_db
def test_what_is_erased_has_no_key_and_does_not_come_back_by_a_late_change() -> None:
    ada = advocate()
    draft = kept(ada)
    assert DataKey.objects.filter(subject_id=draft.id, of="draft").count() == 1
    drafts.erase(draft.id, by=ada, at=timezone.now())
    assert DataKey.objects.filter(subject_id=draft.id).count() == 0
    assert seen_by(ada) == 0
    with pytest.raises(drafts.NoSuchDraft):
        kept(ada, seen=1, draft_id=draft.id)
    with pytest.raises(drafts.NoSuchDraft):  # the first change of a page, which was still on its way
        kept(ada, seen=0, draft_id=draft.id)


@pytest.mark.django_db
def test_before_anything_was_kept_an_erasure_still_stops_what_is_on_its_way() -> None:
    ada, draft_id = advocate(), uuid.uuid4()
    drafts.erase(draft_id, by=ada, at=timezone.now())
    with pytest.raises(drafts.NoSuchDraft):
        kept(ada, draft_id=draft_id)
    assert kept(ada, draft_id=uuid.uuid4()).version == 1


def test_a_first_change_that_meets_an_erasure_waits_for_it_and_finds_the_draft_over(committed_db: None) -> None:
    ada, draft_id = advocate(), uuid.uuid4()
    came: list[str] = []

    def change() -> None:
        try:
            kept(ada, draft_id=draft_id)
            came.append("kept")
        except drafts.NoSuchDraft:
            came.append("over")
        finally:
            connections.close_all()

    late = threading.Thread(target=change)
    with row_security.looking(ada):
        drafts.erase(draft_id, by=ada, at=timezone.now())
        late.start()
        late.join(0.5)
        assert came == [], "it waits"
    late.join(10)
    assert came == ["over"]


@pytest.mark.django_db
def test_the_trail_says_that_there_was_a_draft_and_never_a_word_of_it() -> None:
    ada = advocate()
    draft = kept(ada)
    drafts.open_again(draft.id, by=ada, at=timezone.now())
    drafts.erase(draft.id, by=ada, at=timezone.now())
    events = Event.objects.filter(subject_id=draft.id).order_by("id")
    assert [each.verb for each in events] == ["draft.begun", "draft.read", "draft.erased"]
    assert claims.every(each.details == {} for each in events)


def test_nothing_of_an_erased_draft_is_left_in_any_table(committed_db: None, owner: str) -> None:
    ada = advocate()
    draft = kept(ada)
    with psycopg.connect(owner) as database:
        (sealed,) = database.execute("SELECT words FROM nowrongdoor_draft").fetchone() or (b"",)
        assert WORDS.encode() not in bytes(sealed)
        assert len(sealed) > len(WORDS)
    drafts.erase(draft.id, by=ada, at=timezone.now())
    with psycopg.connect(owner) as database:
        for table, column in (("draft", "id"), ("datakey", "subject_id"), ("datakey_version", "subject_id")):
            (count,) = database.execute(
                f"SELECT count(*) FROM nowrongdoor_{table} WHERE {column} = %s",  # noqa: S608  ours
                [draft.id],
            ).fetchone() or (None,)
            assert count == 0, table


@pytest.mark.django_db
def test_a_draft_ends_by_itself_a_day_after_its_last_change_and_is_not_seen_from_then_on() -> None:
    ada, now = advocate(), timezone.now()
    lasting = kept(ada)
    over = kept(ada, at=now - datetime.timedelta(hours=23, minutes=59))
    assert lasting.ends_at - lasting.saved_at == datetime.timedelta(hours=24)
    with row_security.looking(ada), connection.cursor() as cursor:  # a day goes by for one of them
        cursor.execute(
            "UPDATE nowrongdoor_draft SET saved_at = %s, ends_at = %s WHERE id = %s",
            [now - datetime.timedelta(hours=2), timezone.now() + datetime.timedelta(seconds=3), over.id],
        )
        cursor.execute("SELECT pg_sleep(3.1)")
        assert {each.id for each in drafts.of(ada)} == {lasting.id}
        with pytest.raises(drafts.NoSuchDraft):
            drafts.open_again(over.id, by=ada, at=timezone.now())
    for each in drafts.ended():
        drafts.end(each, at=now)
    assert set(DataKey.objects.filter(of="draft").values_list("subject_id", flat=True)) == {lasting.id}
    assert [each.verb for each in Event.objects.filter(subject_id=over.id)] == ["draft.begun", "draft.ended"]


@pytest.mark.django_db
def test_a_draft_that_was_saved_as_a_signal_is_gone_and_is_the_same_signal_when_it_is_sent_again(
    client: Client,
) -> None:
    ada = advocate()
    signing_in.sign_in(client, ada)
    page = client.get("/signals/new")
    key = str(page.context["form"]["key"].value())
    assert client.post("/signals/drafts", {**PAGE, "key": key}, headers=PART).status_code == 200
    assert DataKey.objects.filter(of="draft").count() == 1
    saved = client.post("/signals/new", {**PAGE, "key": key})
    assert saved.status_code == 302
    assert DataKey.objects.filter(of="draft").count() == 0
    again = client.post("/signals/new", {**PAGE, "key": key})
    assert again["Location"] == saved["Location"]
    assert Signal.objects.count() == 1
    late = client.post("/signals/drafts", {**PAGE, "key": key, "seen": "0"}, headers=PART)
    assert "There is no such draft" in late.content.decode()
    assert DataKey.objects.filter(of="draft").count() == 0


@pytest.mark.django_db
def test_a_signal_that_is_refused_leaves_its_draft(client: Client) -> None:
    signing_in.sign_in(client, advocate())
    draft_id = uuid.uuid4()
    client.post("/signals/drafts", {**PAGE, "key": draft_id.hex}, headers=PART)
    refused = client.post("/signals/new", {**PAGE, "key": draft_id.hex, "case": "AAAA-AAAA-AAAA"})
    assert refused.status_code == 422
    assert DataKey.objects.filter(subject_id=draft_id).count() == 1


@pytest.mark.django_db
def test_the_page_without_a_script_keeps_a_draft_shows_it_again_and_erases_it(client: Client) -> None:
    signing_in.sign_in(client, advocate())
    draft_id = uuid.uuid4()
    address = f"/signals/drafts/{draft_id}"
    sent = client.post("/signals/drafts", {**PAGE, "key": draft_id.hex, "urgency": "within_24h"})
    assert (sent.status_code, sent["Location"]) == (302, address)
    words = client.get(address).content.decode()
    assert WORDS in words
    assert re.search(r'value="within_24h"[^>]* checked', words)
    assert "Only you can open it" in words
    assert "must be answered" not in words
    assert "Continue the draft" in client.get("/signals/new").content.decode()
    assert client.post("/signals/drafts/erase", {"key": draft_id.hex}).status_code == 302
    assert client.get(address).status_code == 404
    assert DataKey.objects.filter(subject_id=draft_id).count() == 0


@pytest.mark.django_db
def test_a_colleague_gets_the_answer_of_a_draft_that_does_not_exist(client: Client) -> None:
    draft = kept(advocate())
    signing_in.sign_in(client, advocate())
    assert client.get(f"/signals/drafts/{draft.id}").status_code == 404
    assert client.get(f"/signals/drafts/{uuid.uuid4()}").status_code == 404
    signing_in.sign_in(client, stories.person("HOTLINE", viewers.Role.INVESTIGATOR))
    assert client.get(f"/signals/drafts/{draft.id}").status_code == 404


@pytest.mark.django_db
def test_a_change_from_an_older_window_is_said_and_keeps_the_newer(client: Client) -> None:
    ada = advocate()
    signing_in.sign_in(client, ada)
    draft = kept(ada)
    kept(ada, "Newer.", seen=1, draft_id=draft.id)
    part = client.post("/signals/drafts", {**PAGE, "key": draft.id.hex, "seen": "1"}, headers=PART)
    assert "changed in another window" in part.content.decode()
    whole = client.post("/signals/drafts", {**PAGE, "key": draft.id.hex, "seen": "1"})
    assert whole.status_code == 409
    assert WORDS in whole.content.decode(), "nothing that was typed is lost"
    assert drafts.open_again(draft.id, by=ada, at=timezone.now()).fields == {"narrative": ["Newer."]}


@pytest.mark.django_db
def test_a_draft_that_is_too_long_is_refused_with_what_to_do(client: Client) -> None:
    ada = advocate()
    with pytest.raises(drafts.NotKept, match="save the signal"):
        kept(ada, "x" * (drafts.LIMIT + 1))
    for _ in range(drafts.MOST):
        kept(ada)
    with pytest.raises(drafts.NotKept, match="already have 20 drafts"):
        kept(ada)
