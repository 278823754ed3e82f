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
from collections.abc import Iterator, Mapping, Sequence

from nowrongdoor.vault import inventory

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
    """One attempt. `first`: what a superuser arranges before, past every guard. `case`: which case is named to the
    walls; "" for none."""

    name: str
    guard: str
    sql: str | Copy
    by: str = "house"
    case: str = "case"
    first: str = ""
    behind: Sequence[str] = ()


def row(name: str) -> str:
    return f"id = %({name})s"


def copy(table: str, of: str, **otherwise: str) -> Copy:
    return Copy(table, row(of), {"id": "gen_random_uuid()", **otherwise})


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


def shut(agency: str) -> str:
    return f"UPDATE nowrongdoor_agency SET active = false, closed_at = now() WHERE id = %({agency})s"


OWN_NAME = "an_answer_is_given_in_ones_own_name"
ON_RECORD = "an_agency_closes_as_it_is_on_record"

LEADS = (
    Attack(
        "no lead at all", "not null: case.lead_id", "UPDATE nowrongdoor_case SET lead_id = NULL WHERE id = %(case)s"
    ),
    Attack(
        "a lead that was never asked",
        "a_lead_was_received_or_accepted",
        "UPDATE nowrongdoor_case SET lead_id = %(whd)s WHERE id = %(case)s",
    ),
    Attack(
        "a lead whose offer is still open",
        "a_lead_was_accepted",
        "UPDATE nowrongdoor_case SET lead_id = %(hsi)s, lead_handoff_id = %(offer)s WHERE id = %(case)s",
    ),
    Attack(
        "a hand-off that was never made",
        "a_lead_was_accepted",
        "UPDATE nowrongdoor_case SET lead_id = %(hsi)s, lead_handoff_id = gen_random_uuid() WHERE id = %(case)s",
    ),
    Attack(
        "a receiver rewritten to excuse the lead",
        "privilege: UPDATE of case",
        "UPDATE nowrongdoor_case SET received_by_id = %(whd)s, lead_id = %(whd)s WHERE id = %(case)s",
        behind=("a_case_keeps_its_receiver",),
    ),
    Attack(
        "a lead fallen back to the receiver after somebody accepted",
        "a_case_keeps_its_receiver",
        "UPDATE nowrongdoor_case SET lead_id = received_by_id, lead_handoff_id = NULL WHERE id = %(accepted)s",
    ),
    Attack(
        "the lead's agency closed",
        "the_lead_of_an_open_case_is_open",
        shut("hotline"),
        behind=("a_notice_waits_at_an_open_agency", "a_clock_runs_at_an_open_agency", ON_RECORD),
    ),
    Attack(
        "the agency asked closed",
        "an_offer_is_to_an_open_agency",
        shut("fbi"),
        behind=("a_notice_waits_at_an_open_agency", ON_RECORD),
    ),
    Attack(
        "an agency closed under its notice",
        "a_notice_waits_at_an_open_agency",
        shut("told_body"),
        behind=("a_clock_runs_at_an_open_agency", ON_RECORD),
    ),
    Attack(
        "an agency closed under its clock",
        "a_clock_runs_at_an_open_agency",
        shut("idle"),
        first="UPDATE nowrongdoor_clock SET agency_id = %(idle)s WHERE id = %(clock)s",
        behind=(ON_RECORD,),
    ),
    Attack(
        "an agency closed under a signal that waits",
        "a_waiting_signal_has_an_open_receiver",
        shut("idle"),
        first="UPDATE nowrongdoor_signal SET receiver_id = %(idle)s, routed_at = NULL WHERE id = %(signal)s",
        behind=(ON_RECORD,),
    ),
    Attack(
        "an agency closed at no instant",
        "an_agency_is_closed_at_an_instant",
        "UPDATE nowrongdoor_agency SET active = false WHERE id = %(idle)s",
        behind=(ON_RECORD,),
    ),
    Attack("an agency closed by nobody", ON_RECORD, shut("idle")),
    Attack(
        "an agency closed into another one than is on record",
        ON_RECORD,
        "UPDATE nowrongdoor_agency SET active = false, closed_at = now(), succeeded_by_id = "
        "%(fbi)s WHERE id = %(leaving)s",
    ),
    Attack(
        "a closed agency opened again",
        "an_agency_that_closed_stays_closed",
        "UPDATE nowrongdoor_agency SET active = true, closed_at = NULL, succeeded_by_id = NULL WHERE id = %(shut)s",
    ),
    Attack(
        "a second office of one desk",
        "one_open_agency_per_desk_and_place",
        copy("agency", "idle", code="'IDLE-2'"),
    ),
    Attack(
        "an agency made to stand by",
        "privilege: UPDATE of agency",
        "UPDATE nowrongdoor_agency SET stands_by = true WHERE id = %(whd)s",
        behind=("standing_by_is_agreed",),
    ),
    Attack(
        "a new agency that stands by",
        "standing_by_is_agreed",
        copy("agency", "idle", code="'X'", desk="'X'", stands_by="true"),
    ),
    Attack(
        "a new agency that stands by, with a catalogue of the attacker's own",
        "standing_by_is_agreed",
        "CREATE TEMP TABLE pg_class AS SELECT oid, (SELECT oid FROM pg_roles WHERE rolname = 'nwd_app') AS relowner "
        "FROM pg_catalog.pg_class; SET LOCAL search_path = pg_temp, pg_catalog, public; "
        "INSERT INTO public.nowrongdoor_agency (id, code, desk, place, name, department, kind, active, stands_by) "
        "VALUES (gen_random_uuid(), 'X', 'X', '', 'X', '', 'other', true, true)",
    ),
    Attack(
        "an agency that closes into itself",
        "no_agency_closes_into_itself",
        copy("closing", "given_up", into_id="agency_id", given_up_at="NULL"),
    ),
    Attack(
        "an agency that closes in two ways",
        "an_agency_closes_one_way_at_a_time",
        copy("closing", "closing", into_id="%(fbi)s"),
    ),
    Attack(
        "a closing by somebody who is no administrator",
        "an_administrator_closes_an_agency",
        copy("closing", "given_up", by_id="%(hotline_p)s", given_up_at="NULL"),
    ),
    Attack(
        "a closing by an administrator's name outside of the house",
        "policy: add of closing",
        copy("closing", "given_up", given_up_at="NULL"),
        by="admin",
        behind=("an_administrator_closes_an_agency",),
    ),
    Attack(
        "a closing that was given up, taken up again",
        "a_closing_that_was_given_up_stays_so",
        "UPDATE nowrongdoor_closing SET given_up_at = NULL WHERE id = %(given_up)s",
    ),
    Attack(
        "an old yes used again",
        "a_handoff_is_used_once",
        "UPDATE nowrongdoor_case SET lead_id = %(hsi)s, lead_handoff_id = %(yes)s WHERE id = %(accepted)s",
        first="UPDATE nowrongdoor_tenure SET to_at = now() WHERE case_id = %(accepted)s; INSERT INTO "
        "nowrongdoor_tenure "
        "(case_id, agency_id, from_at) VALUES (%(accepted)s, %(fbi)s, now()); UPDATE nowrongdoor_case SET "
        "lead_id = %(fbi)s, lead_handoff_id = gen_random_uuid() WHERE id = %(accepted)s",
    ),
    Attack(
        "two leads at once, by the owner",
        "one_tenure_runs",
        "INSERT INTO nowrongdoor_tenure (case_id, agency_id, from_at) VALUES (%(case)s, %(whd)s, now())",
        by="owner",
    ),
    Attack(
        "history rewritten",
        "privilege: UPDATE of tenure",
        "UPDATE nowrongdoor_tenure SET agency_id = %(whd)s WHERE case_id = %(case)s",
    ),
    Attack(
        "history made up",
        "privilege: INSERT of tenure",
        "INSERT INTO nowrongdoor_tenure (case_id, agency_id, from_at, to_at) VALUES (%(case)s, %(whd)s, now(), now())",
    ),
    Attack(
        "the case deleted",
        "privilege: DELETE of case",
        "DELETE FROM nowrongdoor_case WHERE id = %(case)s",
        behind=("*", "an_offer_is_of_an_open_case"),
    ),
    Attack(
        "the agency deleted",
        "privilege: DELETE of agency",
        "DELETE FROM nowrongdoor_agency WHERE id = %(hsi)s",
        behind=("*", "the_lead_of_an_open_case_is_open"),
    ),
    Attack(
        "the person deleted",
        "privilege: DELETE of user",
        "DELETE FROM nowrongdoor_user WHERE id = %(hsi_p)s",
        behind=("*", "an_answer_comes_from_the_agency_asked"),
    ),
    Attack(
        "a case closed by nobody",
        "a_case_is_closed_by_somebody_for_a_reason",
        "UPDATE nowrongdoor_case SET closed_at = now() WHERE id = %(accepted)s",
        by="hsi",
        case="accepted",
        behind=("a_case_is_closed_by_its_lead",),
    ),
    Attack(
        "the case closed under its open offer",
        "an_offer_is_of_an_open_case",
        f"UPDATE nowrongdoor_case SET closed_at = now(), closed_by_id = %(hotline_p)s, closed_because = {SEALED} "
        "WHERE id = %(case)s",
        by="hotline",
    ),
    Attack(
        "a case closed by another agency",
        "a_case_is_closed_by_its_lead",
        f"UPDATE nowrongdoor_case SET closed_at = now(), closed_by_id = %(hotline_p)s, closed_because = {SEALED} "
        "WHERE id = %(accepted)s",
        by="hotline",
        case="accepted",
    ),
    Attack(
        "a case closed in the lead's name by the house",
        "a_case_is_closed_by_its_lead",
        f"UPDATE nowrongdoor_case SET closed_at = now(), closed_by_id = %(hsi_p)s, closed_because = {SEALED} "
        "WHERE id = %(accepted)s",
    ),
    Attack("a case that was never open", "a_case_is_born_open", copy("case", "closed", reference="'ZZZZ-ZZZZ-ZZZZ'")),
    Attack(
        "the reason of a closed case overwritten",
        "a_closed_case_stays_as_it_was_closed",
        f"UPDATE nowrongdoor_case SET closed_because = {SEALED} WHERE id = %(held)s",
        by="hotline",
        case="held",
    ),
    Attack(
        "a closed case opened again",
        "a_closed_case_stays_as_it_was_closed",
        "UPDATE nowrongdoor_case SET closed_at = NULL, closed_by_id = NULL, closed_because = '' WHERE id = %(held)s",
    ),
    Attack(
        "the same version of the facts twice",
        "one_set_of_facts_per_version",
        Copy("case_facts", "case_id = %(case)s", {"id": "gen_random_uuid()"}),
    ),
    Attack(
        "facts changed in another's name",
        "facts_are_changed_in_ones_own_name",
        Copy("case_facts", "case_id = %(case)s", {"id": "gen_random_uuid()", "version": "9", "by_id": "%(hsi_p)s"}),
        by="hotline",
    ),
)

