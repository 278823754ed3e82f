"""Attacks on who leads a case, on agencies, and on what a case is."""

# ruff: noqa: S608  these statements are ours, and attacks are what they are for
from __future__ import annotations

from tests.promises.attacking import (
    ODD,
    ON_RECORD,
    SEALED,
    WITH_TABLES_OF_ITS_OWN,
    Attack,
    Copy,
    another_signal,
    copy,
    shut,
)

LEADS = (
    Attack(
        "no lead at all",
        "not null: case.lead_id",
        "UPDATE nowrongdoor_case SET lead_id = NULL WHERE id = %(case)s",
        behind=("a_lead_is_of_a_kind_that_leads",),
    ),
    Attack(
        "a decision brought by an agency that leads the case",
        "policy: add of decision",
        Copy(
            "decision",
            "id = (SELECT id FROM nowrongdoor_decision WHERE case_id = %(case)s ORDER BY at DESC, id DESC LIMIT 1)",
            {"id": "gen_random_uuid()", "at": "now()"},
        ),
        by="hotline",
    ),
    Attack(
        "the facts of a case rewritten by an agency that was only told",
        "the_facts_of_a_case_are_on_record",
        "UPDATE nowrongdoor_case SET facts = '{}', facts_version = facts_version + 1 WHERE id = %(case)s",
        by="told",
    ),
    Attack(
        "a case moved to another state, and no version of its facts says so",
        "the_facts_of_a_case_are_on_record",
        "UPDATE nowrongdoor_case SET state = 'TX' WHERE id = %(case)s",
    ),
    Attack(
        "facts of a case that go back to an earlier version",
        "the_facts_of_a_case_are_on_record",
        "UPDATE nowrongdoor_case c SET facts = f.facts, state = f.state, district = f.district, facts_version = 1 "
        "FROM nowrongdoor_case_facts f WHERE f.case_id = c.id AND f.version = 1 AND c.id = %(changed)s",
        case="changed",
    ),
    Attack(
        "a version of facts for later",
        "a_version_of_facts_is_that_of_its_case",
        Copy(
            "case_facts", "case_id = %(case)s", {"id": "gen_random_uuid()", "version": "99", "by_id": "%(hotline_p)s"}
        ),
        by="hotline",
    ),
    Attack(
        "a signal of another agency put into a case, to look into it",
        "a_signal_is_held_for_who_took_it",
        "INSERT INTO nowrongdoor_case_signal (signal_id, case_id, reference, door, receiver_id, received_at) "
        "VALUES (%(signal)s, %(case)s, 'ZZZZ-ZZZZ-ZZZZ', 'call', %(told_body)s, now())",
        first="DELETE FROM nowrongdoor_case_signal WHERE signal_id = %(signal)s",
        by="told",
    ),
    Attack(
        "a signal that is routed into no case",
        "a_routed_signal_is_in_a_case",
        another_signal(key=ODD, routed_at="now()"),
        by="hotline",
    ),
    Attack(
        "a signal of a case that waits again, so that every routing stumbles over it",
        "a_routed_signal_stays_routed",
        "UPDATE nowrongdoor_signal SET routed_at = NULL WHERE id = %(signal)s",
        by="hotline",
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
        behind=(
            "a_duty_is_owed_by_an_open_agency",
            "a_waiting_signal_has_an_open_receiver",
            "an_agency_that_senders_write_to_is_succeeded",
            ON_RECORD,
        ),
    ),
    Attack(
        "the agency asked closed",
        "an_offer_is_to_an_open_agency",
        shut("fbi"),
        behind=("a_duty_is_owed_by_an_open_agency", ON_RECORD),
    ),
    Attack(
        "an agency closed under its notice",
        "a_duty_is_owed_by_an_open_agency",
        shut("told_body"),
        behind=(ON_RECORD,),
    ),
    Attack(
        "an agency closed under its deadline",
        "a_duty_is_owed_by_an_open_agency",
        shut("idle"),
        first="UPDATE nowrongdoor_duty SET agency_id = %(idle)s WHERE id = %(clock)s",
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
        first=WITH_TABLES_OF_ITS_OWN,
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
        "a closing by an administrator's name outside of the system",
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
        behind=("policy: change of tenure",),
    ),
    Attack(
        "history made up",
        "privilege: INSERT of tenure",
        "INSERT INTO nowrongdoor_tenure (case_id, agency_id, from_at, to_at) VALUES (%(case)s, %(whd)s, now(), now())",
        behind=("policy: add of tenure",),
    ),
    Attack(
        "the case deleted",
        "privilege: DELETE of case",
        "DELETE FROM nowrongdoor_case WHERE id = %(case)s",
        behind=("policy: remove of case",),
    ),
    Attack(
        "the agency deleted",
        "privilege: DELETE of agency",
        "DELETE FROM nowrongdoor_agency WHERE id = %(hsi)s",
        behind=("policy: remove of agency",),
    ),
    Attack(
        "the person deleted",
        "privilege: DELETE of user",
        "DELETE FROM nowrongdoor_user WHERE id = %(hsi_p)s",
        behind=("policy: remove of user",),
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
        "a case closed in the lead's name by the system",
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
        behind=("a_version_of_facts_is_that_of_its_case",),
    ),
)
