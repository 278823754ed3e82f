"""Pictures and documents that somebody added to a contact, scanned before anybody opens them, and isolated for good.

Expand only: the release before shows a contact without its files, and destroys its key as before, which erases them. The
way back is closed while there is a file: the older schema has no place for it.
"""

from __future__ import annotations

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import Q

import nowrongdoor.agencies.models

GUARDS = """
ALTER TABLE nowrongdoor_signal_file
  ADD CONSTRAINT a_file_is_of_a_signal_of_its_receiver
  FOREIGN KEY (signal_id, receiver_id) REFERENCES nowrongdoor_signal (id, receiver_id);
ALTER TABLE nowrongdoor_signal_file_content
  ADD CONSTRAINT signal_file_content_digest_is_sealed
  CHECK (length(digest) = 0 OR (get_byte(digest, 0) = 1 AND length(digest) > 29)),
  ADD CONSTRAINT signal_file_content_content_is_sealed
  CHECK (length(content) = 0 OR (get_byte(content, 0) = 1 AND length(content) > 29)),
  ADD CONSTRAINT a_content_has_its_digest CHECK (length(digest) = 64 + 29),
  ADD CONSTRAINT a_content_is_as_large_as_it_says CHECK (length(content) = size + 29);

-- What a scanner says is said once, by the worker, and nobody takes it back.
CREATE TRIGGER a_file_comes_in_unscanned AFTER INSERT ON nowrongdoor_signal_file FOR EACH ROW
  WHEN (NEW.scanned_at IS NOT NULL OR NEW.isolated_at IS NOT NULL)
  EXECUTE FUNCTION nowrongdoor_refuse('a file comes in before a scanner or anybody looked at it');
CREATE TRIGGER only_the_system_says_what_a_scanner_found AFTER UPDATE ON nowrongdoor_signal_file FOR EACH ROW
  WHEN ((NEW.scanned_at, NEW.verdict) IS DISTINCT FROM (OLD.scanned_at, OLD.verdict) AND NOT nowrongdoor_in_house())
  EXECUTE FUNCTION nowrongdoor_refuse('only the system says what a scanner found');
CREATE TRIGGER what_a_scanner_found_stays AFTER UPDATE ON nowrongdoor_signal_file FOR EACH ROW
  WHEN (OLD.scanned_at IS NOT NULL AND (NEW.scanned_at, NEW.verdict) IS DISTINCT FROM (OLD.scanned_at, OLD.verdict))
  EXECUTE FUNCTION nowrongdoor_refuse('what a scanner found stays on record');

-- Whoever sees a picture that nobody may have isolates it: once, in their own name, and for good.
CREATE TRIGGER an_isolated_file_stays_isolated AFTER UPDATE ON nowrongdoor_signal_file FOR EACH ROW
  WHEN (OLD.isolated_at IS NOT NULL AND (NEW.isolated_at, NEW.isolated_by_id, NEW.isolated_for_id)
        IS DISTINCT FROM (OLD.isolated_at, OLD.isolated_by_id, OLD.isolated_for_id))
  EXECUTE FUNCTION nowrongdoor_refuse('a file that was isolated stays isolated');
CREATE TRIGGER a_file_is_isolated_in_ones_own_name AFTER UPDATE OF isolated_by_id ON nowrongdoor_signal_file FOR EACH ROW
  WHEN (NEW.isolated_by_id IS NOT NULL AND NOT nowrongdoor_signs(NEW.isolated_by_id, NEW.isolated_for_id))
  EXECUTE FUNCTION nowrongdoor_refuse('a file is isolated by somebody who looks, in their own name');

-- Content comes in with its file, before a scanner looked at it; an original, only where its sender lets it be kept.
CREATE FUNCTION nowrongdoor_is_scanned(of_file uuid) RETURNS boolean LANGUAGE plpgsql STABLE
  SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  RETURN EXISTS (SELECT FROM nowrongdoor_signal_file WHERE id = of_file AND scanned_at IS NOT NULL);
END $$;
CREATE FUNCTION nowrongdoor_takes_form(of_file uuid, which varchar) RETURNS boolean LANGUAGE plpgsql STABLE
  SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  RETURN EXISTS (SELECT FROM nowrongdoor_signal_file WHERE id = of_file
                  AND CASE which WHEN 'original' THEN keeps_original ELSE no_copy = '' END);
END $$;
CREATE TRIGGER a_scanned_file_takes_no_more_content AFTER INSERT ON nowrongdoor_signal_file_content FOR EACH ROW
  WHEN (nowrongdoor_is_scanned(NEW.file_id))
  EXECUTE FUNCTION nowrongdoor_refuse('a file that was scanned takes no more content');
CREATE TRIGGER an_original_is_kept_only_as_its_sender_chose AFTER INSERT ON nowrongdoor_signal_file_content FOR EACH ROW
  WHEN (NOT nowrongdoor_takes_form(NEW.file_id, NEW.form))
  EXECUTE FUNCTION nowrongdoor_refuse('a file keeps its original only where its sender lets it, and a copy if one was made');
"""
UNGUARD = """
DROP TRIGGER an_original_is_kept_only_as_its_sender_chose ON nowrongdoor_signal_file_content;
DROP TRIGGER a_scanned_file_takes_no_more_content ON nowrongdoor_signal_file_content;
DROP FUNCTION nowrongdoor_takes_form;
DROP FUNCTION nowrongdoor_is_scanned;
DROP TRIGGER a_file_is_isolated_in_ones_own_name ON nowrongdoor_signal_file;
DROP TRIGGER an_isolated_file_stays_isolated ON nowrongdoor_signal_file;
DROP TRIGGER what_a_scanner_found_stays ON nowrongdoor_signal_file;
DROP TRIGGER only_the_system_says_what_a_scanner_found ON nowrongdoor_signal_file;
DROP TRIGGER a_file_comes_in_unscanned ON nowrongdoor_signal_file;
ALTER TABLE nowrongdoor_signal_file DROP CONSTRAINT a_file_is_of_a_signal_of_its_receiver;
"""
STAYS = """
DO $$
DECLARE
  files bigint := (SELECT count(*) FROM nowrongdoor_signal_file);
BEGIN
  IF files > 0 THEN
    RAISE EXCEPTION 'The release before has no place for % files that were added to contacts. Stay, or restore a backup '
      'of that release.', files;
  END IF;
END $$;
"""
KINDS = [
    ("pdf", "PDF"),
    ("png", "PNG picture"),
    ("jpg", "JPEG picture"),
    ("txt", "plain text"),
    ("csv", "CSV table"),
    ("xlsx", "Excel workbook"),
    ("docx", "Word document"),
]


