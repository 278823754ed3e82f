"""A yes that can be undone at once, and leads that are given back and passed on.

Expand only. Processes of the release before go on offering and answering beside this one: what is new is a kind of
hand-off that they do not write, and a reason that only requests have, which they do not make.
"""

from __future__ import annotations

import pathlib

from django.db import migrations, models

HERE = pathlib.Path(__file__).parent
KINDS = ("mandate", "backstop", "step_forward", "succession", "request")


def known(*kinds: str) -> models.CheckConstraint:
    """Return the check that a hand-off has one of these kinds."""
    return models.CheckConstraint(name="a_handoff_has_a_known_kind", condition=models.Q(kind__in=list(kinds)))


class Migration(migrations.Migration):
    dependencies = [("nowrongdoor", "0021_notifications")]
    operations = [
        migrations.RemoveConstraint("handoff", "a_handoff_has_a_known_kind"),
        migrations.AddConstraint("handoff", known(*KINDS, "undo")),
        migrations.AddField("handoff", "because", models.BinaryField(default=bytes, db_default=b"")),
        migrations.AddConstraint(
            "handoff",
            models.CheckConstraint(
                name="an_undo_or_a_request_is_made_by_somebody",
                condition=~models.Q(kind__in=["undo", "request"]) | models.Q(offered_by__isnull=False),
            ),
        ),
        migrations.AddConstraint(
            "handoff",
            models.CheckConstraint(
                name="a_request_of_the_lead_says_why",
                condition=~models.Q(kind="request") | ~models.Q(because=b""),
            ),
        ),
        migrations.AddIndex(
            "handoff",
            models.Index(fields=["over_by", "-over_at"], condition=models.Q(state="accepted"), name="yes_of_person"),
        ),
        migrations.RunSQL(
            (HERE / "after_yes.sql").read_text(encoding="utf-8"),
            (HERE / "after_yes_undo.sql").read_text(encoding="utf-8"),
        ),
    ]
