"""Checks that came to null for some rows, which lets everything through: each says yes or no now."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("nowrongdoor", "0039_overdue"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="duty",
            name="a_duty_is_about_what_its_kind_may_be_about",
        ),
        migrations.RemoveConstraint(
            model_name="entry",
            name="the_entry_of_a_lead_is_its_case",
        ),
        migrations.RemoveConstraint(
            model_name="run",
            name="a_prevalence_run_ends_in_one_way",
        ),
        migrations.AddConstraint(
            model_name="duty",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind__in", ["notice", "deadline", "request", "answer"]), _negated=True),
                    models.Q(("kind", "notice"), ("thing", ""), ("case__isnull", False)),
                    models.Q(
                        ("kind", "answer"),
                        ("thing", "handoff"),
                        ("thing_id", models.F("id")),
                        ("thing_id__isnull", False),
                        ("case__isnull", False),
                    ),
                    models.Q(
                        ("kind__in", ["deadline", "request"]),
                        models.Q(("case__isnull", False), models.Q(("thing", ""), _negated=True), _connector="OR"),
                    ),
                    _connector="OR",
                ),
                name="a_duty_is_about_what_its_kind_may_be_about",
            ),
        ),
        migrations.AddConstraint(
            model_name="entry",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind", "lead"), _negated=True),
                    models.Q(("case", models.F("id")), ("case__isnull", False), ("due_at", None)),
                    _connector="OR",
                ),
                name="the_entry_of_a_lead_is_its_case",
            ),
        ),
        migrations.AddConstraint(
            model_name="run",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("figures__isnull", True),
                        ("pictures__isnull", True),
                        ("refused", None),
                        ("report__isnull", True),
                        ("ended_at", None),
                        ("failed", ""),
                    ),
                    models.Q(
                        ("figures__isnull", True),
                        ("pictures__isnull", True),
                        ("refused", None),
                        ("report__isnull", True),
                        ("ended_at__isnull", False),
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
        ),
    ]