HANDOFFS = (
    Attack(
        "an acceptance nobody gave",
        "a_yes_has_a_person",
        end("offer", "accepted", "NULL", "''"),
        by="hsi",
        behind=(OWN_NAME,),
    ),
    Attack(
        "an acceptance by somebody of another agency",
        "an_answer_comes_from_the_agency_asked",
        end("offer", "accepted", "%(whd_p)s", "''"),
        by="hsi",
        behind=(OWN_NAME,),
    ),
    Attack(
        "an acceptance in another agency's name", OWN_NAME, end("offer", "accepted", "%(hsi_p)s", "''"), by="hotline"
    ),
    Attack("an acceptance in a colleague's name", OWN_NAME, end("offer", "accepted", "%(hsi_p)s", "''"), by="hsi_2"),
    Attack("an acceptance by the house", OWN_NAME, end("offer", "accepted", "%(hsi_p)s", "''")),
    Attack("an acceptance by nobody who looks", OWN_NAME, end("offer", "accepted", "%(hsi_p)s", "''"), by="nobody"),
    Attack("a decline in another agency's name", OWN_NAME, end("offer", "declined", "%(hsi_p)s"), by="hotline"),
    Attack("a step forward in another agency's name", OWN_NAME, born("step_forward", "fbi", "%(fbi_p)s"), by="hotline"),
    Attack(
        "a decline without a reason",
        "a_refusal_has_a_reason_and_a_person",
        end("offer", "declined", "%(hsi_p)s", "''"),
        by="hsi",
        behind=("what_others_must_understand_has_a_reason",),
    ),
    Attack(
        "an offer taken back without a reason",
        "what_others_must_understand_has_a_reason",
        end("offer", "revoked", "%(hotline_p)s", "''"),
        by="hotline",
    ),
    Attack(
        "an offer taken back by the agency asked",
        "an_offer_is_taken_back_by_the_lead",
        end("offer", "revoked", "%(hsi_p)s"),
        by="hsi",
    ),
    Attack(
        "an offer taken back in the lead's name",
        "an_offer_is_taken_back_by_the_lead",
        end("offer", "revoked", "%(hotline_p)s"),
        by="hsi",
    ),
    Attack(
        "an offer that the agency asked lets run out at once",
        "only_the_clock_lets_an_offer_run_out",
        end("offer", "expired", "NULL", "''", "due_at"),
        by="hsi",
    ),
    Attack(
        "an offer that runs out before its time",
        "an_offer_runs_out_after_its_time",
        end("offer", "expired", "NULL", "''"),
    ),
    Attack(
        "an offer overtaken by a person",
        "nobody_signs_what_overtook_an_offer",
        end("offer", "superseded", "%(hotline_p)s"),
        by="hotline",
    ),
    Attack(
        "an offer that the agency asked makes vanish",
        "an_offer_is_overtaken_for_a_reason",
        end("offer", "superseded", "NULL"),
        by="hsi",
    ),
    Attack(
        "an offer that a stranger makes vanish",
        "an_offer_is_overtaken_for_a_reason",
        end("offer", "superseded", "NULL"),
        by="eeoc",
    ),
    Attack("a second open offer", "one_open_offer_per_case", copy("handoff", "offer", to_agency_id="%(whd)s")),
    Attack(
        "a state that nobody knows",
        "a_handoff_has_a_known_state",
        end("offer", "lost", "NULL"),
        behind=("an_open_offer_is_not_over",),
    ),
    Attack(
        "a kind that nobody knows",
        "a_handoff_has_a_known_kind",
        copy("handoff", "offer", kind="'gift'"),
        behind=("what_carries_its_yes_is_accepted",),
    ),
    Attack(
        "an answer at no instant",
        "an_open_offer_is_not_over",
        "UPDATE nowrongdoor_handoff SET state = 'expired' WHERE id = %(offer)s",
    ),
    Attack(
        "a lead handed to oneself",
        "nobody_hands_a_lead_to_themselves",
        copy("handoff", "offer", to_agency_id="from_agency_id"),
        behind=("one_open_offer_per_case",),
    ),
    Attack(
        "an answer taken back",
        "a_handoff_that_is_over_stays_over",
        "UPDATE nowrongdoor_handoff SET state = 'offered', over_at = NULL, over_by_id = NULL, reason = '' "
        "WHERE id = %(declined)s",
        behind=("one_open_offer_per_case",),
    ),
    Attack(
        "an acceptance out of nothing",
        "a_handoff_that_is_over_stays_over",
        born("mandate", "hsi", "%(hsi_p)s"),
        by="hsi",
    ),
    Attack(
        "a step forward that is a refusal",
        "what_carries_its_yes_is_accepted",
        born("step_forward", "hsi", "%(hsi_p)s", state="declined"),
        by="hsi",
    ),
    Attack(
        "a step forward from an agency that does not lead",
        "an_offer_comes_from_the_lead",
        born("step_forward", "fbi", "%(fbi_p)s", origin="whd"),
        by="fbi",
    ),
    Attack(
        "a step forward in a closed case",
        "an_offer_comes_from_the_lead",
        born("step_forward", "fbi", "%(fbi_p)s", case="held"),
        by="fbi",
    ),
    Attack(
        "a step forward out of no chain",
        "an_offer_follows_the_ruling",
        born("step_forward", "eeoc", "%(eeoc_p)s"),
        by="eeoc",
    ),
    Attack(
        "the lead offered by a stranger to itself",
        "an_offer_follows_the_ruling",
        born("mandate", "eeoc", "NULL", origin="hsi", case="accepted", state="offered"),
        by="eeoc",
        case="accepted",
    ),
    Attack(
        "the lead asked for by a stranger",
        "only_the_lead_asks_whom_no_rule_names",
        born("request", "eeoc", "NULL", origin="hsi", case="accepted", state="offered"),
        by="eeoc",
        case="accepted",
    ),
    Attack(
        "a step forward after somebody accepted",
        "nobody_steps_forward_after_a_yes",
        born("step_forward", "fbi", "%(fbi_p)s", origin="hsi", case="accepted"),
        by="fbi",
    ),
    Attack(
        "a succession although nobody closes",
        "a_lead_is_succeeded_when_its_agency_closes",
        born("succession", "whd", "%(admin_p)s"),
    ),
    Attack(
        "a succession along a closing that was given up",
        "a_lead_is_succeeded_when_its_agency_closes",
        born("succession", "fbi", "%(admin_p)s", case="accepted", origin="hsi"),
        first="UPDATE nowrongdoor_closing SET agency_id = %(hsi)s, into_id = %(fbi)s WHERE id = %(given_up)s",
    ),
    Attack(
        "a succession in the administrator's name outside of the house",
        "a_lead_is_succeeded_when_its_agency_closes",
        born("succession", "whd", "%(admin_p)s"),
        first="UPDATE nowrongdoor_closing SET agency_id = %(hotline)s, into_id = %(whd)s WHERE id = %(closing)s",
        by="admin",
    ),
    Attack(
        "a backstop that declines",
        "a_backstop_cannot_decline",
        born("backstop", "doj", "%(admin_p)s", state="declined"),
        behind=("what_carries_its_yes_is_accepted",),
    ),
    Attack("a backstop that never agreed to stand by", "a_backstop_stands_by", born("backstop", "whd", "NULL")),
)

