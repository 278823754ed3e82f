"""What a statement says of whom it looks for counts only with a signature: tried as the run-time role, by whoever slips
a statement in or has its connection, on every table, and with the guard taken out."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping

import psycopg
import pytest
from django.conf import settings
from django.db.backends.utils import CursorWrapper
from django.test import override_settings
from psycopg import errors, sql

from nowrongdoor.access import row_security, signing, viewers
from nowrongdoor.agencies.models import User
from nowrongdoor.cases import actions as noting
from nowrongdoor.cases import need_to_know
from nowrongdoor.cases.models import Case, Note
from nowrongdoor.operating import cluster
from tests import at_home, contexts
from tests.access.test_row_security import OPEN, tables
from tests.leads import stories

UNGUARDED = """
CREATE OR REPLACE FUNCTION nwd_is_signed() RETURNS boolean LANGUAGE plpgsql STABLE PARALLEL SAFE AS
  'BEGIN RETURN true; END'
"""


@pytest.fixture
def case(committed_db: None) -> Case:
    return stories.case()


@pytest.fixture
def raw(committed_db: None) -> Iterator[psycopg.Connection]:
    with at_home.seeing_nothing() as database:
        yield database


@pytest.fixture
def superuser(committed_db: None) -> Iterator[psycopg.Connection]:
    with at_home.breaking_in() as database:
        yield database


def say(database: psycopg.Connection, values: Mapping[str, str]) -> None:
    """Say it as somebody does who cannot sign."""
    for name, value in values.items():
        database.execute("SELECT set_config(%s, %s, true)", [name, value])


def shown(database: psycopg.Connection) -> dict[str, int]:
    """How many rows there are in each table that is not for everybody; empty ones are left out."""
    names = [name for name in tables() if name.removeprefix("nowrongdoor_") not in OPEN]
    one = sql.SQL("SELECT {}, count(*) FROM {}")
    each = [one.format(sql.Literal(name), sql.Identifier(name)) for name in names]
    return {name: count for name, count in database.execute(sql.SQL(" UNION ALL ").join(each)) if count}


def claimed(case: Case) -> dict[str, dict[str, str]]:
    """Whom somebody may say to be."""
    of_lead = dict(contexts.of(stories.person(stories.lead_of(case))))
    return {
        "the lead's coordinator": of_lead,
        "the lead's coordinator, on the case": {**of_lead, row_security.CASE: str(case.id)},
        "the system": {row_security.SYSTEM: "all"},
        "the sign-in": {row_security.SYSTEM: "entry"},
    }


def test_who_cannot_sign_is_nobody_whoever_they_say_they_are(case: Case, raw: psycopg.Connection) -> None:
    for values in claimed(case).values():
        with raw.transaction(force_rollback=True):
            contexts.say(raw, values)
            assert shown(raw)
        for signed in ("", "1", "x.y", signing.signature({}), signing.signature(values, key="another")):
            with raw.transaction(force_rollback=True):
                say(raw, {**values, row_security.SIGNED: signed})
                with pytest.raises(errors.InsufficientPrivilege, match="not signed"):
                    shown(raw)
    with raw.transaction(force_rollback=True):
        say(raw, {row_security.SIGNED: signing.signature({})})
        assert shown(raw) == {}


def test_that_is_so_by_this_guard_alone(case: Case, superuser: psycopg.Connection) -> None:
    superuser.execute(UNGUARDED)
    superuser.execute(sql.SQL("SET LOCAL SESSION AUTHORIZATION {}").format(sql.Identifier(cluster.APP)))
    for values in claimed(case).values():
        say(superuser, dict.fromkeys(row_security.NOBODY, "") | values)
        assert shown(superuser)


@pytest.mark.parametrize("name", signing.NAMES)
def test_a_statement_that_changes_what_was_signed_is_broken_off(case: Case, raw: psycopg.Connection, name: str) -> None:
    """As one does that was slipped into the page of somebody who looks."""
    viewer, other = stories.person("HOTLINE"), stories.person("EEOC")
    another = {
        **contexts.of(other),
        row_security.ROLE: viewers.Role.ADMINISTRATOR.value,
        row_security.CASE: str(case.id),
        row_security.SYSTEM: "all",
        row_security.VISITOR: "00",
    }
    with raw.transaction(force_rollback=True):
        contexts.say(raw, contexts.of(viewer))
        assert shown(raw)
        say(raw, {name: another[name]})
        with pytest.raises(errors.InsufficientPrivilege, match="not signed"):
            shown(raw)


UNSIGNED = "what is said of whoever looks is not signed"
# What somebody may say to be, halfway through a statement: somebody else, or nobody at all.
SAYS = {
    "another case": "set_config('nwd.case', %(case)s::text, true)",
    "another person": "set_config('nwd.person', %(other)s::text, true)",
    "no person": "set_config('nwd.person', '', true)",
    "another role": "set_config('nwd.role', 'coordinator', true)",
    "no role": "set_config('nwd.role', '', true)",
    "the sign-in": "set_config('nwd.house', 'entry', true)",
    "nobody": " || ".join(f"set_config('{name}', '', true)" for name in row_security.NOBODY),
}


@pytest.mark.parametrize("says", SAYS)
def test_who_is_kept_away_from_a_case_reads_it_by_no_name_that_is_said_halfway(
    case: Case, raw: psycopg.Connection, says: str
) -> None:
    """Another case comes first, so that what is asked of whoever looks was answered once by then."""
    away = stories.person("HOTLINE", viewers.Role.COORDINATOR)
    supervisor = stories.person("HOTLINE")
    assert away.user_id
    need_to_know.exclude(case.id, person_id=away.user_id, because="She is his sister.", by=supervisor, at=stories.NOON)
    reads = f"""
    SELECT n.* FROM (VALUES (1, %(none)s::uuid), (2, %(case)s::uuid)) AS v (number, id),
      LATERAL (SELECT CASE WHEN v.number = 2 THEN {SAYS[says]} ELSE '' END AS said OFFSET 0) s,
      LATERAL (SELECT * FROM nowrongdoor_case_facts n WHERE n.case_id = v.id AND s.said IS NOT NULL OFFSET 0) n
    """  # noqa: S608  our own
    given = {"none": uuid.uuid4(), "case": str(case.id), "other": str(supervisor.user_id)}
    with raw.transaction(force_rollback=True):
        contexts.say(raw, {**contexts.of(supervisor), row_security.CASE: str(case.id)})
        assert raw.execute("SELECT FROM nowrongdoor_case_facts WHERE case_id = %(case)s", given).rowcount == 1
        contexts.say(raw, contexts.of(away))
        assert raw.execute("SELECT FROM nowrongdoor_case_facts WHERE case_id = %(case)s", given).rowcount == 0
        assert read_by(raw, reads, given) == 0


def read_by(raw: psycopg.Connection, statement: str, given: Mapping[str, object]) -> int:
    """How many rows a statement shows; none where it is broken off because what it says isn't signed."""
    try:
        with raw.transaction():
            return raw.execute(statement.encode(), given).rowcount
    except errors.InsufficientPrivilege as error:
        if error.diag.message_primary != UNSIGNED:
            raise
        return 0


