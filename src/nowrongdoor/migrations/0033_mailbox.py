"""Mailboxes: a sender's way back to their own contact, opened by a receipt that is kept as a hash alone; what is written
in them; and what somebody has not finished telling.

Expand only: the release before takes no contact through the public form, and shows what came as any other signal. The
way back is closed while anybody has a mailbox or something unfinished: the older schema has no place for them.
"""

from __future__ import annotations

import datetime

import django.db.models.deletion
import django.db.models.expressions
from django.conf import settings
from django.db import migrations, models

import nowrongdoor.agencies.models

GUARDS = """
ALTER TABLE nowrongdoor_mailbox
  ADD CONSTRAINT an_opener_is_a_hash CHECK (length(opener) = 32),
  ADD CONSTRAINT mailbox_question_is_sealed
  CHECK (length(question) = 0 OR (get_byte(question, 0) = 1 AND length(question) > 29)),
  ADD CONSTRAINT mailbox_answer_is_sealed
  CHECK (length(answer) = 0 OR (get_byte(answer, 0) = 1 AND length(answer) > 29));
ALTER TABLE nowrongdoor_mailbox_post
  ADD CONSTRAINT mailbox_post_words_is_sealed
  CHECK (length(words) = 0 OR (get_byte(words, 0) = 1 AND length(words) > 29)),
  ADD CONSTRAINT a_post_is_known_with_its_mailbox UNIQUE (id, mailbox_id),
  ADD CONSTRAINT an_answer_is_in_the_mailbox_of_its_question
  FOREIGN KEY (to_id, mailbox_id) REFERENCES nowrongdoor_mailbox_post (id, mailbox_id);
ALTER TABLE nowrongdoor_unfinished
  ADD CONSTRAINT an_opener_of_the_unfinished_is_a_hash CHECK (length(opener) = 32),
  ADD CONSTRAINT unfinished_words_is_sealed
  CHECK (length(words) = 0 OR (get_byte(words, 0) = 1 AND length(words) > 29));
CREATE FUNCTION nowrongdoor_visits(receipt bytea) RETURNS boolean LANGUAGE plpgsql STABLE
  SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  RETURN coalesce(receipt = nwd_visitor(), false);
END $$;
-- A mailbox comes first, and its signal in the same transaction: so it never opens what somebody else sent.
CREATE FUNCTION nowrongdoor_is_sent(signal uuid) RETURNS boolean LANGUAGE plpgsql STABLE
  SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  RETURN EXISTS (SELECT FROM nowrongdoor_signal WHERE id = signal);
END $$;
CREATE TRIGGER a_mailbox_is_opened_with_its_signal AFTER INSERT ON nowrongdoor_mailbox FOR EACH ROW
  WHEN (nowrongdoor_is_sent(NEW.signal_id))
  EXECUTE FUNCTION nowrongdoor_refuse('a mailbox is opened in the transaction that takes its signal, and before it');
CREATE FUNCTION nowrongdoor_keep_mailbox() RETURNS trigger LANGUAGE plpgsql
  SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM nowrongdoor_signal s WHERE s.id = NEW.signal_id AND s.receiver_id = NEW.agency_id
                  AND s.door = 'web' AND s.taken_by_id IS NULL AND s.reference = NEW.reference) THEN
    RAISE EXCEPTION 'a mailbox is of a signal that somebody sent to its agency'
      USING ERRCODE = 'check_violation', CONSTRAINT = TG_NAME, TABLE = TG_TABLE_NAME;
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER a_mailbox_is_of_what_was_sent_to_its_agency AFTER INSERT ON nowrongdoor_mailbox
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION nowrongdoor_keep_mailbox();
CREATE TRIGGER only_its_sender_takes_back_consent AFTER UPDATE ON nowrongdoor_mailbox FOR EACH ROW
  WHEN ((NEW.withdrawn_at, NEW.erasure_asked_at) IS DISTINCT FROM (OLD.withdrawn_at, OLD.erasure_asked_at)
        AND NOT nowrongdoor_visits(OLD.opener))
  EXECUTE FUNCTION nowrongdoor_refuse('only whoever has the receipt takes consent back, or asks for erasure');
CREATE TRIGGER what_a_sender_asked_stays AFTER UPDATE ON nowrongdoor_mailbox FOR EACH ROW
  WHEN ((OLD.withdrawn_at IS NOT NULL AND NEW.withdrawn_at IS DISTINCT FROM OLD.withdrawn_at)
     OR (OLD.erasure_asked_at IS NOT NULL AND NEW.erasure_asked_at IS DISTINCT FROM OLD.erasure_asked_at))
  EXECUTE FUNCTION nowrongdoor_refuse('what a sender asked for stays on record');
CREATE TRIGGER a_contact_is_read_once_by_its_agency AFTER UPDATE ON nowrongdoor_mailbox FOR EACH ROW
  WHEN (NEW.read_at IS DISTINCT FROM OLD.read_at AND (OLD.read_at IS NOT NULL OR nowrongdoor_visits(OLD.opener)))
  EXECUTE FUNCTION nowrongdoor_refuse('that a contact was read is said once, by the agency that got it');
CREATE TRIGGER a_mailbox_is_handed_over_along_a_closing AFTER UPDATE ON nowrongdoor_mailbox FOR EACH ROW
  WHEN (NEW.agency_id <> OLD.agency_id
        AND NOT (nowrongdoor_in_house() AND nowrongdoor_closes_into(OLD.agency_id, NEW.agency_id, NULL)))
  EXECUTE FUNCTION nowrongdoor_refuse('a mailbox goes to another agency only when its own closes into that one');
CREATE TRIGGER a_mailbox_comes_in_unread AFTER INSERT ON nowrongdoor_mailbox FOR EACH ROW
  WHEN (NEW.read_at IS NOT NULL OR NEW.withdrawn_at IS NOT NULL OR NEW.erasure_asked_at IS NOT NULL)
  EXECUTE FUNCTION nowrongdoor_refuse('a mailbox begins before anybody read or asked anything');
-- How to reach a sender goes with their consent, whoever answers them by then.
CREATE FUNCTION nowrongdoor_drop_way_back() RETURNS trigger LANGUAGE plpgsql
  SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  UPDATE nowrongdoor_telling SET way_back = '', way_back_until = NULL WHERE signal_id = NEW.signal_id AND way_back <> '';
  RETURN NULL;
END $$;
CREATE TRIGGER a_way_back_goes_with_consent AFTER UPDATE ON nowrongdoor_mailbox FOR EACH ROW
  WHEN (OLD.withdrawn_at IS NULL AND NEW.withdrawn_at IS NOT NULL) EXECUTE FUNCTION nowrongdoor_drop_way_back();
CREATE FUNCTION nowrongdoor_is_withdrawn(signal uuid) RETURNS boolean LANGUAGE plpgsql STABLE
  SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  RETURN EXISTS (SELECT FROM nowrongdoor_mailbox WHERE signal_id = signal AND withdrawn_at IS NOT NULL);
END $$;
CREATE TRIGGER nobody_is_reached_without_consent AFTER INSERT ON nowrongdoor_telling FOR EACH ROW
  WHEN (NEW.way_back <> '' AND nowrongdoor_is_withdrawn(NEW.signal_id))
  EXECUTE FUNCTION nowrongdoor_refuse('how to reach a sender is not kept once they took their consent back');
CREATE FUNCTION nowrongdoor_has_senders(agency uuid) RETURNS boolean LANGUAGE plpgsql STABLE
  SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  RETURN EXISTS (SELECT FROM nowrongdoor_mailbox WHERE agency_id = agency AND ends_at > now());
END $$;
CREATE TRIGGER an_agency_that_senders_write_to_is_succeeded AFTER UPDATE ON nowrongdoor_agency FOR EACH ROW
  WHEN (OLD.active AND NOT coalesce(NEW.active, false) AND nowrongdoor_has_senders(NEW.id))
  EXECUTE FUNCTION nowrongdoor_refuse('an agency that senders can still write to is closed into another one');
-- Who writes, and what
CREATE TRIGGER an_agency_writes_in_its_own_name AFTER INSERT ON nowrongdoor_mailbox_post FOR EACH ROW
  WHEN (NEW.by_id IS NOT NULL AND NOT nowrongdoor_signs(NEW.by_id, NEW.agency_id))
  EXECUTE FUNCTION nowrongdoor_refuse('somebody of the agency writes to a sender in their own name');
CREATE FUNCTION nowrongdoor_stance(box uuid) RETURNS text LANGUAGE plpgsql STABLE
  SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  RETURN (SELECT stance FROM nowrongdoor_mailbox WHERE id = box);
END $$;
CREATE TRIGGER a_third_party_is_thanked_or_asked AFTER INSERT ON nowrongdoor_mailbox_post FOR EACH ROW
  WHEN (NEW.by_id IS NOT NULL AND NEW.kind = 'message' AND nowrongdoor_stance(NEW.mailbox_id) <> 'person')
  EXECUTE FUNCTION nowrongdoor_refuse('whoever is not the person themselves is thanked or asked, and told nothing else');
CREATE FUNCTION nowrongdoor_is_asked(post uuid) RETURNS boolean LANGUAGE plpgsql STABLE
  SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  RETURN EXISTS (SELECT FROM nowrongdoor_mailbox_post WHERE id = post AND kind = 'question');
END $$;
CREATE TRIGGER what_is_answered_was_asked AFTER INSERT ON nowrongdoor_mailbox_post FOR EACH ROW
  WHEN (NEW.to_id IS NOT NULL AND NOT nowrongdoor_is_asked(NEW.to_id))
  EXECUTE FUNCTION nowrongdoor_refuse('an answer is to a question');
CREATE TRIGGER a_post_comes_in_unread AFTER INSERT ON nowrongdoor_mailbox_post FOR EACH ROW
  WHEN (NEW.read_at IS NOT NULL) EXECUTE FUNCTION nowrongdoor_refuse('what is written is not read yet');
CREATE TRIGGER what_was_read_stays_read AFTER UPDATE ON nowrongdoor_mailbox_post FOR EACH ROW
  WHEN (OLD.read_at IS NOT NULL AND (NEW.read_at, NEW.read_by_id) IS DISTINCT FROM (OLD.read_at, OLD.read_by_id))
  EXECUTE FUNCTION nowrongdoor_refuse('what was read stays read, by whoever read it');
CREATE FUNCTION nowrongdoor_answers(box uuid) RETURNS uuid LANGUAGE plpgsql STABLE
  SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  RETURN (SELECT agency_id FROM nowrongdoor_mailbox WHERE id = box);
END $$;
CREATE FUNCTION nowrongdoor_is_open_to_visitor(box uuid) RETURNS boolean LANGUAGE plpgsql STABLE
  SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  RETURN EXISTS (SELECT FROM nowrongdoor_mailbox WHERE id = box AND nowrongdoor_visits(opener));
END $$;
CREATE TRIGGER the_other_side_reads AFTER UPDATE ON nowrongdoor_mailbox_post FOR EACH ROW
  WHEN (OLD.read_at IS NULL AND NEW.read_at IS NOT NULL AND NOT CASE
    WHEN NEW.by_id IS NULL THEN nowrongdoor_signs(NEW.read_by_id, nowrongdoor_answers(NEW.mailbox_id))
    ELSE nowrongdoor_is_open_to_visitor(NEW.mailbox_id) END)
  EXECUTE FUNCTION nowrongdoor_refuse('each side reads what the other wrote, in its own name');
"""
TOLD = """
-- Whoever wrote to a sender is told of what they write; until somebody did, everybody who takes contacts there is.
CREATE FUNCTION nowrongdoor_told_of_sender(box uuid, agency uuid) RETURNS SETOF uuid LANGUAGE plpgsql STABLE
  SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  IF pg_trigger_depth() = 0 THEN
    RETURN;
  END IF;
  RETURN QUERY SELECT DISTINCT u.id FROM nowrongdoor_user u JOIN nowrongdoor_mailbox_post p ON p.by_id = u.id
   WHERE p.mailbox_id = box AND u.agency_id = agency AND u.is_active
     AND u.role IN ('advocate', 'coordinator', 'victim_specialist');
  IF NOT FOUND THEN
    RETURN QUERY SELECT u.id FROM nowrongdoor_user u
     WHERE u.agency_id = agency AND u.is_active AND u.role IN ('advocate', 'coordinator');
  END IF;
END $$;
CREATE FUNCTION nowrongdoor_tell_of_sender() RETURNS trigger LANGUAGE plpgsql
  SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  INSERT INTO nowrongdoor_notification (id, agency_id, person_id, kind, thing_id, about_at, at)
  SELECT gen_random_uuid(), m.agency_id, person, 'sender_wrote', m.id, NEW.at, NEW.at
    FROM nowrongdoor_mailbox m, nowrongdoor_told_of_sender(m.id, m.agency_id) person WHERE m.id = NEW.mailbox_id
  ON CONFLICT DO NOTHING;
  RETURN NULL;
END $$;
CREATE TRIGGER what_a_sender_writes_is_told AFTER INSERT ON nowrongdoor_mailbox_post FOR EACH ROW
  WHEN (NEW.by_id IS NULL) EXECUTE FUNCTION nowrongdoor_tell_of_sender();
CREATE FUNCTION nowrongdoor_end_telling_of_sender() RETURNS trigger LANGUAGE plpgsql
  SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  UPDATE nowrongdoor_notification SET over_at = NEW.read_at
   WHERE thing_id = NEW.mailbox_id AND kind IN ('sender_wrote', 'sender_waits') AND over_at IS NULL AND at <= NEW.read_at
     AND NOT EXISTS (SELECT FROM nowrongdoor_mailbox_post
                      WHERE mailbox_id = NEW.mailbox_id AND by_id IS NULL AND read_at IS NULL);
  RETURN NULL;
END $$;
CREATE TRIGGER what_was_read_is_told_no_more AFTER UPDATE ON nowrongdoor_mailbox_post FOR EACH ROW
  WHEN (NEW.by_id IS NULL AND OLD.read_at IS NULL AND NEW.read_at IS NOT NULL)
  EXECUTE FUNCTION nowrongdoor_end_telling_of_sender();
"""
UNGUARD = """
DROP TRIGGER what_was_read_is_told_no_more ON nowrongdoor_mailbox_post;
DROP TRIGGER what_a_sender_writes_is_told ON nowrongdoor_mailbox_post;
DROP TRIGGER the_other_side_reads ON nowrongdoor_mailbox_post;
DROP TRIGGER a_post_comes_in_unread ON nowrongdoor_mailbox_post;
DROP TRIGGER nobody_is_reached_without_consent ON nowrongdoor_telling;
DROP TRIGGER a_way_back_goes_with_consent ON nowrongdoor_mailbox;
DROP TRIGGER a_mailbox_comes_in_unread ON nowrongdoor_mailbox;
DROP TRIGGER what_was_read_stays_read ON nowrongdoor_mailbox_post;
DROP TRIGGER what_is_answered_was_asked ON nowrongdoor_mailbox_post;
DROP TRIGGER a_third_party_is_thanked_or_asked ON nowrongdoor_mailbox_post;
DROP TRIGGER an_agency_writes_in_its_own_name ON nowrongdoor_mailbox_post;
DROP TRIGGER an_agency_that_senders_write_to_is_succeeded ON nowrongdoor_agency;
DROP TRIGGER a_mailbox_is_handed_over_along_a_closing ON nowrongdoor_mailbox;
DROP TRIGGER a_contact_is_read_once_by_its_agency ON nowrongdoor_mailbox;
DROP TRIGGER what_a_sender_asked_stays ON nowrongdoor_mailbox;
DROP TRIGGER only_its_sender_takes_back_consent ON nowrongdoor_mailbox;
DROP TRIGGER a_mailbox_is_of_what_was_sent_to_its_agency ON nowrongdoor_mailbox;
DROP TRIGGER a_mailbox_is_opened_with_its_signal ON nowrongdoor_mailbox;
DROP FUNCTION nowrongdoor_end_telling_of_sender;
DROP FUNCTION nowrongdoor_tell_of_sender;
DROP FUNCTION nowrongdoor_told_of_sender;
DROP FUNCTION nowrongdoor_is_open_to_visitor;
DROP FUNCTION nowrongdoor_answers;
DROP FUNCTION nowrongdoor_is_asked;
DROP FUNCTION nowrongdoor_stance;
DROP FUNCTION nowrongdoor_is_withdrawn;
DROP FUNCTION nowrongdoor_drop_way_back;
DROP FUNCTION nowrongdoor_has_senders;
DROP FUNCTION nowrongdoor_keep_mailbox;
DROP FUNCTION nowrongdoor_is_sent;
DROP FUNCTION nowrongdoor_visits;
"""
STAYS = """
DO $$
DECLARE
  mailboxes bigint := (SELECT count(*) FROM nowrongdoor_mailbox);
  unfinished bigint := (SELECT count(*) FROM nowrongdoor_unfinished);
BEGIN
  IF mailboxes + unfinished > 0 THEN
    RAISE EXCEPTION 'The release before has no place for % mailboxes of senders and % unfinished contacts. Stay, or restore '
      'a backup of that release.', mailboxes, unfinished;
  END IF;
END $$;
DELETE FROM nowrongdoor_notification WHERE kind IN ('sender_wrote', 'sender_waits');
"""
_KINDS = [
    *("offer_waits", "lead_came", "offer_accepted", "offer_declined", "offer_expired", "offer_to_backstop"),
    *("offer_undone", "case_closed", "case_reopened", "offer_unopened", "deadline_near", "nobody_on_call"),
    "mail_given_up",
]


