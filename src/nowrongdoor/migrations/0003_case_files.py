"""Files of a case: sealed in rows of their own, within the limit, and as large as they say."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import nowrongdoor.agencies.models

# A sealed column holds a sealed text or nothing, as in promises.sql; sealing adds 29 bytes (version, nonce, tag), so the
# limit on the size holds for what is stored. What is sealed cannot be compressed: PostgreSQL need not try.
PROMISES = """
ALTER TABLE nowrongdoor_case_file
  ADD CONSTRAINT case_file_label_is_sealed
  CHECK (length(label) = 0 OR (get_byte(label, 0) = 1 AND length(label) > 29)),
  ADD CONSTRAINT case_file_content_is_sealed
  CHECK (length(content) = 0 OR (get_byte(content, 0) = 1 AND length(content) > 29)),
  ADD CONSTRAINT a_file_is_as_large_as_it_says CHECK (length(content) = size + 29),
  ALTER COLUMN content SET STORAGE EXTERNAL;
"""
UNDO = """
ALTER TABLE nowrongdoor_case_file
  ALTER COLUMN content SET STORAGE EXTENDED,
  DROP CONSTRAINT a_file_is_as_large_as_it_says,
  DROP CONSTRAINT case_file_content_is_sealed,
  DROP CONSTRAINT case_file_label_is_sealed;
"""


class Migration(migrations.Migration):
    dependencies = [("nowrongdoor", "0002_promises")]
    operations = [
        migrations.CreateModel(
            name="CaseFile",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=nowrongdoor.agencies.models.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("at", models.DateTimeField()),
                (
                    "audience",
                    models.CharField(
                        choices=[("agency", "my agency only"), ("team", "everybody on this case")], max_length=10
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("pdf", "PDF"),
                            ("png", "PNG picture"),
                            ("jpg", "JPEG picture"),
                            ("txt", "plain text"),
                            ("csv", "CSV table"),
                            ("xlsx", "Excel workbook"),
                            ("docx", "Word document"),
                        ],
                        max_length=10,
                    ),
                ),
                ("size", models.PositiveIntegerField()),
                ("label", models.BinaryField()),
                ("content", models.BinaryField()),
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
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="files", to="nowrongdoor.case"
                    ),
                ),
            ],
            options={
                "db_table": "nowrongdoor_case_file",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("label", b""), _negated=True), name="a_file_says_what_it_is"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["pdf", "png", "jpg", "txt", "csv", "xlsx", "docx"])),
                        name="a_file_is_of_a_kind_that_comes_in",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("size__gt", 0), ("size__lte", 20000000)), name="a_file_is_within_the_limit"
                    ),
                ],
            },
        ),
        migrations.RunSQL(PROMISES, UNDO),
    ]