DUTIES = (
    Attack(
        "a notice acknowledged by nobody",
        "a_notice_is_acknowledged_by_somebody",
        "UPDATE nowrongdoor_notice SET acknowledged_at = now() WHERE id = %(notice)s",
        by="told",
        behind=("a_notice_is_acknowledged_in_ones_own_name",),
    ),
    Attack(
        "a notice acknowledged in another's name",
        "a_notice_is_acknowledged_in_ones_own_name",
        "UPDATE nowrongdoor_notice SET acknowledged_at = now(), acknowledged_by_id = %(told_p)s WHERE id = %(notice)s",
        by="hotline",
    ),
    Attack(
        "a notice acknowledged by another agency",
        "a_notice_is_acknowledged_in_ones_own_name",
        "UPDATE nowrongdoor_notice SET acknowledged_at = now(), acknowledged_by_id = %(hotline_p)s "
        "WHERE id = %(notice)s",
        by="hotline",
    ),
    Attack(
        "a notice that somebody told by hand and does not say how",
        "who_told_by_hand_says_how",
        "UPDATE nowrongdoor_notice SET acknowledged_at = now(), acknowledged_by_id = %(told_p)s WHERE id = %(notice)s",
        first="UPDATE nowrongdoor_notice SET by_hand = true WHERE id = %(notice)s",
        by="told",
    ),
    Attack(
        "a notice under a rumor",
        "a_notice_says_what_set_its_limit",
        copy("notice", "notice", basis="'rumor'", desk="'X'"),
    ),
    Attack("the same notice twice", "one_notice_per_desk_and_role", copy("notice", "notice")),
    Attack(
        "a notice that was answered before it was sent",
        "a_notice_starts_unanswered",
        copy("notice", "acknowledged", desk="'X'"),
    ),
    Attack(
        "the words of an acknowledgement overwritten",
        "a_notice_that_is_over_stays_over",
        f"UPDATE nowrongdoor_notice SET how = {SEALED} WHERE id = %(acknowledged)s",
        by="hotline",
    ),
    Attack(
        "an acknowledged notice given to another agency, so that its words open no more",
        "a_notice_that_is_over_stays_over",
        "UPDATE nowrongdoor_notice SET agency_id = %(whd)s WHERE id = %(acknowledged)s",
    ),
    Attack(
        "a clock met by nobody",
        "a_clock_is_met_by_somebody_somehow",
        "UPDATE nowrongdoor_clock SET met_at = now() WHERE id = %(clock)s",
        by="hotline",
        behind=("a_clock_is_met_in_ones_own_name",),
    ),
    Attack(
        "a clock met in another's name",
        "a_clock_is_met_in_ones_own_name",
        f"UPDATE nowrongdoor_clock SET met_at = now(), met_by_id = %(hotline_p)s, how = {SEALED} WHERE id = %(clock)s",
        by="hsi",
    ),
    Attack(
        "a clock under a rumor",
        "a_clock_says_whether_law_or_policy",
        copy("clock", "clock", basis="'rumor'", clock="'X'"),
    ),
    Attack("the same clock twice", "a_clock_runs_once_per_case", copy("clock", "clock")),
    Attack("a clock met before it ran", "a_clock_starts_unmet", copy("clock", "met", clock="'X'")),
    Attack(
        "a clock that was met runs again",
        "a_clock_that_is_over_stays_over",
        "UPDATE nowrongdoor_clock SET met_at = NULL, met_by_id = NULL, how = '' WHERE id = %(met)s",
    ),
    Attack(
        "a clock that was withdrawn runs again",
        "a_clock_that_is_over_stays_over",
        "UPDATE nowrongdoor_clock SET withdrawn_at = NULL WHERE id = %(clock)s",
        first="UPDATE nowrongdoor_clock SET withdrawn_at = now() WHERE id = %(clock)s",
    ),
)

