"""What came through the public form can be found again by its words, within the agency that received it, so that copied
text is proposed as such.

Expand only: the release before leaves the column empty, and nothing of it is compared.
"""

from __future__ import annotations

from django.db import migrations, models

GUARDS = """
ALTER TABLE nowrongdoor_signal ADD CONSTRAINT only_what_came_through_the_form_is_compared
  CHECK (length(likeness) = 0 OR (length(likeness) = 32 AND door = 'web'));
"""
UNGUARD = "ALTER TABLE nowrongdoor_signal DROP CONSTRAINT only_what_came_through_the_form_is_compared"


class Migration(migrations.Migration):
    dependencies = [("nowrongdoor", "0033_mailbox")]
    operations = [
        migrations.AddField(
            "signal",
            "likeness",
            models.BinaryField(db_default=models.Value(b""), default=bytes, max_length=32),
        ),
        migrations.AddIndex(
            "signal",
            models.Index(
                fields=["receiver", "likeness", "-received_at", "-id"],
                condition=~models.Q(likeness=b""),
                name="signal_likeness",
            ),
        ),
        migrations.RunSQL(GUARDS, UNGUARD),
    ]
