"""Attacks on notes, files and signals, and on every column that is sealed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from nowrongdoor.site import declared
from tests.promises.attacking import ODD, Attack, Copy, another_signal, copy

WORDS = (
    Attack("a note that says nothing", "a_note_says_something", copy("note", "note", text="''"), by="hotline"),
    Attack(
        "a note in a colleague's name",
        "policy: add of note",
        copy("note", "note"),
        by="hotline_3",
    ),
    Attack(
        "a note for one team, while no case has teams",
        "policy: add of note",
        copy("note", "note", scope="gen_random_uuid()"),
        by="hotline",
    ),
    Attack(
        "a note for my agency and for a team at once",
        "a_note_with_a_scope_is_for_a_team",
        copy("note", "note", audience="'agency'", scope="gen_random_uuid()"),
        by="owner",
    ),
    Attack(
        "a file for my agency and for a team at once",
        "a_file_with_a_scope_is_for_a_team",
        copy("case_file", "file", audience="'agency'", scope="gen_random_uuid()"),
        by="owner",
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
        "a signal that arrives after it was taken",
        "a_signal_arrives_before_it_is_taken",
        another_signal(key=ODD, taken_by_id="NULL", arrived_at="received_at + interval '1 second'"),
    ),
    Attack(
        "a contact that is made after it arrived",
        "a_contact_is_made_before_it_arrives",
        another_signal(key=ODD, taken_by_id="NULL", contacted_at="arrived_at + interval '1 second'"),
    ),
    Attack(
        "the same signal twice",
        "a_senders_key_is_taken_once",
        another_signal(),
    ),
    Attack(
        "a signal without a key",
        "a_signal_has_a_key",
        another_signal(key="'x'"),
    ),
    Attack(
        "a signal taken in another's name",
        "a_signal_is_taken_in_ones_own_name",
        another_signal(key=ODD, taken_by_id="%(hsi_p)s"),
        by="hotline",
    ),
)

# Which guards stand behind a check on a sealed column: nobody signs what the system copies.
BEHIND_SEALED: Mapping[str, Sequence[str]] = {
    "report": ("a_report_begins_unreviewed_in_its_writers_words",),
    "case": ("a_case_is_born_open",),
    "reopening": ("a_case_is_reopened_by_who_led_it_last", "what_is_reopened_is_open", "a_closing_is_undone_once"),
    "case_facts": ("a_version_of_facts_is_that_of_its_case",),
    "duty": ("a_duty_starts_undone", "only_a_notice_told_by_hand_is_confirmed"),
    "handoff": ("one_open_offer_per_case",),
    "release": ("a_release_is_signed_in_ones_own_name",),
    "case_request": ("a_request_is_open_once", "a_request_starts_open"),
    "disclosure": ("a_disclosure_is_signed_in_ones_own_name",),
    "hold": ("a_hold_is_signed_in_ones_own_name",),
    "exclusion": ("an_exclusion_is_signed_in_ones_own_name",),
    "emergency": ("emergency_access_is_opened_in_ones_own_name",),
    "mailbox": ("a_receipt_opens_one_mailbox",),
    "unfinished": ("a_receipt_keeps_one_unfinished",),
    "contact_review": ("a_contact_is_drawn_in_ones_own_name",),
}
OTHERWISE: Mapping[str, Mapping[str, str]] = {
    "signal": {"reference": "'ZZZZ-ZZZZ-ZZZZ'", "key": ODD, "routed_at": "NULL"},
    "case": {"reference": "'ZZZZ-ZZZZ-ZZZZ'"},
    "case_facts": {"version": "99", "by_id": "NULL"},
    "person_part": {"person_id": "%(partless)s", "part": "'identity'"},
    "note_correction": {"number": "99"},
    "signal_correction": {"number": "99"},
    "reopening": {"at": "now()", "closed_at": "now()"},
    "duty": {"kind": "'task'", "by_hand": "false", "follows_lead": "false"},
    "exclusion": {"person_id": "%(hotline_3)s"},
    "mailbox": {"reference": "'ZZZZ-ZZZZ-ZZZZ'", "signal_id": "gen_random_uuid()"},
    "mailbox_post": {"kind": "'message'", **dict.fromkeys(("by_id", "read_at", "read_by_id", "to_id"), "NULL")},
    "contact": {
        "state": "'ringing'",
        "conversation": ODD,
        **dict.fromkeys(("person_id", "asked_id", "due_at", "over_at", "left_at", "signal_id"), "NULL"),
        **dict.fromkeys(("since", "asked_at"), "now()"),
        "ends_at": "now() + interval '1 minute'",
    },
    "seat": {"person_id": "%(hotline_p)s", "ended_at": "NULL"},
    "contact_leg": {"by_id": "%(hotline_p)s"},
    "contact_message": {"way": "'voicemail'", "by_id": "NULL", "outcome": "''"},
    "call_back": {"contact_id": "%(ringing)s", **dict.fromkeys(("by_id", "taken_by_id", "taken_at"), "NULL")},
    "demand_record": {"digest": "repeat('b', 64)"},
    "signal_file_content": {"file_id": "%(bare_file)s"},
    "protocol": {
        **{"choice": "6", "agency_id": "%(hotline)s", "by_id": "%(hotline_p)s"},
        **dict.fromkeys(("proved_at", "proved_by_id", "prove_again_at", "retired_at", "retired_by_id"), "NULL"),
    },
    "report": {
        **dict.fromkeys(("by_id", "words_by_id"), "%(advocate_p)s"),
        **dict.fromkeys(("reviewed_at", "reviewed_by_id", "reviewed_version", "returned_at", "returned_by_id"), "NULL"),
    },
    "report_sending": {"number": "99"},
    "contact_review": {"contact_id": "%(over_3)s"},
    "emergency_money": {
        "by_id": "%(desk_p)s",
        **dict.fromkeys(("decided_by_id", "decided_at", "is_approved", "spent", "spent_by_id", "spent_at"), "NULL"),
    },
}
# By what a row is told from others, where that is no id of its own.
KEYS: Mapping[str, Mapping[str, str]] = {
    "withdrawn_content": {"file_id": "%(file)s"},
    "telling": {"signal_id": "%(other_signal)s"},
}
PUT_AWAY = "withdrawn_content"  # a trigger of the owner's writes it, and nobody else may
WRITERS: Mapping[str, str] = {  # the wall asks for whoever wrote it
    **dict.fromkeys(
        ("note", "note_correction", "case_file", "case_message", "draft", "signal_correction", "reopening"), "hotline"
    ),
    **dict.fromkeys(("demand", "demand_record", "protocol", "seat", "contact_leg"), "hotline"),
    **dict.fromkeys(("report", "report_sending", "benefits_letter"), "advocate"),
    **dict.fromkeys(("caller_flag", "emergency_money"), "desk"),
    "contact_review": "hotline",
    "case_request": "hsi",
    **dict.fromkeys(("mailbox", "mailbox_post"), "visitor"),
    "unfinished": "visitor_unfinished",
    PUT_AWAY: "owner",
}


def sealed() -> Iterator[Attack]:
    """One attack for each sealed column: a row whose text is not sealed."""
    for each in declared.COLUMNS:
        table = each.table.removeprefix("nowrongdoor_")
        for column in each.sealed:
            chosen = f"length({column}) > 29" + (" AND state = 'declined'" if table == "handoff" else "")
            chosen += " AND agency_id = %(hotline)s" if table == "case_message" else ""
            words = {column: f"set_byte({column}, 0, 122)", **OTHERWISE.get(table, {})}
            if table == "handoff":
                words |= {"kind": "'step_forward'"}
            key = KEYS.get(table, {"id": "gen_random_uuid()"})
            yield Attack(
                f"plain words in {table}.{column}",
                f"{table}_{column}_is_sealed",
                Copy(table, chosen, {**key, **words}),
                by=WRITERS.get(table, "system"),
                case="ours" if table == "case_request" else "case",
                behind=("what_carries_its_yes_is_accepted",) if table == "handoff" else BEHIND_SEALED.get(table, ()),
            )
