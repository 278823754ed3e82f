"""Attacks on what an agency is and does: what its kind lets it do, how often it signs in, whether it stands by."""

# ruff: noqa: S608  these statements are ours, and attacks are what they are for
from __future__ import annotations

from tests.promises.attacking import ODD, SEALED, Attack, Copy, another_signal, asked, copy, row, taking_part

KINDS = (
    Attack(
        "an agency that is never out of reach",
        "an_agency_signs_in_every_1_to_90_days",
        "UPDATE nowrongdoor_agency SET sign_in_days = 91 WHERE id = %(doj)s",
        by="admin",
    ),
    Attack(
        "the system says how often an agency signs in",
        "an_agency_says_itself_how_often_it_signs_in",
        "UPDATE nowrongdoor_agency SET sign_in_days = 90 WHERE id = %(hsi)s",
    ),
    Attack(
        "another agency's administrator says how often it signs in",
        "policy: change of agency",
        "UPDATE nowrongdoor_agency SET sign_in_days = 90 WHERE id = %(hsi)s",
        by="admin",
        behind=("an_agency_says_itself_how_often_it_signs_in",),
    ),
    Attack(
        "a coordinator says how often their agency signs in",
        "policy: change of agency",
        "UPDATE nowrongdoor_agency SET sign_in_days = 90 WHERE id = %(hsi)s",
        by="hsi",
        behind=("an_agency_says_itself_how_often_it_signs_in",),
    ),
    Attack(
        "an administrator who gives their agency another name",
        "whoever_looks_changes_no_more_of_an_agency",
        "UPDATE nowrongdoor_agency SET name = 'X' WHERE id = %(doj)s",
        by="admin",
    ),
    Attack(
        "an administrator who makes a colleague look signed in",
        "only_the_sign_in_says_who_signed_in",
        "UPDATE nowrongdoor_user SET last_login = now() WHERE id = %(doj_2_p)s",
        by="admin",
    ),
    Attack(
        "a table that a coordinator puts in force",
        "a_table_is_put_in_force_by_an_administrator",
        "UPDATE nowrongdoor_mandate_table SET in_force_by_id = %(hsi_p)s WHERE id = %(table)s",
    ),
    Attack(
        "an agency of a kind that nobody knows",
        "an_agency_has_a_known_kind",
        Copy("agency", row("idle"), {"id": "gen_random_uuid()", "code": "'X'", "desk": "'X'", "kind": "'guild'"}),
        by="owner",
    ),
    Attack(
        "a carrier that becomes police",
        "an_agency_keeps_its_kind",
        "UPDATE nowrongdoor_agency SET kind = 'law_enforcement' WHERE id = %(airline)s",
        by="owner",
    ),
    *(
        Attack(
            f"a lead that {words}",
            "a_lead_is_of_a_kind_that_leads",
            "UPDATE nowrongdoor_case SET lead_id = lead_id WHERE id = %(case)s",
            first=f"UPDATE nowrongdoor_case SET received_by_id = %({of})s, lead_id = %({of})s WHERE id = %(case)s",
        )
        for of, words in (("airline", "is a carrier"), ("box", "may only be told"))
    ),
    *(
        Attack(
            f"an offer to {words}",
            "an_offer_is_to_a_kind_that_leads",
            asked("%(hsi_p)s", to=to),
            by="hsi",
            case="accepted",
        )
        for to, words in (("airline", "a carrier"), ("box", "a body that may only be told"))
    ),
    Attack(
        "a call that is compared with others by its words",
        "only_what_came_through_the_form_is_compared",
        another_signal(likeness=ODD, door="'call'", key=ODD),
    ),
    Attack(
        "a signal compared by what is no token of an agency's index",
        "only_what_came_through_the_form_is_compared",
        another_signal(likeness="'x'", door="'web'", key=ODD),
    ),
    Attack(
        "a signal that a carrier receives",
        "a_signal_is_received_by_a_kind_that_receives",
        another_signal(receiver_id="%(airline)s", taken_by_id="NULL"),
    ),
    Attack(
        "a system that hands in signals for a body that is only told",
        "a_system_hands_in_for_a_kind_that_receives",
        "INSERT INTO nowrongdoor_token (id, agency_id, label, digest, made_at) "
        "VALUES (gen_random_uuid(), %(box)s, 'x', 'x', now())",
    ),
    Attack(
        "a carrier that takes part",
        "who_takes_part_is_of_a_kind_that_is_told",
        taking_part("case", "airline"),
    ),
    Attack(
        "a part that is passed to a carrier",
        "who_takes_part_is_of_a_kind_that_is_told",
        "UPDATE nowrongdoor_participant SET agency_id = %(airline)s WHERE case_id = %(case)s AND relation = 'received'",
        by="owner",
    ),
    Attack(
        "a notice to a carrier",
        "a_notice_is_to_a_kind_that_is_told",
        copy("duty", "notice", agency_id="%(airline)s", desk="'AIRLINE'"),
    ),
    Attack(
        "a carrier that opens a case in an emergency",
        "an_emergency_is_of_a_kind_that_is_told",
        copy("emergency", "emergency", agency_id="%(airline)s", by_id="%(airline_p)s", because=SEALED),
        by="airline",
    ),
)