class Migration(migrations.Migration):
    dependencies = [("nowrongdoor", "0032_records_desks")]
    operations = [
        migrations.CreateModel(
            name="Mailbox",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=nowrongdoor.agencies.models.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("reference", models.CharField(max_length=14, unique=True)),
                ("opener", models.BinaryField(max_length=32)),
                (
                    "stance",
                    models.CharField(
                        choices=[
                            ("person", "asks for help for themselves"),
                            ("proxy", "asks for help for somebody else"),
                            ("bystander", "saw something"),
                            ("official", "writes in an official role"),
                        ],
                        max_length=10,
                    ),
                ),
                ("language", models.CharField(max_length=10)),
                ("heard", models.CharField(blank=True, default="", max_length=10)),
                ("question", models.BinaryField(default=bytes)),
                ("answer", models.BinaryField(default=bytes)),
                ("opened_at", models.DateTimeField()),
                ("ends_at", models.DateTimeField()),
                ("read_at", models.DateTimeField(null=True)),
                ("withdrawn_at", models.DateTimeField(null=True)),
                ("erasure_asked_at", models.DateTimeField(null=True)),
                (
                    "agency",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="nowrongdoor.agency"
                    ),
                ),
                (
                    "signal",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="nowrongdoor.signal"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=["opener"], name="a_receipt_opens_one_mailbox"),
                    models.CheckConstraint(
                        condition=models.Q(("stance__in", ["person", "proxy", "bystander", "official"])),
                        name="a_mailbox_is_of_a_known_kind",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("ends_at__gt", models.F("opened_at")),
                            (
                                "ends_at__lte",
                                django.db.models.expressions.CombinedExpression(
                                    models.F("opened_at"), "+", models.Value(datetime.timedelta(days=365))
                                ),
                            ),
                        ),
                        name="a_mailbox_ends_within_a_year",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("answer", b""), ("question", b"")),
                            models.Q(
                                models.Q(("question", b""), _negated=True), models.Q(("answer", b""), _negated=True)
                            ),
                            _connector="OR",
                        ),
                        name="a_safety_question_has_its_answer",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("question", b""), ("stance", "person"), _connector="OR"),
                        name="only_a_person_learns_more",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Post",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=nowrongdoor.agencies.models.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("message", "Message"),
                            ("question", "Question"),
                            ("thanks", "Thanks"),
                            ("answer", "Answer"),
                            ("correction", "Correction"),
                            ("withdrawal", "Consent withdrawn"),
                            ("erasure", "Request to erase"),
                        ],
                        max_length=10,
                    ),
                ),
                ("words", models.BinaryField(default=bytes)),
                ("at", models.DateTimeField()),
                ("read_at", models.DateTimeField(null=True)),
                (
                    "agency",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="nowrongdoor.agency"
                    ),
                ),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "mailbox",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="posts", to="nowrongdoor.mailbox"
                    ),
                ),
                (
                    "read_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "to",
                    models.ForeignKey(
                        db_column="to_id",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="nowrongdoor.post",
                    ),
                ),
            ],
            options={
                "db_table": "nowrongdoor_mailbox_post",
                "indexes": [
                    models.Index(fields=["mailbox", "at", "id"], name="post_of_mailbox"),
                    models.Index(
                        condition=models.Q(("by", None), ("read_at", None)),
                        fields=["mailbox", "at"],
                        name="post_unread",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("by", None), ("kind__in", ["message", "answer", "correction", "withdrawal", "erasure"])
                            ),
                            models.Q(("by__isnull", False), ("kind__in", ["message", "question", "thanks"])),
                            _connector="OR",
                        ),
                        name="each_side_writes_its_kinds",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("kind__in", ["thanks", "withdrawal", "erasure"]), ("words", b"")),
                            models.Q(
                                ("kind__in", ["message", "question", "answer", "correction"]),
                                models.Q(("words", b""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="what_is_written_has_words",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("kind", "answer"), ("to__isnull", False)),
                            models.Q(models.Q(("kind", "answer"), _negated=True), ("to", None)),
                            _connector="OR",
                        ),
                        name="an_answer_is_to_a_question",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("read_at", None), ("read_at__gte", models.F("at")), _connector="OR"),
                        name="what_is_read_is_read_later",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("by", None), ("read_at", None), ("read_by", None)),
                            models.Q(("by", None), ("read_at__isnull", False), ("read_by__isnull", False)),
                            models.Q(("by__isnull", False), ("read_by", None)),
                            _connector="OR",
                        ),
                        name="a_senders_words_are_read_by_somebody",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Unfinished",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=nowrongdoor.agencies.models.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("opener", models.BinaryField(max_length=32)),
                ("words", models.BinaryField()),
                ("kept_at", models.DateTimeField()),
                ("ends_at", models.DateTimeField()),
            ],
            options={
                "indexes": [models.Index(fields=["ends_at", "id"], name="unfinished_ends")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("words", b""), _negated=True), name="what_is_unfinished_has_words"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("ends_at__gt", models.F("kept_at")),
                            (
                                "ends_at__lte",
                                django.db.models.expressions.CombinedExpression(
                                    models.F("kept_at"), "+", models.Value(datetime.timedelta(days=7))
                                ),
                            ),
                        ),
                        name="what_is_unfinished_ends_within_a_week",
                    ),
                    models.UniqueConstraint(fields=["opener"], name="a_receipt_keeps_one_unfinished"),
                ],
            },
        ),
        migrations.RemoveConstraint("notification", "a_notification_has_a_known_kind"),
        migrations.AddConstraint(
            "notification",
            models.CheckConstraint(
                name="a_notification_has_a_known_kind",
                condition=models.Q(kind__in=[*_KINDS, "sender_wrote", "sender_waits"]),
            ),
        ),
        migrations.RemoveConstraint("notification", "a_notification_of_a_case_names_it"),
        migrations.AddConstraint(
            "notification",
            models.CheckConstraint(
                name="a_notification_of_a_case_names_it",
                condition=models.Q(case__isnull=False)
                | models.Q(
                    kind__in=["deadline_near", "nobody_on_call", "mail_given_up", "sender_wrote", "sender_waits"]
                ),
            ),
        ),
        migrations.RunSQL(GUARDS + TOLD, UNGUARD),
        migrations.RunSQL(migrations.RunSQL.noop, STAYS),
    ]
