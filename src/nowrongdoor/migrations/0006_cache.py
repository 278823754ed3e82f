"""A cache whose values are read as JSON. The table `django_cache` stays for web processes of 0.2.0 that still run while
this is applied; nothing of this release reads it, and the first migration of the next one drops it."""

from django.db import migrations, models

PROMISES = """
ALTER TABLE cache_entry
  ADD CONSTRAINT a_cache_key_is_a_hash CHECK (octet_length(key) = 32),
  ADD CONSTRAINT a_cache_value_is_short CHECK (char_length(value) <= 10000);
ALTER TABLE cache_entry SET UNLOGGED;
"""
UNDO = """
ALTER TABLE cache_entry SET LOGGED;
ALTER TABLE cache_entry
  DROP CONSTRAINT a_cache_value_is_short,
  DROP CONSTRAINT a_cache_key_is_a_hash;
"""


class Migration(migrations.Migration):
    dependencies = [("nowrongdoor", "0005_guards")]
    operations = [
        migrations.CreateModel(
            name="CacheEntry",
            fields=[
                ("key", models.BinaryField(max_length=32, primary_key=True, serialize=False)),
                ("value", models.TextField()),
                ("expires_at", models.DateTimeField(db_index=True)),
            ],
            options={"db_table": "cache_entry"},
        ),
        migrations.RunSQL(PROMISES, UNDO),
    ]
