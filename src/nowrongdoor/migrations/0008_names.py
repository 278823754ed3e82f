"""A signal's `door` is its `channel` in Python. The columns keep the released word: nothing is done to data."""

from __future__ import annotations

from django.db import migrations, models

CHANNELS = [
    ("call", "Phone call"),
    ("text", "Text message"),
    ("chat", "Web chat"),
    ("web", "Web form"),
    ("email", "E-mail"),
    ("letter", "Letter"),
    ("visit", "In person"),
    ("complaint", "Another agency's complaint"),
    ("system", "Another system"),
    ("import", "Import"),
]


class Migration(migrations.Migration):
    dependencies = [("nowrongdoor", "0007_facts_digest")]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.RenameField("signal", "door", "channel"),
                migrations.AlterField(
                    "signal", "channel", models.CharField(choices=CHANNELS, db_column="door", max_length=20)
                ),
                migrations.RenameField("casesignal", "door", "channel"),
                migrations.AlterField("casesignal", "channel", models.CharField(db_column="door", max_length=20)),
            ]
        )
    ]
