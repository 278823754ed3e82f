"""Which country an installation is for, one and for good. Every installation until now was made for the United States."""

from __future__ import annotations

from django.db import migrations, models

# A database that holds agencies was made by an earlier release, which knew one country.
KNOWN = """
INSERT INTO nowrongdoor_country (code, alone, chosen_at)
SELECT 'US', true, now() WHERE EXISTS (SELECT FROM nowrongdoor_agency)
"""
# The release before serves the United States alone: cases of another country would be shown as if they were theirs.
STAYS = """
DO $$
DECLARE other text;
BEGIN
  SELECT code INTO other FROM nowrongdoor_country WHERE code <> 'US';
  IF other IS NOT NULL THEN
    RAISE EXCEPTION 'This database is that of another country (%). The release before knows the United States alone, '
      'so the schema stays as it is. Keep this version, or restore a backup from before.', other
      USING ERRCODE = 'object_not_in_prerequisite_state';
  END IF;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("nowrongdoor", "0013_enforcing_kinds")]
    operations = [
        migrations.CreateModel(
            name="Country",
            fields=[
                ("code", models.CharField(max_length=2, primary_key=True, serialize=False)),
                ("alone", models.BooleanField(default=True)),
                ("chosen_at", models.DateTimeField()),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(condition=models.Q(alone=True), name="the_country_is_the_only_one"),
                    models.UniqueConstraint(fields=["alone"], name="an_installation_has_one_country"),
                ]
            },
        ),
        migrations.RunSQL(KNOWN, STAYS),
    ]