def identity() -> models.UUIDField:
    """Return the primary key of a row."""
    return models.UUIDField(
        default=nowrongdoor.agencies.models.new_id, editable=False, primary_key=True, serialize=False
    )


def to(model: str, name: str = "+", *, is_optional: bool = False, has_index: bool = True) -> models.ForeignKey:
    """Return a foreign key to a row that stays; `name`: by which the other row finds it, if at all."""
    return models.ForeignKey(
        db_index=has_index,
        null=is_optional,
        on_delete=django.db.models.deletion.PROTECT,
        related_name=name,
        to=model,
    )


def check(name: str, condition: Q) -> models.CheckConstraint:
    """Name a condition."""
    return models.CheckConstraint(name=name, condition=condition)


class Migration(migrations.Migration):
    dependencies = [("nowrongdoor", "0033_mailbox")]
    operations = [
        migrations.CreateModel(
            name="SignalFile",
            fields=[
                ("id", identity()),
                ("number", models.PositiveSmallIntegerField()),
                ("at", models.DateTimeField()),
                ("kind", models.CharField(choices=KINDS, max_length=10)),
                ("size", models.PositiveIntegerField()),
                ("keeps_original", models.BooleanField()),
                (
                    "no_copy",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("active", "It holds something that would run or call out."),
                            ("damaged", "It cannot be read as what it says it is."),
                            ("names", "It is a message or a page that carries names and addresses."),
                            ("large", "It is too large to be copied."),
                        ],
                        default="",
                        max_length=10,
                    ),
                ),
                ("scanned_at", models.DateTimeField(null=True)),
                (
                    "verdict",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("clean", "The virus scanner found nothing."),
                            ("infected", "The virus scanner says that it is harmful."),
                        ],
                        default="",
                        max_length=10,
                    ),
                ),
                ("isolated_at", models.DateTimeField(null=True)),
                ("by", to(settings.AUTH_USER_MODEL, is_optional=True)),
                ("isolated_by", to(settings.AUTH_USER_MODEL, is_optional=True)),
                ("isolated_for", to("nowrongdoor.agency", is_optional=True)),
                ("receiver", to("nowrongdoor.agency")),
                ("signal", to("nowrongdoor.signal", has_index=False)),
            ],
            options={
                "db_table": "nowrongdoor_signal_file",
                "indexes": [
                    models.Index(condition=Q(scanned_at=None), fields=["at", "id"], name="signal_file_unscanned")
                ],
                "constraints": [
                    models.UniqueConstraint(fields=["signal", "number"], name="a_file_of_a_signal_has_its_number"),
                    check("a_signal_holds_at_most_10_files", Q(number__gte=1, number__lte=10)),
                    check(
                        "a_file_of_a_signal_is_of_a_kind_that_comes_in",
                        Q(kind__in=[code for code, _ in KINDS]),
                    ),
                    check(
                        "a_file_without_a_copy_says_why_and_has_its_original",
                        Q(no_copy="") | Q(no_copy__in=["active", "damaged", "names", "large"], keeps_original=True),
                    ),
                    check(
                        "a_file_is_scanned_with_a_verdict",
                        Q(scanned_at=None, verdict="") | Q(scanned_at__isnull=False, verdict__in=["clean", "infected"]),
                    ),
                    check(
                        "a_file_is_isolated_by_somebody",
                        Q(isolated_at=None, isolated_by=None, isolated_for=None)
                        | Q(isolated_at__isnull=False, isolated_by__isnull=False, isolated_for__isnull=False),
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="SignalFileContent",
            fields=[
                ("id", identity()),
                (
                    "form",
                    models.CharField(
                        choices=[("original", "as it was sent"), ("copy", "without hidden details")], max_length=10
                    ),
                ),
                ("size", models.PositiveIntegerField()),
                ("digest", models.BinaryField()),
                ("content", models.BinaryField()),
                ("file", to("nowrongdoor.signalfile", "contents", has_index=False)),
            ],
            options={
                "db_table": "nowrongdoor_signal_file_content",
                "constraints": [
                    models.UniqueConstraint(fields=["file", "form"], name="a_file_of_a_signal_has_one_of_each_form"),
                    check("a_content_is_an_original_or_a_copy", Q(form__in=["original", "copy"])),
                    check("a_content_is_within_the_limit", Q(size__gt=0, size__lte=20_000_000)),
                ],
            },
        ),
        migrations.RunSQL(GUARDS, UNGUARD),
        migrations.RunSQL(migrations.RunSQL.noop, STAYS),
    ]
