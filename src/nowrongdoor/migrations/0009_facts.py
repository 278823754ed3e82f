"""Each mandate table keeps the facts that it asks about, and is in force only with those that it was proved on.

The facts of the tables kept so far are those that releases 0.1.0 and 0.2.0 asked about, from a copy that stays as it is:
0009_facts.toml and 0009_words.toml. `files` and `digest` stay as they were released."""

from __future__ import annotations

import hashlib
import json
import pathlib
import tomllib

from django.db import migrations, models

HERE = pathlib.Path(__file__).parent
FACTS = (HERE / "0009_facts.toml").read_text(encoding="utf-8")
WORDS = (HERE / "0009_words.toml").read_text(encoding="utf-8")
# As `mandates.actions` writes it: what can be answered, of which the digest is made, and the files that say it.
RELEASED = {
    "asked": [[fact["name"], [*fact["values"], "unknown"]] for fact in tomllib.loads(FACTS)["fact"]],
    "files": {"facts.toml": FACTS, "words/en.toml": WORDS},
}
LITERAL = json.dumps(RELEASED).replace("'", "''")
ASKED = hashlib.sha256(json.dumps(RELEASED["asked"]).encode()).hexdigest()  # as in 0007
# The defaults are for code of 0.2.0 that still runs while this is applied, and adds a table without facts and without
# their digest; the first migration of the next release drops them.
PROMISE = f"""
ALTER TABLE nowrongdoor_mandate_table ALTER COLUMN facts SET DEFAULT '{LITERAL}'::jsonb;
ALTER TABLE nowrongdoor_mandate_table ALTER COLUMN facts_digest SET DEFAULT '{ASKED}';
ALTER TABLE nowrongdoor_mandate_table ADD CONSTRAINT a_table_in_force_keeps_the_facts_it_was_proved_on
  CHECK (NOT in_force OR facts_digest IS NOT DISTINCT FROM
         encode(sha256(convert_to((facts -> 'asked')::text, 'UTF8')), 'hex'));
"""
# The schema before this has no place for other facts than those: such a table is said, and nothing is taken back.
STAYS = f"""
DO $$
DECLARE others bigint;
BEGIN
  SELECT count(*) INTO others FROM nowrongdoor_mandate_table
   WHERE encode(sha256(convert_to((facts -> 'asked')::text, 'UTF8')), 'hex') IS DISTINCT FROM '{ASKED}';
  IF others > 0 THEN
    RAISE EXCEPTION 'Mandate tables that ask about other facts than the release before: %. It has no place for them, '
      'so the schema stays as it is. Keep this version, or restore a backup from before.', others
      USING ERRCODE = 'object_not_in_prerequisite_state';
  END IF;
END $$;
"""  # noqa: S608  constants above
# A table that was only kept, as every shipped one is on the way up, decided nothing: it goes, and is added again.
GOES = f"""
DELETE FROM nowrongdoor_mandate_table t
 WHERE NOT t.in_force AND NOT EXISTS (SELECT FROM nowrongdoor_ruling r WHERE r.table_id = t.id)
   AND encode(sha256(convert_to((t.facts -> 'asked')::text, 'UTF8')), 'hex') IS DISTINCT FROM '{ASKED}';
"""  # noqa: S608  constants above
UNDO = f"""
{GOES}
{STAYS}
ALTER TABLE nowrongdoor_mandate_table DROP CONSTRAINT a_table_in_force_keeps_the_facts_it_was_proved_on;
ALTER TABLE nowrongdoor_mandate_table ALTER COLUMN facts DROP DEFAULT;
ALTER TABLE nowrongdoor_mandate_table ALTER COLUMN facts_digest SET DEFAULT '';
"""


class Migration(migrations.Migration):
    dependencies = [("nowrongdoor", "0008_names")]
    operations = [
        migrations.AddField("mandatetable", "facts", models.JSONField(default=RELEASED), preserve_default=False),
        migrations.RunSQL([(PROMISE, None)], UNDO),
    ]
