"""What makes a hold necessary, and that it covers every case that was merged with the one it names.

Expand only: processes of the release before place holds for another reason. Merging reseals nothing, so the words of
one situation stay under the keys of several cases: a charge in one of them needs them all. The way back is closed while
a hold says for what it was placed: the older schema has no place for it.
"""

from __future__ import annotations

from django.db import migrations, models
from django.db.models import Q

KINDS = [
    ("charge", "Somebody was charged"),
    ("litigation", "Litigation is pending or expected"),
    ("subpoena", "A subpoena, a warrant, or another court order"),
    ("other", "Another reason, such as an inquiry or an audit"),
]
MERGED = """
CREATE FUNCTION nowrongdoor_merged_with(of_case uuid) RETURNS SETOF uuid LANGUAGE plpgsql STABLE
  SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  RETURN QUERY WITH RECURSIVE up AS (
    SELECT id, merged_into_id FROM nowrongdoor_case WHERE id = of_case
    UNION SELECT c.id, c.merged_into_id FROM nowrongdoor_case c JOIN up ON c.id = up.merged_into_id
  ), down AS (
    SELECT id FROM up WHERE merged_into_id IS NULL
    UNION SELECT c.id FROM nowrongdoor_case c JOIN down ON c.merged_into_id = down.id
  ) SELECT id FROM down;
END $$;
CREATE OR REPLACE FUNCTION nowrongdoor_is_held(of_case uuid) RETURNS boolean LANGUAGE plpgsql STABLE
  SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  RETURN EXISTS (SELECT FROM nowrongdoor_hold
                  WHERE lifted_at IS NULL AND case_id IN (SELECT * FROM nowrongdoor_merged_with(of_case)));
END $$;
"""
UNMERGED = """
CREATE OR REPLACE FUNCTION nowrongdoor_is_held(of_case uuid) RETURNS boolean LANGUAGE plpgsql STABLE
  SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  RETURN EXISTS (SELECT FROM nowrongdoor_hold WHERE case_id = of_case AND lifted_at IS NULL);
END $$;
DROP FUNCTION nowrongdoor_merged_with;
"""
# As in migration 0026, but for which cases are locked, and whose hold is asked.
KEEP_KEY = """
CREATE OR REPLACE FUNCTION nowrongdoor_keep_key() RETURNS trigger LANGUAGE plpgsql
  SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  of_case uuid;
BEGIN
  IF TG_TABLE_NAME = 'nowrongdoor_person_token' THEN
    SELECT case_id INTO of_case FROM nowrongdoor_person WHERE id = OLD.person_id;
  ELSIF OLD."of" = 'draft' THEN
    IF EXISTS (SELECT FROM nowrongdoor_draft WHERE id = OLD.subject_id) THEN
      RAISE EXCEPTION 'the key of a draft is destroyed with its draft'
        USING ERRCODE = 'check_violation', CONSTRAINT = TG_NAME, TABLE = TG_TABLE_NAME;
    END IF;
    RETURN OLD;
  ELSIF OLD."of" = 'case' THEN
    of_case := OLD.subject_id;
  ELSE
    SELECT case_id INTO of_case FROM nowrongdoor_case_signal WHERE signal_id = OLD.subject_id;
  END IF;
  PERFORM FROM nowrongdoor_case WHERE {which} FOR UPDATE;
  IF NOT EXISTS (SELECT FROM nowrongdoor_disposal WHERE case_id = of_case AND approved_at IS NOT NULL
                  AND stopped_at IS NULL AND destroyed = 0) THEN
    RAISE EXCEPTION 'a key is destroyed only by a disposal that a second person approved'
      USING ERRCODE = 'check_violation', CONSTRAINT = TG_NAME, TABLE = TG_TABLE_NAME;
  END IF;
  IF {held} THEN
    RAISE EXCEPTION 'a case on hold keeps its keys'
      USING ERRCODE = 'check_violation', CONSTRAINT = TG_NAME, TABLE = TG_TABLE_NAME;
  END IF;
  RETURN OLD;
END $$;
"""
OF_ALL = KEEP_KEY.format(
    which="id IN (SELECT * FROM nowrongdoor_merged_with(of_case)) ORDER BY id", held="nowrongdoor_is_held(of_case)"
)
OF_ONE = KEEP_KEY.format(
    which="id = of_case",
    held="EXISTS (SELECT FROM nowrongdoor_hold WHERE case_id = of_case AND lifted_at IS NULL)",
)
STAYS = """
DO $$
DECLARE
  holds bigint := (SELECT count(*) FROM nowrongdoor_hold WHERE kind <> 'other');
BEGIN
  IF holds > 0 THEN
    RAISE EXCEPTION 'The release before has no place for what % holds were placed for. Stay, or restore a backup of that '
      'release.', holds;
  END IF;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("nowrongdoor", "0028_signal_history")]
    operations = [
        migrations.AddField(
            "hold", "kind", models.CharField(choices=KINDS, db_default="other", default="other", max_length=12)
        ),
        migrations.AddConstraint(
            "hold",
            models.CheckConstraint(
                name="a_hold_is_of_a_known_kind",
                condition=Q(kind__in=["charge", "litigation", "subpoena", "other"]),
            ),
        ),
        migrations.RunSQL(MERGED, UNMERGED),
        migrations.RunSQL(OF_ALL, OF_ONE),
        migrations.RunSQL(migrations.RunSQL.noop, STAYS),
    ]
