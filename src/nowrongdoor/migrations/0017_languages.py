"""The language and the time zone that a person chose; empty is for whatever the browser, or the country, says.

Expand only. On the way back the choices are forgotten: the release before has no place for them, and whoever comes back
to this one chooses again.
"""

from __future__ import annotations

from django.db import migrations, models

GUARDS = """
CREATE FUNCTION nowrongdoor_is_time_zone(zone text) RETURNS boolean LANGUAGE sql STABLE
  SET search_path = pg_catalog, pg_temp
  RETURN EXISTS (SELECT FROM pg_timezone_names WHERE name = zone);
CREATE TRIGGER a_time_zone_is_a_known_one AFTER INSERT OR UPDATE OF time_zone ON nowrongdoor_user FOR EACH ROW
  WHEN (NEW.time_zone <> '' AND NOT nowrongdoor_is_time_zone(NEW.time_zone))
  EXECUTE FUNCTION nowrongdoor_refuse('a time zone is one that the database knows by this name');
CREATE TRIGGER a_language_is_chosen_by_its_person AFTER UPDATE ON nowrongdoor_user FOR EACH ROW
  WHEN ((NEW.language <> OLD.language OR NEW.time_zone <> OLD.time_zone) AND NOT nowrongdoor_is_me(NEW.id))
  EXECUTE FUNCTION nowrongdoor_refuse('a language and a time zone are chosen by the person who reads in them');
"""
UNGUARD = """
DROP TRIGGER a_language_is_chosen_by_its_person ON nowrongdoor_user;
DROP TRIGGER a_time_zone_is_a_known_one ON nowrongdoor_user;
DROP FUNCTION nowrongdoor_is_time_zone(text);
"""


class Migration(migrations.Migration):
    dependencies = [("nowrongdoor", "0015_reached_and_arrived")]
    operations = [
        migrations.AddField("user", "language", models.CharField(max_length=20, blank=True, default="", db_default="")),
        migrations.AddField(
            "user", "time_zone", models.CharField(max_length=60, blank=True, default="", db_default="")
        ),
        migrations.AddConstraint(
            "user",
            models.CheckConstraint(
                name="a_language_is_written_as_its_code",
                condition=models.Q(language="") | models.Q(language__regex=r"^[a-z]{2,3}(-[a-z0-9]{2,8})*$"),
            ),
        ),
        migrations.RunSQL(GUARDS, UNGUARD),
    ]
