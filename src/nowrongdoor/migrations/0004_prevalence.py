"""Estimates that were asked for, and what came of them (prevalence.sql says what never changes)."""

import pathlib

import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import nowrongdoor.agencies.models

HERE = pathlib.Path(__file__).parent


class Migration(migrations.Migration):
    dependencies = [
        ("nowrongdoor", "0003_case_files"),
    ]

    operations = [
        migrations.CreateModel(
            name="Run",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=nowrongdoor.agencies.models.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("at", models.DateTimeField()),
                (
                    "lists",
                    django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=100), size=None),
                ),
                ("people", models.BigIntegerField()),
                ("table", models.TextField()),
                ("digest", models.CharField(max_length=64)),
                (
                    "method",
                    models.CharField(
                        choices=[
                            ("stepwise", "stepwise"),
                            ("bic", "bic"),
                            ("dga", "dga"),
                            ("independence", "independence"),
                        ],
                        max_length=20,
                    ),
                ),
                ("order", models.PositiveSmallIntegerField()),
                ("threshold", models.FloatField()),
                ("replicates", models.PositiveIntegerField()),
                ("seed", models.BigIntegerField()),
                ("version", models.CharField(default="", max_length=40)),
                ("ended_at", models.DateTimeField(null=True)),
                ("failed", models.TextField(default="")),
                ("cpu_seconds", models.FloatField(null=True)),
                ("estimate", models.FloatField(null=True)),
                ("low", models.FloatField(null=True)),
                ("high", models.FloatField(null=True)),
                ("refused", models.BooleanField(null=True)),
                ("headline", models.TextField(default="")),
                ("figures", models.JSONField(null=True)),
                ("report", models.JSONField(null=True)),
                ("pictures", models.JSONField(null=True)),
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
                    "overrides",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="nowrongdoor.run"
                    ),
                ),
            ],
            options={
                "db_table": "nowrongdoor_prevalence_run",
                "indexes": [models.Index(fields=["agency", "-at", "-id"], name="prevalence_runs_of_an_agency")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("ended_at", None),
                                ("failed", ""),
                                ("figures", None),
                                ("pictures", None),
                                ("refused", None),
                                ("report", None),
                            ),
                            models.Q(
                                ("ended_at__isnull", False),
                                ("figures", None),
                                ("pictures", None),
                                ("refused", None),
                                ("report", None),
                                models.Q(("failed", ""), _negated=True),
                            ),
                            models.Q(
                                ("ended_at__isnull", False),
                                ("failed", ""),
                                ("refused__isnull", False),
                                ("figures__isnull", False),
                                ("pictures__isnull", False),
                                ("report__isnull", False),
                                models.Q(("version", ""), _negated=True),
                                models.Q(("headline", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="a_prevalence_run_ends_in_one_way",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("digest__regex", "^[0-9a-f]{64}$")), name="a_prevalence_table_has_a_digest"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("lists__len__gte", 2), ("people__gte", 1)),
                        name="a_prevalence_run_has_two_lists_and_people",
                    ),
                ],
            },
        ),
        migrations.RunSQL(
            (HERE / "prevalence.sql").read_text(encoding="utf-8"),
            (HERE / "prevalence_undo.sql").read_text(encoding="utf-8"),
        ),
    ]
