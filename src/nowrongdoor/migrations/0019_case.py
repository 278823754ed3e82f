"""Notes that are corrected, pinned and kept to one role; files that are withdrawn; what people of a case are, and how
they stand to each other.

Expand only. Processes of the release before go on writing notes and files: the role of whoever writes is put in by a
trigger, whatever they say. Of a note or a file that was there, it's taken to be the role that its writer has now, so
that what an advocate wrote for their agency isn't shown to its investigators.
"""

from __future__ import annotations

import datetime

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import nowrongdoor.agencies.models

AUDIENCES = [
    ("agency", "my agency only"),
    ("team", "everybody on this case"),
    ("role", "people in my role at my agency"),
]
ROLES = ("advocate", "coordinator", "investigator", "provider", "victim_specialist")
WRITTEN = ("note", "case_file", "person_role", "person_relation")
WRITERS = """
UPDATE nowrongdoor_note n SET written_as = u.role FROM nowrongdoor_user u WHERE u.id = n.by_id;
UPDATE nowrongdoor_case_file f SET written_as = u.role FROM nowrongdoor_user u WHERE u.id = f.by_id;
CREATE FUNCTION nowrongdoor_note_writer() RETURNS trigger LANGUAGE plpgsql
  SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  NEW.written_as := coalesce(current_setting('nwd.role', true), '');
  RETURN NEW;
END $$;
""" + "\n".join(
    f"CREATE TRIGGER the_writers_role_is_noted BEFORE INSERT ON nowrongdoor_{table} FOR EACH ROW "
    "EXECUTE FUNCTION nowrongdoor_note_writer();"
    for table in WRITTEN
)
FORGET_WRITERS = (
    "\n".join(f"DROP TRIGGER the_writers_role_is_noted ON nowrongdoor_{table};" for table in WRITTEN)
    + "\nDROP FUNCTION nowrongdoor_note_writer();"
)
GUARDS = """
ALTER TABLE nowrongdoor_note_correction
  ADD CONSTRAINT note_correction_text_is_sealed
  CHECK (length(text) = 0 OR (get_byte(text, 0) = 1 AND length(text) > 29)),
  ADD CONSTRAINT note_correction_because_is_sealed
  CHECK (length(because) = 0 OR (get_byte(because, 0) = 1 AND length(because) > 29)),
  ADD CONSTRAINT a_correction_is_of_ones_own_note
  FOREIGN KEY (note_id, case_id, agency_id) REFERENCES nowrongdoor_note (id, case_id, agency_id);
ALTER TABLE nowrongdoor_person_role ADD CONSTRAINT a_role_is_of_ones_own_person
  FOREIGN KEY (person_id, case_id, owner_id) REFERENCES nowrongdoor_person (id, case_id, owner_id);
ALTER TABLE nowrongdoor_person_relation
  ADD CONSTRAINT a_relation_is_of_ones_own_person
  FOREIGN KEY (person_id, case_id, owner_id) REFERENCES nowrongdoor_person (id, case_id, owner_id),
  ADD CONSTRAINT a_relation_is_to_ones_own_person
  FOREIGN KEY (other_id, case_id, owner_id) REFERENCES nowrongdoor_person (id, case_id, owner_id);
CREATE TRIGGER a_role_that_ended_stays_ended AFTER UPDATE ON nowrongdoor_person_role FOR EACH ROW
  WHEN (OLD.to_at IS NOT NULL) EXECUTE FUNCTION nowrongdoor_refuse('what somebody was in a case is not rewritten');
CREATE TRIGGER a_relation_that_ended_stays_ended AFTER UPDATE ON nowrongdoor_person_relation FOR EACH ROW
  WHEN (OLD.to_at IS NOT NULL) EXECUTE FUNCTION nowrongdoor_refuse('how two people stood to each other is not rewritten');

CREATE TRIGGER a_note_is_pinned_in_ones_own_name AFTER INSERT OR UPDATE OF pinned_at, pinned_by_id
  ON nowrongdoor_note FOR EACH ROW
  WHEN (NEW.pinned_by_id IS NOT NULL AND NOT nowrongdoor_signs(NEW.pinned_by_id, NEW.agency_id))
  EXECUTE FUNCTION nowrongdoor_refuse('a note is pinned by somebody of the agency that wrote it, who looks');

-- A file that was withdrawn opens for nobody: its content leaves the row for a table that nobody reads at run time. It is
-- sealed as before, so a disposal ends it with the key of its case, and a hold keeps it.
ALTER TABLE nowrongdoor_withdrawn_content
  ADD CONSTRAINT withdrawn_content_content_is_sealed
  CHECK (length(content) = 0 OR (get_byte(content, 0) = 1 AND length(content) > 29)),
  ALTER COLUMN content SET STORAGE EXTERNAL;
ALTER TABLE nowrongdoor_case_file
  ADD CONSTRAINT case_file_withdrawn_because_is_sealed
  CHECK (length(withdrawn_because) = 0 OR (get_byte(withdrawn_because, 0) = 1 AND length(withdrawn_because) > 29)),
  DROP CONSTRAINT a_file_is_as_large_as_it_says,
  ADD CONSTRAINT a_file_is_as_large_as_it_says CHECK (withdrawn_at IS NOT NULL OR length(content) = size + 29);
CREATE FUNCTION nowrongdoor_put_away() RETURNS trigger LANGUAGE plpgsql
  SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  INSERT INTO public.nowrongdoor_withdrawn_content (file_id, content) VALUES (OLD.id, OLD.content);
  NEW.content := '';
  RETURN NEW;
END $$;
CREATE TRIGGER what_is_withdrawn_is_put_away BEFORE UPDATE ON nowrongdoor_case_file FOR EACH ROW
  WHEN (OLD.withdrawn_at IS NULL AND NEW.withdrawn_at IS NOT NULL) EXECUTE FUNCTION nowrongdoor_put_away();
CREATE TRIGGER a_file_is_withdrawn_in_ones_own_name AFTER INSERT OR UPDATE OF withdrawn_at, withdrawn_by_id
  ON nowrongdoor_case_file FOR EACH ROW
  WHEN (NEW.withdrawn_by_id IS NOT NULL AND NOT nowrongdoor_signs(NEW.withdrawn_by_id, NEW.agency_id))
  EXECUTE FUNCTION nowrongdoor_refuse('a file is withdrawn by somebody of the agency that attached it, who looks');
CREATE TRIGGER a_withdrawn_file_stays_withdrawn AFTER UPDATE ON nowrongdoor_case_file FOR EACH ROW
  WHEN (OLD.withdrawn_at IS NOT NULL) EXECUTE FUNCTION nowrongdoor_refuse('this file was withdrawn');
"""
UNGUARD = """
DROP TRIGGER a_withdrawn_file_stays_withdrawn ON nowrongdoor_case_file;
DROP TRIGGER a_file_is_withdrawn_in_ones_own_name ON nowrongdoor_case_file;
DROP TRIGGER what_is_withdrawn_is_put_away ON nowrongdoor_case_file;
DROP FUNCTION nowrongdoor_put_away();
ALTER TABLE nowrongdoor_case_file
  DROP CONSTRAINT case_file_withdrawn_because_is_sealed,
  DROP CONSTRAINT a_file_is_as_large_as_it_says,
  ADD CONSTRAINT a_file_is_as_large_as_it_says CHECK (length(content) = size + 29);
DROP TRIGGER a_note_is_pinned_in_ones_own_name ON nowrongdoor_note;
ALTER TABLE nowrongdoor_note_correction DROP CONSTRAINT a_correction_is_of_ones_own_note;
"""
# What people wrote since, and the release before has no place for, stops the way back.
STAYS = """
DO $$
DECLARE
  corrections bigint := (SELECT count(*) FROM nowrongdoor_note_correction);
  notes bigint := (SELECT count(*) FROM nowrongdoor_note
                    WHERE pinned_at IS NOT NULL OR for_role <> '' OR audience = 'role');
  files bigint := (SELECT count(*) FROM nowrongdoor_case_file WHERE withdrawn_at IS NOT NULL OR audience = 'role');
  roles bigint := (SELECT count(*) FROM nowrongdoor_person_role);
  relations bigint := (SELECT count(*) FROM nowrongdoor_person_relation);
BEGIN
  IF corrections + notes + files + roles + relations > 0 THEN
    RAISE EXCEPTION 'The release before has no place for % corrections of notes, % notes that are pinned, addressed or '
      'kept to one role, % files that are withdrawn or kept to one role, % roles and % relations of people. Stay, or '
      'restore a backup of that release.', corrections, notes, files, roles, relations;
  END IF;
END $$;
"""


