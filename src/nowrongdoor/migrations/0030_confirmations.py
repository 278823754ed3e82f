"""A report that a law requires is complete with the confirmation of whoever received it.

Expand only: the release before writes no confirmation, and what it marked as notified stays so. The way back is closed
while there is a confirmation: the older schema has no place for it.
"""

from __future__ import annotations

from django.db import migrations, models

GUARDS = """
ALTER TABLE nowrongdoor_duty ADD CONSTRAINT duty_confirmation_is_sealed
  CHECK (length(confirmation) = 0 OR (get_byte(confirmation, 0) = 1 AND length(confirmation) > 29));
CREATE TRIGGER a_report_by_law_is_confirmed_outside AFTER UPDATE ON nowrongdoor_duty FOR EACH ROW
  WHEN (OLD.done_at IS NULL AND NEW.done_at IS NOT NULL AND NEW.by_hand AND NEW.basis = 'statute'
        AND length(NEW.confirmation) = 0)
  EXECUTE FUNCTION nowrongdoor_refuse('a report that a law requires is complete with a confirmation from outside');
"""
UNGUARD = """
DROP TRIGGER a_report_by_law_is_confirmed_outside ON nowrongdoor_duty;
ALTER TABLE nowrongdoor_duty DROP CONSTRAINT duty_confirmation_is_sealed;
"""
STAYS = """
DO $$
DECLARE
  confirmations bigint := (SELECT count(*) FROM nowrongdoor_duty WHERE length(confirmation) > 0);
BEGIN
  IF confirmations > 0 THEN
    RAISE EXCEPTION 'The release before has no place for % confirmations of reports. Stay, or restore a backup of that '
      'release.', confirmations;
  END IF;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("nowrongdoor", "0029_hold_at_charge")]
    operations = [
        migrations.AddField("duty", "confirmation", models.BinaryField(default=bytes, db_default=b"")),
        migrations.AddConstraint(
            "duty",
            models.CheckConstraint(
                name="only_a_notice_told_by_hand_is_confirmed",
                condition=models.Q(confirmation=b"") | models.Q(by_hand=True, done_at__isnull=False),
            ),
        ),
        migrations.RunSQL(GUARDS, UNGUARD),
        migrations.RunSQL(migrations.RunSQL.noop, STAYS),
    ]
