"""Who is told: notifications, how people want them, the outbox that every message leaves by, who is on call, and passwords
that open a calendar.

Expand only. Triggers write what follows from a hand-off or a closing, so code of the release before, which knows nothing
of it, tells people too. The way back drops notifications and messages, which follow from the rest; it is closed while
people set anything that the older schema has no place for.
"""

from __future__ import annotations

import datetime
import pathlib

import django.core.validators
import django.db.models.deletion
import django.db.models.expressions
from django.conf import settings
from django.db import migrations, models

import nowrongdoor.agencies.models

HERE = pathlib.Path(__file__).parent


class Migration(migrations.Migration):
    dependencies = [
        ("nowrongdoor", "0020_invitations"),
    ]

    operations = [
        migrations.CreateModel(
            name="Message",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=nowrongdoor.agencies.models.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("channel", models.CharField(max_length=20)),
                ("kind", models.CharField(max_length=20)),
                ("at", models.DateTimeField()),
                ("due_at", models.DateTimeField()),
                ("tries", models.PositiveSmallIntegerField(default=0)),
                ("tried_at", models.DateTimeField(null=True)),
                ("problem", models.CharField(blank=True, default="", max_length=20)),
                ("over_at", models.DateTimeField(null=True)),
                ("outcome", models.CharField(blank=True, default="", max_length=20)),
                ("digest", models.BinaryField(default=bytes, max_length=32)),
                (
                    "agency",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="nowrongdoor.agency"
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Notification",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=nowrongdoor.agencies.models.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("kind", models.CharField(max_length=20)),
                ("thing_id", models.UUIDField()),
                ("about_at", models.DateTimeField()),
                ("at", models.DateTimeField()),
                ("seen_at", models.DateTimeField(null=True)),
                ("over_at", models.DateTimeField(null=True)),
                ("planned_at", models.DateTimeField(null=True)),
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
                    "message",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="nowrongdoor.message",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Preference",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=nowrongdoor.agencies.models.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "email",
                    models.CharField(
                        blank=True, default="", max_length=254, validators=[django.core.validators.EmailValidator()]
                    ),
                ),
                ("email_checked_at", models.DateTimeField(null=True)),
                ("offers", models.CharField(default="at_once", max_length=10)),
                ("answers", models.CharField(default="digest", max_length=10)),
                ("closings", models.CharField(default="digest", max_length=10)),
                ("reminders", models.CharField(default="at_once", max_length=10)),
                ("digest_at", models.PositiveSmallIntegerField(default=8)),
                ("quiet_from", models.PositiveSmallIntegerField(null=True)),
                ("quiet_to", models.PositiveSmallIntegerField(null=True)),
                ("at", models.DateTimeField()),
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
                    "person",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Rota",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=nowrongdoor.agencies.models.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
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
                (
                    "ended_by",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Shift",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=nowrongdoor.agencies.models.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("step", models.PositiveSmallIntegerField()),
                ("from_at", models.DateTimeField()),
                ("to_at", models.DateTimeField()),
                ("at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
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
                (
                    "person",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "rota",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="nowrongdoor.rota",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="AppPassword",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=nowrongdoor.agencies.models.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("scope", models.CharField(max_length=20)),
                ("digest", models.BinaryField(max_length=32, unique=True)),
                ("made_at", models.DateTimeField()),
                ("used_on", models.DateField(null=True)),
                ("revoked_at", models.DateTimeField(null=True)),
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
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "db_table": "nowrongdoor_app_password",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("scope__in", ["calendar"])), name="an_app_password_opens_one_thing"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("digest__length", 32)), name="an_app_password_is_kept_as_a_digest"
                    ),
                ],
            },
        ),
        migrations.AddIndex(
            model_name="message",
            index=models.Index(condition=models.Q(("over_at", None)), fields=["due_at", "id"], name="message_due"),
        ),
        migrations.AddIndex(
            model_name="message",
            index=models.Index(fields=["person", "at", "id"], name="message_of_person"),
        ),
        migrations.AddConstraint(
            model_name="message",
            constraint=models.CheckConstraint(
                condition=models.Q(("channel__in", ["email"])), name="a_message_goes_a_known_way"
            ),
        ),
        migrations.AddConstraint(
            model_name="message",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["news", "digest", "address_check"])), name="a_message_has_a_known_kind"
            ),
        ),
        migrations.AddConstraint(
            model_name="message",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "problem__in",
                        [
                            "",
                            "server_down",
                            "not_encrypted",
                            "certificate",
                            "sign_in_refused",
                            "sender_refused",
                            "recipient_refused",
                            "message_refused",
                            "put_off",
                            "server_error",
                        ],
                    )
                ),
                name="a_message_has_a_known_problem",
            ),
        ),
        migrations.AddConstraint(
            model_name="message",
            constraint=models.CheckConstraint(
                condition=models.Q(("outcome__in", ["", "delivered", "given_up", "needless"])),
                name="a_message_has_a_known_outcome",
            ),
        ),
        migrations.AddConstraint(
            model_name="message",
            constraint=models.CheckConstraint(
                condition=models.Q(("digest", b""), ("digest__length", 32), _connector="OR"),
                name="a_digest_has_32_bytes",
            ),
        ),
        migrations.AddConstraint(
            model_name="message",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("outcome", ""), ("over_at", None)),
                    models.Q(("over_at__isnull", False), models.Q(("outcome", ""), _negated=True)),
                    _connector="OR",
                ),
                name="a_message_is_over_somehow",
            ),
        ),
        migrations.AddConstraint(
            model_name="message",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("outcome", "delivered"), _negated=True),
                    models.Q(("tries__gt", 0), models.Q(("digest", b""), _negated=True)),
                    _connector="OR",
                ),
                name="what_was_delivered_was_tried",
            ),
        ),
        migrations.AddConstraint(
            model_name="message",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("outcome", "given_up"), _negated=True),
                    models.Q(("problem", ""), _negated=True),
                    _connector="OR",
                ),
                name="what_was_given_up_says_why",
            ),
        ),
        migrations.AddConstraint(
            model_name="message",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("channel", "email"), _negated=True), ("person__isnull", False), _connector="OR"
                ),
                name="an_email_goes_to_a_person",
            ),
        ),
        migrations.AddConstraint(
            model_name="message",
            constraint=models.UniqueConstraint(fields=("id", "person"), name="message_id_person"),
        ),
        migrations.AddIndex(
            model_name="notification",
            index=models.Index(fields=["person", "at", "id"], name="notification_of_person"),
        ),
        migrations.AddIndex(
            model_name="notification",
            index=models.Index(
                condition=models.Q(("over_at", None), ("seen_at", None)),
                fields=["person", "case"],
                name="notification_unseen",
            ),
        ),
        migrations.AddIndex(
            model_name="notification",
            index=models.Index(condition=models.Q(("planned_at", None)), fields=["id"], name="notification_unplanned"),
        ),
        migrations.AddConstraint(
            model_name="notification",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "kind__in",
                        [
                            "offer_waits",
                            "lead_came",
                            "offer_accepted",
                            "offer_declined",
                            "offer_expired",
                            "offer_to_backstop",
                            "offer_undone",
                            "case_closed",
                            "case_reopened",
                            "offer_unopened",
                            "deadline_near",
                            "nobody_on_call",
                            "mail_given_up",
                        ],
                    )
                ),
                name="a_notification_has_a_known_kind",
            ),
        ),
        migrations.AddConstraint(
            model_name="notification",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("case__isnull", False),
                    ("kind__in", ["deadline_near", "nobody_on_call", "mail_given_up"]),
                    _connector="OR",
                ),
                name="a_notification_of_a_case_names_it",
            ),
        ),
        migrations.AddConstraint(
            model_name="notification",
            constraint=models.UniqueConstraint(
                fields=("thing_id", "person", "kind", "about_at"), name="the_same_is_told_a_person_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="notification",
            constraint=models.CheckConstraint(
                condition=models.Q(("message", None), ("planned_at__isnull", False), _connector="OR"),
                name="what_leaves_was_planned",
            ),
        ),
        migrations.AddConstraint(
            model_name="notification",
            constraint=models.CheckConstraint(
                condition=models.Q(("planned_at", None), ("planned_at__gte", models.F("at")), _connector="OR"),
                name="nothing_is_planned_before_it_is_told",
            ),
        ),
        migrations.AddConstraint(
            model_name="preference",
            constraint=models.UniqueConstraint(fields=("person",), name="a_person_says_once_how_they_are_told"),
        ),
        migrations.AddConstraint(
            model_name="preference",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("answers__in", ["page", "at_once", "digest"]),
                    ("closings__in", ["page", "at_once", "digest"]),
                    ("offers__in", ["page", "at_once", "digest"]),
                    ("reminders__in", ["page", "at_once", "digest"]),
                ),
                name="a_person_is_told_in_a_known_way",
            ),
        ),
        migrations.AddConstraint(
            model_name="preference",
            constraint=models.CheckConstraint(
                condition=models.Q(("digest_at__lt", 24)), name="a_digest_comes_at_an_hour"
            ),
        ),
        migrations.AddConstraint(
            model_name="preference",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("quiet_from", None), ("quiet_to", None)),
                    models.Q(
                        ("quiet_from__isnull", False),
                        ("quiet_from__lt", 24),
                        ("quiet_to__isnull", False),
                        ("quiet_to__lt", 24),
                        models.Q(("quiet_from", models.F("quiet_to")), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="quiet_hours_begin_and_end",
            ),
        ),
        migrations.AddConstraint(
            model_name="preference",
            constraint=models.CheckConstraint(
                condition=models.Q(("email", ""), ("email__regex", "^[^\\s@,;<>]+@[^\\s@,;<>]+$"), _connector="OR"),
                name="an_address_is_one_mailbox",
            ),
        ),
        migrations.AddConstraint(
            model_name="preference",
            constraint=models.CheckConstraint(
                condition=models.Q(("email_checked_at", None), models.Q(("email", ""), _negated=True), _connector="OR"),
                name="only_an_address_is_checked",
            ),
        ),
        migrations.AddConstraint(
            model_name="rota",
            constraint=models.UniqueConstraint(
                condition=models.Q(("ended_at", None)), fields=("agency",), name="an_agency_has_one_rota_at_a_time"
            ),
        ),
        migrations.AddConstraint(
            model_name="rota",
            constraint=models.UniqueConstraint(fields=("id", "agency"), name="rota_id_agency"),
        ),
        migrations.AddConstraint(
            model_name="rota",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("ended_at", None), ("ended_by", None)),
                    models.Q(("ended_at__isnull", False), ("ended_by__isnull", False)),
                    _connector="OR",
                ),
                name="a_rota_is_ended_by_somebody",
            ),
        ),
        migrations.AddIndex(
            model_name="shift",
            index=models.Index(
                condition=models.Q(("ended_at", None)), fields=["agency", "to_at", "from_at"], name="shift_of_agency"
            ),
        ),
        migrations.AddConstraint(
            model_name="shift",
            constraint=models.CheckConstraint(
                condition=models.Q(("step__in", [1, 2])), name="somebody_is_first_or_second_on_call"
            ),
        ),
        migrations.AddConstraint(
            model_name="shift",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("to_at__gt", models.F("from_at")),
                    (
                        "to_at__lte",
                        django.db.models.expressions.CombinedExpression(
                            models.F("from_at"), "+", models.Value(datetime.timedelta(days=31))
                        ),
                    ),
                ),
                name="a_shift_ends_after_it_begins_within_31_days",
            ),
        ),
        migrations.RunSQL(
            (HERE / "notifications.sql").read_text(encoding="utf-8"),
            (HERE / "notifications_undo.sql").read_text(encoding="utf-8"),
        ),
    ]
