"""Who told us of a signal, and how to reach them safely: sealed with the signal, and dropped at its end.

Expand only: the release before writes no such row. The way back is closed while there is one: the older schema has no
place for it.
"""

from __future__ import annotations

import datetime

import django.db.models.deletion
from django.db import migrations, models

GUARDS = """
ALTER TABLE nowrongdoor_telling
  ADD CONSTRAINT telling_answers_is_sealed
  CHECK (length(answers) = 0 OR (get_byte(answers, 0) = 1 AND length(answers) > 29)),
  ADD CONSTRAINT telling_way_back_is_sealed
  CHECK (length(way_back) = 0 OR (get_byte(way_back, 0) = 1 AND length(way_back) > 29)),
  ADD CONSTRAINT a_telling_is_of_ones_own_signal
  FOREIGN KEY (signal_id, receiver_id) REFERENCES nowrongdoor_signal (id, receiver_id);
CREATE TRIGGER a_way_back_is_only_dropped AFTER UPDATE ON nowrongdoor_telling FOR EACH ROW
  WHEN (NEW.way_back <> '' AND (NEW.way_back <> OLD.way_back OR NEW.way_back_until > OLD.way_back_until))
  EXECUTE FUNCTION nowrongdoor_refuse('how to reach somebody is only dropped: it is never changed or made to last longer');
"""
STAYS = """
DO $$
DECLARE
  tellings bigint := (SELECT count(*) FROM nowrongdoor_telling);
BEGIN
  IF tellings > 0 THEN
    RAISE EXCEPTION 'The release before has no place for what was said of who told us of % signals, and of how to reach '
      'them. Stay, or restore a backup of that release.', tellings;
  END IF;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("nowrongdoor", "0026_drafts")]
    operations = [
        migrations.CreateModel(
            name="Telling",
            fields=[
                (
                    "signal",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="nowrongdoor.signal",
                    ),
                ),
                ("answers", models.BinaryField()),
                ("way_back", models.BinaryField()),
                ("way_back_until", models.DateTimeField(null=True)),
                ("at", models.DateTimeField()),
                (
                    "receiver",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="nowrongdoor.agency"
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(way_back_until__isnull=False),
                        fields=["way_back_until"],
                        name="way_back_ends",
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        name="a_way_back_has_its_end",
                        condition=models.Q(way_back=b"", way_back_until=None)
                        | (~models.Q(way_back=b"") & models.Q(way_back_until__isnull=False)),
                    ),
                    models.CheckConstraint(
                        name="a_way_back_ends_within_90_days",
                        condition=models.Q(way_back_until=None)
                        | models.Q(way_back_until__lte=models.F("at") + datetime.timedelta(days=90)),
                    ),
                ],
            },
        ),
        migrations.RunSQL(GUARDS, migrations.RunSQL.noop),
        migrations.RunSQL(migrations.RunSQL.noop, STAYS),
    ]