PEOPLE = (
    Attack(
        "a person put into two rows of one number",
        "a_person_has_one_number",
        copy("person", "person"),
    ),
    Attack(
        "a part of a person kept twice",
        "a_part_of_a_person_is_kept_once",
        Copy("person_part", "person_id = %(person)s", {"id": "gen_random_uuid()"}),
    ),
    Attack(
        "a release of nothing",
        "a_release_names_its_parts",
        copy("release", "release", parts="'{}'"),
        by="hotline",
    ),
    Attack(
        "a release without an end",
        "a_release_has_an_end",
        copy("release", "release", expires_at="given_at + interval '9 years'"),
        by="hotline",
    ),
    Attack(
        "a release without a witness",
        "a_release_has_a_purpose_and_a_witness",
        copy("release", "release", witness="''"),
        by="hotline",
    ),
    Attack(
        "a release to oneself",
        "a_release_is_to_another_agency",
        copy("release", "release", recipient_id="agency_id"),
        by="hotline",
    ),
    Attack(
        "a release of another agency's person",
        "a_release_is_of_ones_own_person",
        copy("release", "release", agency_id="%(hsi)s", by_id="%(hsi_p)s", recipient_id="%(fbi)s"),
        by="hsi",
    ),
    Attack(
        "a release kept in another agency's name",
        "policy: add of release",
        copy("release", "release"),
        by="hsi",
        behind=("a_release_is_signed_in_ones_own_name",),
    ),
    Attack(
        "a release in a colleague's name",
        "a_release_is_signed_in_ones_own_name",
        copy("release", "release"),
        by="hotline_3",
    ),
    Attack(
        "a release signed by somebody of another agency",
        "a_release_is_signed_in_ones_own_name",
        copy("release", "release", by_id="%(hsi_p)s"),
        by="hsi_as_hotline",
    ),
    Attack(
        "a release revoked by nobody",
        "a_release_is_revoked_by_somebody",
        "UPDATE nowrongdoor_release SET revoked_at = now() WHERE id = %(release)s",
        by="hotline",
        behind=("a_release_is_revoked_by_its_agency",),
    ),
    Attack(
        "a release revoked by another agency",
        "policy: change of release",
        "UPDATE nowrongdoor_release SET revoked_at = now(), revoked_by_id = %(hsi_p)s WHERE id = %(release)s",
        by="hsi",
        behind=("a_release_is_revoked_by_its_agency",),
    ),
    Attack(
        "a release revoked in another agency's name",
        "a_release_is_revoked_by_its_agency",
        "UPDATE nowrongdoor_release SET revoked_at = now(), revoked_by_id = %(hsi_p)s WHERE id = %(release)s",
        by="hotline",
    ),
    Attack(
        "a revoked release in force again",
        "a_revoked_release_stays_revoked",
        "UPDATE nowrongdoor_release SET revoked_at = NULL, revoked_by_id = NULL WHERE id = %(revoked)s",
        by="hotline",
    ),
    Attack(
        "immigration matters released to another department",
        "release.immigration_stays_inside",
        copy("release", "release", parts="'{immigration}'", by_id="%(hotline_p)s"),
        by="hotline",
    ),
    Attack(
        "immigration matters released past a table of the attacker's own",
        "release.immigration_stays_inside",
        "CREATE TEMP TABLE nowrongdoor_agency AS SELECT id, 'one' AS department FROM public.nowrongdoor_agency; "
        f"INSERT INTO nowrongdoor_release (id, case_id, person_id, agency_id, recipient_id, parts, purpose, witness, "
        f"given_at, expires_at, by_id) VALUES (gen_random_uuid(), %(case)s, %(person)s, %(hotline)s, %(hsi)s, "
        f"'{{immigration}}', {SEALED}, {SEALED}, now(), now() + interval '1 day', %(hotline_p)s)",
        by="hotline",
    ),
    Attack(
        "immigration matters disclosed to another department",
        "disclosure.immigration_stays_inside",
        copy("disclosure", "disclosure", parts="'{immigration}'", by_id="%(hotline_p)s"),
        by="hotline",
    ),
    Attack(
        "a disclosure of nothing",
        "a_disclosure_names_its_parts",
        copy("disclosure", "disclosure", parts="'{}'"),
        by="hotline",
    ),
    Attack(
        "a disclosure under no law",
        "a_disclosure_names_its_law",
        copy("disclosure", "disclosure", citation="''"),
        by="hotline",
    ),
    Attack(
        "a disclosure without an end",
        "a_disclosure_ends",
        copy("disclosure", "disclosure", until="at + interval '1 year'"),
        by="hotline",
    ),
    Attack(
        "a disclosure to oneself",
        "a_disclosure_is_to_another_agency",
        copy("disclosure", "disclosure", recipient_id="agency_id"),
        by="hotline",
    ),
    Attack(
        "a disclosure of another agency's person",
        "a_disclosure_is_of_ones_own_person",
        copy("disclosure", "disclosure", agency_id="%(hsi)s", by_id="%(hsi_p)s", recipient_id="%(fbi)s"),
        by="hsi",
    ),
    Attack(
        "a disclosure in another agency's name",
        "policy: add of disclosure",
        copy("disclosure", "disclosure"),
        by="hsi",
        behind=("a_disclosure_is_signed_in_ones_own_name",),
    ),
    Attack(
        "a disclosure in a colleague's name",
        "a_disclosure_is_signed_in_ones_own_name",
        copy("disclosure", "disclosure"),
        by="hotline_3",
    ),
    Attack("a person excluded twice", "a_person_is_excluded_once", copy("exclusion", "exclusion"), by="hotline"),
    Attack(
        "somebody of another agency excluded",
        "somebody_is_excluded_by_their_own_agency",
        copy("exclusion", "exclusion", person_id="%(hsi_p)s", by_id="%(hotline_p)s"),
        by="hotline",
    ),
    Attack(
        "an exclusion in another's name",
        "an_exclusion_is_signed_in_ones_own_name",
        copy("exclusion", "exclusion", person_id="%(hotline_3)s"),
        by="hotline_3",
    ),
    Attack(
        "an exclusion lifted by nobody",
        "an_exclusion_is_lifted_by_somebody",
        "UPDATE nowrongdoor_exclusion SET lifted_at = now() WHERE id = %(exclusion)s",
        by="hotline",
        behind=("an_exclusion_is_lifted_by_another_of_the_agency",),
    ),
    Attack(
        "an exclusion lifted by the person excluded",
        "an_exclusion_is_lifted_by_another_of_the_agency",
        "UPDATE nowrongdoor_exclusion SET lifted_at = now(), lifted_by_id = %(hotline_2)s WHERE id = %(exclusion)s",
        by="hotline_2",
    ),
    Attack(
        "an exclusion lifted in another agency's name",
        "an_exclusion_is_lifted_by_another_of_the_agency",
        "UPDATE nowrongdoor_exclusion SET lifted_at = now(), lifted_by_id = %(hsi_p)s WHERE id = %(exclusion)s",
        by="hotline",
    ),
    Attack(
        "who lifted an exclusion, rewritten",
        "a_lifted_exclusion_stays_lifted",
        "UPDATE nowrongdoor_exclusion SET lifted_by_id = %(hotline_3)s WHERE id = %(let_in)s",
        by="hotline",
    ),
    Attack(
        "emergency access without a reason",
        "emergency_access_has_a_reason",
        copy("emergency", "emergency", because="''"),
        by="eeoc",
    ),
    Attack(
        "emergency access for a day",
        "emergency_access_ends_soon",
        copy("emergency", "emergency", until="at + interval '1 day'"),
        by="eeoc",
    ),
    Attack(
        "emergency access in another's name",
        "emergency_access_is_opened_in_ones_own_name",
        copy("emergency", "emergency", by_id="%(hsi_p)s"),
        by="eeoc",
    ),
    Attack(
        "emergency access that was reviewed before anybody looked",
        "emergency_access_is_opened_in_ones_own_name",
        copy("emergency", "reviewed", by_id="%(eeoc_p)s"),
        by="eeoc",
    ),
    Attack(
        "emergency access reviewed by whoever had it",
        "nobody_reviews_their_own_emergency",
        "UPDATE nowrongdoor_emergency SET reviewed_at = now(), reviewed_by_id = by_id, justified = true "
        "WHERE id = %(emergency)s",
        by="eeoc",
    ),
    Attack(
        "emergency access reviewed by nobody",
        "emergency_access_is_reviewed_by_the_agency",
        "UPDATE nowrongdoor_emergency SET reviewed_at = now(), justified = true WHERE id = %(emergency)s",
        by="eeoc",
    ),
    Attack(
        "emergency access reviewed in another agency's name",
        "emergency_access_is_reviewed_by_the_agency",
        "UPDATE nowrongdoor_emergency SET reviewed_at = now(), reviewed_by_id = %(hsi_p)s, justified = true "
        "WHERE id = %(emergency)s",
        by="eeoc",
    ),
    Attack(
        "a review turned round",
        "a_review_stays_as_it_was_written",
        "UPDATE nowrongdoor_emergency SET justified = NOT justified WHERE id = %(reviewed)s",
        by="eeoc",
    ),
    Attack(
        "an agency that lets itself into a case",
        "policy: add of participant",
        "INSERT INTO nowrongdoor_participant (id, case_id, agency_id, relation, from_at) VALUES (gen_random_uuid(), "
        "%(case)s, %(eeoc)s, 'told', now())",
        by="eeoc",
        case="",
    ),
    Attack(
        "a part in a case twice",
        "one_relation_of_a_kind",
        Copy("participant", "case_id = %(case)s AND relation = 'received'", {"id": "gen_random_uuid()"}),
    ),
    Attack(
        "a person of a role that nobody knows",
        "a_person_has_a_known_role",
        copy("user", "hotline_p", name="'king'", role="'king'"),
    ),
    Attack(
        "a person who gives themselves a role",
        "nobody_gives_themselves_a_role",
        "UPDATE nowrongdoor_user SET role = 'administrator' WHERE id = %(hotline_p)s",
        by="hotline",
    ),
    Attack(
        "a person who says that they are an administrator, and gives a colleague a role",
        "nobody_gives_themselves_a_role",
        "UPDATE nowrongdoor_user SET role = 'administrator' WHERE id = %(hotline_2)s",
        by="hotline_as_administrator",
    ),
    Attack(
        "somebody switched on again by the sign-in",
        "nobody_gives_themselves_a_role",
        "UPDATE nowrongdoor_user SET is_active = false WHERE id = %(hotline_p)s",
        by="entry",
    ),
)

