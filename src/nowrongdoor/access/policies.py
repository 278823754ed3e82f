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
    SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
    RETURN ARRAY(SELECT case_id FROM public.nowrongdoor_exclusion WHERE person_id = nwd_person() AND lifted_at IS NULL);
CREATE OR REPLACE FUNCTION nwd_opened_in_emergency() RETURNS uuid[] LANGUAGE sql STABLE
    SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
    RETURN ARRAY(SELECT case_id FROM public.nowrongdoor_emergency
                  WHERE by_id = nwd_person() AND until > statement_timestamp());
CREATE OR REPLACE FUNCTION nwd_reaches(kind varchar, subject uuid) RETURNS boolean LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN  -- not in SQL: so it is planned once a connection, and the policies it asks are not planned with every key;
       -- and the tables are named with their schema, so that no temporary one of a caller's stands in for them
    IF kind = 'case' THEN
        RETURN EXISTS (SELECT FROM public.nowrongdoor_case WHERE id = subject);
    END IF;
    RETURN EXISTS (SELECT FROM public.nowrongdoor_signal WHERE id = subject)
        OR EXISTS (SELECT FROM public.nowrongdoor_case_signal cs
                    WHERE cs.signal_id = subject AND cs.case_id = public.nwd_case());
END $$;
CREATE OR REPLACE FUNCTION nwd_acts_on(of_case uuid) RETURNS boolean LANGUAGE plpgsql STABLE
    SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN  -- whether the viewer opened this case, and their agency received it, leads it, takes part in it or did; it looks
       -- past row security, because a case is written before anybody takes part in it
    RETURN of_case = public.nwd_case() AND public.nwd_sees_cases() AND of_case <> ALL (public.nwd_excluded_from()) AND (
        EXISTS (SELECT FROM public.nowrongdoor_participant p
                 WHERE p.case_id = of_case AND p.agency_id = public.nwd_agency())
        OR EXISTS (SELECT FROM public.nowrongdoor_case c WHERE c.id = of_case
                    AND public.nwd_agency() IN (c.received_by_id, c.lead_id))
        OR of_case = ANY (public.nwd_opened_in_emergency()));
END $$;
CREATE OR REPLACE FUNCTION nwd_lets_in(of_case uuid) RETURNS boolean LANGUAGE plpgsql STABLE
    SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN  -- whether the viewer may bring agencies into this case: theirs takes part in it now
    RETURN public.nwd_acts_on(of_case) AND (
        EXISTS (SELECT FROM public.nowrongdoor_participant p
                 WHERE p.case_id = of_case AND p.agency_id = public.nwd_agency() AND p.to_at IS NULL)
        OR EXISTS (SELECT FROM public.nowrongdoor_case c WHERE c.id = of_case
                    AND public.nwd_agency() IN (c.received_by_id, c.lead_id)));
END $$;
CREATE OR REPLACE FUNCTION nwd_changes_facts(of_case uuid) RETURNS boolean LANGUAGE plpgsql STABLE
    SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN  -- whether the viewer may say what the facts of this case are: theirs leads it, or took a signal of it
    RETURN public.nwd_acts_on(of_case) AND (
        EXISTS (SELECT FROM public.nowrongdoor_case c WHERE c.id = of_case AND c.lead_id = public.nwd_agency())
        OR EXISTS (SELECT FROM public.nowrongdoor_case_signal s
                    WHERE s.case_id = of_case AND s.receiver_id = public.nwd_agency()));
END $$;
CREATE OR REPLACE FUNCTION nwd_administers() RETURNS boolean LANGUAGE sql STABLE
    SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
    RETURN nwd_role() = 'administrator' AND EXISTS (SELECT FROM public.nowrongdoor_user
        WHERE id = nwd_person() AND agency_id = nwd_agency() AND role = 'administrator' AND is_active);
CREATE OR REPLACE FUNCTION nwd_who(uuid) RETURNS SETOF nowrongdoor_user LANGUAGE sql STABLE
    SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
    RETURN (SELECT u FROM public.nowrongdoor_user u WHERE id = $1);
CREATE OR REPLACE FUNCTION nwd_name_of(uuid) RETURNS text LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path = pg_catalog, public, pg_temp
    RETURN (SELECT full_name FROM public.nowrongdoor_user WHERE id = $1);
CREATE OR REPLACE FUNCTION nwd_agency_name_of(uuid) RETURNS text LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path = pg_catalog, public, pg_temp
    RETURN (SELECT a.name FROM public.nowrongdoor_user u JOIN public.nowrongdoor_agency a ON a.id = u.agency_id
             WHERE u.id = $1);
