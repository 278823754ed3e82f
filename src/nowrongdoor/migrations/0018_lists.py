"""The worklist as a table of its own, kept by the database, and who has what on it; and a person's saved searches.

Expand only. Triggers write a row for every open duty and every open case that an agency leads, so code of the release
before, which knows nothing of it, goes on beside this one. The way back is closed while anybody was given anything or
saved a search: the older schema has no place for either.
"""

from __future__ import annotations

import datetime
import pathlib

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.comparison
from django.conf import settings
from django.db import migrations, models

import nowrongdoor.agencies.models

HERE = pathlib.Path(__file__).parent


class Migration(migrations.Migration):
    dependencies = [
        ("nowrongdoor", "0017_languages"),
    ]

    operations = [
        migrations.CreateModel(
            name="Entry",
            fields=[
                ("id", models.UUIDField(editable=False, primary_key=True, serialize=False)),
                ("kind", models.CharField(max_length=12)),
                ("since", models.DateTimeField()),
                ("due_at", models.DateTimeField(null=True)),
                ("state", models.CharField(max_length=40)),
                ("district", models.CharField(max_length=40)),
                ("urgency", models.CharField(max_length=40)),
                (
                    "matters",
                    django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=80), size=None),
                ),
                ("given_at", models.DateTimeField(null=True)),
                (
                    "comes_at",
                    models.GeneratedField(
                        db_persist=True,
                        expression=django.db.models.functions.comparison.Coalesce(
                            models.F("due_at"),
                            models.Value(datetime.datetime(9999, 12, 31, 0, 0, tzinfo=datetime.UTC)),
                        ),
                        output_field=models.DateTimeField(),
                    ),
                ),
                (
                    "rank",
                    models.GeneratedField(
                        db_persist=True,
                        expression=models.Case(
                            models.When(then=models.Value(0), urgency="immediate_danger"),
                            models.When(then=models.Value(1), urgency="within_24h"),
                            models.When(then=models.Value(2), urgency="none"),
                            default=models.Value(3),
                        ),
                        output_field=models.SmallIntegerField(),
                    ),
                ),
                (
                    "agency",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="nowrongdoor.agency",
                    ),
                ),
                (
                    "case",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="nowrongdoor.case",
                    ),
                ),
                (
                    "from_agency",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="nowrongdoor.agency",
                    ),
                ),
                (
                    "given_by",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "only_for",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        fields=["agency", "comes_at", "id"],
                        include=(
                            "kind",
                            "rank",
                            "state",
                            "district",
                            "matters",
                            "since",
                            "from_agency",
                            "person",
                            "case",
                            "only_for",
                        ),
                        name="entry_due",
                    ),
                    models.Index(fields=["agency", "since", "id"], name="entry_since"),
                    models.Index(fields=["agency", "rank", "comes_at", "id"], name="entry_urgent"),
                    models.Index(fields=["agency", "kind", "comes_at", "id"], name="entry_kind"),
                    models.Index(fields=["agency", "state", "comes_at", "id"], name="entry_place"),
                    models.Index(
                        condition=models.Q(("person__isnull", False)),
                        fields=["person", "comes_at", "id"],
                        name="entry_of_person",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["notice", "deadline", "request", "task", "answer", "lead"])),
                        name="an_entry_is_a_duty_or_a_lead",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("kind", "lead"), _negated=True),
                            models.Q(("case", models.F("id")), ("due_at", None)),
                            _connector="OR",
                        ),
                        name="the_entry_of_a_lead_is_its_case",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("given_at", None), ("given_by", None), ("person", None)),
                            models.Q(
                                ("given_at__isnull", False), ("given_by__isnull", False), ("person__isnull", False)
                            ),
                            _connector="OR",
                        ),
                        name="an_entry_is_given_by_somebody",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("only_for", None), ("person", None), ("person", models.F("only_for")), _connector="OR"
                        ),
                        name="what_a_person_owes_is_given_to_nobody_else",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="SavedSearch",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=nowrongdoor.agencies.models.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("at", models.DateTimeField()),
                ("query", models.CharField(max_length=500)),
                (
                    "agency",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="nowrongdoor.agency",
                    ),
                ),
                (
                    "by",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "db_table": "nowrongdoor_saved_search",
                "constraints": [
                    models.UniqueConstraint(fields=("by", "query"), name="a_search_is_saved_once"),
                    models.CheckConstraint(
                        condition=models.Q(("query", ""), _negated=True), name="a_saved_search_looks_for_something"
                    ),
                ],
            },
        ),
        migrations.RunSQL(
            (HERE / "lists.sql").read_text(encoding="utf-8"), (HERE / "lists_undo.sql").read_text(encoding="utf-8")
        ),
    ]