WORDS = (
    Attack("a note that says nothing", "a_note_says_something", copy("note", "note", text="''"), by="hotline"),
    Attack(
        "a note in a colleague's name",
        "policy: add of note",
        copy("note", "note"),
        by="hotline_3",
    ),
    Attack(
        "a file in another agency's name",
        "policy: add of case_file",
        copy("case_file", "file", agency_id="%(hsi)s"),
        by="hotline",
    ),
    Attack(
        "a file that says nothing of itself",
        "a_file_says_what_it_is",
        copy("case_file", "file", label="''"),
        by="hotline",
    ),
    Attack(
        "a file of a kind that does not come in",
        "a_file_is_of_a_kind_that_comes_in",
        copy("case_file", "file", kind="'exe'"),
        by="hotline",
    ),
    Attack(
        "a file beyond the limit",
        "a_file_is_within_the_limit",
        copy("case_file", "file", size="0", content="substr(content, 1, 29)"),
        by="hotline",
        behind=("case_file_content_is_sealed",),
    ),
    Attack(
        "a file that is larger than it says",
        "a_file_is_as_large_as_it_says",
        copy("case_file", "file", size="size + 1"),
        by="hotline",
    ),
    Attack(
        "the same signal twice",
        "a_senders_key_is_taken_once",
        copy("signal", "signal", reference="'ZZZZ-ZZZZ-ZZZZ'"),
    ),
    Attack(
        "a signal without a key",
        "a_signal_has_a_key",
        copy("signal", "signal", reference="'ZZZZ-ZZZZ-ZZZZ'", key="'x'"),
    ),
    Attack(
        "a signal taken in another's name",
        "a_signal_is_taken_in_ones_own_name",
        copy("signal", "signal", reference="'ZZZZ-ZZZZ-ZZZZ'", key=ODD, taken_by_id="%(hsi_p)s"),
        by="hotline",
    ),
)

