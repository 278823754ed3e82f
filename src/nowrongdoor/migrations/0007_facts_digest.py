"""Each mandate table says on which facts it was proved, and only one proved on its own facts is in force. An agency that
nobody can answer for is passed over, and that is written down."""

from django.db import migrations, models

# What releases 0.1.0 and 0.2.0 asked: the digest of the names and codes of their questions (Vocabulary.digest). Their
# proofs do not name it.
RELEASED = "7f88be897e37b34668809deab3961bcfccadca037dd18c5bcc4c1ec9ba57282b"
PROVED_ON = f"coalesce(proof ->> 'facts_digest', '{RELEASED}')"
PROMISE = f"""
UPDATE nowrongdoor_mandate_table SET facts_digest = {PROVED_ON} WHERE proved_digest = digest;
ALTER TABLE nowrongdoor_mandate_table ADD CONSTRAINT a_table_in_force_is_proved_on_its_facts
  CHECK (NOT in_force OR facts_digest = {PROVED_ON});
"""  # noqa: S608  constants above
UNDO = "ALTER TABLE nowrongdoor_mandate_table DROP CONSTRAINT a_table_in_force_is_proved_on_its_facts;"
# As in guards.sql, with one more way for a mandated offer to begin: over as it was made. It gives nobody a lead.
KEEP_HANDOFF = """
CREATE OR REPLACE FUNCTION nowrongdoor_keep_handoff() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    IF NEW.state <> 'offered' AND NEW.kind IN ('mandate', 'request'){but} THEN
      RAISE EXCEPTION 'a hand-off of kind % starts as an offer', NEW.kind
      USING ERRCODE = 'check_violation', CONSTRAINT = TG_NAME, TABLE = TG_TABLE_NAME;
    END IF;
  ELSIF OLD.state <> 'offered' THEN
    RAISE EXCEPTION 'hand-off % is % and stays so', OLD.id, OLD.state
      USING ERRCODE = 'check_violation', CONSTRAINT = TG_NAME, TABLE = TG_TABLE_NAME;
  END IF;
  RETURN NEW;
END $$;
"""
PASSED_OVER = """
       AND NOT (NEW.kind = 'mandate' AND NEW.state = 'superseded'
                AND NEW.due_at = NEW.offered_at AND NEW.over_at = NEW.offered_at)"""


class Migration(migrations.Migration):
    dependencies = [("nowrongdoor", "0006_cache")]
    operations = [
        migrations.AddField(
            model_name="mandatetable",
            name="facts_digest",
            field=models.CharField(blank=True, db_default="", default="", max_length=64),
        ),
        migrations.RunSQL(PROMISE, UNDO),
        migrations.RunSQL(KEEP_HANDOFF.replace("{but}", PASSED_OVER), KEEP_HANDOFF.replace("{but}", "")),
    ]
