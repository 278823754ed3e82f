"""Who may say for whom the database shows rows: whoever holds the installation's signing key, and nobody else.

The promise: what a statement says of whom it looks for, and at which case, counts only with a signature over all of it;
one that says something else halfway is broken off where that is asked. A statement that somebody slipped in, or the
run-time role's connection in other hands, can say a name and sign it no more than read the key: that is kept in a table
of the owner's, in a schema without a name for the run-time role. A signature is good for the day on which it was made,
the one before and the one after.

An installation that comes from an earlier release demands signatures once no process of that release serves any more:
`nwd up` with its own database says so by itself, `nwd database seal` elsewhere. A new one demands them from the start.
"""

from __future__ import annotations

import functools
import hashlib
import hmac
import time
from collections.abc import Mapping

import psycopg
from django.conf import settings
from django.db.backends.utils import CursorWrapper

GUARDS = "guards"  # the schema that the run-time role may name nothing of
AGENCY, ROLE, PERSON, CASE = "nwd.agency", "nwd.role", "nwd.person", "nwd.case"
SYSTEM, VISITOR = "nwd.house", "nwd.visitor"
NAMES = AGENCY, ROLE, PERSON, CASE, SYSTEM, VISITOR
TABLE, SIGNED = f"{GUARDS}.signing", "nwd.signed"
ASKS_FOR_KEY = "SELECT nwd_is_key_of('key', %s)"
APP = "nwd_app"  # the run-time role
DAY = 24 * 60 * 60  # seconds
_BLOCK = 64  # bytes: HMAC as RFC 2104 has it, which the database computes from its built-in SHA-256
_NOTHING = " = '' AND ".join(f"coalesce(current_setting('{name}', true), '')" for name in NAMES) + " = ''"
_SAID = ", '|', ".join(f"current_setting('{name}', true)" for name in NAMES)
_MADE = f"""
CREATE TABLE IF NOT EXISTS {TABLE} (
  alone boolean PRIMARY KEY DEFAULT true CHECK (alone), inner_key bytea NOT NULL, outer_key bytea NOT NULL,
  is_demanded boolean NOT NULL);
REVOKE ALL ON {TABLE} FROM PUBLIC, {APP};
"""
_KEEP = f"""
INSERT INTO {TABLE} (inner_key, outer_key, is_demanded)
  VALUES (%(inner)s, %(outer)s, NOT EXISTS (SELECT FROM public.nowrongdoor_country)
          OR EXISTS (SELECT FROM public.nowrongdoor_user WHERE sealed IS NOT NULL))
  ON CONFLICT (alone) DO NOTHING
"""  # noqa: S608  our own names
_DECLARED = f"""
  kept {TABLE}%ROWTYPE;
  made text := split_part(given, '.', 1);
  today int := extract(epoch FROM statement_timestamp())::bigint / {DAY};
"""
_FITS = """coalesce(made IN ((today - 1)::text, today::text, (today + 1)::text)
    AND given = made || '.' || encode(sha256(kept.outer_key || sha256(kept.inner_key ||
        convert_to(concat(made, '|', {said}), 'UTF8'))), 'hex'), false)"""
# Asked of nearly every statement, several times: PL/pgSQL keeps its plan, which plain SQL makes anew each time, and
# `nwd_is_signed` calls no other function, which would cost it as much again.
FUNCTIONS = f"""
CREATE OR REPLACE FUNCTION nwd_is_key_of(asked text, given text) RETURNS boolean LANGUAGE plpgsql STABLE
  PARALLEL SAFE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE  -- whether it is the key that made a signature, and made it lately
{_DECLARED}
BEGIN
  SELECT * INTO kept FROM {TABLE};
  RETURN {_FITS.format(said="asked")};
END $$;
CREATE OR REPLACE FUNCTION nwd_is_signed_for(asked text, given text) RETURNS boolean LANGUAGE plpgsql STABLE
  PARALLEL SAFE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  RETURN (SELECT NOT is_demanded FROM {TABLE}) IS TRUE OR nwd_is_key_of(asked, given);
END $$;
CREATE OR REPLACE FUNCTION nwd_is_signed() RETURNS boolean LANGUAGE plpgsql STABLE PARALLEL SAFE
  SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  given text := current_setting('{SIGNED}', true);
{_DECLARED}
  is_so boolean;
BEGIN
  IF pg_has_role(session_user, current_user, 'MEMBER') THEN
    RETURN true;  -- the owner, and a superuser: no policy holds them
  END IF;
  SELECT * INTO kept FROM {TABLE};
  IF NOT kept.is_demanded THEN
    RETURN true;
  END IF;
  is_so := {_FITS.format(said=_SAID)};
  IF NOT is_so AND NOT ({_NOTHING}) THEN
    RAISE EXCEPTION 'what is said of whoever looks is not signed' USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN is_so;
END $$;
"""  # noqa: S608  our own names
# What triggers of the schema ask of whoever looks, some of them since the first release: only what is signed counts.
TRIGGERS = """
CREATE OR REPLACE FUNCTION nowrongdoor_in_house() RETURNS boolean LANGUAGE sql STABLE RETURN nwd_house();
CREATE OR REPLACE FUNCTION nowrongdoor_at_entry() RETURNS boolean LANGUAGE sql STABLE RETURN nwd_entry();
CREATE OR REPLACE FUNCTION nowrongdoor_looks() RETURNS uuid LANGUAGE sql STABLE RETURN nwd_person();
CREATE OR REPLACE FUNCTION nowrongdoor_for_me(agency uuid) RETURNS boolean LANGUAGE sql STABLE
  RETURN coalesce(agency = nwd_agency(), false);
CREATE OR REPLACE FUNCTION nowrongdoor_is_me(person uuid) RETURNS boolean LANGUAGE sql STABLE
  RETURN coalesce(person = nwd_person(), false);
CREATE OR REPLACE FUNCTION nowrongdoor_administers(person uuid, agency uuid) RETURNS boolean LANGUAGE plpgsql STABLE
  SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  RETURN nwd_is_signed() AND EXISTS (SELECT FROM nowrongdoor_user WHERE id = person AND role = 'administrator'
                                        AND (agency IS NULL OR agency_id = agency));
END $$;
CREATE OR REPLACE FUNCTION nowrongdoor_is_invited(sign_in_name text, agency uuid, as_role text) RETURNS boolean
  LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  RETURN nwd_entry() AND NOT nwd_house()
    AND EXISTS (SELECT FROM nowrongdoor_invitation WHERE name = sign_in_name AND agency_id = agency AND role = as_role
                 AND used_at IS NOT NULL AND withdrawn_at IS NULL);
END $$;
CREATE OR REPLACE FUNCTION nowrongdoor_note_writer() RETURNS trigger LANGUAGE plpgsql
  SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  NEW.written_as := nwd_role();
  RETURN NEW;
END $$;
"""