def to(model: str) -> models.ForeignKey:
    """Return a foreign key that nothing leads back from."""
    return models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=model)


def back(model: str, name: str) -> models.ForeignKey:
    """Return a foreign key that the other row names."""
    return models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name=name, to=model)


def identity() -> models.UUIDField:
    """Return the primary key of a row."""
    return models.UUIDField(
        default=nowrongdoor.agencies.models.new_id, editable=False, primary_key=True, serialize=False
    )


def somebody() -> models.ForeignKey:
    """Return a foreign key to whoever did something, once somebody did."""
    return models.ForeignKey(
        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
    )


def ends(name: str) -> models.CheckConstraint:
    """Return the check that what begins and ends does so in this order."""
    condition = models.Q(from_at=None) | models.Q(to_at=None) | models.Q(to_at__gte=models.F("from_at"))
    return models.CheckConstraint(name=name, condition=condition)


def of_our_time(name: str) -> models.CheckConstraint:
    """Return the check that nothing is dated so early that a page could not show it in every time zone."""
    earliest = datetime.datetime(1900, 1, 1, tzinfo=datetime.UTC)
    begins = models.Q(from_at=None) | models.Q(from_at__gte=earliest)
    return models.CheckConstraint(name=name, condition=begins & (models.Q(to_at=None) | models.Q(to_at__gte=earliest)))


