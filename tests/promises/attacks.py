"""All attacks; the triggers that refuse nothing; and the names that are no promise."""

# ruff: noqa: S608  these statements are ours, and attacks are what they are for
from __future__ import annotations

from collections.abc import Mapping

from tests.promises import (
    on_benefits,
    on_between,
    on_cases,
    on_desks,
    on_drafts,
    on_duties,
    on_endings,
    on_files,
    on_handoffs,
    on_keys,
    on_kinds,
    on_leads,
    on_lists,
    on_mailboxes,
    on_notices,
    on_people,
    on_referrals,
    on_reports,
    on_services,
    on_the_line,
    on_the_trail,
    on_words,
    on_wrapping_up,
)
from tests.promises.attacking import ODD, SEALED, Copy, Maker, another_signal, born, copy, end

ATTACKS = (
    *on_leads.LEADS,
    *on_kinds.KINDS,
    *on_handoffs.HANDOFFS,
    *on_duties.DUTIES,
    *on_lists.LISTS,
    *on_notices.NOTICES,
    *on_people.PEOPLE,
    *on_benefits.BENEFITS,
    *on_between.BETWEEN,
    *on_endings.ENDINGS,
    *on_words.WORDS,
    *on_drafts.DRAFTS,
    *on_files.FILES,
    *on_desks.DESKS,
    *on_reports.REPORTS,
    *on_services.SERVICES,
    *on_referrals.REFERRALS,
    *on_mailboxes.MAILBOXES,
    *on_the_line.LINE,
    *on_wrapping_up.WRAPPING_UP,
    *on_cases.CASES,
    *on_keys.KEYS,
    *on_keys.RETENTION,
    *on_the_trail.TRAIL,
    *on_the_trail.FIGURES,
    *on_words.sealed(),
)

HIDDEN = (
    *on_cases.HIDDEN,
    *on_people.HIDDEN,
    *on_benefits.HIDDEN,
    *on_notices.HIDDEN,
    *on_between.BETWEEN_HIDDEN,
    *on_endings.ENDINGS_HIDDEN,
    *on_drafts.HIDDEN,
    *on_files.HIDDEN,
    *on_desks.HIDDEN,
    *on_reports.HIDDEN,
    *on_services.HIDDEN,
    *on_referrals.HIDDEN,
    *on_mailboxes.HIDDEN,
    *on_the_line.HIDDEN,
    *on_wrapping_up.HIDDEN,
)

# Named, and no promise by themselves.
APART: Mapping[str, str] = {
    **dict.fromkeys(
        (
            *("agency_id_active", "agency_id_stands_by", "case_id_is_open", "handoff_id_case_to_state"),
            *("message_id_person", "note_id_case_agency", "rota_id_agency", "release_id_person_agency_recipient"),
            *(
                "a_post_is_known_with_its_mailbox",
                "person_id_case_owner",
                "prevalence_run_id_agency",
                "signal_id_receiver",
                "user_id_agency",
            ),
        ),
        "its first column is unique already: it is there so that a foreign key can point at more than the id",
    ),
}

_EVENT = (
    "INSERT INTO nowrongdoor_auditevent (at, kind, verb, authority, agency_id, subject_id, "
    "details) VALUES (now(), 'read', "
    "'case.read', 'rule', %(hotline)s, %(case)s, '{}')"
)
_SEALS = "SELECT count(*) FROM nowrongdoor_auditseal"
_DUTIES = "SELECT count(*) FROM nowrongdoor_duty"
MAKERS = (
    *on_lists.LIST_MAKERS,
    *on_notices.MAKERS,
    *on_cases.MAKERS,
    *on_benefits.MAKERS,
    *on_between.BETWEEN_MAKERS,
    *on_handoffs.HANDOFF_MAKERS,
    *on_drafts.MAKERS,
    *on_mailboxes.MAKERS,
    *on_the_line.MAKERS,
    *on_wrapping_up.MAKERS,
    *on_reports.MAKERS,
    *on_referrals.MAKERS,
    *on_the_trail.MAKERS,
    Maker(
        "the_backstops_of_a_table_in_force_stand_by",
        "UPDATE nowrongdoor_mandate_table SET backstops = '{IDLE}', in_force_by_id = %(admin_p)s WHERE id = %(table)s",
        "SELECT count(*) FROM nowrongdoor_agency WHERE stands_by",
    ),
    Maker(
        "a_signal_arrives_as_it_is_taken",
        another_signal(key=ODD, taken_by_id="NULL", arrived_at="NULL"),
        "SELECT count(*) FROM nowrongdoor_signal WHERE arrived_at = received_at",
        behind="not null: signal.arrived_at",
    ),
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
    Maker(
        "a_part_taken_again_keeps_its_earlier_period",
        "UPDATE nowrongdoor_participant SET to_at = NULL WHERE case_id = %(said_no_to)s",
        "SELECT count(*) FROM nowrongdoor_earlier_part",
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
    Maker("a_duty_is_heard", copy("duty", "notice", kind="'task'")),
    Maker("a_changed_duty_is_heard", "UPDATE nowrongdoor_duty SET since = since WHERE id = %(notice)s"),
    Maker(
        "an_offer_owes_its_answer",
        born("mandate", "fbi", "NULL", origin="hsi", case="accepted", state="offered"),
        f"{_DUTIES} WHERE kind = 'answer'",
        case="accepted",
        behind="an_open_offer_has_an_open_answer",
    ),
    Maker(
        "an_answer_ends_with_its_offer",
        end("offer", "accepted", "%(hsi_p)s", "''"),
        f"{_DUTIES} WHERE kind = 'answer' AND done_at IS NOT NULL",
        by="hsi",
        behind="an_open_offer_has_an_open_answer",
    ),
)