class NoSchema(RuntimeError):
    """The owner may not make a schema in this database; the message says who can, and how."""

    def __init__(self, database: str) -> None:
        super().__init__(
            f"The owner may not make a schema in this database. Whoever owns it says once: CREATE SCHEMA {GUARDS} "
            f"AUTHORIZATION nwd_owner; in {database}. Then run this again."
        )


class AnotherKey(RuntimeError):
    """The database knows another signing key than this process has; the message says what to do."""

    def __init__(self) -> None:
        super().__init__(
            "This process signs with another NWD_SECRET_KEY than the database knows, so it would be shown nothing. "
            "Give every machine the key that the others have. If it was changed on purpose, stop everything and run "
            "`nwd database migrate --new-key`."
        )


def signature(values: Mapping[str, str], *, key: str = "") -> str:
    """Sign what is said of whom a statement looks for. `key`: the installation's, where settings don't hold it."""
    return signature_for(*(values.get(name, "") for name in NAMES), key=key)


def signature_for(*asked: str, key: str = "") -> str:
    """Sign one question that is asked outside of any context, such as who the person of a session is."""
    return _of(key or settings.SECRET_KEY, int(time.time() // DAY), asked)


@functools.lru_cache(maxsize=4096)
def _of(key: str, day: int, texts: tuple[str, ...]) -> str:
    text = "|".join((str(day), *texts))
    return f"{day}.{hmac.digest(_derived(key), text.encode(), 'sha256').hex()}"


def _derived(key: str) -> bytes:
    return hashlib.blake2b(key.encode(), digest_size=32, person=b"nwd signing").digest()


def keep(cursor: CursorWrapper, *, is_new: bool = False) -> None:
    """Let the database know the key, as the owner, before policies ask for it: once, or another one (`is_new`), which
    cuts off whoever signs with the one before. A new installation demands signatures from now on, and so does one whose
    people are sealed; any other goes on as it was. NoSchema, AnotherKey."""
    cursor.execute(
        "SELECT to_regnamespace(%s) IS NOT NULL, has_database_privilege(current_database(), 'CREATE'), "
        "current_database()",
        [GUARDS],
    )
    is_there, may_make, database = cursor.fetchone()
    if not is_there and not may_make:
        raise NoSchema(database)
    if not is_there:
        cursor.execute(f"CREATE SCHEMA {GUARDS}")
    cursor.execute(_MADE)
    key = _derived(settings.SECRET_KEY).ljust(_BLOCK, b"\0")
    pads = {"inner": bytes(byte ^ 0x36 for byte in key), "outer": bytes(byte ^ 0x5C for byte in key)}
    if is_new:
        cursor.execute(f"UPDATE {TABLE} SET inner_key = %(inner)s, outer_key = %(outer)s", pads)  # noqa: S608  ours
    cursor.execute(_KEEP, pads)
    cursor.execute(f"SELECT (inner_key, outer_key) = (%(inner)s, %(outer)s) FROM {TABLE}", pads)  # noqa: S608  ours
    if cursor.fetchone() != (True,):
        raise AnotherKey


def demand(cursor: CursorWrapper) -> None:
    """Demand signatures from now on, as the owner: processes of a release that does not sign are shown nothing."""
    cursor.execute(f"UPDATE {TABLE} SET is_demanded = true WHERE NOT is_demanded")  # noqa: S608  our own name


def is_put_up(database: psycopg.Connection) -> bool:
    """Return whether a migration of a release that signs was here."""
    row = database.execute("SELECT to_regprocedure('nwd_is_key_of(text, text)') IS NOT NULL").fetchone()
    return row == (True,)


def is_demanded(database: psycopg.Connection) -> bool:
    """Return whether signatures are demanded, as the run-time role, outside of any context."""
    return is_put_up(database) and database.execute("SELECT NOT nwd_is_signed()").fetchone() == (True,)


def refuse_another_key(database: psycopg.Connection, key: str) -> None:
    """Refuse to serve where the database knows another key than this one. AnotherKey."""
    if is_put_up(database) and database.execute(ASKS_FOR_KEY, [signature_for("key", key=key)]).fetchone() != (True,):
        raise AnotherKey  # where nothing was migrated yet, that is told elsewhere
