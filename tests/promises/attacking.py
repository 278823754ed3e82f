"""Attacks on the promises: each says as whom it runs, what it tries, and the one guard that must stop it.

The attacker is the run-time role, and may name any viewer and any case to the database, as a web process can that
somebody else controls. A guard is written as
  - `name`: a constraint, unique index or trigger (`table.name` where two tables have one of that name);
  - `not null: table.column`, `privilege: VERB of table`, `policy: verb of table`;
  - `role: …`, `parameter: …`: what the run-time role is not, and may not set.
`behind` names the guards that stand behind it: one of them may speak when the guard is taken out.
"""

# ruff: noqa: S608  these statements are ours, and attacks are what they are for
from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence

SEALED = "decode(repeat('01', 40), 'hex')"  # looks sealed: nobody can tell without the key
ODD = "decode(repeat('07', 32), 'hex')"


@dataclasses.dataclass(frozen=True, slots=True)
class Copy:
    """A row like one that is there (`of`: SQL that chooses it), but with some columns otherwise."""

    table: str
    of: str
    otherwise: Mapping[str, str]


@dataclasses.dataclass(frozen=True, slots=True)
class Attack:
    """One attempt. `first`: what a superuser arranges before, past every guard. `case`: which case is named to row
    security; "" for none."""

    name: str
    guard: str
    sql: str | Copy
    by: str = "system"
    case: str = "case"
    first: str = ""
    behind: Sequence[str] = ()


def row(name: str) -> str:
    return f"id = %({name})s"


def copy(table: str, of: str, **otherwise: str) -> Copy:
    return Copy(table, row(of), {"id": "gen_random_uuid()", **otherwise})


def another_signal(**otherwise: str) -> Copy:
    """A signal like the one that is there, which waits to be routed."""
    return copy("signal", "signal", **{"reference": "'ZZZZ-ZZZZ-ZZZZ'", "routed_at": "NULL", **otherwise})


def end(of: str, state: str, by: str, reason: str = SEALED, at: str = "now()") -> str:
    """Ends a hand-off as the run-time role may write it."""
    return (
        f"UPDATE nowrongdoor_handoff SET state = '{state}', over_at = {at}, over_by_id = {by}, reason = {reason} "
        f"WHERE id = %({of})s"
    )


def born(kind: str, to: str, by: str, *, origin: str = "hotline", case: str = "case", state: str = "accepted") -> Copy:
    """A hand-off that carries its end with it."""
    over = {"due_at": "due_at"} if state == "offered" else {"over_at": "now()", "over_by_id": by}
    told = {"from_agency_id": f"%({origin})s", "to_agency_id": f"%({to})s", "case_id": f"%({case})s"}
    reason = SEALED if state == "declined" else "''"
    return copy("handoff", "offer", kind=f"'{kind}'", state=f"'{state}'", reason=reason, **told, **over)


def asked(by: str, because: str = SEALED, to: str = "eeoc") -> Copy:
    """The lead of the accepted case, offered by whoever leads it to an agency of their choice."""
    told = {"from_agency_id": "%(hsi)s", "to_agency_id": f"%({to})s", "offered_by_id": by, "because": because}
    return copy("handoff", "yes", kind="'request'", state="'offered'", over_at="NULL", over_by_id="NULL", **told)


def taking_part(case: str, agency: str) -> str:
    """What a superuser arranges so that an agency takes part in a case."""
    return (
        "INSERT INTO nowrongdoor_participant (id, case_id, agency_id, relation, from_at) "
        f"VALUES (gen_random_uuid(), %({case})s, %({agency})s, 'told', now())"
    )


# What a superuser arranges so that the run-time role may make tables of its own: what stands behind that privilege.
WITH_TABLES_OF_ITS_OWN = "GRANT TEMPORARY ON DATABASE promises TO nwd_app"


def shut(agency: str) -> str:
    return f"UPDATE nowrongdoor_agency SET active = false, closed_at = now() WHERE id = %({agency})s"


OWN_NAME = "an_answer_is_given_in_ones_own_name"
ON_RECORD = "an_agency_closes_as_it_is_on_record"


@dataclasses.dataclass(frozen=True, slots=True)
class Maker:
    """A trigger that refuses nothing and writes something: what sets it off, and how many rows there are of what it
    writes (without `look`: it tells the worklists). `seen_by`: who sees them, where that is not whoever acts. `behind`:
    the guard that refuses when it writes nothing."""

    trigger: str
    act: str | Copy
    look: str = ""
    by: str = "system"
    case: str = "case"
    behind: str = ""
    seen_by: str = ""


@dataclasses.dataclass(frozen=True, slots=True)
class Hidden:
    """A row that is there, and that its table's policy `see` doesn't show to this viewer."""

    table: str
    which: str
    by: str
    case: str = "case"
