"""What somebody signs in with changes where one signs in, after they were asked again who they are, and not while they
look at cases. That nobody else chooses their password, a trigger asks since 0010."""

from django.db import migrations

GUARDS = """
CREATE TRIGGER how_one_signs_in_changes_at_the_entry AFTER UPDATE ON nowrongdoor_user FOR EACH ROW
  WHEN ((NEW.password, NEW.last_login) IS DISTINCT FROM (OLD.password, OLD.last_login)
        AND NEW.id::text = current_setting('nwd.person', true))
  EXECUTE FUNCTION nowrongdoor_refuse('what somebody signs in with changes where one signs in');
"""
UNGUARD = "DROP TRIGGER how_one_signs_in_changes_at_the_entry ON nowrongdoor_user;"


class Migration(migrations.Migration):
    """A trigger."""

    dependencies = [("nowrongdoor", "0044_noted_rows")]
    operations = [migrations.RunSQL(GUARDS, UNGUARD)]
