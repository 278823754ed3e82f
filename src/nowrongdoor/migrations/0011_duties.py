"""One table of duties, filled from notices, deadlines and open offers.

Expand only: `notice` and `clock` stay, and until the next release triggers keep them and `duty` alike in both
directions, so that code of the release before goes on beside this one. It writes no duties; this code writes no notices
and no clocks. What a trigger copies is copied no further: only our own triggers write as the owner (duties.sql).
"""

import pathlib

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import nowrongdoor.agencies.models

HERE = pathlib.Path(__file__).parent
NOTICE = {
    "kind": "'notice'",
    "case_id": "case_id",
    "thing": "''",
    "thing_id": "NULL::uuid",
    "source": "'mandate'",
    "agency_id": "agency_id",
    "desk": "desk",
    "by_hand": "by_hand",
    "follows_lead": "false",
    "role": "role",
    "rule": "rule",
    "clock": "clock",
    "why": "why",
    '"limit"': "''",
    "citation": "citation",
    "evidence": "evidence",
    "basis": "basis",
    "since": "sent_at",
    "due_at": "due_at",
    "done_at": "acknowledged_at",
    "done_by_id": "acknowledged_by_id",
    "how": "how",
    "withdrawn_at": "withdrawn_at",
}
# Until 0.2.0 the name of a clock that a disclosure started was "told-" and the end of the disclosure's id.
_DISCLOSURE = (
    "(SELECT d.id FROM nowrongdoor_disclosure d WHERE d.case_id = o.case_id AND o.clock LIKE 'told-%'"
    " AND o.clock = 'told-' || right(d.id::text, 12))"
)
CLOCK = {
    **NOTICE,
    "kind": "'deadline'",
    "thing": f"CASE WHEN {_DISCLOSURE} IS NULL THEN '' ELSE 'disclosure' END",
    "thing_id": _DISCLOSURE,
    "source": "CASE WHEN clock LIKE 'told-%' THEN 'disclosure' ELSE 'mandate' END",
    "by_hand": "false",
    "follows_lead": "follows_lead",
    "role": "''",
    "rule": "''",
    "clock": f"CASE WHEN {_DISCLOSURE} IS NULL THEN clock ELSE '' END",
    "why": "duty",
    '"limit"': '"limit"',
    "since": "started_at",
    "done_at": "met_at",
    "done_by_id": "met_by_id",
}
ANSWER = {
    **NOTICE,
    "kind": "'answer'",
    "thing": "'handoff'",
    "thing_id": "id",
    "source": "'offer'",
    "agency_id": "to_agency_id",
    "from_agency_id": "from_agency_id",
    "desk": "''",
    "by_hand": "false",
    "role": "'lead'",
    "clock": "''",
    "basis": "'policy'",
    "since": "offered_at",
    "done_at": "NULL::timestamptz",
    "done_by_id": "NULL::uuid",
    "how": "''::bytea",
    "withdrawn_at": "NULL::timestamptz",
}
# And back: what a notice and a clock say of a duty.
AS_NOTICE = {
    **{name: name for name in ("case_id", "desk", "agency_id", "by_hand", "role", "rule", "why", "citation")},
    **{name: name for name in ("evidence", "basis", "clock", "due_at", "how", "withdrawn_at")},
    "sent_at": "since",
    "acknowledged_at": "done_at",
    "acknowledged_by_id": "done_by_id",
}
AS_CLOCK = {
    **{name: name for name in ("case_id", "desk", "agency_id", "follows_lead", '"limit"', "citation", "evidence")},
    **{name: name for name in ("basis", "due_at", "how", "withdrawn_at")},
    "clock": "CASE WHEN thing = '' THEN clock ELSE 'told-' || right(thing_id::text, 12) END",
    "duty": "why",
    "started_at": "since",
    "met_at": "done_at",
    "met_by_id": "done_by_id",
}
OPEN = "state = 'offered'"


def added(to: str, columns: dict[str, str], origin: str, condition: str = "true") -> str:
    """Write the rows of `origin` as rows of `to`."""
    return (
        f"INSERT INTO nowrongdoor_{to} (id, {', '.join(columns)}) "  # noqa: S608  constants above
        f"SELECT id, {', '.join(columns.values())} FROM {origin} o WHERE {condition};"
    )


def changed(to: str, columns: dict[str, str], condition: str = "true") -> str:
    """Write the rows that a statement changed over those of `to` with the same ids."""
    read = ", ".join(f"{value} AS {name}" for name, value in columns.items())
    put = ", ".join(f"{name} = f.{name}" for name in columns)
    return (
        f"UPDATE nowrongdoor_{to} t SET {put} FROM (SELECT id, {read} FROM fresh o WHERE {condition}) AS f "  # noqa: S608
        "WHERE t.id = f.id;"
    )


def keeps(function: str, on_insert: str, on_update: str) -> str:
    """Write the two functions that keep another table like the one whose triggers call them."""
    return "".join(
        f"""
CREATE FUNCTION nowrongdoor_{function}_{verb}() RETURNS trigger LANGUAGE plpgsql
  SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  {act}
  RETURN NULL;
END $$;
"""
        for verb, act in (("insert", on_insert), ("update", on_update))
    )


