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
from nowrongdoor.cases.models import Case
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
        for signed in ("", "1", "x.y", f"{signing.signature({})}", signing.signature(values, key="another")):
            with raw.transaction(force_rollback=True):
                say(raw, {**values, row_security.SIGNED: signed})
                assert shown(raw) == {}


def test_that_is_so_by_this_guard_alone(case: Case, superuser: psycopg.Connection) -> None:
    superuser.execute(UNGUARDED)
    superuser.execute(sql.SQL("SET LOCAL SESSION AUTHORIZATION {}").format(sql.Identifier(cluster.APP)))
    for values in claimed(case).values():
        say(superuser, dict.fromkeys(row_security.NOBODY, "") | values)
        assert shown(superuser)


@pytest.mark.parametrize("name", signing.NAMES)
def test_a_statement_that_changes_what_was_signed_sees_not_even_what_was_seen_before(
    case: Case, raw: psycopg.Connection, name: str
) -> None:
    """As one does that was slipped into the page of somebody who looks."""
    viewer, other = stories.person("HOTLINE"), stories.person("EEOC")
    another = {**contexts.of(other), row_security.SYSTEM: "all", row_security.VISITOR: "00"}
    with raw.transaction(force_rollback=True):
        contexts.say(raw, contexts.of(viewer))
        assert shown(raw)
        say(raw, {name: another[name] if name != row_security.ROLE else viewers.Role.ADMINISTRATOR.value})
        assert shown(raw) == {}


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
        assert raw.execute(YES, given).rowcount == 0
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
    assert raw.execute("SELECT nwd_house()").fetchone() == (counts,)


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
    assert shown(superuser) == {}


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
