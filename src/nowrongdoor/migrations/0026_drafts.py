"""Drafts of signals, each sealed with a key of its own that goes when the draft goes.

Expand only: the release before makes no draft, and its keys end as they did. The way back is closed while anybody is
still writing: the older schema has no place for a draft.
"""

from __future__ import annotations

import datetime

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

# What ends a key: of a case and its signals, an approved disposal; of a draft, that there is no draft any more.
KEEP_KEY = """
CREATE OR REPLACE FUNCTION nowrongdoor_keep_key() RETURNS trigger LANGUAGE plpgsql
  SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  of_case uuid;
BEGIN
  IF TG_TABLE_NAME = 'nowrongdoor_person_token' THEN
    SELECT case_id INTO of_case FROM nowrongdoor_person WHERE id = OLD.person_id;
  {drafts}ELSIF OLD."of" = 'case' THEN
    of_case := OLD.subject_id;
  ELSE
    SELECT case_id INTO of_case FROM nowrongdoor_case_signal WHERE signal_id = OLD.subject_id;
  END IF;
  PERFORM FROM nowrongdoor_case WHERE id = of_case FOR UPDATE;
  IF NOT EXISTS (SELECT FROM nowrongdoor_disposal WHERE case_id = of_case AND approved_at IS NOT NULL
                  AND stopped_at IS NULL AND destroyed = 0) THEN
    RAISE EXCEPTION 'a key is destroyed only by a disposal that a second person approved'
      USING ERRCODE = 'check_violation', CONSTRAINT = TG_NAME, TABLE = TG_TABLE_NAME;
  END IF;
  IF EXISTS (SELECT FROM nowrongdoor_hold WHERE case_id = of_case AND lifted_at IS NULL) THEN
    RAISE EXCEPTION 'a case on hold keeps its keys'
      USING ERRCODE = 'check_violation', CONSTRAINT = TG_NAME, TABLE = TG_TABLE_NAME;
  END IF;
  RETURN OLD;
END $$;
"""
OF_DRAFTS = """ELSIF OLD."of" = 'draft' THEN
    IF EXISTS (SELECT FROM nowrongdoor_draft WHERE id = OLD.subject_id) THEN
      RAISE EXCEPTION 'the key of a draft is destroyed with its draft'
        USING ERRCODE = 'check_violation', CONSTRAINT = TG_NAME, TABLE = TG_TABLE_NAME;
    END IF;
    RETURN OLD;
  """
GUARDS = """
ALTER TABLE nowrongdoor_draft ADD CONSTRAINT draft_words_is_sealed
  CHECK (length(words) = 0 OR (get_byte(words, 0) = 1 AND length(words) > 29));
CREATE FUNCTION nowrongdoor_end_key_of_draft() RETURNS trigger LANGUAGE plpgsql
  SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  DELETE FROM public.nowrongdoor_datakey WHERE subject_id = OLD.id AND "of" = 'draft';
  RETURN NULL;
END $$;
CREATE TRIGGER the_key_of_a_draft_goes_with_it AFTER DELETE ON nowrongdoor_draft
  FOR EACH ROW EXECUTE FUNCTION nowrongdoor_end_key_of_draft();
"""
UNGUARD = """
DROP TRIGGER the_key_of_a_draft_goes_with_it ON nowrongdoor_draft;
DROP FUNCTION nowrongdoor_end_key_of_draft();
"""
STAYS = """
DO $$
DECLARE
  drafts bigint := (SELECT count(*) FROM nowrongdoor_draft);
BEGIN
  IF drafts > 0 THEN
    RAISE EXCEPTION 'The release before has no place for % drafts of signals. Save or erase them, wait until they end, or '
      'restore a backup of that release.', drafts;
  END IF;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("nowrongdoor", "0025_outcomes")]
    operations = [
        migrations.CreateModel(
            name="Draft",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("words", models.BinaryField()),
                ("version", models.PositiveIntegerField()),
                ("begun_at", models.DateTimeField()),
                ("saved_at", models.DateTimeField()),
                ("ends_at", models.DateTimeField()),
                (
                    "agency",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="nowrongdoor.agency"
                    ),
                ),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["ends_at", "id"], name="draft_ends")],
                "constraints": [
                    models.CheckConstraint(name="a_draft_holds_words", condition=~models.Q(words=b"")),
                    models.CheckConstraint(
                        name="a_draft_ends_within_a_week",
                        condition=models.Q(
                            ends_at__gt=models.F("saved_at"),
                            ends_at__lte=models.F("saved_at") + datetime.timedelta(days=7),
                        ),
                    ),
                ],
            },
        ),
        migrations.AlterField(
            "datakey",
            "of",
            models.CharField(choices=[("case", "a case"), ("signal", "a signal"), ("draft", "a draft")], max_length=10),
        ),
        migrations.RunSQL(KEEP_KEY.replace("{drafts}", OF_DRAFTS), KEEP_KEY.replace("{drafts}", "")),
        migrations.RunSQL(GUARDS, UNGUARD),
        migrations.RunSQL(migrations.RunSQL.noop, STAYS),
    ]
