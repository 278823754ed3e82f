"""Whose name stands on what, and keys that are only added (guards.sql)."""

import pathlib
import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import nowrongdoor.agencies.models

HERE = pathlib.Path(__file__).parent


class Migration(migrations.Migration):
    dependencies = [("nowrongdoor", "0004_prevalence")]
    operations = [
        migrations.AddField("datakey", "commitment", models.BinaryField(max_length=32, null=True)),
        migrations.AddField("rootkey", "commitment", models.BinaryField(max_length=32, null=True)),
        migrations.CreateModel(
            name="Closing",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=nowrongdoor.agencies.models.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("at", models.DateTimeField()),
                ("given_up_at", models.DateTimeField(null=True)),
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
                    "into",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="nowrongdoor.agency",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("given_up_at", None)),
                        fields=("agency",),
                        name="an_agency_closes_one_way_at_a_time",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("agency", models.F("into")), _negated=True),
                        name="no_agency_closes_into_itself",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="KeyVersion",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("version", models.PositiveIntegerField()),
                ("wrapped", models.BinaryField()),
                ("commitment", models.BinaryField(max_length=32)),
                (
                    "root",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="versions",
                        to="nowrongdoor.rootkey",
                    ),
                ),
                (
                    "subject",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="versions",
                        to="nowrongdoor.datakey",
                    ),
                ),
            ],
            options={
                "db_table": "nowrongdoor_datakey_version",
                "constraints": [
                    models.UniqueConstraint(fields=("subject", "version"), name="a_version_of_a_key_comes_once")
                ],
            },
        ),
        migrations.RunSQL(
            (HERE / "guards.sql").read_text(encoding="utf-8"),
            (HERE / "guards_undo.sql").read_text(encoding="utf-8"),
        ),
    ]
