"""What no form may ever make false, said in the database's own words (promises.sql)."""

import pathlib

from django.db import migrations

HERE = pathlib.Path(__file__).parent


class Migration(migrations.Migration):
    dependencies = [("nowrongdoor", "0001_initial")]
    operations = [
        migrations.RunSQL(
            (HERE / "promises.sql").read_text(encoding="utf-8"),
            (HERE / "promises_undo.sql").read_text(encoding="utf-8"),
        )
    ]