FILL = "\n".join(
    (
        # Whoever writes one of these waits for the triggers below, so that nothing is missed in between.
        "LOCK TABLE nowrongdoor_notice, nowrongdoor_clock, nowrongdoor_handoff IN SHARE ROW EXCLUSIVE MODE;",
        added("duty", NOTICE, "nowrongdoor_notice"),
        added("duty", CLOCK, "nowrongdoor_clock"),
        added("duty", ANSWER, "nowrongdoor_handoff", OPEN),
    )
)
HAS_CLOCK = "kind = 'deadline' AND case_id IS NOT NULL"
# What nobody answered is withdrawn.
ANSWERED = (
    "UPDATE nowrongdoor_duty t SET"
    " done_at = CASE WHEN f.state IN ('accepted', 'declined') THEN f.over_at END,"
    " done_by_id = CASE WHEN f.state IN ('accepted', 'declined') THEN f.over_by_id END,"
    " withdrawn_at = CASE WHEN f.state NOT IN ('accepted', 'declined') THEN f.over_at END"
    " FROM fresh f WHERE t.id = f.id AND t.kind = 'answer' AND f.state <> 'offered';"
)
FUNCTIONS = "".join(
    (
        keeps("duty_of_notice", added("duty", NOTICE, "fresh"), changed("duty", NOTICE)),
        keeps("duty_of_clock", added("duty", CLOCK, "fresh"), changed("duty", CLOCK)),
        keeps(
            "as_released",
            added("notice", AS_NOTICE, "fresh", "kind = 'notice'") + added("clock", AS_CLOCK, "fresh", HAS_CLOCK),
            changed("notice", AS_NOTICE, "kind = 'notice'") + changed("clock", AS_CLOCK, HAS_CLOCK),
        ),
        keeps("answer_of_offer", added("duty", ANSWER, "fresh", OPEN), ANSWERED),
    )
)
TRIGGERS = """
-- The older tables and `duty` say the same. Not for what one of these triggers writes itself.
CREATE TRIGGER a_notice_is_a_duty AFTER INSERT ON nowrongdoor_notice
  REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT
  WHEN (pg_trigger_depth() = 0 OR NOT nowrongdoor_is_owner()) EXECUTE FUNCTION nowrongdoor_duty_of_notice_insert();
CREATE TRIGGER a_changed_notice_is_a_changed_duty AFTER UPDATE ON nowrongdoor_notice
  REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT
  WHEN (pg_trigger_depth() = 0 OR NOT nowrongdoor_is_owner()) EXECUTE FUNCTION nowrongdoor_duty_of_notice_update();
CREATE TRIGGER a_clock_is_a_duty AFTER INSERT ON nowrongdoor_clock
  REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT
  WHEN (pg_trigger_depth() = 0 OR NOT nowrongdoor_is_owner()) EXECUTE FUNCTION nowrongdoor_duty_of_clock_insert();
CREATE TRIGGER a_changed_clock_is_a_changed_duty AFTER UPDATE ON nowrongdoor_clock
  REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT
  WHEN (pg_trigger_depth() = 0 OR NOT nowrongdoor_is_owner()) EXECUTE FUNCTION nowrongdoor_duty_of_clock_update();
CREATE TRIGGER a_duty_is_kept_as_released AFTER INSERT ON nowrongdoor_duty
  REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT
  WHEN (pg_trigger_depth() = 0 OR NOT nowrongdoor_is_owner()) EXECUTE FUNCTION nowrongdoor_as_released_insert();
CREATE TRIGGER a_changed_duty_is_kept_as_released AFTER UPDATE ON nowrongdoor_duty
  REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT
  WHEN (pg_trigger_depth() = 0 OR NOT nowrongdoor_is_owner()) EXECUTE FUNCTION nowrongdoor_as_released_update();

-- An open offer owes its answer.
CREATE TRIGGER an_offer_owes_its_answer AFTER INSERT ON nowrongdoor_handoff
  REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION nowrongdoor_answer_of_offer_insert();
CREATE TRIGGER an_answer_ends_with_its_offer AFTER UPDATE ON nowrongdoor_handoff
  REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION nowrongdoor_answer_of_offer_update();
"""


