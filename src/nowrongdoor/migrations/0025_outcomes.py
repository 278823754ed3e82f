"""How a case ended, and which cases belong together.

Expand only. Processes of the release before close cases without an outcome, which stays empty.
"""

from __future__ import annotations

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import F, Q

import nowrongdoor.agencies.models

GUARDS = """
CREATE TRIGGER how_a_case_ended_stays AFTER UPDATE ON nowrongdoor_case FOR EACH ROW
  WHEN (OLD.closed_at IS NOT NULL AND (NEW.closed_as, NEW.found, NEW.merged_into_id)
                                      IS DISTINCT FROM (OLD.closed_as, OLD.found, OLD.merged_into_id))
  EXECUTE FUNCTION nowrongdoor_refuse('a closed case keeps its outcome, and the case it was merged into');
-- The case that goes on has one lead, which said yes to it: the agency that leads both.
CREATE TRIGGER a_case_is_merged_by_who_leads_both AFTER UPDATE ON nowrongdoor_case FOR EACH ROW
  WHEN (OLD.merged_into_id IS NULL AND NEW.merged_into_id IS NOT NULL
        AND NEW.lead_id IS DISTINCT FROM nowrongdoor_lead_of(NEW.merged_into_id))
  EXECUTE FUNCTION nowrongdoor_refuse('a case is merged into an open one that the same agency leads');
"""
UNGUARD = """
DO $$
DECLARE
  ended bigint := (SELECT count(*) FROM nowrongdoor_case WHERE closed_as <> '' OR merged_into_id IS NOT NULL);
  links bigint := (SELECT count(*) FROM nowrongdoor_case_link);
BEGIN
  IF ended + links > 0 THEN
    RAISE EXCEPTION 'The release before has no place for how % cases ended, nor for % links between cases. Stay, or '
      'restore a backup of that release.', ended, links;
  END IF;
END $$;
DROP TRIGGER a_case_is_merged_by_who_leads_both ON nowrongdoor_case;
DROP TRIGGER how_a_case_ended_stays ON nowrongdoor_case;
"""


def to(model: str, *, is_optional: bool = False) -> models.ForeignKey:
    """Return a foreign key that nothing leads back from."""
    return models.ForeignKey(null=is_optional, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=model)


def code(length: int) -> models.CharField:
    """Return a column for a code, empty where there is none."""
    return models.CharField(blank=True, db_default="", default="", max_length=length)


class Migration(migrations.Migration):
    dependencies = [("nowrongdoor", "0024_between_agencies")]
    operations = [
        migrations.AddField("case", "closed_as", code(20)),
        migrations.AddField("case", "found", code(40)),
        migrations.AddField("case", "merged_into", to("nowrongdoor.case", is_optional=True)),
        migrations.AddConstraint(
            "case",
            models.CheckConstraint(
                name="a_case_ends_in_a_published_way",
                condition=Q(closed_as="", found="")
                | Q(
                    closed_at__isnull=False,
                    closed_as__in=["Closed", "ClosedReferred"],
                    found__in=[
                        "PossibleVictimOfTrafficking",
                        "ActualVictimOfTrafficking",
                        "NotAVictimOfTrafficking",
                    ],
                ),
            ),
        ),
        migrations.AddConstraint(
            "case",
            models.CheckConstraint(
                name="a_case_that_is_merged_is_closed",
                condition=Q(merged_into=None) | (Q(closed_at__isnull=False) & ~Q(merged_into=F("id"))),
            ),
        ),
        migrations.CreateModel(
            name="CaseLink",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=nowrongdoor.agencies.models.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("at", models.DateTimeField()),
                ("agency", to("nowrongdoor.agency")),
                ("by", to(settings.AUTH_USER_MODEL)),
                ("case", to("nowrongdoor.case")),
                ("other", to("nowrongdoor.case")),
            ],
            options={
                "db_table": "nowrongdoor_case_link",
                "constraints": [
                    models.UniqueConstraint(fields=["agency", "case", "other"], name="two_cases_are_linked_once"),
                    models.CheckConstraint(
                        name="a_case_is_linked_to_another_in_one_order", condition=Q(case__lt=F("other"))
                    ),
                ],
            },
        ),
        migrations.RunSQL(GUARDS, UNGUARD),
    ]
