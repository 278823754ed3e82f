"""Periods of taking part, who may read a note or a file, and functions that read no table of a caller's own.

Expand only: the unique key of `participant` stays, because web processes of the release before join agencies by it. So
a period that ended is put into a table of its own in the moment in which the agency takes part again.
"""

from __future__ import annotations

import django.db.models.deletion
from django.db import migrations, models

# No table, function or operator that a caller makes stands in for ours, whatever the caller's search path.
HARDENED = (
    *("keep_handoff", "keep_receiver", "keep_prevalence_run", "tell_handoff", "tell_duty", "refuse", "transaction"),
    *("open_tenure", "turn_tenure", "begin_seal", "ready_seal", "close_seal", "keep_key"),
)
AS_RELEASED = "open_tenure", "turn_tenure", "begin_seal", "ready_seal", "close_seal", "keep_key"
HARDEN = "\n".join(
    f"ALTER FUNCTION nowrongdoor_{name}() SET search_path = pg_catalog, public, pg_temp;" for name in HARDENED
)
SOFTEN = "\n".join(
    f"ALTER FUNCTION nowrongdoor_{name}() SET search_path = public, pg_temp;"
    if name in AS_RELEASED
    else f"ALTER FUNCTION nowrongdoor_{name}() RESET search_path;"
    for name in HARDENED
)
GUARDS = """
-- What an agency takes part in again, it took part in before: the earlier period is kept, and a new one begins.
CREATE FUNCTION nowrongdoor_keep_earlier_part() RETURNS trigger LANGUAGE plpgsql
  SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  INSERT INTO public.nowrongdoor_earlier_part (case_id, agency_id, relation, from_at, to_at)
    VALUES (OLD.case_id, OLD.agency_id, OLD.relation, OLD.from_at, greatest(OLD.from_at, OLD.to_at));
  IF NEW.from_at = OLD.from_at AND OLD.from_at < OLD.to_at THEN  -- the release before does not say when it begins
    NEW.from_at := now();
  END IF;
  NEW.from_at := greatest(NEW.from_at, OLD.from_at, OLD.to_at);  -- even where a clock was set back
  RETURN NEW;
END $$;
CREATE TRIGGER a_part_taken_again_keeps_its_earlier_period BEFORE UPDATE ON nowrongdoor_participant FOR EACH ROW
  WHEN (OLD.to_at IS NOT NULL AND NEW.to_at IS NULL) EXECUTE FUNCTION nowrongdoor_keep_earlier_part();
CREATE TRIGGER a_part_begins_once AFTER UPDATE ON nowrongdoor_participant FOR EACH ROW
  WHEN (NEW.from_at <> OLD.from_at AND (OLD.to_at IS NULL OR NEW.to_at IS NOT NULL OR NEW.from_at < OLD.to_at))
  EXECUTE FUNCTION nowrongdoor_refuse('when an agency began to take part is not rewritten');
CREATE TRIGGER a_part_that_ended_stays_ended AFTER UPDATE ON nowrongdoor_participant FOR EACH ROW
  WHEN (OLD.to_at IS NOT NULL AND NEW.to_at IS NOT NULL AND NEW.to_at <> OLD.to_at)
  EXECUTE FUNCTION nowrongdoor_refuse('when an agency ceased to take part is not rewritten');
CREATE TRIGGER a_part_begins_open AFTER INSERT ON nowrongdoor_participant FOR EACH ROW
  WHEN (NEW.to_at IS NOT NULL) EXECUTE FUNCTION nowrongdoor_refuse('an agency takes part before it ceases to');
-- An agency leaves by itself, or by the word of one that steers the case: at the end of the transaction, in which whoever
-- ends another's part may become the lead.
CREATE FUNCTION nowrongdoor_keep_part() RETURNS trigger LANGUAGE plpgsql
  SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  IF NOT public.nowrongdoor_steers(NEW.case_id) THEN
    RAISE EXCEPTION 'an agency that was only asked or told ends the part of no other'
      USING ERRCODE = 'check_violation', CONSTRAINT = TG_NAME, TABLE = TG_TABLE_NAME;
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER a_part_is_ended_by_who_has_it_or_steers AFTER UPDATE ON nowrongdoor_participant
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
  WHEN (OLD.to_at IS NULL AND NEW.to_at IS NOT NULL
        AND NOT nowrongdoor_in_house() AND NOT nowrongdoor_for_me(NEW.agency_id))
  EXECUTE FUNCTION nowrongdoor_keep_part();

-- Whoever keeps the people of an agency switches them on and off; the words they sign in with are their own.
CREATE TRIGGER a_password_is_chosen_by_its_person AFTER UPDATE ON nowrongdoor_user FOR EACH ROW
  WHEN (NEW.password <> OLD.password AND coalesce(current_setting('nwd.house', true), '') = ''
        AND NOT nowrongdoor_is_me(NEW.id))
  EXECUTE FUNCTION nowrongdoor_refuse('a password is chosen by the person who signs in with it');

-- Decisions are written by the system alone, and its row policy says so (access/policies.py).
DROP TRIGGER a_case_is_decided_by_who_takes_part ON nowrongdoor_decision;
DROP FUNCTION nowrongdoor_takes_part(uuid);
"""
UNGUARD = """
DO $$ DECLARE
  lost bigint := (SELECT count(*) FROM nowrongdoor_earlier_part);
BEGIN
  IF lost > 0 THEN
    RAISE EXCEPTION 'The release before has no place for % earlier periods in which agencies took part in cases. '
      'Going back would lose them: stay, or restore a backup of that release.', lost;
  END IF;
END $$;
CREATE FUNCTION nowrongdoor_takes_part(of_case uuid) RETURNS boolean LANGUAGE plpgsql STABLE
  SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  RETURN EXISTS (SELECT FROM nowrongdoor_case WHERE id = of_case
                  AND (nowrongdoor_for_me(lead_id) OR nowrongdoor_for_me(received_by_id)))
    OR EXISTS (SELECT FROM nowrongdoor_participant WHERE case_id = of_case AND to_at IS NULL
                AND nowrongdoor_for_me(agency_id));
END $$;
CREATE TRIGGER a_case_is_decided_by_who_takes_part AFTER INSERT ON nowrongdoor_decision FOR EACH ROW
  WHEN (NOT nowrongdoor_in_house() AND NOT nowrongdoor_takes_part(NEW.case_id))
  EXECUTE FUNCTION nowrongdoor_refuse('a case is decided by the system, or by an agency that takes part in it');
DROP TRIGGER a_password_is_chosen_by_its_person ON nowrongdoor_user;
DROP TRIGGER a_part_is_ended_by_who_has_it_or_steers ON nowrongdoor_participant;
DROP FUNCTION nowrongdoor_keep_part();
DROP TRIGGER a_part_begins_open ON nowrongdoor_participant;
DROP TRIGGER a_part_that_ended_stays_ended ON nowrongdoor_participant;
DROP TRIGGER a_part_begins_once ON nowrongdoor_participant;
DROP TRIGGER a_part_taken_again_keeps_its_earlier_period ON nowrongdoor_participant;
DROP FUNCTION nowrongdoor_keep_earlier_part();
"""