KEYS = (
    Attack("a key overwritten", "privilege: UPDATE of datakey", f"UPDATE nowrongdoor_datakey SET wrapped = {SEALED}"),
    Attack(
        "all keys emptied",
        "privilege: TRUNCATE of datakey",
        "TRUNCATE nowrongdoor_datakey CASCADE",
        behind=("privilege: datakey_version",),
    ),
    Attack(
        "a version overwritten",
        "privilege: UPDATE of datakey_version",
        f"UPDATE nowrongdoor_datakey_version SET wrapped = {SEALED}",
    ),
    Attack("a version taken out", "privilege: DELETE of datakey_version", "DELETE FROM nowrongdoor_datakey_version"),
    Attack(
        "a root key overwritten", "privilege: UPDATE of rootkey", f"UPDATE nowrongdoor_rootkey SET wrapped = {SEALED}"
    ),
    Attack(
        "a root key taken out",
        "privilege: DELETE of rootkey",
        "DELETE FROM nowrongdoor_rootkey WHERE retired_at IS NULL",
        behind=("*", "there_is_always_a_root_key_in_use"),
    ),
    Attack(
        "the key of a case destroyed without a disposal",
        "a_key_is_kept",
        "DELETE FROM nowrongdoor_datakey WHERE subject_id = %(case)s",
    ),
    Attack(
        "the key of a case on hold destroyed",
        "a_key_is_kept",
        "DELETE FROM nowrongdoor_datakey WHERE subject_id = %(held)s",
        by="hotline",
        case="held",
        first="INSERT INTO nowrongdoor_disposal (id, case_id, agency_id, schedule, asked_at, asked_by_id, approved_at, "
        "approved_by_id, destroyed) VALUES (gen_random_uuid(), %(held)s, %(hotline)s, 'case', now(), %(hotline_p)s, "
        "now(), %(hotline_3)s, 0)",
    ),
    Attack(
        "a key destroyed under a disposal that was done before",
        "a_key_is_kept",
        "DELETE FROM nowrongdoor_datakey WHERE subject_id = %(signal)s",
        by="hotline",
        case="gone",
        first="UPDATE nowrongdoor_case_signal SET case_id = %(gone)s WHERE signal_id = %(signal)s",
    ),
    Attack(
        "what a person is found by, destroyed without a disposal",
        "a_token_is_kept",
        "DELETE FROM nowrongdoor_person_token WHERE person_id = %(person)s",
    ),
    Attack(
        "a key that nobody can tell from another",
        "a_new_key_is_committed",
        "INSERT INTO nowrongdoor_datakey (subject_id, of, root_id, wrapped) VALUES "
        "(gen_random_uuid(), 'case', %(root)s, "
        f"{SEALED})",
    ),
    Attack(
        "a key under a root key that was retired",
        "a_key_is_wrapped_by_the_root_key_in_use",
        "INSERT INTO nowrongdoor_datakey (subject_id, of, root_id, wrapped, commitment) VALUES (gen_random_uuid(), "
        f"'case', %(old_root)s, {SEALED}, {ODD})",
    ),
    Attack(
        "a key for what was erased",
        "what_was_erased_stays_erased",
        "INSERT INTO nowrongdoor_datakey (subject_id, of, root_id, wrapped, commitment) VALUES (%(gone)s, 'case', "
        f"%(root)s, {SEALED}, {ODD})",
    ),
    Attack(
        "a version in the place of another",
        "a_version_of_a_key_comes_once",
        Copy("datakey_version", "subject_id = %(held)s", {"id": "gen_random_uuid()"}),
    ),
    Attack(
        "a version of no key",
        "a_version_is_of_a_key",
        Copy(
            "datakey_version", "subject_id = %(held)s", {"id": "gen_random_uuid()", "subject_id": "gen_random_uuid()"}
        ),
        behind=("a_version_keeps_the_secret",),
    ),
    Attack(
        "a version under a root key that was retired",
        "a_version_is_wrapped_by_the_root_key_in_use",
        Copy(
            "datakey_version",
            "subject_id = %(held)s",
            {"id": "gen_random_uuid()", "version": "version + 1", "root_id": "%(old_root)s"},
        ),
    ),
    Attack(
        "a version with another secret",
        "a_version_keeps_the_secret",
        Copy(
            "datakey_version",
            "subject_id = %(held)s",
            {"id": "gen_random_uuid()", "version": "version + 1", "commitment": ODD},
        ),
    ),
    Attack(
        "a version that leaves room for another",
        "a_version_keeps_the_secret",
        Copy("datakey_version", "subject_id = %(held)s", {"id": "gen_random_uuid()", "version": "99"}),
    ),
    Attack(
        "a version of an agency that looks",
        "policy: add of datakey_version",
        Copy("datakey_version", "subject_id = %(held)s", {"id": "gen_random_uuid()", "version": "version + 1"}),
        by="hotline",
        case="held",
    ),
    Attack(
        "a root key that nobody can tell from another",
        "a_new_root_key_is_committed",
        copy("rootkey", "old_root", commitment="NULL"),
    ),
    Attack("two root keys in use", "one_root_key_per_use", copy("rootkey", "root")),
    Attack(
        "a root key retired anew",
        "a_retired_root_key_stays_retired",
        "UPDATE nowrongdoor_rootkey SET retired_at = now() + interval '1 day' WHERE id = %(old_root)s",
    ),
    Attack(
        "no root key in use",
        "there_is_always_a_root_key_in_use",
        "UPDATE nowrongdoor_rootkey SET retired_at = now() WHERE id = %(root)s",
    ),
    Attack(
        "an index key with another secret",
        "an_index_key_keeps_its_secret",
        "UPDATE nowrongdoor_rootkey SET retired_at = now() WHERE use = 'index' AND retired_at IS NULL; "
        "INSERT INTO nowrongdoor_rootkey (id, use, provider, provider_key, wrapped, made_at, commitment) VALUES "
        f"(gen_random_uuid(), 'index', 'file', 'x', {SEALED}, now(), {ODD})",
    ),
)


def approve(of: str, by: str) -> str:
    return f"UPDATE nowrongdoor_disposal SET approved_at = now(), approved_by_id = {by} WHERE id = %({of})s"


