from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("nowrongdoor", "0003_trust")]
    operations = [
        migrations.CreateModel(
            name="RateLimit",
            fields=[
                ("key", models.BinaryField(max_length=16, primary_key=True, serialize=False)),
                ("full_at", models.DateTimeField()),
            ],
            options={"db_table": "rate_limit"},
        ),
        # Counting must not wait for the disk, and a crash may forgive.
        migrations.RunSQL("ALTER TABLE rate_limit SET UNLOGGED", "ALTER TABLE rate_limit SET LOGGED"),
    ]
