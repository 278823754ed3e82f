"""Which rows the run-time role sees: a policy for every table, written as data and applied after every migration.

The promise (4 of the design): deny by default. A table without an entry in POLICIES has row security and no policy, so
that it is empty to everybody; a test reads the catalogue and fails on it. The policies ask what `row_security` set for
this transaction, and nothing else.

Note [No circles]: a policy that reads a table is itself subject to that table's policy. So `participant` has plain
conditions of its own, and only the others ask it. What few cases a person is excluded from, or has opened in an
emergency, is asked once a statement, by a function that looks past row security.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

from django.db import connection

from nowrongdoor.access import viewers
from nowrongdoor.core import parts

_ROLES = ", ".join(sorted(f"'{role.value}'" for role in viewers.SEES_CASES))
FUNCTIONS = f"""
CREATE OR REPLACE FUNCTION nwd_agency() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE
    RETURN nullif(current_setting('nwd.agency', true), '')::uuid;
CREATE OR REPLACE FUNCTION nwd_person() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE
    RETURN nullif(current_setting('nwd.person', true), '')::uuid;
CREATE OR REPLACE FUNCTION nwd_case() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE
    RETURN nullif(current_setting('nwd.case', true), '')::uuid;
CREATE OR REPLACE FUNCTION nwd_role() RETURNS text LANGUAGE sql STABLE PARALLEL SAFE
    RETURN coalesce(current_setting('nwd.role', true), '');
CREATE OR REPLACE FUNCTION nwd_house() RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE
    RETURN coalesce(current_setting('nwd.house', true), '') = 'all';
CREATE OR REPLACE FUNCTION nwd_entry() RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE
    RETURN coalesce(current_setting('nwd.house', true), '') IN ('entry', 'all');
CREATE OR REPLACE FUNCTION nwd_sees_cases() RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE
    RETURN nwd_role() IN ({_ROLES});
CREATE OR REPLACE FUNCTION nwd_excluded_from() RETURNS uuid[] LANGUAGE sql STABLE
    SECURITY DEFINER SET search_path = public, pg_temp
    RETURN ARRAY(SELECT case_id FROM nowrongdoor_exclusion WHERE person_id = nwd_person() AND lifted_at IS NULL);
CREATE OR REPLACE FUNCTION nwd_opened_in_emergency() RETURNS uuid[] LANGUAGE sql STABLE
    SECURITY DEFINER SET search_path = public, pg_temp
    RETURN ARRAY(SELECT case_id FROM nowrongdoor_emergency
                  WHERE by_id = nwd_person() AND until > statement_timestamp());
CREATE OR REPLACE FUNCTION nwd_reaches(kind varchar, subject uuid) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN  -- not in SQL: so it is planned once a connection, and the policies it asks are not planned with every key;
       -- and the tables are named with their schema, so that no temporary one of a caller's stands in for them
    IF kind = 'case' THEN
        RETURN EXISTS (SELECT FROM public.nowrongdoor_case WHERE id = subject);
    END IF;
    RETURN EXISTS (SELECT FROM public.nowrongdoor_signal WHERE id = subject)
        OR EXISTS (SELECT FROM public.nowrongdoor_case_signal cs
                    WHERE cs.signal_id = subject AND cs.case_id = public.nwd_case());
END $$;
CREATE OR REPLACE FUNCTION nwd_who(uuid) RETURNS SETOF nowrongdoor_user LANGUAGE sql STABLE
    SECURITY DEFINER SET search_path = public, pg_temp
    RETURN (SELECT u FROM nowrongdoor_user u WHERE id = $1);
CREATE OR REPLACE FUNCTION nwd_name_of(uuid) RETURNS text LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path = public, pg_temp
    RETURN (SELECT full_name FROM nowrongdoor_user WHERE id = $1);
CREATE OR REPLACE FUNCTION nwd_agency_name_of(uuid) RETURNS text LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path = public, pg_temp
    RETURN (SELECT a.name FROM nowrongdoor_user u JOIN nowrongdoor_agency a ON a.id = u.agency_id WHERE u.id = $1);
CREATE OR REPLACE FUNCTION nwd_answered_for() RETURNS SETOF uuid LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path = public, pg_temp
AS $$  -- agencies that somebody answers for: in the role that may, not switched off, with a way to sign in
    SELECT DISTINCT u.agency_id FROM nowrongdoor_user u
     WHERE u.is_active AND u.role = '{viewers.ANSWERS.value}'
       AND (u.password !~ '^(!|$)' OR EXISTS (SELECT FROM socialaccount_socialaccount s WHERE s.user_id = u.id));