CREATE OR REPLACE FUNCTION nwd_answered_for() RETURNS SETOF uuid LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path = pg_catalog, public, pg_temp
AS $$  -- agencies that somebody answers for: in the role that may, not switched off, with a way to sign in
    SELECT DISTINCT u.agency_id FROM public.nowrongdoor_user u
     WHERE u.is_active AND u.role = '{viewers.ANSWERS.value}'
       AND (u.password !~ '^(!|$)' OR EXISTS (SELECT FROM public.socialaccount_socialaccount s WHERE s.user_id = u.id));
$$;
"""  # noqa: S608  role names are our own
# In parentheses with SELECT each is asked once a statement, not once a row.
ME, PERSON, THIS_CASE = "(SELECT nwd_agency())", "(SELECT nwd_person())", "(SELECT nwd_case())"
NOBODY = "false"
SYSTEM, ENTRY, SEES_CASES = "(SELECT nwd_house())", "(SELECT nwd_entry())", "(SELECT nwd_sees_cases())"


def role_is(*roles: viewers.Role) -> str:
    """Ask whether the viewer has one of the roles."""
    names = ", ".join(f"'{role.value}'" for role in roles)
    return f"(SELECT nwd_role() IN ({names}))"


INSPECTS, IS_ADMINISTRATOR = role_is(viewers.Role.INSPECTOR), role_is(viewers.Role.ADMINISTRATOR)
REVIEWS = role_is(viewers.Role.COORDINATOR, viewers.Role.INSPECTOR)
ADMINISTERS = "(SELECT nwd_administers())"  # by the person's own row, and not by what the transaction says of them
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


@dataclasses.dataclass(frozen=True, kw_only=True)
class Policy:
    """Which rows of a table are shown (`see`), and which may be added, changed and taken away: a condition for each
    verb, because whoever may read a row may seldom write one."""

    see: str
    add: str
    change: str = NOBODY
    becomes: str = ""  # what a changed row must be, where that is less than what may be changed
    remove: str = NOBODY
    why: str = ""  # for a table that everybody reads


def _open(why: str, *, add: str = SYSTEM, change: str = NOBODY) -> Policy:
    return Policy(see="true", add=add, change=change, why=why)


def _ours_or(*conditions: str) -> str:
    return " OR ".join((SYSTEM, *conditions))


_OF_CASE = "@.case_id"  # @ stands for the table: inside a subquery a bare name would be the subquery's own
_ACTS = f"nwd_acts_on({_OF_CASE})"  # opened this case, in which the viewer's agency has or had a part
_CASE = _ours_or(f"case_id = {THIS_CASE}", takes_part(_OF_CASE))
_BETWEEN = f"{SEES_CASES} AND {_not_excluded(_OF_CASE)}"
_MINE = f"agency_id = {ME}"
_SIGNED = f"{_MINE} AND by_id = {PERSON}"
_SIGNAL_OF_CASE = (
    f"EXISTS (SELECT FROM nowrongdoor_case_signal cs WHERE cs.signal_id = @.id AND cs.case_id = {THIS_CASE})"
)
_TAKES_SIGNALS = _ours_or(f"(receiver_id = {ME} AND ({SEES_CASES} OR {HANDS_IN}))")

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
# What an agency wrote about a case: its own always, while it takes or took part; what it wrote for everybody on the
# case, while one takes part. What is for one team of a case (`scope`) nobody else reads, and no room has teams yet.
_WRITTEN = Policy(
    see=_ours_or(
        f"({_MINE} AND {took_part(_OF_CASE)})",
        f"(audience = 'team' AND scope IS NULL AND {takes_part(_OF_CASE)})",
    ),
    add=f"{_SIGNED} AND scope IS NULL AND {takes_part(_OF_CASE)}",
)
# What an agency agreed to or was made to tell of a person whom it wrote down itself.
_TELLING = {"see": _BOTH_SIDES, "add": _ours_or(f"({_MINE} AND {took_part(_OF_CASE)})")}
# What an agency owes, and whoever opened its case may tell for it (a trigger asks in whose name).
_OWED = Policy(
    see=_ours_or(f"({_MINE} AND {_BETWEEN})", f"case_id = {THIS_CASE}", takes_part(_OF_CASE)),
    add=_ours_or(_ACTS),
    change=_ours_or(f"({_MINE} AND {_BETWEEN})", _ACTS, takes_part(_OF_CASE)),
)
_KEY_OF_CASE = (
    f"(nwd_acts_on({THIS_CASE}) AND (subject_id = {THIS_CASE} OR EXISTS (SELECT FROM nowrongdoor_case_signal cs "
    f"WHERE cs.signal_id = @.subject_id AND cs.case_id = {THIS_CASE})))"
)
_FACTOR = f"{ENTRY} OR user_id = {PERSON}"
POLICIES: Mapping[str, Policy] = {
    "agency": _open("which agencies there are, and their names, is public", change=SYSTEM),
    "closing": _open("which agency is being closed, and into which, is public", change=SYSTEM),
    "user": Policy(
        see=f"{ENTRY} OR {_MINE}",
        add=ENTRY,
        change=f"{ENTRY} OR ({_MINE} AND (id = {PERSON} OR {ADMINISTERS}))",
    ),
    "invitation": Policy(
        see=f"{ENTRY} OR ({_MINE} AND {IS_ADMINISTRATOR})",
        add=_ours_or(f"({_MINE} AND {ADMINISTERS})"),
        change=f"{ENTRY} OR ({_MINE} AND {ADMINISTERS})",
    ),
    **{
        table: Policy(see=_FACTOR, add=_FACTOR, change=_FACTOR, remove=_FACTOR)
        for table in ("mfa_authenticator", "account_emailaddress", "socialaccount_socialaccount")
    },
    **{
        table: Policy(see=ENTRY, add=ENTRY, change=ENTRY, remove=ENTRY)
        for table in ("account_emailconfirmation", "socialaccount_socialtoken", "socialaccount_socialapp")
    },
    "token": Policy(
        see=f"{ENTRY} OR ({_MINE} AND {IS_ADMINISTRATOR})",
        add=_ours_or(f"({_MINE} AND {ADMINISTERS})"),
        change=_ours_or(f"({_MINE} AND {ADMINISTERS})"),
    ),
    "signal": Policy(
        see=_ours_or(f"(receiver_id = {ME} AND ({SEES_CASES} OR {HANDS_IN}))", _SIGNAL_OF_CASE),
        add=_TAKES_SIGNALS,
        change=_TAKES_SIGNALS,
    ),
    # A case is opened by the agency that received it. Whoever locks it to act on it has or had a part in it.
    "case": Policy(
        see=_ours_or(f"id = {THIS_CASE}", took_part("@.id", machine=True)),
        add=_ours_or(f"(id = {THIS_CASE} AND received_by_id = {ME} AND lead_id = {ME} AND {SEES_CASES})"),
        change=_ours_or(took_part("@.id"), "nwd_acts_on(@.id)"),
    ),
    "case_signal": Policy(
        see=_ours_or(f"case_id = {THIS_CASE}", took_part(_OF_CASE, machine=True)),
        add=_ours_or(f"(receiver_id = {ME} AND {_ACTS})"),
    ),
    # The first facts are what the signal said, and nobody signs them; further ones are signed by who may change them.
    "case_facts": Policy(
        see=_CASE,
        add=_ours_or(f"(nwd_changes_facts({_OF_CASE}) AND (by_id IS NOT NULL OR version = 1))"),
    ),
    "tenure": Policy(see=_ours_or(took_part(_OF_CASE), f"case_id = {THIS_CASE}"), add=NOBODY),  # a trigger writes it
    # No agency lets itself into a case: whoever writes takes part in it already, or works for the system.
    "participant": Policy(
        see=_ours_or(_MINE, f"case_id = {THIS_CASE}"),
        add=_ours_or(f"nwd_lets_in({_OF_CASE})"),
        change=_ours_or(_ACTS),
        becomes=_ours_or(f"({_ACTS} AND (to_at IS NOT NULL OR nwd_lets_in({_OF_CASE})))"),
    ),
    "earlier_part": Policy(see=_ours_or(_MINE, f"case_id = {THIS_CASE}"), add=NOBODY),  # a trigger writes it
    "person": Policy(see=_CASE, add=_ours_or(f"(owner_id = {ME} AND ({_ACTS} OR {takes_part(_OF_CASE)}))")),
    "person_part": Policy(
        see=_ours_or(
            f"({_role_for_part()} AND ((@.owner_id = {ME} AND {took_part(_OF_CASE)}) "
            f"OR ({takes_part(_OF_CASE)} AND ({_told('release', 'expires_at', 'AND r.revoked_at IS NULL')} "
            f"OR {_told('disclosure', 'until', '')}))))"
        ),
        add=_ours_or(f"(@.owner_id = {ME} AND ({_ACTS} OR {took_part(_OF_CASE)}))"),
    ),
    "release": Policy(**_TELLING, change=_ours_or(f"({_MINE} AND {took_part(_OF_CASE)})")),
    "disclosure": Policy(**_TELLING),
    "hold": Policy(
        see=_ours_or(f"case_id = {THIS_CASE}", takes_part(_OF_CASE)),
        add=_ours_or(f"({_MINE} AND {took_part(_OF_CASE)})"),
        change=_ours_or(f"({_MINE} AND {took_part(_OF_CASE)})"),
    ),
    # The agency that led a case last asks and approves; a hold of another that takes part stops it.
    "disposal": Policy(
        see=_ours_or(f"({_MINE} AND {SEES_CASES})", f"case_id = {THIS_CASE}"),
        add=_ours_or(f"({_MINE} AND {took_part(_OF_CASE)})"),
        change=_ours_or(f"({_MINE} AND {took_part(_OF_CASE)})", _ACTS),
    ),
    "person_token": Policy(
        see=_ours_or(f"(owner_id = {ME} AND {SEES_CASES})", _PERSON_OF_CASE),
        add=_ours_or(
            f"(owner_id = {ME} AND {SEES_CASES} AND EXISTS (SELECT FROM nowrongdoor_person p "
            f"WHERE p.id = @.person_id AND p.owner_id = {ME}))"
        ),
        remove=_ours_or(f"({_PERSON_OF_CASE} AND nwd_acts_on({THIS_CASE}))"),
    ),
    "datakey": Policy(
        see=_ours_or(f"subject_id = {THIS_CASE}", 'nwd_reaches("of", subject_id)'),
        add=_ours_or(
            f"({SEES_CASES} AND \"of\" = 'case' AND subject_id = {THIS_CASE})",
            '("of" = \'signal\' AND nwd_reaches("of", subject_id))',
        ),
        remove=_ours_or(_KEY_OF_CASE),
    ),
    "datakey_version": Policy(
        see=_ours_or("EXISTS (SELECT FROM nowrongdoor_datakey d WHERE d.subject_id = @.subject_id)"), add=SYSTEM
    ),
    "rootkey": _open("a key that only the key provider can unwrap", change=SYSTEM),
    "note": _WRITTEN,
    "case_file": _WRITTEN,
    # What instruments and tables say of a case is worked out by the system: no agency writes itself a ruling.
    "assessment": Policy(see=_CASE, add=SYSTEM),
    "finding": _open("what instruments say of yes and no answers; names no case"),
    "decision": Policy(see=_CASE, add=SYSTEM),
    "ruling": _open("what a table says of facts; names no case"),
    "mandate_table": _open("the rules are public", change=SYSTEM),
    "handoff": Policy(
        see=_ours_or(
            f"case_id = {THIS_CASE}",
            f"({ME} IN (to_agency_id, from_agency_id) AND ({_BETWEEN} OR {HANDS_IN}))",
            takes_part(_OF_CASE),
            f"({HANDS_IN} AND {took_part(_OF_CASE, machine=True)})",
        ),
        add=_ours_or(_ACTS),
        # Whoever answers locks the offer before they open its case; who may say what, triggers ask.
        change=_ours_or(_ACTS, f"({ME} IN (to_agency_id, from_agency_id) AND {_BETWEEN})", takes_part(_OF_CASE)),
    ),
    "notice": _OWED,
    "clock": _OWED,
    "prevalence_run": Policy(
        see=_ours_or(f"({_MINE} AND {ANALYSES})"),
        add=_ours_or(f"({_SIGNED} AND {ANALYSES})"),
        change=_ours_or(f"({_SIGNED} AND {ANALYSES})"),
    ),
    "auditevent": Policy(see=_ours_or(f"({_MINE} AND {INSPECTS})"), add=f"{ENTRY} OR {_MINE}"),
    "auditseal": Policy(see=_ours_or(f"({_MINE} AND {INSPECTS})"), add=NOBODY),  # a trigger writes it
    "auditanchor": _open("digests that are made to be published"),
    "exclusion": Policy(
        see=_ours_or(_MINE, f"person_id = {PERSON}", f"case_id = {THIS_CASE}"),
        add=_ours_or(f"({_MINE} AND {took_part(_OF_CASE)})"),
        change=_ours_or(f"({_MINE} AND {took_part(_OF_CASE)})"),
    ),
    "emergency": Policy(
        see=_ours_or(
            _MINE,
            f"by_id = {PERSON}",
            f"case_id = {THIS_CASE}",
            f"({SEES_CASES} AND EXISTS (SELECT FROM nowrongdoor_participant p WHERE p.case_id = @.case_id "
            f"AND p.agency_id = {ME} AND p.to_at IS NULL))",
        ),
        add=_ours_or(f"({_MINE} AND case_id = {THIS_CASE} AND {_BETWEEN})"),
        change=_ours_or(f"({_MINE} AND {REVIEWS})"),
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
    see, add, change, becomes, remove = (
        text.replace("@", f'"{table}"')
        for text in (policy.see, policy.add, policy.change, policy.becomes or policy.change, policy.remove)
    )
    return [
        f'CREATE POLICY see ON "{table}" FOR SELECT USING ({see})',
        f'CREATE POLICY add ON "{table}" FOR INSERT WITH CHECK ({add})',
        f'CREATE POLICY change ON "{table}" FOR UPDATE USING ({change}) WITH CHECK ({becomes})',
        f'CREATE POLICY remove ON "{table}" FOR DELETE USING ({remove})',
    ]