@pytest.mark.parametrize("says", SAYS)
def test_nothing_is_written_in_another_name_that_is_said_halfway(
    case: Case, raw: psycopg.Connection, superuser: psycopg.Connection, says: str
) -> None:
    """Of two rows the second: its policy was answered with the first."""
    me, other = stories.person("HOTLINE"), stories.person("HOTLINE", viewers.Role.ADMINISTRATOR)
    events = f"""
    INSERT INTO nowrongdoor_auditevent (at, kind, verb, authority, agency_id, by_id, subject_id, details)
    SELECT now(), 'write', 'case.read', 'office', %(agency)s, CASE number WHEN 1 THEN %(me)s ELSE %(other)s END::uuid,
           %(case)s, '{{}}' FROM generate_series(1, 2) AS number RETURNING {SAYS[says]}
    """  # noqa: S608  our own
    given = {"agency": me.agency_id, "me": me.user_id, "other": str(other.user_id), "case": str(case.id)}
    with raw.transaction(force_rollback=True):
        contexts.say(raw, {**contexts.of(me), row_security.CASE: str(case.id)})
        with pytest.raises(psycopg.DatabaseError) as refusal:
            raw.execute(events.encode(), given)
    refused_by = refusal.value.diag.constraint_name or refusal.value.diag.message_primary
    assert refused_by in {"an_event_names_whoever_looks", UNSIGNED}