$$;
"""  # noqa: S608  role names are our own
# In parentheses with SELECT each is asked once a statement, not once a row.
ME, PERSON, THIS_CASE = "(SELECT nwd_agency())", "(SELECT nwd_person())", "(SELECT nwd_case())"
SYSTEM, ENTRY, SEES_CASES = "(SELECT nwd_house())", "(SELECT nwd_entry())", "(SELECT nwd_sees_cases())"


def role_is(*roles: viewers.Role) -> str:
    """Ask whether the viewer has one of the roles."""
    names = ", ".join(f"'{role.value}'" for role in roles)
    return f"(SELECT nwd_role() IN ({names}))"


INSPECTS, ADMINISTERS = role_is(viewers.Role.INSPECTOR), role_is(viewers.Role.ADMINISTRATOR)
ANALYSES = role_is(viewers.Role.ANALYST)
HANDS_IN = role_is(viewers.Role.MACHINE)


def _not_excluded(case: str) -> str:
    return f"{case} <> ALL ((SELECT nwd_excluded_from())::uuid[])"


def _emergency(case: str) -> str:
    return f"{case} = ANY ((SELECT nwd_opened_in_emergency())::uuid[])"


def takes_part(case: str) -> str:
    """Ask whether the viewer's agency takes part in a case now, and the viewer may work on it."""
    part = (
        f"EXISTS (SELECT FROM nowrongdoor_participant p WHERE p.case_id = {case} AND p.agency_id = {ME} "
        "AND p.to_at IS NULL)"
    )
    return f"({SEES_CASES} AND ({part} OR {_emergency(case)}) AND {_not_excluded(case)})"


def took_part(case: str, *, machine: bool = False) -> str:
    """Ask whether the viewer's agency takes part now, or did."""
    part = f"EXISTS (SELECT FROM nowrongdoor_participant p WHERE p.case_id = {case} AND p.agency_id = {ME})"
    who = f"({SEES_CASES} OR {HANDS_IN})" if machine else SEES_CASES
    return f"({who} AND ({part} OR {_emergency(case)}) AND {_not_excluded(case)})"


@dataclasses.dataclass(frozen=True)
class Policy:
    """Which rows of a table are shown (`see`), and which may be added or changed (`write`; as `see` when empty)."""

    see: str
    write: str = ""
    why: str = ""  # for a table without secret rows


def _open(why: str, write: str = SYSTEM) -> Policy:
    return Policy("true", write, why)


def _ours_or(*conditions: str) -> str:
    return " OR ".join((SYSTEM, *conditions))


_OF_CASE = "@.case_id"  # @ stands for the table: inside a subquery a bare name would be the subquery's own
_CASE = _ours_or(f"case_id = {THIS_CASE}", takes_part(_OF_CASE))
_BETWEEN = f"{SEES_CASES} AND {_not_excluded(_OF_CASE)}"
_MINE = f"agency_id = {ME}"
_SIGNAL_OF_CASE = (
    f"EXISTS (SELECT FROM nowrongdoor_case_signal cs WHERE cs.signal_id = @.id AND cs.case_id = {THIS_CASE})"
)

# Which role sees which part of a person, of those that its own agency wrote down.
PARTS: Mapping[parts.Part, frozenset[viewers.Role]] = {
    parts.Part.IDENTITY: viewers.SEES_CASES - {viewers.Role.PROVIDER},
    parts.Part.LOCATION: viewers.SEES_CASES,
    parts.Part.IMMIGRATION: frozenset({viewers.Role.ADVOCATE, viewers.Role.VICTIM_SPECIALIST}),
}


def _role_for_part() -> str:
    each = (f"(part = '{part.value}' AND {role_is(*sorted(roles, key=str))})" for part, roles in PARTS.items())
    return f"({' OR '.join(each)})"


def _told(table: str, end: str, more: str) -> str:
    """Whether a release or a disclosure shows this part of this person to the viewer's agency now."""
    return (
        f"EXISTS (SELECT FROM nowrongdoor_{table} r WHERE r.person_id = @.person_id AND r.recipient_id = {ME} "
        f"AND @.part = ANY (r.parts) AND r.{end} > statement_timestamp() {more})"
    )


