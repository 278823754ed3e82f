"""The protocol library, and reports to law enforcement.

Expand only: the release before knows none of these tables, and makes no key of a protocol. The way back is closed while
anything is in them: the older schema has no place for it.
"""

from __future__ import annotations

import datetime

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import nowrongdoor.agencies.models

GUARDS = """
ALTER TABLE nowrongdoor_protocol
  ADD CONSTRAINT protocol_contact_is_sealed
  CHECK (length(contact) = 0 OR (get_byte(contact, 0) = 1 AND length(contact) > 29));
ALTER TABLE nowrongdoor_report
  ADD CONSTRAINT report_words_is_sealed
  CHECK (length(words) = 0 OR (get_byte(words, 0) = 1 AND length(words) > 29)),
  ADD CONSTRAINT report_danger_because_is_sealed
  CHECK (length(danger_because) = 0 OR (get_byte(danger_because, 0) = 1 AND length(danger_because) > 29)),
  ADD CONSTRAINT report_comment_is_sealed
  CHECK (length(comment) = 0 OR (get_byte(comment, 0) = 1 AND length(comment) > 29));
ALTER TABLE nowrongdoor_report_sending
  ADD CONSTRAINT report_sending_recipient_is_sealed
  CHECK (length(recipient) = 0 OR (get_byte(recipient, 0) = 1 AND length(recipient) > 29)),
  ADD CONSTRAINT report_sending_confirmation_is_sealed
  CHECK (length(confirmation) = 0 OR (get_byte(confirmation, 0) = 1 AND length(confirmation) > 29)),
  ADD CONSTRAINT report_sending_confirmed_name_is_sealed
  CHECK (length(confirmed_name) = 0 OR (get_byte(confirmed_name, 0) = 1 AND length(confirmed_name) > 29));

-- The library: proved and retired in one's own name; what changed is proved anew.
CREATE TRIGGER a_recipient_is_proved_in_ones_own_name AFTER INSERT OR UPDATE OF proved_at, proved_by_id, prove_again_at
  ON nowrongdoor_protocol FOR EACH ROW
  WHEN (NEW.proved_by_id IS NOT NULL AND NOT nowrongdoor_signs(NEW.proved_by_id, NEW.agency_id))
  EXECUTE FUNCTION nowrongdoor_refuse('a recipient is proved by somebody of its agency, who looks');
CREATE TRIGGER a_changed_recipient_is_proved_anew AFTER UPDATE ON nowrongdoor_protocol FOR EACH ROW
  WHEN ((OLD.contact, OLD.immigration) IS DISTINCT FROM (NEW.contact, NEW.immigration)
        AND NEW.proved_at IS NOT NULL AND NEW.proved_at IS NOT DISTINCT FROM OLD.proved_at)
  EXECUTE FUNCTION nowrongdoor_refuse('a recipient that was changed is not proved until somebody asks there again');
CREATE TRIGGER a_recipient_is_retired_in_ones_own_name AFTER INSERT OR UPDATE OF retired_at, retired_by_id
  ON nowrongdoor_protocol FOR EACH ROW
  WHEN (NEW.retired_by_id IS NOT NULL AND NOT nowrongdoor_signs(NEW.retired_by_id, NEW.agency_id))
  EXECUTE FUNCTION nowrongdoor_refuse('a recipient is retired by somebody of its agency, who looks');
CREATE TRIGGER a_retired_recipient_stays_as_it_was AFTER UPDATE ON nowrongdoor_protocol FOR EACH ROW
  WHEN (OLD.retired_at IS NOT NULL)
  EXECUTE FUNCTION nowrongdoor_refuse('a recipient that was retired stays as it was');
CREATE FUNCTION nowrongdoor_is_proved(which uuid, day timestamptz) RETURNS boolean LANGUAGE plpgsql STABLE
  SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  RETURN EXISTS (SELECT FROM nowrongdoor_protocol WHERE id = which AND proved_at <= day AND prove_again_at > day);
END $$;
CREATE FUNCTION nowrongdoor_is_in_library(which uuid, agency uuid) RETURNS boolean LANGUAGE plpgsql STABLE
  SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  RETURN EXISTS (SELECT FROM nowrongdoor_protocol WHERE id = which AND agency_id = agency AND retired_at IS NULL);
END $$;

-- Reports: who wrote these very words, and who else read them. The next function and `nowrongdoor_may_leave` are volatile
-- and one locks, so that words which change while a report leaves wait, and then see that it left.
CREATE FUNCTION nowrongdoor_report_left(which uuid) RETURNS boolean LANGUAGE plpgsql VOLATILE
  SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  RETURN EXISTS (SELECT FROM nowrongdoor_report_sending WHERE report_id = which);
END $$;
CREATE FUNCTION nowrongdoor_coordinates(person uuid) RETURNS boolean LANGUAGE plpgsql STABLE
  SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  RETURN EXISTS (SELECT FROM nowrongdoor_user WHERE id = person AND role = 'coordinator');
END $$;
CREATE TRIGGER a_report_begins_unreviewed_in_its_writers_words AFTER INSERT ON nowrongdoor_report FOR EACH ROW
  WHEN (NEW.version <> 1 OR NEW.words_by_id <> NEW.by_id OR NEW.words_at <> NEW.at OR NEW.reviewed_at IS NOT NULL
        OR NEW.returned_at IS NOT NULL OR NEW.comment <> '')
  EXECUTE FUNCTION nowrongdoor_refuse('a report begins unreviewed, in the words of whoever writes it');
CREATE TRIGGER a_report_is_for_a_recipient_of_the_library AFTER INSERT OR UPDATE OF protocol_id ON nowrongdoor_report
  FOR EACH ROW WHEN (NOT nowrongdoor_is_in_library(NEW.protocol_id, NEW.agency_id))
  EXECUTE FUNCTION nowrongdoor_refuse('a report is for a recipient that its agency keeps');
CREATE TRIGGER changed_words_are_a_new_version AFTER UPDATE ON nowrongdoor_report FOR EACH ROW
  WHEN (NEW.version <> OLD.version + ((OLD.words, OLD.protocol_id) <> (NEW.words, NEW.protocol_id))::integer)
  EXECUTE FUNCTION nowrongdoor_refuse('other words, or another recipient, are a new version, and nothing else is');
CREATE TRIGGER whoever_changes_the_words_signs AFTER UPDATE ON nowrongdoor_report FOR EACH ROW
  WHEN ((OLD.words, OLD.protocol_id) <> (NEW.words, NEW.protocol_id)
        AND NOT nowrongdoor_signs(NEW.words_by_id, NEW.agency_id))
  EXECUTE FUNCTION nowrongdoor_refuse('words are changed by somebody of the agency, who looks');
CREATE TRIGGER who_wrote_the_words_stays_with_them AFTER UPDATE ON nowrongdoor_report FOR EACH ROW
  WHEN ((OLD.words, OLD.protocol_id) = (NEW.words, NEW.protocol_id)
        AND (OLD.words_by_id, OLD.words_at) IS DISTINCT FROM (NEW.words_by_id, NEW.words_at))
  EXECUTE FUNCTION nowrongdoor_refuse('who wrote the words, and when, changes with the words alone');
CREATE TRIGGER a_report_is_reviewed_by_a_supervisor AFTER UPDATE ON nowrongdoor_report FOR EACH ROW
  WHEN (NEW.reviewed_at IS NOT NULL
        AND (OLD.reviewed_at, OLD.reviewed_by_id, OLD.reviewed_version)
            IS DISTINCT FROM (NEW.reviewed_at, NEW.reviewed_by_id, NEW.reviewed_version)
        AND NOT (nowrongdoor_signs(NEW.reviewed_by_id, NEW.agency_id) AND nowrongdoor_coordinates(NEW.reviewed_by_id)))
  EXECUTE FUNCTION nowrongdoor_refuse('a report is reviewed by a coordinator of its agency, who looks');
CREATE TRIGGER a_review_stays_while_its_words_do AFTER UPDATE ON nowrongdoor_report FOR EACH ROW
  WHEN (OLD.reviewed_at IS NOT NULL AND OLD.version = NEW.version
        AND (OLD.reviewed_at, OLD.reviewed_by_id, OLD.reviewed_version)
            IS DISTINCT FROM (NEW.reviewed_at, NEW.reviewed_by_id, NEW.reviewed_version))
  EXECUTE FUNCTION nowrongdoor_refuse('a review stays as long as the words that it is of');
CREATE TRIGGER a_report_is_returned_by_a_supervisor AFTER UPDATE ON nowrongdoor_report FOR EACH ROW
  WHEN (NEW.returned_at IS NOT NULL
        AND (OLD.returned_at, OLD.returned_by_id) IS DISTINCT FROM (NEW.returned_at, NEW.returned_by_id)
        AND NOT (nowrongdoor_signs(NEW.returned_by_id, NEW.agency_id) AND nowrongdoor_coordinates(NEW.returned_by_id)
                 AND NEW.returned_by_id NOT IN (NEW.by_id, NEW.words_by_id)))
  EXECUTE FUNCTION nowrongdoor_refuse('a report is returned by a coordinator who did not write it, who looks');
CREATE TRIGGER what_was_returned_is_written_anew AFTER UPDATE ON nowrongdoor_report FOR EACH ROW
  WHEN (OLD.returned_at IS NOT NULL AND OLD.version = NEW.version
        AND (OLD.returned_at, OLD.returned_by_id) IS DISTINCT FROM (NEW.returned_at, NEW.returned_by_id))
  EXECUTE FUNCTION nowrongdoor_refuse('a report that was returned stays so until somebody changes it');
CREATE TRIGGER what_a_reviewer_said_is_said_by_a_reviewer AFTER UPDATE ON nowrongdoor_report FOR EACH ROW
  WHEN (OLD.comment <> NEW.comment
        AND NOT (NEW.reviewed_at IS NOT NULL AND NEW.reviewed_at IS DISTINCT FROM OLD.reviewed_at)
        AND NOT (NEW.returned_at IS NOT NULL AND NEW.returned_at IS DISTINCT FROM OLD.returned_at))
  EXECUTE FUNCTION nowrongdoor_refuse('what a reviewer said changes with a review, or as a report is returned');
CREATE TRIGGER what_was_sent_is_not_changed AFTER UPDATE ON nowrongdoor_report FOR EACH ROW
  WHEN ((OLD.words, OLD.protocol_id, OLD.in_danger, OLD.danger_because, OLD.review_due_at)
            IS DISTINCT FROM (NEW.words, NEW.protocol_id, NEW.in_danger, NEW.danger_because, NEW.review_due_at)
        AND nowrongdoor_report_left(NEW.id))
  EXECUTE FUNCTION nowrongdoor_refuse('a report that left stays as it left');

-- Leaving: once these very words were reviewed, or at once where somebody is in danger.
CREATE FUNCTION nowrongdoor_may_leave(which uuid, leaves timestamptz) RETURNS boolean LANGUAGE plpgsql VOLATILE
  SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  PERFORM FROM nowrongdoor_report
    WHERE id = which AND words_at <= leaves AND (in_danger OR (reviewed_version = version AND reviewed_at <= leaves))
    FOR SHARE;
  RETURN FOUND;
END $$;
CREATE TRIGGER a_report_leaves_once_it_was_reviewed AFTER INSERT ON nowrongdoor_report_sending FOR EACH ROW
  WHEN (NOT nowrongdoor_may_leave(NEW.report_id, NEW.at))
  EXECUTE FUNCTION nowrongdoor_refuse('a report leaves once somebody else reviewed these words, or at once in danger');
CREATE FUNCTION nowrongdoor_is_reviewed_for(which uuid, recipient uuid) RETURNS boolean LANGUAGE plpgsql STABLE
  SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN  -- another choice of the same kind for the same place stands in for whom it was reviewed for
  RETURN EXISTS (
    SELECT FROM nowrongdoor_report r
      JOIN nowrongdoor_protocol p ON p.id = r.protocol_id
      JOIN nowrongdoor_protocol q
        ON q.kind = p.kind AND q.state = p.state AND lower(q.county) = lower(p.county) AND q.id = recipient
     WHERE r.id = which);
END $$;
CREATE FUNCTION nowrongdoor_is_urgent(which uuid) RETURNS boolean LANGUAGE plpgsql STABLE
  SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  RETURN EXISTS (SELECT FROM nowrongdoor_report WHERE id = which AND in_danger);
END $$;
CREATE TRIGGER a_report_leaves_to_whom_it_was_reviewed_for AFTER INSERT ON nowrongdoor_report_sending FOR EACH ROW
  WHEN (NOT nowrongdoor_is_urgent(NEW.report_id) AND NOT nowrongdoor_is_reviewed_for(NEW.report_id, NEW.protocol_id))
  EXECUTE FUNCTION nowrongdoor_refuse('a report leaves to whom it was reviewed for, or to another choice there');
CREATE TRIGGER a_report_leaves_to_a_recipient_of_the_library AFTER INSERT ON nowrongdoor_report_sending FOR EACH ROW
  WHEN (NOT nowrongdoor_is_in_library(NEW.protocol_id, NEW.agency_id))
  EXECUTE FUNCTION nowrongdoor_refuse('a report leaves to a recipient that its agency keeps');
CREATE TRIGGER a_sending_says_whether_its_recipient_was_proved AFTER INSERT ON nowrongdoor_report_sending FOR EACH ROW
  WHEN (NEW.was_proved <> nowrongdoor_is_proved(NEW.protocol_id, NEW.at))
  EXECUTE FUNCTION nowrongdoor_refuse('a report says truly whether its recipient was proved when it left');
CREATE TRIGGER a_sending_is_confirmed_in_ones_own_name AFTER INSERT OR UPDATE OF confirmed_by_id
  ON nowrongdoor_report_sending FOR EACH ROW
  WHEN (NEW.confirmed_by_id IS NOT NULL AND NOT nowrongdoor_signs(NEW.confirmed_by_id, NEW.agency_id))
  EXECUTE FUNCTION nowrongdoor_refuse('a confirmation is noted by somebody of the agency, who looks');
CREATE TRIGGER a_confirmation_of_a_report_stays AFTER UPDATE ON nowrongdoor_report_sending FOR EACH ROW
  WHEN (OLD.confirmed_at IS NOT NULL)
  EXECUTE FUNCTION nowrongdoor_refuse('a confirmation stays as it came');
CREATE FUNCTION nowrongdoor_is_of_report(which uuid, agency uuid, of_case uuid, of_kind varchar) RETURNS boolean
  LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN  -- whether a report of this agency is about this case, by itself or by its signal, and left for this kind
  RETURN EXISTS (
    SELECT FROM nowrongdoor_report r
      JOIN nowrongdoor_report_sending s ON s.report_id = r.id
      JOIN nowrongdoor_protocol p ON p.id = s.protocol_id
     WHERE r.id = which AND r.agency_id = agency AND p.kind = of_kind
       AND (r.case_id IS NOT DISTINCT FROM of_case OR EXISTS (
             SELECT FROM nowrongdoor_case_signal cs WHERE cs.signal_id = r.signal_id AND cs.case_id = of_case)));
END $$;
CREATE TRIGGER an_outcome_is_of_a_report_that_left AFTER INSERT ON nowrongdoor_report_outcome FOR EACH ROW
  WHEN (NOT nowrongdoor_is_of_report(NEW.report_id, NEW.agency_id, NEW.case_id, NEW.kind))
  EXECUTE FUNCTION nowrongdoor_refuse('an outcome is of a report that left, and of the case that it is about');
-- What came of a report about a signal is for the agencies of its case, also where that began later.
CREATE FUNCTION nowrongdoor_bring_outcomes() RETURNS trigger LANGUAGE plpgsql
  SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  UPDATE nowrongdoor_report_outcome o SET case_id = NEW.case_id
    FROM nowrongdoor_report r WHERE r.id = o.report_id AND r.signal_id = NEW.signal_id AND o.case_id IS NULL;
  RETURN NULL;
END $$;
CREATE TRIGGER what_came_of_it_goes_with_the_signal AFTER INSERT ON nowrongdoor_case_signal
  FOR EACH ROW EXECUTE FUNCTION nowrongdoor_bring_outcomes();
"""
UNGUARD = """
DROP TRIGGER what_came_of_it_goes_with_the_signal ON nowrongdoor_case_signal;
DROP FUNCTION nowrongdoor_bring_outcomes;
DROP TRIGGER an_outcome_is_of_a_report_that_left ON nowrongdoor_report_outcome;
DROP TRIGGER a_confirmation_of_a_report_stays ON nowrongdoor_report_sending;
DROP TRIGGER a_sending_is_confirmed_in_ones_own_name ON nowrongdoor_report_sending;
DROP TRIGGER a_sending_says_whether_its_recipient_was_proved ON nowrongdoor_report_sending;
DROP TRIGGER a_report_leaves_to_whom_it_was_reviewed_for ON nowrongdoor_report_sending;
DROP TRIGGER a_report_leaves_to_a_recipient_of_the_library ON nowrongdoor_report_sending;
DROP TRIGGER a_report_leaves_once_it_was_reviewed ON nowrongdoor_report_sending;
DROP TRIGGER what_a_reviewer_said_is_said_by_a_reviewer ON nowrongdoor_report;
DROP TRIGGER what_was_returned_is_written_anew ON nowrongdoor_report;
DROP TRIGGER a_report_is_returned_by_a_supervisor ON nowrongdoor_report;
DROP TRIGGER what_was_sent_is_not_changed ON nowrongdoor_report;
DROP TRIGGER a_review_stays_while_its_words_do ON nowrongdoor_report;
DROP TRIGGER a_report_is_reviewed_by_a_supervisor ON nowrongdoor_report;
DROP TRIGGER who_wrote_the_words_stays_with_them ON nowrongdoor_report;
DROP TRIGGER whoever_changes_the_words_signs ON nowrongdoor_report;
DROP TRIGGER changed_words_are_a_new_version ON nowrongdoor_report;
DROP TRIGGER a_report_is_for_a_recipient_of_the_library ON nowrongdoor_report;
DROP TRIGGER a_report_begins_unreviewed_in_its_writers_words ON nowrongdoor_report;
DROP TRIGGER a_retired_recipient_stays_as_it_was ON nowrongdoor_protocol;
DROP TRIGGER a_recipient_is_retired_in_ones_own_name ON nowrongdoor_protocol;
DROP TRIGGER a_changed_recipient_is_proved_anew ON nowrongdoor_protocol;
DROP TRIGGER a_recipient_is_proved_in_ones_own_name ON nowrongdoor_protocol;
DROP FUNCTION nowrongdoor_is_of_report;
DROP FUNCTION nowrongdoor_is_urgent;
DROP FUNCTION nowrongdoor_is_reviewed_for;
DROP FUNCTION nowrongdoor_may_leave;
DROP FUNCTION nowrongdoor_coordinates;
DROP FUNCTION nowrongdoor_report_left;
DROP FUNCTION nowrongdoor_is_in_library;
DROP FUNCTION nowrongdoor_is_proved;
"""
STAYS = """
DO $$
DECLARE
  protocols bigint := (SELECT count(*) FROM nowrongdoor_protocol);
  reports bigint := (SELECT count(*) FROM nowrongdoor_report);
BEGIN
  IF protocols + reports > 0 THEN
    RAISE EXCEPTION 'The release before has no place for % recipients of reports and % reports. Stay, or restore a '
      'backup of that release.', protocols, reports;
  END IF;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("nowrongdoor", "0036_line")]
    operations = [
        migrations.AlterField(
            model_name="datakey",
            name="of",
            field=models.CharField(
                choices=[
                    ("case", "a case"),
                    ("signal", "a signal"),
                    ("draft", "a draft"),
                    ("demand", "a demand"),
                    ("contact", "a contact with the line"),
                    ("protocol", "a protocol"),
                ],
                max_length=10,
            ),
        ),
        migrations.CreateModel(
            name="Protocol",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=nowrongdoor.agencies.models.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("kind", models.CharField(max_length=20)),
                ("state", models.CharField(max_length=40)),
                ("county", models.CharField(blank=True, default="", max_length=60)),
                ("choice", models.PositiveSmallIntegerField(default=1)),
                (
                    "immigration",
                    models.CharField(choices=[("yes", "Yes"), ("no", "No"), ("unknown", "Not known")], max_length=10),
                ),
                ("contact", models.BinaryField()),
                ("at", models.DateTimeField()),
                ("proved_at", models.DateTimeField(null=True)),
                ("prove_again_at", models.DateTimeField(null=True)),
                ("retired_at", models.DateTimeField(null=True)),
                (
                    "agency",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="nowrongdoor.agency",
                    ),
                ),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "proved_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "retired_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("kind__regex", "^[a-z][a-z_]{0,19}$")),
                        name="a_recipient_is_of_a_kind_by_code",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("state", ""), _negated=True), name="a_recipient_has_its_place"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("contact", b""), _negated=True), name="a_recipient_has_a_contact"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("choice__gte", 1), ("choice__lte", 9)), name="a_recipient_is_asked_in_order"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("immigration__in", ["yes", "no", "unknown"])),
                        name="whether_a_recipient_cooperates_is_yes_no_or_unknown",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("prove_again_at", None), ("proved_at", None), ("proved_by", None)),
                            models.Q(
                                ("prove_again_at__gt", models.F("proved_at")),
                                ("prove_again_at__isnull", False),
                                (
                                    "prove_again_at__lte",
                                    django.db.models.expressions.CombinedExpression(
                                        models.F("proved_at"), "+", models.Value(datetime.timedelta(days=366))
                                    ),
                                ),
                                ("proved_at__isnull", False),
                                ("proved_by__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="a_recipient_is_proved_by_somebody_for_a_time",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("retired_at", None), ("retired_by", None)),
                            models.Q(("retired_at__isnull", False), ("retired_by__isnull", False)),
                            _connector="OR",
                        ),
                        name="a_recipient_is_retired_by_somebody",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("retired_at", None)),
                        fields=("agency", "state", "county", "kind", "choice"),
                        name="a_choice_is_of_one_recipient",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Report",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=nowrongdoor.agencies.models.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("edition", models.CharField(max_length=20)),
                ("words", models.BinaryField()),
                ("version", models.PositiveIntegerField(default=1)),
                ("since", models.DateTimeField()),
                ("at", models.DateTimeField()),
                ("words_at", models.DateTimeField()),
                ("in_danger", models.BooleanField(default=False)),
                ("danger_because", models.BinaryField(default=bytes)),
                ("review_due_at", models.DateTimeField(null=True)),
                ("reviewed_at", models.DateTimeField(null=True)),
                ("reviewed_version", models.PositiveIntegerField(null=True)),
                ("comment", models.BinaryField(default=bytes)),
                (
                    "agency",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="nowrongdoor.agency",
                    ),
                ),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "case",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="nowrongdoor.case"
                    ),
                ),
                (
                    "protocol",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="nowrongdoor.protocol"
                    ),
                ),
                ("returned_at", models.DateTimeField(null=True)),
                (
                    "returned_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "reviewed_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "signal",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="nowrongdoor.signal",
                    ),
                ),
                (
                    "words_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["agency", "-at", "id"], name="report_of_agency"),
                    models.Index(
                        condition=models.Q(("reviewed_at", None)),
                        fields=["agency", "review_due_at"],
                        name="report_unreviewed",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("case__isnull", False), ("signal", None)),
                            models.Q(("case", None), ("signal__isnull", False)),
                            _connector="OR",
                        ),
                        name="a_report_is_about_a_case_or_a_signal",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("words", b""), _negated=True), models.Q(("edition", ""), _negated=True)
                        ),
                        name="a_report_says_something",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("since__lte", models.F("at"))), name="a_report_is_written_after_the_contact"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("danger_because", b""), ("in_danger", False), ("review_due_at", None)),
                            models.Q(
                                ("in_danger", True),
                                ("review_due_at__gt", models.F("words_at")),
                                ("review_due_at__isnull", False),
                                (
                                    "review_due_at__lte",
                                    django.db.models.expressions.CombinedExpression(
                                        models.F("words_at"), "+", models.Value(datetime.timedelta(days=1))
                                    ),
                                ),
                                models.Q(("danger_because", b""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="a_report_in_danger_says_why_and_is_reviewed_within_a_day",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("reviewed_at", None), ("reviewed_by", None), ("reviewed_version", None)),
                            models.Q(
                                ("reviewed_at__gte", models.F("words_at")),
                                ("reviewed_at__isnull", False),
                                ("reviewed_by__isnull", False),
                                ("reviewed_version__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="a_report_is_reviewed_by_somebody",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("reviewed_version", None), ("reviewed_version", models.F("version")), _connector="OR"
                        ),
                        name="a_report_is_reviewed_as_it_reads",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("returned_at", None), ("returned_by", None)),
                            models.Q(
                                ("in_danger", False),
                                ("returned_at__gte", models.F("words_at")),
                                ("returned_at__isnull", False),
                                ("returned_by__isnull", False),
                                ("reviewed_at", None),
                            ),
                            _connector="OR",
                        ),
                        name="a_report_that_was_returned_waits_for_other_words",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("reviewed_by", None),
                            models.Q(
                                models.Q(("reviewed_by", models.F("by")), _negated=True),
                                models.Q(("reviewed_by", models.F("words_by")), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="nobody_reviews_their_own_report",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Outcome",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=nowrongdoor.agencies.models.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("kind", models.CharField(max_length=20)),
                (
                    "result",
                    models.CharField(
                        choices=[
                            ("received", "They’re looking at it"),
                            ("opened", "They opened an investigation"),
                            ("passed", "They passed it to another agency"),
                            ("reached", "They met the person"),
                            ("safe", "The person is safe"),
                            ("nothing", "They closed it without further steps"),
                            ("silent", "They didn’t answer"),
                        ],
                        max_length=10,
                    ),
                ),
                ("at", models.DateTimeField()),
                (
                    "agency",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="nowrongdoor.agency",
                    ),
                ),
                (
                    "by",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "case",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="nowrongdoor.case"
                    ),
                ),
                (
                    "report",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="outcomes", to="nowrongdoor.report"
                    ),
                ),
            ],
            options={
                "db_table": "nowrongdoor_report_outcome",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("result__in", ["received", "opened", "passed", "reached", "safe", "nothing", "silent"])
                        ),
                        name="a_report_came_to_something_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("kind__regex", "^[a-z][a-z_]{0,19}$")),
                        name="an_outcome_names_the_kind_of_recipient",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Sending",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=nowrongdoor.agencies.models.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("number", models.PositiveSmallIntegerField()),
                ("recipient", models.BinaryField()),
                ("was_proved", models.BooleanField()),
                (
                    "how",
                    models.CharField(
                        choices=[
                            ("phone", "By phone"),
                            ("email", "By email"),
                            ("portal", "On their website"),
                            ("fax", "By fax"),
                            ("person", "In person"),
                        ],
                        max_length=10,
                    ),
                ),
                ("at", models.DateTimeField()),
                ("confirmed_at", models.DateTimeField(null=True)),
                ("confirmation", models.BinaryField(default=bytes)),
                ("confirmed_name", models.BinaryField(default=bytes)),
                (
                    "agency",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="nowrongdoor.agency",
                    ),
                ),
                (
                    "by",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "confirmed_by",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "protocol",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="nowrongdoor.protocol",
                    ),
                ),
                (
                    "report",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="sendings",
                        to="nowrongdoor.report",
                    ),
                ),
            ],
            options={
                "db_table": "nowrongdoor_report_sending",
                "constraints": [
                    models.UniqueConstraint(fields=("report", "number"), name="a_sending_has_its_number"),
                    models.CheckConstraint(
                        condition=models.Q(("how__in", ["phone", "email", "portal", "fax", "person"])),
                        name="a_report_leaves_in_a_known_way",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("recipient", b""), _negated=True), name="a_sending_names_its_recipient"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("confirmation", b""),
                                ("confirmed_at", None),
                                ("confirmed_by", None),
                                ("confirmed_name", b""),
                            ),
                            models.Q(
                                ("confirmed_at__gte", models.F("at")),
                                ("confirmed_at__isnull", False),
                                ("confirmed_by__isnull", False),
                                models.Q(
                                    models.Q(("confirmation", b""), _negated=True),
                                    models.Q(("confirmed_name", b""), _negated=True),
                                    _connector="OR",
                                ),
                            ),
                            _connector="OR",
                        ),
                        name="a_report_is_confirmed_by_number_or_name",
                    ),
                ],
            },
        ),
        migrations.RunSQL(GUARDS, UNGUARD),
        migrations.RunSQL(migrations.RunSQL.noop, STAYS),
    ]