@pytest.mark.parametrize("says", SAYS)
def test_what_advocates_wrote_is_shown_to_no_investigator_who_says_to_be_another_halfway(
    case: Case, raw: psycopg.Connection, says: str
) -> None:
    """Another note comes first, so that what is asked of the case was answered by then."""
    advocate = stories.person("HOTLINE", viewers.Role.ADVOCATE)
    investigator = stories.person("HOTLINE", viewers.Role.INVESTIGATOR)
    for by in (investigator, advocate):
        noting.add_note(case.id, text="Called.", audience=Note.Audience.AGENCY, by=by, at=stories.NOON)
    notes = "SELECT {} FROM nowrongdoor_note WHERE case_id = %(case)s::uuid"
    given = {"case": str(case.id), "other": str(advocate.user_id)}
    with raw.transaction(force_rollback=True):
        contexts.say(raw, contexts.of(advocate))
        assert raw.execute(notes.format("1").encode(), given).rowcount == 2
        contexts.say(raw, contexts.of(investigator))
        assert raw.execute(notes.format("1").encode(), given).rowcount == 1
        assert read_by(raw, notes.format(SAYS[says]), given) < 2


def test_a_seal_is_made_where_one_signs_in(raw: psycopg.Connection, case: Case) -> None:
    me = stories.person("HOTLINE", viewers.Role.ADMINISTRATOR)
    with raw.transaction(force_rollback=True):
        contexts.say(raw, contexts.of(me))
        with pytest.raises(errors.CheckViolation) as refusal:
            raw.execute("UPDATE nowrongdoor_user SET sealed = 'x'")
    assert refusal.value.diag.constraint_name == "a_seal_is_made_at_the_entry"


YES = "UPDATE nowrongdoor_handoff SET state = 'accepted', over_at = now(), over_by_id = %(by)s WHERE id = %(offer)s"


def test_nobody_says_yes_in_another_ones_name_without_their_signature(case: Case, raw: psycopg.Connection) -> None:
    offer = stories.offer_of(case)
    asked = stories.person("HSI")
    given = {"by": asked.user_id, "offer": offer.id}
    yes = {**contexts.of(asked), row_security.CASE: str(case.id)}
    hotline = stories.person("HOTLINE")
    with raw.transaction(force_rollback=True):
        contexts.say(raw, {**contexts.of(hotline), row_security.CASE: str(case.id)})
        say(raw, yes)
        with pytest.raises(errors.InsufficientPrivilege, match="not signed"):
            raw.execute(YES, given)
    with raw.transaction(force_rollback=True):
        contexts.say(raw, yes)
        assert raw.execute(YES, given).rowcount == 1


def test_a_name_that_is_changed_while_a_statement_runs_gives_nobody_a_role(case: Case, raw: psycopg.Connection) -> None:
    """The policy has looked by then, and the trigger asks an administrator's name."""
    me = stories.person("HOTLINE", viewers.Role.ADVOCATE)
    administrator = stories.person("HOTLINE", viewers.Role.ADMINISTRATOR)
    promoted = (
        "UPDATE nowrongdoor_user SET role = 'administrator' WHERE id = %(me)s "
        "RETURNING set_config('nwd.person', %(other)s, true)"
    )
    with raw.transaction(force_rollback=True):
        contexts.say(raw, contexts.of(me))
        with pytest.raises(errors.CheckViolation) as refusal:
            raw.execute(promoted, {"me": me.user_id, "other": str(administrator.user_id)})
    assert refusal.value.diag.constraint_name == "nobody_gives_themselves_a_role"
    assert me.user_id
    assert User.objects.get(id=me.user_id).role == viewers.Role.ADVOCATE.value