_PERSON_OF_CASE = f"EXISTS (SELECT FROM nowrongdoor_person p WHERE p.id = @.person_id AND p.case_id = {THIS_CASE})"
_BOTH_SIDES = _ours_or(
    f"(({_MINE} OR recipient_id = {ME}) AND {SEES_CASES} AND {_not_excluded(_OF_CASE)})", f"case_id = {THIS_CASE}"
)
# What an agency wrote about a case: its own always, while it takes or took part; the team's while it takes part.
_WRITTEN = Policy(
    _ours_or(f"({_MINE} AND {took_part(_OF_CASE)})", f"(audience = 'team' AND {takes_part(_OF_CASE)})"),
    f"{_MINE} AND by_id = {PERSON} AND {takes_part(_OF_CASE)}",
)
# About a case: whoever owes it and whoever takes part. About anything else: the people of its owner, and where one of
# them owes it, that person alone.
_DUTY = _ours_or(
    f"(case_id IS NOT NULL AND {_MINE} AND {_BETWEEN})",  # no case is also none of those that one is excluded from
    f"case_id = {THIS_CASE}",
    takes_part(_OF_CASE),
    f"(case_id IS NULL AND {_MINE} AND coalesce(person_id, {PERSON}) = {PERSON})",
)
POLICIES: Mapping[str, Policy] = {
    "agency": _open("which agencies there are, and their names, is public"),
    "closing": _open("which agency is being closed, and into which, is public"),
    "user": Policy(
        f"{ENTRY} OR {_MINE}",
        f"{ENTRY} OR ({_MINE} AND ({ADMINISTERS} OR id = {PERSON}))",
    ),
    "invitation": Policy(f"{ENTRY} OR ({_MINE} AND {ADMINISTERS})"),
    **{
        table: Policy(f"{ENTRY} OR user_id = {PERSON}")
        for table in ("mfa_authenticator", "account_emailaddress", "socialaccount_socialaccount")
    },
    **{
        table: Policy(ENTRY)
        for table in ("account_emailconfirmation", "socialaccount_socialtoken", "socialaccount_socialapp")
    },
    "token": Policy(f"{ENTRY} OR ({_MINE} AND {ADMINISTERS})"),
    "signal": Policy(_ours_or(f"(receiver_id = {ME} AND ({SEES_CASES} OR {HANDS_IN}))", _SIGNAL_OF_CASE)),
    "case": Policy(_ours_or(f"id = {THIS_CASE}", took_part("@.id", machine=True))),
    "case_signal": Policy(_ours_or(f"case_id = {THIS_CASE}", took_part(_OF_CASE, machine=True))),
    "case_facts": Policy(_CASE),
    "tenure": Policy(_ours_or(took_part(_OF_CASE), f"case_id = {THIS_CASE}")),
    # No agency lets itself into a case: whoever writes came through the case's door, or works for the system.
    "participant": Policy(_ours_or(_MINE, f"case_id = {THIS_CASE}"), _ours_or(f"case_id = {THIS_CASE}")),
    "person": Policy(_CASE),
    "person_part": Policy(
        _ours_or(
            f"({_role_for_part()} AND ((@.owner_id = {ME} AND {took_part(_OF_CASE)}) "
            f"OR ({takes_part(_OF_CASE)} AND ({_told('release', 'expires_at', 'AND r.revoked_at IS NULL')} "
            f"OR {_told('disclosure', 'until', '')}))))"
        ),
        _ours_or(f"(@.owner_id = {ME} AND {took_part(_OF_CASE)})"),
    ),
    "release": Policy(_BOTH_SIDES, _ours_or(f"({_MINE} AND {took_part(_OF_CASE)})")),
    "disclosure": Policy(_BOTH_SIDES, _ours_or(f"({_MINE} AND {took_part(_OF_CASE)})")),
    "hold": Policy(_ours_or(f"case_id = {THIS_CASE}", takes_part(_OF_CASE)), _ours_or(f"({_MINE} AND {SEES_CASES})")),
    "disposal": Policy(_ours_or(f"({_MINE} AND {SEES_CASES})", f"case_id = {THIS_CASE}")),
    "person_token": Policy(_ours_or(f"(owner_id = {ME} AND {SEES_CASES})", _PERSON_OF_CASE)),
    "datakey": Policy(
        _ours_or(
            f"subject_id = {THIS_CASE}",
            'nwd_reaches("of", subject_id)',
        ),
    ),
    "datakey_version": Policy(
        f"{SYSTEM} OR EXISTS (SELECT FROM nowrongdoor_datakey d WHERE d.subject_id = @.subject_id)", SYSTEM
    ),
    "rootkey": _open("a key that only the key provider can unwrap"),
    "note": _WRITTEN,
    "case_file": _WRITTEN,
    "assessment": Policy(_CASE),
    "finding": _open("what instruments say of yes and no answers; names no case", "true"),
    "decision": Policy(_CASE),
    "ruling": _open("what a table says of facts; names no case", "true"),
    "mandate_table": _open("the rules are public"),
    "handoff": Policy(
        _ours_or(
            f"case_id = {THIS_CASE}",
            f"({ME} IN (to_agency_id, from_agency_id) AND ({_BETWEEN} OR {HANDS_IN}))",
            takes_part(_OF_CASE),
            f"({HANDS_IN} AND {took_part(_OF_CASE, machine=True)})",
        )
    ),
    "notice": Policy(_ours_or(f"({_MINE} AND {_BETWEEN})", f"case_id = {THIS_CASE}", takes_part(_OF_CASE))),
    # Until the next release drops them, triggers keep `notice` and `clock` like their rows here.
    "duty": Policy(_DUTY, f"kind <> 'answer' AND ({_DUTY})"),  # triggers write the answer that an offer owes
    "clock": Policy(_ours_or(f"({_MINE} AND {_BETWEEN})", f"case_id = {THIS_CASE}", takes_part(_OF_CASE))),
    "prevalence_run": Policy(
        f"{SYSTEM} OR ({_MINE} AND {ANALYSES})", f"{SYSTEM} OR ({_MINE} AND {ANALYSES} AND by_id = {PERSON})"
    ),
    "auditevent": Policy(
        f"{SYSTEM} OR ({_MINE} AND {INSPECTS})",
        f"{ENTRY} OR {_MINE} OR case_id = {THIS_CASE}",
    ),
    "auditseal": Policy(f"{SYSTEM} OR ({_MINE} AND {INSPECTS})", "false"),  # a trigger writes it
    "auditanchor": _open("digests that are made to be published"),
    "exclusion": Policy(_ours_or(_MINE, f"person_id = {PERSON}", f"case_id = {THIS_CASE}"), _ours_or(_MINE)),
    "emergency": Policy(
        _ours_or(
            _MINE,
            f"by_id = {PERSON}",
            f"case_id = {THIS_CASE}",
            f"({SEES_CASES} AND EXISTS (SELECT FROM nowrongdoor_participant p WHERE p.case_id = @.case_id "
            f"AND p.agency_id = {ME} AND p.to_at IS NULL))",
        ),
        _ours_or(_MINE),
    ),
}
# Tables of the framework and the queue: no row belongs to a case, a signal, a person or an agency.
APART = ("django_", "procrastinate_", "auth_", "rate_limit", "cache_entry")


