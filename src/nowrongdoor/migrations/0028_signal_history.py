"""What a signal says from now on, by whoever took it, with the words before; and who called back.

Expand only: the release before shows a signal as it was taken. The way back is closed while there is a correction or a
returned call: the older schema has no place for them.
"""

from __future__ import annotations

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import nowrongdoor.agencies.models

GUARDS = """
ALTER TABLE nowrongdoor_signal_correction
  ADD CONSTRAINT signal_correction_narrative_is_sealed
  CHECK (length(narrative) = 0 OR (get_byte(narrative, 0) = 1 AND length(narrative) > 29)),
  ADD CONSTRAINT signal_correction_because_is_sealed
  CHECK (length(because) = 0 OR (get_byte(because, 0) = 1 AND length(because) > 29)),
  ADD CONSTRAINT a_correction_is_of_ones_own_signal
  FOREIGN KEY (signal_id, agency_id) REFERENCES nowrongdoor_signal (id, receiver_id);
ALTER TABLE nowrongdoor_returned_call ADD CONSTRAINT a_call_is_returned_by_who_took_it_in
  FOREIGN KEY (signal_id, agency_id) REFERENCES nowrongdoor_signal (id, receiver_id);
CREATE FUNCTION nowrongdoor_took(signal uuid, person uuid) RETURNS boolean LANGUAGE plpgsql STABLE
  SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  RETURN EXISTS (SELECT FROM nowrongdoor_signal WHERE id = signal AND taken_by_id = person);
END $$;
CREATE TRIGGER a_signal_is_corrected_by_who_took_it AFTER INSERT ON nowrongdoor_signal_correction FOR EACH ROW
  WHEN (NOT nowrongdoor_took(NEW.signal_id, NEW.by_id))
  EXECUTE FUNCTION nowrongdoor_refuse('a signal is corrected by whoever took it');
"""
UNGUARD = """
DROP TRIGGER a_signal_is_corrected_by_who_took_it ON nowrongdoor_signal_correction;
DROP FUNCTION nowrongdoor_took;
ALTER TABLE nowrongdoor_signal_correction DROP CONSTRAINT a_correction_is_of_ones_own_signal;
ALTER TABLE nowrongdoor_returned_call DROP CONSTRAINT a_call_is_returned_by_who_took_it_in;
"""
STAYS = """
DO $$
DECLARE
  corrections bigint := (SELECT count(*) FROM nowrongdoor_signal_correction);
  calls bigint := (SELECT count(*) FROM nowrongdoor_returned_call);
BEGIN
  IF corrections + calls > 0 THEN
    RAISE EXCEPTION 'The release before has no place for % corrections of signals and % returned calls. Stay, or restore a '
      'backup of that release.', corrections, calls;
  END IF;
END $$;
"""


def identity() -> models.UUIDField:
    """Return the primary key of a row."""
    return models.UUIDField(
        default=nowrongdoor.agencies.models.new_id, editable=False, primary_key=True, serialize=False
    )


def to(model: str, name: str = "+") -> models.ForeignKey:
    """Return a foreign key; `name`: by which the other row finds it, if at all."""
    return models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name=name, to=model)


class Migration(migrations.Migration):
    dependencies = [("nowrongdoor", "0027_telling")]
    operations = [
        migrations.CreateModel(
            name="SignalCorrection",
            fields=[
                ("id", identity()),
                ("number", models.PositiveIntegerField()),
                ("narrative", models.BinaryField()),
                ("because", models.BinaryField()),
                ("is_error", models.BooleanField()),
                ("at", models.DateTimeField()),
                ("agency", to("nowrongdoor.agency")),
                ("by", to(settings.AUTH_USER_MODEL)),
                ("signal", to("nowrongdoor.signal", "corrections")),
            ],
            options={
                "db_table": "nowrongdoor_signal_correction",
                "constraints": [
                    models.UniqueConstraint(
                        fields=["signal", "number"], name="a_correction_of_a_signal_has_its_number"
                    ),
                    models.CheckConstraint(name="a_correction_of_a_signal_says_why", condition=~models.Q(because=b"")),
                    models.CheckConstraint(
                        name="a_signal_entered_in_error_says_nothing",
                        condition=models.Q(is_error=False) | models.Q(narrative=b""),
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ReturnedCall",
            fields=[
                ("id", identity()),
                (
                    "result",
                    models.CharField(
                        choices=[
                            ("reached", "Talked with them"),
                            ("nobody", "Nobody answered"),
                            ("other", "Somebody else answered"),
                        ],
                        max_length=10,
                    ),
                ),
                ("at", models.DateTimeField()),
                ("agency", to("nowrongdoor.agency")),
                ("by", to(settings.AUTH_USER_MODEL)),
                ("signal", to("nowrongdoor.signal")),
            ],
            options={
                "db_table": "nowrongdoor_returned_call",
                "constraints": [
                    models.CheckConstraint(
                        name="a_returned_call_came_to_something",
                        condition=models.Q(result__in=["reached", "nobody", "other"]),
                    )
                ],
            },
        ),
        migrations.RunSQL(GUARDS, UNGUARD),
        migrations.RunSQL(migrations.RunSQL.noop, STAYS),
    ]
