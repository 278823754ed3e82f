"""Attacks on hand-offs: answers that nobody gave, offers out of nothing, yeses that are no longer true."""

# ruff: noqa: S608  these statements are ours, and attacks are what they are for
from __future__ import annotations

from tests.promises.attacking import OWN_NAME, Attack, Copy, Maker, asked, born, copy, end, taking_part

UNDONE = "an_acceptance_is_undone_at_once_by_whoever_gave_it"
SHUT_GATE = (
    "UPDATE nowrongdoor_ruling SET body = jsonb_set(body, '{gates}', jsonb_build_array(jsonb_build_object('bars', "
    "jsonb_build_array((SELECT kind FROM nowrongdoor_agency WHERE id = %(eeoc)s))))) "
    "WHERE digest IN (SELECT ruling_id FROM nowrongdoor_decision WHERE case_id = %(accepted)s)"
)


def accepted_ago(span: str) -> str:
    """What a superuser arranges so that the lead was accepted so long ago."""
    return f"UPDATE nowrongdoor_handoff SET over_at = now() - interval '{span}' WHERE id = %(yes)s"


def undone(by: str, **otherwise: str) -> Copy:
    """An acceptance that is undone."""
    ends = {"from_agency_id": "%(hsi)s", "to_agency_id": "%(hotline)s", "offered_at": "now()", "over_at": "now()"}
    signed = {"kind": "'undo'", "offered_by_id": by, "over_by_id": "NULL", "due_at": "NULL"}
    return copy("handoff", "yes", **{**ends, **signed, **otherwise})


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
    Attack("an acceptance by the system", OWN_NAME, end("offer", "accepted", "%(hsi_p)s", "''")),
    Attack(
        "an acceptance by nobody who looks",
        "policy: change of handoff",
        end("offer", "accepted", "%(hsi_p)s", "''"),
        by="nobody",
        behind=(OWN_NAME,),
    ),
    Attack("a decline in another agency's name", OWN_NAME, end("offer", "declined", "%(hsi_p)s"), by="hotline"),
    Attack("a step forward in another agency's name", OWN_NAME, born("step_forward", "fbi", "%(fbi_p)s"), by="hotline"),
    Attack(
        "a lead that is given to the backstop by an agency that was only told",
        "an_offer_is_made_by_who_steers_or_said_no",
        born("backstop", "doj", "NULL", origin="hotline"),
        by="told",
    ),
    Attack(
        "a lead offered to itself by an agency that was only told",
        "an_offer_is_made_by_who_steers_or_said_no",
        copy(
            "handoff",
            "yes",
            state="'offered'",
            from_agency_id="%(hsi)s",
            to_agency_id="%(fbi)s",
            over_at="NULL",
            over_by_id="NULL",
        ),
        first=taking_part("accepted", "fbi"),
        by="fbi",
        case="accepted",
    ),
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
        behind=("an_open_offer_has_an_open_answer", "not null: notification.about_at"),
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
        behind=("an_offer_is_made_by_who_steers_or_said_no",),
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
        born("step_forward", "hsi", "%(hsi_p)s", origin="whd"),
        by="hsi",
    ),
    Attack(
        "a step forward in a closed case",
        "an_offer_comes_from_the_lead",
        born("step_forward", "hsi", "%(hsi_p)s", case="held"),
        by="hsi",
        case="held",
    ),
    Attack(
        "a step forward out of no chain",
        "an_offer_follows_the_ruling",
        born("step_forward", "eeoc", "%(eeoc_p)s"),
        by="eeoc",
    ),
    Attack(
        "the lead offered by a stranger to itself",
        "policy: add of handoff",
        born("mandate", "eeoc", "NULL", origin="hsi", case="accepted", state="offered"),
        by="eeoc",
        case="accepted",
        behind=("an_offer_follows_the_ruling",),
    ),
    Attack(
        "the lead offered to whom it likes by an agency that no longer leads",
        "an_offer_is_made_in_ones_own_name",
        asked("%(hotline_p)s"),
        by="hotline",
        case="accepted",
    ),
    Attack(
        "the lead offered in a colleague's name",
        "an_offer_is_made_in_ones_own_name",
        asked("%(hsi_p)s"),
        by="hsi_2",
        case="accepted",
    ),
    Attack(
        "the lead offered by nobody to whom no rule names",
        "an_undo_or_a_request_is_made_by_somebody",
        asked("NULL"),
        by="hsi",
        case="accepted",
    ),
    Attack(
        "the lead offered to whom no rule names, without a reason",
        "a_request_of_the_lead_says_why",
        asked("%(hsi_p)s", because="''"),
        by="hsi",
        case="accepted",
    ),
    Attack(
        "the lead offered past a gate",
        "a_request_is_to_nobody_whom_a_gate_bars",
        asked("%(hsi_p)s"),
        first=SHUT_GATE,
        by="hsi",
        case="accepted",
    ),
    Attack(
        "an acceptance undone by a colleague",
        UNDONE,
        undone("%(hsi_2_p)s"),
        first=accepted_ago("0"),
        by="hsi_2",
        case="accepted",
    ),
    Attack(
        "an acceptance undone after two minutes",
        UNDONE,
        undone("%(hsi_p)s"),
        first=accepted_ago("121 seconds"),
        by="hsi",
        case="accepted",
    ),
    Attack(
        "an acceptance undone late, as if in time",
        UNDONE,
        undone("%(hsi_p)s", offered_at="now() - interval '1 hour'", over_at="now() - interval '1 hour'"),
        first=accepted_ago("1 hour"),
        by="hsi",
        case="accepted",
    ),
    Attack(
        "an acceptance undone for an agency that never offered",
        UNDONE,
        undone("%(hsi_p)s", to_agency_id="%(whd)s"),
        first=accepted_ago("0"),
        by="hsi",
        case="accepted",
    ),
    Attack(
        "an acceptance undone although somebody worked on the case since",
        "an_acceptance_is_undone_while_nothing_else_was_done",
        undone("%(hsi_p)s"),
        first=f"{accepted_ago('0')}; INSERT INTO nowrongdoor_auditevent (at, kind, verb, authority, agency_id, "
        "case_id, subject_id, details) VALUES (now(), 'write', 'note.added', 'mandate', %(hsi)s, %(accepted)s, "
        "gen_random_uuid(), '{}')",
        by="hsi",
        case="accepted",
    ),
    Attack(
        "a step forward after somebody accepted",
        "nobody_steps_forward_after_a_yes",
        copy(
            "handoff",
            "yes",
            kind="'step_forward'",
            from_agency_id="%(hsi)s",
            to_agency_id="%(fbi)s",
            over_by_id="%(fbi_p)s",
            over_at="now()",
        ),
        by="fbi",
        case="accepted",
        first=taking_part("accepted", "fbi"),
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
        "a succession in the administrator's name outside of the system",
        "policy: add of handoff",
        born("succession", "whd", "%(admin_p)s"),
        first="UPDATE nowrongdoor_closing SET agency_id = %(hotline)s, into_id = %(whd)s WHERE id = %(closing)s",
        by="admin",
        behind=("a_lead_is_succeeded_when_its_agency_closes",),
    ),
    Attack(
        "a backstop that declines",
        "a_backstop_cannot_decline",
        born("backstop", "doj", "%(admin_p)s", state="declined"),
        behind=("what_carries_its_yes_is_accepted",),
    ),
    Attack(
        "a backstop's yes that somebody is said to have given on the day",
        "policy: add of handoff",
        born("backstop", "doj", "%(admin_p)s"),
        by="hotline",
    ),
    Attack("a backstop that never agreed to stand by", "a_backstop_stands_by", born("backstop", "whd", "NULL")),
)

HANDOFF_MAKERS = (
    Maker(
        "a_request_that_came_to_nothing_is_told_to_the_lead",
        end("asked_for", "declined", "%(eeoc_p)s"),
        "SELECT count(*) FROM nowrongdoor_duty WHERE kind = 'task'",
        by="eeoc",
        case="passed",
    ),
)
