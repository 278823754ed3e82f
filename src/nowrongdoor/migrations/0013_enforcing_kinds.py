"""Two kinds of agency more: State and local authorities, and those that enforce immigration law.

What a kind may do is a column made from it, so the columns are made anew. An agency keeps the kind that it had: gates
ask the mandate table for the kind of the body that a rule names.

On the way back, a table that was only kept, as every shipped one is on the way up, decided nothing: it goes, and is added
again. Otherwise the release before 0.3.0, which asks other facts, could not keep it (0009).
"""

from __future__ import annotations

import importlib

from django.db import migrations, models

facts = importlib.import_module("nowrongdoor.migrations.0009_facts")
kinds = importlib.import_module("nowrongdoor.migrations.0012_agency_kinds")

NEW = ("state_and_local", "immigration_enforcement")
KINDS = (kinds.KINDS[0], *NEW, *kinds.KINDS[1:])
TAKE_PART = KINDS[:-3]
LEAD = TAKE_PART[:-1]
KNOWN = "an_agency_has_a_known_kind"
GOES = f"""
DELETE FROM nowrongdoor_mandate_table t
 WHERE NOT t.in_force AND NOT EXISTS (SELECT FROM nowrongdoor_ruling r WHERE r.table_id = t.id)
   AND encode(sha256(convert_to((t.facts -> 'asked')::text, 'UTF8')), 'hex') IS DISTINCT FROM '{facts.ASKED}';
"""  # noqa: S608  a constant of the migration
STAYS = """
DO $$ DECLARE
  new bigint := (SELECT count(*) FROM nowrongdoor_agency WHERE kind IN ('state_and_local', 'immigration_enforcement'));
BEGIN
  IF new > 0 THEN
    RAISE EXCEPTION 'The older schema knows nothing of the kind of % agencies. Stay, or restore a backup of the release '
      'before.', new;
  END IF;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("nowrongdoor", "0012_agency_kinds")]
    operations = [
        migrations.RunSQL(migrations.RunSQL.noop, GOES + STAYS),
        migrations.RemoveConstraint("agency", KNOWN),
        migrations.AddConstraint(
            "agency", models.CheckConstraint(name=KNOWN, condition=models.Q(kind__in=list(KINDS)))
        ),
        *(
            operation
            for name, some in (("may_lead", LEAD), ("may_be_told", TAKE_PART), ("may_receive", LEAD))
            for operation in (
                migrations.RemoveField("agency", name),
                migrations.AddField("agency", name, kinds.may(some)),
            )
        ),
    ]