@pytest.mark.parametrize(("days", "counts"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_a_signature_is_good_for_the_day_before_and_the_day_after(
    raw: psycopg.Connection, days: int, *, counts: bool
) -> None:
    row = raw.execute("SELECT extract(epoch FROM now())::bigint / %s", [signing.DAY]).fetchone()
    assert row
    said = {row_security.SYSTEM: "all"}
    signed = signing._of(settings.SECRET_KEY, row[0] + days, tuple(said.get(name, "") for name in signing.NAMES))
    say(raw, {**said, row_security.SIGNED: signed})
    if counts:
        assert raw.execute("SELECT nwd_house()").fetchone() == (True,)
        return
    with pytest.raises(errors.InsufficientPrivilege, match="not signed"):
        raw.execute("SELECT nwd_house()")


def test_the_key_is_in_no_place_that_the_run_time_role_reads(
    raw: psycopg.Connection, superuser: psycopg.Connection
) -> None:
    kept = superuser.execute("SELECT inner_key, outer_key FROM guards.signing").fetchone()
    assert kept
    for statement in ("SELECT * FROM guards.signing", "COPY guards.signing TO STDOUT", "TABLE guards.signing"):
        with pytest.raises(errors.InsufficientPrivilege), raw.transaction():
            raw.execute(statement.encode())
    row = raw.execute("SELECT string_agg(prosrc, '') FROM pg_proc WHERE prosrc LIKE '%%signing%%'").fetchone()
    assert row
    for key in kept:
        assert len(set(key)) > 10
        assert key.hex() not in row[0]


def test_what_comes_from_an_earlier_release_is_served_unsigned_until_it_is_sealed(
    case: Case, superuser: psycopg.Connection
) -> None:
    superuser.execute("UPDATE guards.signing SET is_demanded = false")
    said = {row_security.SYSTEM: "all"}
    app = sql.SQL("SET LOCAL SESSION AUTHORIZATION {}").format(sql.Identifier(cluster.APP))
    with superuser.transaction(force_rollback=True):
        superuser.execute(app)
        say(superuser, said)
        assert shown(superuser)
    signing.keep(superuser.cursor())  # type: ignore[arg-type]  # it asks what both have
    assert superuser.execute("SELECT is_demanded FROM guards.signing").fetchone() == (False,)
    signing.demand(superuser.cursor())  # type: ignore[arg-type]
    superuser.execute(app)
    say(superuser, said)
    with pytest.raises(errors.InsufficientPrivilege, match="not signed"):
        shown(superuser)


@pytest.mark.parametrize("is_demanded", [True, False])
def test_a_process_with_another_key_is_refused_before_it_serves(
    superuser: psycopg.Connection, *, is_demanded: bool
) -> None:
    superuser.execute("UPDATE guards.signing SET is_demanded = %s", [is_demanded])
    superuser.execute(sql.SQL("SET LOCAL SESSION AUTHORIZATION {}").format(sql.Identifier(cluster.APP)))
    signing.refuse_another_key(superuser, cluster.secret_key())
    with pytest.raises(signing.AnotherKey, match="that the others have"):
        signing.refuse_another_key(superuser, str(uuid.uuid4()))


def test_nobody_puts_another_key_in_its_place_without_saying_so(superuser: psycopg.Connection) -> None:
    """As a shell does that has no NWD_SECRET_KEY, and so another one."""
    cursor: CursorWrapper = superuser.cursor()  # type: ignore[assignment]  # it asks what both have
    before = superuser.execute("SELECT * FROM guards.signing").fetchall()
    with override_settings(SECRET_KEY=str(uuid.uuid4())):
        with pytest.raises(signing.AnotherKey):
            signing.keep(cursor)
        assert superuser.execute("SELECT * FROM guards.signing").fetchall() == before
        signing.keep(cursor, is_new=True)
        assert superuser.execute("SELECT * FROM guards.signing").fetchall() != before


def test_what_is_restored_without_its_key_demands_signatures_where_people_are_sealed(
    case: Case, superuser: psycopg.Connection
) -> None:
    superuser.execute("SET LOCAL session_replication_role = replica")
    for sealed in (False, True):
        superuser.execute("UPDATE nowrongdoor_user SET sealed = %s", [b"a seal" if sealed else None])
        superuser.execute("DELETE FROM guards.signing")
        signing.keep(superuser.cursor())  # type: ignore[arg-type]  # it asks what both have
        assert superuser.execute("SELECT is_demanded FROM guards.signing").fetchone() == (sealed,)