class Migration(migrations.Migration):
    dependencies = [("nowrongdoor", "0010_memberships")]

    operations = [
        migrations.CreateModel(
            name="Duty",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=nowrongdoor.agencies.models.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("kind", models.CharField(max_length=12)),
                ("thing", models.CharField(blank=True, default="", max_length=20)),
                ("thing_id", models.UUIDField(null=True)),
                ("source", models.CharField(max_length=12)),
                ("desk", models.CharField(blank=True, default="", max_length=200)),
                ("by_hand", models.BooleanField(default=False)),
                ("follows_lead", models.BooleanField(default=False)),
                ("role", models.CharField(blank=True, default="", max_length=20)),
                ("rule", models.CharField(blank=True, default="", max_length=60)),
                ("clock", models.CharField(blank=True, default="", max_length=20)),
                ("why", models.TextField()),
                ("limit", models.CharField(blank=True, default="", max_length=60)),
                ("citation", models.TextField(blank=True, default="")),
                ("evidence", models.CharField(blank=True, default="", max_length=60)),
                ("basis", models.CharField(max_length=12)),
                ("since", models.DateTimeField()),
                ("due_at", models.DateTimeField()),
                ("done_at", models.DateTimeField(null=True)),
                ("how", models.BinaryField(default=bytes)),
                ("withdrawn_at", models.DateTimeField(null=True)),
                (
                    "needs_open",
                    models.GeneratedField(
                        db_persist=True,
                        expression=models.Case(
                            models.When(done_at__isnull=True, then=models.Value(True), withdrawn_at__isnull=True)
                        ),
                        output_field=models.BooleanField(null=True),
                    ),
                ),
                (
                    "agency",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="nowrongdoor.agency",
                    ),
                ),
                (
                    "case",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="nowrongdoor.case",
                    ),
                ),
                (
                    "done_by",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "from_agency",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="nowrongdoor.agency",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["notice", "deadline", "request", "task", "answer"])),
                        name="a_duty_has_a_known_kind",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("source__in", ["mandate", "disclosure", "offer", "person"])),
                        name="a_duty_says_where_it_comes_from",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("thing", ""), ("thing_id", None)),
                            models.Q(models.Q(("thing", ""), _negated=True), ("thing_id__isnull", False)),
                            _connector="OR",
                        ),
                        name="a_thing_has_a_name_and_an_id",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("kind__in", ["notice", "deadline", "request", "answer"]), _negated=True),
                            models.Q(("kind", "notice"), ("thing", ""), ("case__isnull", False)),
                            models.Q(
                                ("kind", "answer"),
                                ("thing", "handoff"),
                                ("thing_id", models.F("id")),
                                ("case__isnull", False),
                            ),
                            models.Q(
                                ("kind__in", ["deadline", "request"]),
                                models.Q(
                                    ("case__isnull", False), models.Q(("thing", ""), _negated=True), _connector="OR"
                                ),
                            ),
                            _connector="OR",
                        ),
                        name="a_duty_is_about_what_its_kind_may_be_about",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("agency__isnull", False), models.Q(("kind", "deadline"), ("person", None)), _connector="OR"
                        ),
                        name="only_a_deadline_is_owed_outside",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("by_hand", False), ("kind", "notice"), _connector="OR"),
                        name="only_a_notice_is_told_by_hand",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("follows_lead", False), ("kind", "deadline"), _connector="OR"),
                        name="only_a_deadline_follows_the_lead",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("kind", "answer"), _negated=True), ("from_agency__isnull", False), _connector="OR"
                        ),
                        name="an_answer_says_who_asks",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("basis__in", ["statute", "policy"])),
                        name="a_duty_says_whether_law_or_policy",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("done_at", None), ("done_by", None)),
                            models.Q(("done_at__isnull", False), ("done_by__isnull", False)),
                            _connector="OR",
                        ),
                        name="a_duty_is_done_by_somebody",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("by_hand", False),
                            ("done_at", None),
                            models.Q(("how", b""), _negated=True),
                            _connector="OR",
                        ),
                        name="who_tells_by_hand_says_how",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("kind", "deadline"), _negated=True),
                            ("case", None),
                            models.Q(("done_at", None), ("how", b"")),
                            models.Q(("done_at__isnull", False), models.Q(("how", b""), _negated=True)),
                            _connector="OR",
                        ),
                        name="a_deadline_of_a_case_is_met_somehow",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("how", b""), ("case__isnull", False), _connector="OR"),
                        name="words_of_a_duty_are_sealed_for_its_case",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("kind", "notice"), ("withdrawn_at", None)),
                        fields=("case", "desk", "role"),
                        name="one_notice_each_desk_and_role",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("case__isnull", False), ("kind", "deadline"), ("withdrawn_at", None)),
                        fields=("case", "clock", "thing_id"),
                        name="a_deadline_runs_once_per_case",
                        nulls_distinct=False,
                    ),
                ],
                "indexes": [
                    models.Index(
                        condition=models.Q(("done_at", None), ("withdrawn_at", None)),
                        fields=["agency", "kind", "due_at", "id"],
                        name="duty_of_agency",
                    ),
                ],
            },
        ),
        # No case leads to what is owed on it: only the room of duties does. Nothing is done to data.
        *(
            migrations.AlterField(
                name,
                "case",
                models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="nowrongdoor.case"),
            )
            for name in ("notice", "clock")
        ),
        migrations.RunSQL(
            FILL + (HERE / "duties.sql").read_text(encoding="utf-8") + FUNCTIONS + TRIGGERS,
            (HERE / "duties_undo.sql").read_text(encoding="utf-8"),
        ),
    ]
