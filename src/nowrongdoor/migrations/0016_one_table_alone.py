"""What 0.3.0 replaced and no longer uses: the tables `notice` and `clock`, the cache of 0.2.0, and what stood in for code
that said less.

Contract only: code of 0.3.0 goes on beside this, because it reads and writes none of it. Nothing is dropped while a
notice or deadline has no duty that says the same. The way back makes both tables anew, with every notice and deadline
there is by then. The cache's table is not among them: 0.2.0 makes it itself when it starts, and 0.3.0 never did.
"""

from __future__ import annotations

import importlib
import pathlib

from django.db import migrations

facts = importlib.import_module("nowrongdoor.migrations.0009_facts")
duties = importlib.import_module("nowrongdoor.migrations.0011_duties")

HERE = pathlib.Path(__file__).parent


def missing(table: str, columns: dict[str, str], condition: str) -> str:
    """Count the rows of an older table of which the duty says something else, or that have none."""
    return (
        f"SELECT count(*) FROM (SELECT id, {', '.join(columns)} FROM nowrongdoor_{table} EXCEPT "  # noqa: S608
        f"SELECT id, {', '.join(columns.values())} FROM nowrongdoor_duty o WHERE {condition}) AS m"
    )


ALIKE = f"""
DO $$
DECLARE
  lost bigint := ({missing("notice", duties.AS_NOTICE, "kind = 'notice'")})
               + ({missing("clock", duties.AS_CLOCK, duties.HAS_CLOCK)});
BEGIN
  IF lost > 0 THEN
    RAISE EXCEPTION 'The older tables hold % notices or deadlines that nowrongdoor_duty does not have as they are there. '
      'They would be lost, so nothing was changed. Something wrote past the triggers of 0.3.0: compare notice and clock '
      'with nowrongdoor_duty by id, and migrate again.', lost USING ERRCODE = 'object_not_in_prerequisite_state';
  END IF;
END $$;
"""
# Of 0011, what keeps the older tables alike; what writes an offer's answer stays.
TRIGGERS, _ = duties.TRIGGERS.split("-- An open offer owes its answer.")
FUNCTIONS, _ = duties.FUNCTIONS.split("\nCREATE FUNCTION nowrongdoor_answer_of_offer_insert")
NAMES = "duty_of_notice", "duty_of_clock", "as_released"
VERBS = "insert", "update"
UNTIED = """
DROP TRIGGER a_changed_duty_is_kept_as_released ON nowrongdoor_duty;
DROP TRIGGER a_duty_is_kept_as_released ON nowrongdoor_duty;
"""
FILLED = (
    "LOCK TABLE nowrongdoor_duty IN SHARE ROW EXCLUSIVE MODE;"  # whoever writes one waits for the triggers
    + duties.added("notice", duties.AS_NOTICE, "nowrongdoor_duty", "kind = 'notice'")
    + duties.added("clock", duties.AS_CLOCK, "nowrongdoor_duty", duties.HAS_CLOCK)
    + (HERE / "one_table_alone_undo.sql").read_text(encoding="utf-8")
    + TRIGGERS
)
# As in 0010, without what it does for code that does not say when an agency begins to take part again.
EARLIER_PART = """
CREATE OR REPLACE FUNCTION nowrongdoor_keep_earlier_part() RETURNS trigger LANGUAGE plpgsql
  SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  INSERT INTO public.nowrongdoor_earlier_part (case_id, agency_id, relation, from_at, to_at)
    VALUES (OLD.case_id, OLD.agency_id, OLD.relation, OLD.from_at, greatest(OLD.from_at, OLD.to_at));{unsaid}
  NEW.from_at := greatest(NEW.from_at, OLD.from_at, OLD.to_at);  -- even where a clock was set back
  RETURN NEW;
END $$;
"""
UNSAID = """
  IF NEW.from_at = OLD.from_at AND OLD.from_at < OLD.to_at THEN  -- the release before does not say when it begins
    NEW.from_at := now();
  END IF;"""
GONE = f"""
{"".join(f"DROP FUNCTION nowrongdoor_{name}_{verb}();" for name in NAMES for verb in VERBS)}
{EARLIER_PART.replace("{unsaid}", "")}
-- Code of 0.2.0 added a mandate table without its facts; 0.3.0 says them.
ALTER TABLE nowrongdoor_mandate_table ALTER COLUMN facts DROP DEFAULT, ALTER COLUMN facts_digest SET DEFAULT '';
-- Made by 0.2.0 when it started; installations that began with 0.3.0 have none.
DROP TABLE IF EXISTS django_cache;
"""
BACK = f"""
ALTER TABLE nowrongdoor_mandate_table ALTER COLUMN facts SET DEFAULT '{facts.LITERAL}'::jsonb,
  ALTER COLUMN facts_digest SET DEFAULT '{facts.ASKED}';
{EARLIER_PART.replace("{unsaid}", UNSAID)}
{FUNCTIONS}
"""


class Migration(migrations.Migration):
    dependencies = [("nowrongdoor", "0015_reached_and_arrived")]
    operations = [
        migrations.RunSQL(ALIKE, migrations.RunSQL.noop),
        migrations.RunSQL([(UNTIED, None)], [(FILLED, None)]),
        migrations.DeleteModel("Notice"),
        migrations.DeleteModel("Clock"),
        migrations.RunSQL([(GONE, None)], [(BACK, None)]),
    ]