def apply() -> None:
    """Write all row policies anew; run as the owner, after `migrate`."""
    with connection.cursor() as cursor:
        cursor.execute(FUNCTIONS)
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")
        for (table,) in cursor.fetchall():
            if table.startswith(APART):
                continue
            cursor.execute(f'ALTER TABLE "{table}" ENABLE ROW LEVEL SECURITY')
            cursor.execute("SELECT policyname FROM pg_policies WHERE schemaname = 'public' AND tablename = %s", [table])
            for (policy,) in cursor.fetchall():
                cursor.execute(f'DROP POLICY "{policy}" ON "{table}"')
            for statement in statements(table):
                cursor.execute(statement)


def statements(table: str) -> list[str]:
    """Write a table's policies in SQL; none for a table that has no policy."""
    policy = POLICIES.get(table.removeprefix("nowrongdoor_"))
    if policy is None:
        return []
    see = policy.see.replace("@", f'"{table}"')
    write = (policy.write or policy.see).replace("@", f'"{table}"')
    return [
        f'CREATE POLICY see ON "{table}" FOR SELECT USING ({see})',
        f'CREATE POLICY add ON "{table}" FOR INSERT WITH CHECK ({write})',
        f'CREATE POLICY change ON "{table}" FOR UPDATE USING ({write}) WITH CHECK ({write})',
        f'CREATE POLICY remove ON "{table}" FOR DELETE USING ({write})',
    ]