RETENTION = (
    Attack(
        "a disposal that one person asks for and approves",
        "nobody_disposes_alone",
        "UPDATE nowrongdoor_disposal SET approved_at = now(), approved_by_id = asked_by_id WHERE id = %(asked)s",
        by="hotline",
        case="closed",
        behind=("what_is_approved_is_destroyed",),
    ),
    Attack(
        "a second disposal of a case", "one_disposal_of_a_case", copy("disposal", "asked"), by="hotline", case="closed"
    ),
    Attack(
        "a disposal asked for by another agency",
        "a_disposal_is_asked_by_who_led_a_closed_case",
        "INSERT INTO nowrongdoor_disposal (id, case_id, agency_id, schedule, asked_at, asked_by_id, destroyed) VALUES "
        "(gen_random_uuid(), %(held)s, %(hsi)s, 'case', now(), %(hsi_p)s, 0)",
        by="hsi",
        case="held",
    ),
    Attack(
        "a disposal of a case that is open",
        "a_disposal_is_asked_by_who_led_a_closed_case",
        copy("disposal", "asked", case_id="%(case)s"),
        by="hotline",
    ),
    Attack(
        "a disposal that is approved as it is asked for",
        "a_disposal_starts_unapproved",
        copy("disposal", "asked", case_id="%(held)s", approved_at="now()", approved_by_id="%(hotline_3)s"),
        by="hotline",
        case="held",
        behind=("what_is_approved_is_destroyed",),
    ),
    Attack(
        "a disposal approved in a colleague's name",
        "a_disposal_is_approved_in_ones_own_name",
        approve("asked", "%(hotline_3)s"),
        by="hotline",
        case="closed",
        behind=("what_is_approved_is_destroyed",),
    ),
    Attack(
        "a disposal approved by a person of another agency",
        "a_disposal_is_approved_in_ones_own_name",
        approve("asked", "%(hsi_p)s"),
        by="hsi",
        case="closed",
        behind=("what_is_approved_is_destroyed",),
    ),
    Attack(
        "a disposal approved and kept in reserve",
        "what_is_approved_is_destroyed",
        approve("asked", "%(hotline_3)s"),
        by="hotline_3",
        case="closed",
    ),
    Attack(
        "keys destroyed without an event",
        "what_is_approved_is_destroyed",
        f"{approve('asked', '%(hotline_3)s')}; DELETE FROM nowrongdoor_datakey WHERE subject_id IN (SELECT %(closed)s "
        "UNION SELECT signal_id FROM nowrongdoor_case_signal WHERE case_id = %(closed)s); "
        "UPDATE nowrongdoor_disposal SET destroyed = 2 WHERE id = %(asked)s",
        by="hotline_3",
        case="closed",
    ),
    Attack(
        "a disposal stopped although nothing is held",
        "a_disposal_is_stopped_by_a_hold",
        "UPDATE nowrongdoor_disposal SET stopped_at = now() WHERE id = %(asked)s",
        by="hotline",
        case="closed",
    ),
    Attack(
        "a stopped disposal taken up again",
        "a_disposal_that_is_over_stays_over",
        "UPDATE nowrongdoor_disposal SET stopped_at = NULL WHERE id = %(stopped)s",
        by="hotline",
        case="stopped_case",
    ),
    Attack(
        "a tombstone that says that nothing was destroyed",
        "a_disposal_that_is_over_stays_over",
        "UPDATE nowrongdoor_disposal SET destroyed = 0 WHERE id = %(done)s",
        by="hotline",
        case="gone",
        behind=("what_is_approved_is_destroyed",),
    ),
    Attack(
        "a hold in a colleague's name",
        "a_hold_is_signed_in_ones_own_name",
        copy("hold", "hold"),
        by="hotline_3",
        case="held",
    ),
    Attack(
        "a hold lifted by nobody",
        "a_hold_is_lifted_by_somebody",
        "UPDATE nowrongdoor_hold SET lifted_at = now() WHERE id = %(hold)s",
        by="hotline",
        case="held",
        behind=("a_hold_is_lifted_by_its_agency",),
    ),
    Attack(
        "a hold lifted by another agency",
        "policy: change of hold",
        "UPDATE nowrongdoor_hold SET lifted_at = now(), lifted_by_id = %(hsi_p)s WHERE id = %(hold)s",
        by="hsi",
        case="held",
        behind=("a_hold_is_lifted_by_its_agency",),
    ),
    Attack(
        "a hold lifted in another agency's name",
        "a_hold_is_lifted_by_its_agency",
        "UPDATE nowrongdoor_hold SET lifted_at = now(), lifted_by_id = %(hsi_p)s WHERE id = %(hold)s",
        by="hotline",
        case="held",
    ),
    Attack(
        "a hold lifted by the house",
        "a_hold_is_lifted_by_its_agency",
        "UPDATE nowrongdoor_hold SET lifted_at = now(), lifted_by_id = %(hotline_p)s WHERE id = %(hold)s",
    ),
    Attack(
        "who lifted a hold, rewritten",
        "a_lifted_hold_stays_lifted",
        "UPDATE nowrongdoor_hold SET lifted_by_id = %(hotline_3)s WHERE id = %(lifted)s",
        by="hotline",
        case="held",
    ),
)

TRAIL = (
    Attack(
        "the trail rewritten",
        "privilege: UPDATE of auditevent",
        "UPDATE nowrongdoor_auditevent SET verb = 'x' WHERE case_id = %(case)s",
    ),
    Attack("the trail deleted", "privilege: DELETE of auditevent", "DELETE FROM nowrongdoor_auditevent"),
    Attack(
        "an event in another's name",
        "an_event_names_whoever_looks",
        "INSERT INTO nowrongdoor_auditevent (at, kind, verb, authority, agency_id, by_id, subject_id, details) VALUES "
        "(now(), 'read', 'case.read', 'mandate', %(hotline)s, %(hsi_p)s, %(case)s, '{}')",
        by="hotline",
    ),
    Attack(
        "an event added to a transaction that is sealed",
        "an_event_will_be_sealed",
        "INSERT INTO nowrongdoor_auditevent (at, kind, verb, authority, agency_id, subject_id, "
        "details, tx) SELECT now(), "
        "'read', 'case.read', 'rule', agency_id, %(case)s, '{}', tx FROM nowrongdoor_auditseal LIMIT 1",
    ),
    Attack(
        "a transaction sealed twice, by the owner",
        "a_transaction_is_sealed_once",
        "INSERT INTO nowrongdoor_auditseal (agency_id, tx, is_ready) SELECT agency_id, tx, true "
        "FROM nowrongdoor_auditseal "
        "LIMIT 1",
        by="owner",
    ),
    Attack(
        "two links of one number, by the owner",
        "a_link_has_its_own_number",
        "INSERT INTO nowrongdoor_auditseal (agency_id, tx, is_ready, number, hash) SELECT "
        "agency_id, gen_random_uuid(), "
        "true, number, hash FROM nowrongdoor_auditseal LIMIT 1",
        by="owner",
    ),
    Attack(
        "the promise itself dropped",
        "role: nwd_app is nwd_owner",
        "ALTER TABLE nowrongdoor_case DROP CONSTRAINT a_lead_was_accepted",
    ),
    Attack("the owner's coat", "role: nwd_app is nwd_owner", "SET LOCAL ROLE nwd_owner"),
    Attack(
        "the triggers switched off",
        "parameter: session_replication_role",
        "SET LOCAL session_replication_role = replica",
    ),
)

