"""Attacks on hand-offs: answers that nobody gave, offers out of nothing, yeses that are no longer true."""

from __future__ import annotations

from tests.promises.attacking import OWN_NAME, Attack, born, copy, end

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
        behind=("an_open_offer_has_an_open_answer",),
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
        "a succession in the administrator's name outside of the system",
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
