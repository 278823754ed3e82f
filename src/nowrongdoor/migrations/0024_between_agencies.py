"""Who signed a release, and what; what the agency that leads a case asks of those it came from; and messages.

Expand only. Processes of the release before go on keeping releases that the person signed themselves, for at most 90 days:
a longer one asks for a reason now, which their form does not have.
"""

from __future__ import annotations

import pathlib

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import F, Q

import nowrongdoor.agencies.models

HERE = pathlib.Path(__file__).parent
WHAT = [
    ("words", "what the person said"),
    ("contact", "a way to reach the person"),
    ("release", "a release the person signs"),
]
STATES = [
    ("asked", "waiting for an answer"),
    ("answered", "answered"),
    ("refused", "refused"),
    ("withdrawn", "withdrawn"),
]


def to(model: str, *, is_optional: bool = False) -> models.ForeignKey:
    """Return a foreign key that nothing leads back from."""
    return models.ForeignKey(null=is_optional, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=model)


def identity() -> models.UUIDField:
    """Return the primary key of a row."""
    return models.UUIDField(
        default=nowrongdoor.agencies.models.new_id, editable=False, primary_key=True, serialize=False
    )


def check(name: str, condition: Q) -> models.CheckConstraint:
    """Return a check."""
    return models.CheckConstraint(name=name, condition=condition)


def words() -> models.BinaryField:
    """Return a column of sealed words, of which there may be none."""
    return models.BinaryField(default=bytes, db_default=b"")


class Migration(migrations.Migration):
    dependencies = [("nowrongdoor", "0023_after_yes")]
    operations = [
        migrations.AddField(
            "release", "revoked_how", models.CharField(blank=True, db_default="", default="", max_length=10)
        ),
        migrations.AddField(
            "release", "signer", models.CharField(db_default="person", default="person", max_length=20)
        ),
        migrations.AddField("release", "co_signer", to("nowrongdoor.person", is_optional=True)),
        migrations.AddField("release", "co_signer_name", words()),
        migrations.AddField("release", "is_no_abuser", models.BooleanField(db_default=False, default=False)),
        migrations.AddField("release", "excluded", words()),
        migrations.AddField("release", "longer_because", words()),
        migrations.AddField("release", "signed_at", models.DateTimeField(null=True)),
        migrations.AddField(
            "release", "language", models.CharField(blank=True, db_default="", default="", max_length=10)
        ),
        migrations.AddField("release", "signed_text", words()),
        migrations.AddConstraint(
            "release",
            models.UniqueConstraint(
                fields=["id", "person", "agency", "recipient"], name="release_id_person_agency_recipient"
            ),
        ),
        migrations.AddConstraint(
            "release",
            check(
                "a_release_is_signed_in_a_known_capacity",
                Q(signer__in=["person", "minor", "minor_and_parent", "guardian"]),
            ),
        ),
        migrations.AddConstraint(
            "release",
            check(
                "who_signs_with_or_for_somebody_is_named_and_no_abuser",
                Q(signer__in=["person", "minor"], co_signer=None, co_signer_name=b"")
                | (Q(signer__in=["minor_and_parent", "guardian"], is_no_abuser=True) & ~Q(co_signer_name=b"")),
            ),
        ),
        migrations.AddConstraint("release", check("nobody_signs_for_themselves_as_another", ~Q(co_signer=F("person")))),
        migrations.AddConstraint(
            "release",
            check("a_release_is_kept_once_it_is_signed", Q(signed_at=None) | Q(signed_at__lte=F("given_at"))),
        ),
        migrations.AddConstraint(
            "release",
            check(
                "a_release_is_revoked_in_a_known_way",
                Q(revoked_how="")
                | (Q(revoked_how__in=["phone", "in_person", "writing"]) & Q(revoked_at__isnull=False)),
            ),
        ),
        migrations.CreateModel(
            name="CaseRequest",
            fields=[
                ("id", identity()),
                ("at", models.DateTimeField()),
                ("what", models.CharField(choices=WHAT, max_length=10)),
                ("because", models.BinaryField()),
                ("due_at", models.DateTimeField()),
                ("state", models.CharField(choices=STATES, max_length=10)),
                ("over_at", models.DateTimeField(null=True)),
                ("reason", models.BinaryField(default=bytes)),
                ("answer", models.BinaryField(default=bytes)),
                ("called_at", models.DateTimeField(null=True)),
                ("agency", to("nowrongdoor.agency")),
                ("by", to(settings.AUTH_USER_MODEL)),
                ("case", to("nowrongdoor.case")),
                ("over_by", to(settings.AUTH_USER_MODEL, is_optional=True)),
                ("person", to("nowrongdoor.person", is_optional=True)),
                ("release", to("nowrongdoor.release", is_optional=True)),
                ("to_agency", to("nowrongdoor.agency")),
            ],
            options={
                "db_table": "nowrongdoor_case_request",
                "indexes": [models.Index(fields=["case", "at", "id"], name="request_of_case")],
                "constraints": [
                    check("a_request_asks_for_something_known", Q(what__in=["words", "contact", "release"])),
                    check("a_request_has_a_known_state", Q(state__in=["asked", "answered", "refused", "withdrawn"])),
                    check(
                        "a_request_is_over_once_somebody_ended_it",
                        Q(state="asked", over_at=None, over_by=None)
                        | (~Q(state="asked") & Q(over_at__isnull=False, over_by__isnull=False)),
                    ),
                    check("a_request_says_why", ~Q(because=b"")),
                    check("a_refused_request_says_why", ~Q(state="refused") | ~Q(reason=b"")),
                    check("a_request_is_to_another_agency", ~Q(agency=F("to_agency"))),
                    check("a_way_to_somebody_is_asked_for_by_person", Q(what="words") | Q(person__isnull=False)),
                    check(
                        "a_way_to_somebody_is_given_by_release_or_call",
                        ~Q(state="answered")
                        | Q(called_at__isnull=False)
                        | Q(what="words", release=None) & ~Q(answer=b"")
                        | Q(what__in=["contact", "release"], answer=b"", release__isnull=False),
                    ),
                    models.UniqueConstraint(
                        fields=["case", "agency", "to_agency", "what", "person"],
                        condition=Q(state="asked"),
                        nulls_distinct=False,
                        name="a_request_is_open_once",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="CaseMessage",
            fields=[
                ("id", identity()),
                ("at", models.DateTimeField()),
                ("text", models.BinaryField()),
                ("for_prosecutors", models.BooleanField(default=False)),
                ("written_as", models.CharField(db_default="", max_length=20)),
                ("agency", to("nowrongdoor.agency")),
                ("by", to(settings.AUTH_USER_MODEL)),
                ("case", to("nowrongdoor.case")),
                ("to_agency", to("nowrongdoor.agency")),
            ],
            options={
                "db_table": "nowrongdoor_case_message",
                "indexes": [models.Index(fields=["case", "at", "id"], name="case_message_of_case")],
                "constraints": [
                    check("a_message_says_something", ~Q(text=b"")),
                    check("a_message_is_to_another_agency", ~Q(agency=F("to_agency"))),
                ],
            },
        ),
        migrations.RunSQL(
            (HERE / "between_agencies.sql").read_text(encoding="utf-8"),
            (HERE / "between_agencies_undo.sql").read_text(encoding="utf-8"),
        ),
    ]