FIGURES = (
    Attack(
        "a table in force that was not proved",
        "only_a_proved_table_is_in_force",
        copy("mandate_table", "table", digest="repeat('0', 64)"),
        behind=("one_table_in_force",),
    ),
    Attack(
        "two tables in force",
        "one_table_in_force",
        copy("mandate_table", "table", digest="repeat('0', 64)", proved_digest="repeat('0', 64)"),
    ),
    Attack(
        "a run that ends in two ways",
        "a_prevalence_run_ends_in_one_way",
        "UPDATE nowrongdoor_prevalence_run SET failed = 'x' WHERE id = %(run)s",
    ),
    Attack(
        "a run of one list",
        "a_prevalence_run_has_two_lists_and_people",
        copy("prevalence_run", "run", lists="'{one}'"),
    ),
    Attack("a run of no table", "a_prevalence_table_has_a_digest", copy("prevalence_run", "run", digest="'x'")),
    Attack(
        "a run asked for in another agency's name",
        "a_prevalence_run_is_asked_by_its_agency",
        copy("prevalence_run", "run", agency_id="%(hsi)s"),
    ),
    Attack(
        "a run against the advice of another agency's",
        "a_prevalence_run_overrides_its_agency_s",
        copy("prevalence_run", "run", agency_id="%(hsi)s", by_id="%(hsi_p)s", overrides_id="%(run)s"),
    ),
    Attack(
        "a run answered twice",
        "a_prevalence_run_is_kept",
        "UPDATE nowrongdoor_prevalence_run SET failed = 'another reason' WHERE id = %(failed)s",
    ),
)

# Which guards stand behind a check on a sealed column: nobody signs what the house copies.
BEHIND_SEALED: Mapping[str, Sequence[str]] = {
    "case": ("a_case_is_born_open",),
    "notice": ("a_notice_starts_unanswered",),
    "clock": ("a_clock_starts_unmet",),
    "handoff": ("one_open_offer_per_case",),
    "release": ("a_release_is_signed_in_ones_own_name",),
    "disclosure": ("a_disclosure_is_signed_in_ones_own_name",),
    "hold": ("a_hold_is_signed_in_ones_own_name",),
    "exclusion": ("an_exclusion_is_signed_in_ones_own_name",),
    "emergency": ("emergency_access_is_opened_in_ones_own_name",),
}
OTHERWISE: Mapping[str, Mapping[str, str]] = {
    "signal": {"reference": "'ZZZZ-ZZZZ-ZZZZ'", "key": ODD},
    "case": {"reference": "'ZZZZ-ZZZZ-ZZZZ'"},
    "case_facts": {"version": "99", "by_id": "NULL"},
    "person_part": {"person_id": "%(partless)s", "part": "'identity'"},
    "notice": {"desk": "'X'"},
    "clock": {"clock": "'X'"},
    "exclusion": {"person_id": "%(hotline_3)s"},
}
SIGNED = ("note", "case_file")  # the wall asks for whoever wrote it


def sealed() -> Iterator[Attack]:
    """One attack for each sealed column: a row whose text is not sealed."""
    for table, columns in inventory.SEALED.items():
        for column in columns:
            chosen = f"length({column}) > 29" + (" AND state = 'declined'" if table == "handoff" else "")
            words = {column: f"set_byte({column}, 0, 122)", **OTHERWISE.get(table, {})}
            if table == "handoff":
                words |= {"kind": "'step_forward'"}
            yield Attack(
                f"plain words in {table}.{column}",
                f"{table}_{column}_is_sealed",
                Copy(table, chosen, {"id": "gen_random_uuid()", **words}),
                by="hotline" if table in SIGNED else "house",
                behind=("what_carries_its_yes_is_accepted",) if table == "handoff" else BEHIND_SEALED.get(table, ()),
            )


ATTACKS = (
    *LEADS,
    *HANDOFFS,
    *DUTIES,
    *PEOPLE,
    *WORDS,
    *KEYS,
    *RETENTION,
    *TRAIL,
    *FIGURES,
    *sealed(),
)

# Named, and no promise by themselves.
APART: Mapping[str, str] = {
    **dict.fromkeys(
        (
            *("agency_id_active", "agency_id_stands_by", "case_id_is_open", "handoff_id_case_to_state"),
            *("person_id_case_owner", "prevalence_run_id_agency", "user_id_agency"),
        ),
        "its first column is unique already: it is there so that a foreign key can point at more than the id",
    ),
}


@dataclasses.dataclass(frozen=True, slots=True)
class Maker:
    """A trigger that refuses nothing and writes something: what sets it off, and how many rows there are of what it
    writes (without `look`: it tells the worklists)."""

    trigger: str
    act: str | Copy
    look: str = ""
    by: str = "house"
    case: str = "case"


_EVENT = (
    "INSERT INTO nowrongdoor_auditevent (at, kind, verb, authority, agency_id, subject_id, "
    "details) VALUES (now(), 'read', "
    "'case.read', 'rule', %(hotline)s, %(case)s, '{}')"
)
_SEALS = "SELECT count(*) FROM nowrongdoor_auditseal"
MAKERS = (
    Maker(
        "a_lead_is_remembered",
        copy("case", "case", reference="'ZZZZ-ZZZZ-ZZZZ'"),
        "SELECT count(*) FROM nowrongdoor_tenure",
    ),
    Maker(
        "a_change_of_lead_is_remembered",
        "UPDATE nowrongdoor_case SET closed_at = now(), closed_by_id = %(hsi_p)s, "
        f"closed_because = {SEALED} WHERE id = %(accepted)s",
        "SELECT count(*) FROM nowrongdoor_tenure WHERE case_id = %(accepted)s AND to_at IS NOT NULL",
        by="hsi",
        case="accepted",
    ),
    Maker("a_link_is_closed_last", _EVENT, f"{_SEALS} WHERE is_ready"),
    Maker("a_link_joins_its_chain", _EVENT, f"{_SEALS} WHERE hash IS NOT NULL"),
    Maker(
        "a_new_root_key_is_in_the_trail",
        copy("rootkey", "old_root"),
        "SELECT count(*) FROM nowrongdoor_auditevent WHERE verb = 'keys.renewed'",
    ),
    Maker(
        "a_new_version_of_a_key_is_in_the_trail",
        Copy("datakey_version", "subject_id = %(held)s", {"id": "gen_random_uuid()", "version": "version + 1"}),
        "SELECT count(*) FROM nowrongdoor_auditevent WHERE verb = 'keys.rewrapped'",
    ),
    Maker("an_offer_is_heard", born("backstop", "doj", "NULL")),
    Maker("an_answer_is_heard", "UPDATE nowrongdoor_handoff SET position = position WHERE id = %(offer)s"),
    Maker("a_notice_is_heard", copy("notice", "notice", desk="left(gen_random_uuid()::text, 30)")),
    Maker("an_acknowledgement_is_heard", "UPDATE nowrongdoor_notice SET sent_at = sent_at WHERE id = %(notice)s"),
    Maker("a_clock_is_heard", copy("clock", "clock", clock="left(gen_random_uuid()::text, 18)")),
    Maker("a_met_clock_is_heard", "UPDATE nowrongdoor_clock SET started_at = started_at WHERE id = %(clock)s"),
)