class Migration(migrations.Migration):
    dependencies = [("nowrongdoor", "0018_lists")]
    operations = [
        migrations.CreateModel(
            name="NoteCorrection",
            fields=[
                ("id", identity()),
                ("number", models.PositiveIntegerField()),
                ("text", models.BinaryField()),
                ("because", models.BinaryField()),
                ("at", models.DateTimeField()),
                ("agency", to("nowrongdoor.agency")),
                ("by", to(settings.AUTH_USER_MODEL)),
                ("case", to("nowrongdoor.case")),
                ("note", back("nowrongdoor.note", "corrections")),
            ],
            options={
                "db_table": "nowrongdoor_note_correction",
                "constraints": [
                    models.UniqueConstraint(fields=["note", "number"], name="a_correction_of_a_note_has_its_number"),
                    models.CheckConstraint(
                        name="a_correction_says_what_and_why",
                        condition=~models.Q(text=b"") & ~models.Q(because=b""),
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PersonRole",
            fields=[
                ("id", identity()),
                ("role", models.CharField(max_length=20)),
                ("from_at", models.DateTimeField(null=True)),
                ("to_at", models.DateTimeField(null=True)),
                ("at", models.DateTimeField()),
                ("written_as", models.CharField(db_default="", max_length=20)),
                ("by", to(settings.AUTH_USER_MODEL)),
                ("case", to("nowrongdoor.case")),
                ("owner", to("nowrongdoor.agency")),
                ("person", back("nowrongdoor.person", "roles")),
            ],
            options={
                "db_table": "nowrongdoor_person_role",
                "constraints": [
                    models.UniqueConstraint(
                        fields=["person", "role", "written_as"],
                        condition=models.Q(to_at=None),
                        name="a_person_has_a_role_once_at_a_time",
                    ),
                    models.CheckConstraint(
                        name="a_role_in_a_case_is_known",
                        condition=models.Q(role__in=["victim", "offender", "witness", "family", "other"]),
                    ),
                    ends("a_role_ends_after_it_began"),
                    of_our_time("a_role_is_of_our_time"),
                ],
            },
        ),
        migrations.CreateModel(
            name="PersonRelation",
            fields=[
                ("id", identity()),
                ("kind", models.CharField(max_length=20)),
                ("from_at", models.DateTimeField(null=True)),
                ("to_at", models.DateTimeField(null=True)),
                ("at", models.DateTimeField()),
                ("written_as", models.CharField(db_default="", max_length=20)),
                ("by", to(settings.AUTH_USER_MODEL)),
                ("case", to("nowrongdoor.case")),
                ("other", to("nowrongdoor.person")),
                ("owner", to("nowrongdoor.agency")),
                ("person", back("nowrongdoor.person", "relations")),
            ],
            options={
                "db_table": "nowrongdoor_person_relation",
                "constraints": [
                    models.UniqueConstraint(
                        fields=["person", "other", "kind", "written_as"],
                        condition=models.Q(to_at=None),
                        name="two_people_are_related_once_in_a_way",
                    ),
                    models.CheckConstraint(
                        name="nobody_is_related_to_themselves", condition=~models.Q(person=models.F("other"))
                    ),
                    models.CheckConstraint(
                        name="people_are_related_in_a_known_way",
                        condition=models.Q(
                            kind__in=[
                                *("parent", "partner", "sibling", "relative"),
                                *("friend", "employer", "recruiter", "interpreter"),
                            ]
                        ),
                    ),
                    ends("a_relation_ends_after_it_began"),
                    of_our_time("a_relation_is_of_our_time"),
                ],
            },
        ),
        migrations.CreateModel(
            name="WithdrawnContent",
            fields=[
                (
                    "file",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="nowrongdoor.casefile",
                    ),
                ),
                ("content", models.BinaryField()),
            ],
            options={"db_table": "nowrongdoor_withdrawn_content"},
        ),
        migrations.AddField("casefile", "withdrawn_at", models.DateTimeField(null=True)),
        migrations.AddField("casefile", "withdrawn_because", models.BinaryField(db_default=b"", default=bytes)),
        migrations.AddField("casefile", "withdrawn_by", somebody()),
        migrations.AddField("casefile", "written_as", models.CharField(db_default="", max_length=20)),
        migrations.AddField("note", "for_role", models.CharField(blank=True, db_default="", default="", max_length=20)),
        migrations.AddField("note", "pinned_at", models.DateTimeField(null=True)),
        migrations.AddField("note", "pinned_by", somebody()),
        migrations.AddField("note", "written_as", models.CharField(db_default="", max_length=20)),
        migrations.AlterField("casefile", "audience", models.CharField(choices=AUDIENCES, max_length=10)),
        migrations.AlterField("note", "audience", models.CharField(choices=AUDIENCES, max_length=10)),
        migrations.AddConstraint(
            "casefile",
            models.CheckConstraint(
                name="a_file_is_withdrawn_by_somebody_for_a_reason",
                condition=models.Q(withdrawn_at=None, withdrawn_by=None, withdrawn_because=b"")
                | (models.Q(withdrawn_at__isnull=False, withdrawn_by__isnull=False) & ~models.Q(withdrawn_because=b"")),
            ),
        ),
        migrations.AddConstraint(
            "casefile",
            models.CheckConstraint(
                name="a_withdrawn_file_opens_no_more",
                condition=models.Q(withdrawn_at=None) | models.Q(content=b""),
            ),
        ),
        migrations.AddConstraint(
            "note", models.UniqueConstraint(fields=["id", "case", "agency"], name="note_id_case_agency")
        ),
        migrations.AddConstraint(
            "note",
            models.CheckConstraint(
                name="a_note_is_addressed_to_a_role_that_opens_cases",
                condition=models.Q(for_role__in=["", *ROLES]),
            ),
        ),
        migrations.AddConstraint(
            "note",
            models.CheckConstraint(
                name="a_note_is_pinned_by_somebody",
                condition=models.Q(pinned_at=None, pinned_by=None)
                | models.Q(pinned_at__isnull=False, pinned_by__isnull=False),
            ),
        ),
        migrations.RunSQL(WRITERS, FORGET_WRITERS),
        migrations.RunSQL(GUARDS, STAYS + UNGUARD),
    ]