class Migration(migrations.Migration):
    dependencies = [("nowrongdoor", "0009_facts")]

    operations = [
        migrations.CreateModel(
            name="EarlierPart",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("relation", models.CharField(max_length=10)),
                ("from_at", models.DateTimeField()),
                ("to_at", models.DateTimeField()),
                (
                    "agency",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.DO_NOTHING, related_name="+", to="nowrongdoor.agency"
                    ),
                ),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="earlier_parts",
                        to="nowrongdoor.case",
                    ),
                ),
            ],
            options={
                "db_table": "nowrongdoor_earlier_part",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("to_at__gte", models.F("from_at"))), name="a_part_ends_after_it_began"
                    )
                ],
            },
        ),
        # No case leads to the people in it: only the rooms that pyproject.toml names do. Nothing is done to data.
        migrations.AlterField(
            "person",
            "case",
            models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="nowrongdoor.case"),
        ),
        migrations.AddField("note", "scope", models.UUIDField(null=True)),
        migrations.AddField("casefile", "scope", models.UUIDField(null=True)),
        *(
            migrations.AddConstraint(
                model,
                models.CheckConstraint(
                    condition=models.Q(("scope", None), ("audience", "team"), _connector="OR"),
                    name=f"a_{word}_with_a_scope_is_for_a_team",
                ),
            )
            for model, word in (("note", "note"), ("casefile", "file"))
        ),
        migrations.AddConstraint(
            "participant",
            models.CheckConstraint(
                condition=models.Q(("relation__in", ["received", "led", "offered", "told"])),
                name="a_part_has_a_known_relation",
            ),
        ),
        migrations.RunSQL(GUARDS, UNGUARD),
        migrations.RunSQL(HARDEN, SOFTEN),
    ]
