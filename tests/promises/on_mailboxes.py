"""Attacks on mailboxes of senders, on what is written in them, and on what somebody has not finished."""

# ruff: noqa: S608  these statements are ours, and attacks are what they are for
from __future__ import annotations

from tests.promises.attacking import ODD, SEALED, Attack, Copy, Hidden, Maker, copy

_POST = "INSERT INTO nowrongdoor_mailbox_post (id, mailbox_id, agency_id, kind, words, by_id, at, to_id) VALUES "


def _by_staff(
    kind: str, *, box: str = "mailbox", agency: str = "hotline", by: str = "hotline_p", words: str = SEALED
) -> str:
    return f"{_POST} (gen_random_uuid(), %({box})s, %({agency})s, '{kind}', {words}, %({by})s, now(), NULL)"


def _by_sender(
    kind: str, *, box: str = "mailbox", agency: str = "hotline", words: str = SEALED, to: str = "NULL"
) -> str:
    return f"{_POST} (gen_random_uuid(), %({box})s, %({agency})s, '{kind}', {words}, NULL, now(), {to})"


def _fresh(signal: str = "gen_random_uuid()", **otherwise: str) -> str:
    """A mailbox that a visitor makes for themselves."""
    values = {
        "id": "gen_random_uuid()",
        "signal_id": signal,
        "reference": "'ZZZZ-ZZZZ-ZZZZ'",
        "agency_id": "%(hotline)s",
        "opener": "nwd_visitor()",
        "stance": "'bystander'",
        "language": "'en'",
        "heard": "''",
        "question": "''",
        "answer": "''",
        "opened_at": "now()",
        "ends_at": "now() + interval '1 day'",
        **otherwise,
    }
    return f"INSERT INTO nowrongdoor_mailbox ({', '.join(values)}) VALUES ({', '.join(values.values())})"


_SET = "UPDATE nowrongdoor_mailbox SET"
_ALONE = (
    "a_mailbox_is_of_what_was_sent_to_its_agency",
    "nowrongdoor_mailbox_signal_id_8f1f75f5_fk_nowrongdoor_signal_id",
)
MAILBOXES = (
    Attack(
        "a mailbox of nobody that is known",
        "a_mailbox_is_of_a_known_kind",
        _fresh(stance="'friend'"),
        by="nobody_yet",
        behind=_ALONE,
    ),
    Attack(
        "a mailbox that is open for longer than a year",
        "a_mailbox_ends_within_a_year",
        _fresh(ends_at="now() + interval '366 days'"),
        by="nobody_yet",
        behind=_ALONE,
    ),
    Attack(
        "a safety question without an answer",
        "a_safety_question_has_its_answer",
        _fresh(question=SEALED, stance="'person'"),
        by="nobody_yet",
        behind=_ALONE,
    ),
    Attack(
        "a bystander who would learn more",
        "only_a_person_learns_more",
        _fresh(question=SEALED, answer=SEALED),
        by="nobody_yet",
        behind=_ALONE,
    ),
    Attack("an opener that is no hash", "an_opener_is_a_hash", _fresh(), by="half_a_receipt", behind=_ALONE),
    Attack(
        "a mailbox under a receipt that was used",
        "a_receipt_opens_one_mailbox",
        _fresh(),
        by="visitor",
        behind=_ALONE,
    ),
    Attack(
        "a mailbox under somebody else's receipt",
        "policy: add of mailbox",
        _fresh(opener=ODD),
        by="nobody_yet",
        behind=_ALONE,
    ),
    Attack(
        "a mailbox that opens what somebody else sent",
        "a_mailbox_is_opened_with_its_signal",
        _fresh("%(taken)s"),
        by="nobody_yet",
        behind=_ALONE,
    ),
    Attack(
        "a mailbox of nothing that was sent",
        "a_mailbox_is_of_what_was_sent_to_its_agency",
        _fresh("%(unheld)s", opener=ODD),
        by="owner",
        first="ALTER TABLE nowrongdoor_mailbox DISABLE TRIGGER a_mailbox_is_opened_with_its_signal",
    ),
    Attack(
        "consent taken back by an advocate",
        "only_its_sender_takes_back_consent",
        f"{_SET} withdrawn_at = now() WHERE id = %(mailbox)s",
        by="hotline",
    ),
    Attack(
        "consent that was taken back, given again",
        "what_a_sender_asked_stays",
        f"{_SET} withdrawn_at = NULL WHERE id = %(withdrawn_box)s",
        by="visitor_who_withdrew",
    ),
    Attack(
        "a contact marked as read by its sender",
        "a_contact_is_read_once_by_its_agency",
        f"{_SET} read_at = now() WHERE id = %(third_box)s",
        by="visitor_third",
    ),
    Attack(
        "a mailbox that begins as read",
        "a_mailbox_comes_in_unread",
        _fresh(read_at="now()"),
        by="nobody_yet",
        behind=_ALONE,
    ),
    Attack(
        "a way back after consent was taken back",
        "nobody_is_reached_without_consent",
        Copy(
            "telling",
            "signal_id = %(signal)s",
            {"signal_id": "(SELECT signal_id FROM nowrongdoor_mailbox WHERE id = %(withdrawn_box)s)"},
        ),
    ),
    Attack(
        "a mailbox handed to another agency",
        "a_mailbox_is_handed_over_along_a_closing",
        f"{_SET} agency_id = %(hsi)s WHERE id = %(mailbox)s",
    ),
    Attack(
        "an agency closed over its senders",
        "an_agency_that_senders_write_to_is_succeeded",
        "UPDATE nowrongdoor_agency SET active = false, closed_at = now(), succeeded_by_id = %(hsi)s "
        "WHERE id = %(leaving)s",
        first="UPDATE nowrongdoor_mailbox SET agency_id = %(leaving)s WHERE id = %(mailbox)s",
    ),
    Attack(
        "a mailbox changed by another agency",
        "policy: change of mailbox",
        f"{_SET} read_at = now()",
        by="hsi",
        behind=("a_contact_is_read_once_by_its_agency",),
    ),
    Attack(
        "another safety question",
        "privilege: UPDATE of mailbox",
        f"{_SET} question = {SEALED}, answer = {SEALED} WHERE id = %(mailbox)s",
        by="visitor",
    ),
    # What is written
    Attack("a question by a sender", "each_side_writes_its_kinds", _by_sender("question"), by="visitor"),
    Attack("a message of nothing", "what_is_written_has_words", _by_sender("message", words="''"), by="visitor"),
    Attack("an answer to nothing", "an_answer_is_to_a_question", _by_sender("answer"), by="visitor"),
    Attack(
        "an answer to what was no question",
        "what_is_answered_was_asked",
        _by_sender("answer", to="%(wrote)s"),
        by="visitor",
    ),
    Attack(
        "an answer to a question of another mailbox",
        "an_answer_is_in_the_mailbox_of_its_question",
        _by_sender("answer", box="third_box", to="%(question)s"),
        by="visitor_third",
    ),
    Attack(
        "a third party told",
        "a_third_party_is_thanked_or_asked",
        _by_staff("message", box="third_box"),
        by="hotline",
    ),
    Attack(
        "written to a sender in a colleague's name",
        "an_agency_writes_in_its_own_name",
        _by_staff("message", by="hotline_3_p"),
        by="owner",
    ),
    Attack(
        "written to a sender by an agency that does not answer them",
        "policy: add of mailbox_post",
        _by_staff("question", agency="hsi", by="hsi_p"),
        by="hsi",
    ),
    Attack(
        "written in somebody else's mailbox",
        "policy: add of mailbox_post",
        _by_sender("message", box="third_box"),
        by="visitor",
    ),
    Attack(
        "what a sender wrote changed",
        "privilege: UPDATE of mailbox_post",
        f"UPDATE nowrongdoor_mailbox_post SET words = {SEALED} WHERE id = %(wrote)s",
        by="visitor",
    ),
    Attack(
        "what a sender wrote read in a colleague's name",
        "the_other_side_reads",
        "UPDATE nowrongdoor_mailbox_post SET read_at = now(), read_by_id = %(hotline_3_p)s WHERE id = %(wrote)s",
        by="hotline",
    ),
    Attack(
        "what a sender wrote read by the sender",
        "a_senders_words_are_read_by_somebody",
        "UPDATE nowrongdoor_mailbox_post SET read_at = now() WHERE id = %(wrote)s",
        by="visitor",
        behind=("the_other_side_reads",),
    ),
    Attack(
        "what a sender wrote read before it was written",
        "what_is_read_is_read_later",
        "UPDATE nowrongdoor_mailbox_post SET read_at = at - interval '1 hour', read_by_id = %(hotline_p)s "
        "WHERE id = %(wrote)s",
        by="hotline",
    ),
    Attack(
        "what was read made unread",
        "what_was_read_stays_read",
        "UPDATE nowrongdoor_mailbox_post SET read_at = NULL, read_by_id = NULL WHERE id = %(read)s",
        by="hotline",
    ),
    Attack(
        "what a sender wrote read by another agency",
        "policy: change of mailbox_post",
        "UPDATE nowrongdoor_mailbox_post SET read_at = NULL, read_by_id = NULL",
        by="hsi",
        behind=("what_was_read_stays_read",),
    ),
    Attack(
        "written by a sender as if somebody had read it",
        "a_post_comes_in_unread",
        f"{_POST[: _POST.index(')')]}, read_at, read_by_id) VALUES (gen_random_uuid(), %(mailbox)s, %(hotline)s, "
        f"'message', {SEALED}, NULL, now(), NULL, now(), %(hotline_p)s)",
        by="visitor",
    ),
    # What is unfinished
    Attack(
        "something unfinished of nothing",
        "what_is_unfinished_has_words",
        "UPDATE nowrongdoor_unfinished SET words = ''",
        by="visitor_unfinished",
    ),
    Attack(
        "something unfinished that is kept for longer than a week",
        "what_is_unfinished_ends_within_a_week",
        "UPDATE nowrongdoor_unfinished SET ends_at = kept_at + interval '8 days'",
        by="visitor_unfinished",
    ),
    Attack(
        "something unfinished under half a receipt",
        "an_opener_of_the_unfinished_is_a_hash",
        "INSERT INTO nowrongdoor_unfinished (id, opener, words, kept_at, ends_at) VALUES "
        f"(gen_random_uuid(), nwd_visitor(), {SEALED}, now(), now() + interval '1 day')",
        by="half_a_receipt",
    ),
    Attack(
        "something unfinished under a receipt that was used for another",
        "a_receipt_keeps_one_unfinished",
        copy("unfinished", "unfinished"),
        by="visitor_unfinished",
    ),
    Attack(
        "something unfinished put under another receipt",
        "policy: add of unfinished",
        "INSERT INTO nowrongdoor_unfinished (id, opener, words, kept_at, ends_at) VALUES "
        f"(gen_random_uuid(), {ODD}, {SEALED}, now(), now() + interval '1 day')",
        by="visitor",
    ),
    Attack(
        "something kept to finish later after it was sent",
        "policy: add of unfinished",
        "INSERT INTO nowrongdoor_unfinished (id, opener, words, kept_at, ends_at) VALUES "
        f"(gen_random_uuid(), nwd_visitor(), {SEALED}, now(), now() + interval '1 day')",
        by="visitor",
    ),
    Attack(
        "somebody else's unfinished words changed",
        "policy: change of unfinished",
        f"UPDATE nowrongdoor_unfinished SET words = {SEALED}",
        by="visitor",
    ),
    Attack(
        "somebody else's unfinished words erased",
        "policy: remove of unfinished",
        "DELETE FROM nowrongdoor_unfinished",
        by="visitor",
    ),
    Attack(
        "a signal sent by a visitor as if a colleague took it",
        "policy: add of signal",
        "INSERT INTO nowrongdoor_signal (id, reference, receiver_id, key, digest, door, received_at, arrived_at, "
        "facts, answers, state, district, narrative, people, raw) VALUES (gen_random_uuid(), 'ZZZZ-ZZZZ-ZZZZ', "
        "%(hotline)s, "
        f"{ODD}, {ODD}, 'web', now(), now(), '{{}}', '{{}}', '', '', '', '', '')",
        by="visitor",
    ),
)
HIDDEN = (
    Hidden("mailbox", "id = %(mailbox)s", "hsi"),
    Hidden("mailbox", "id = %(mailbox)s", "visitor_third"),
    Hidden("mailbox_post", "id = %(wrote)s", "hsi"),
    Hidden("mailbox_post", "id = %(wrote)s", "visitor_third"),
    Hidden("signal", "id = %(taken)s", "visitor"),
    Hidden("unfinished", "id = %(unfinished)s", "visitor"),
    Hidden("unfinished", "id = %(unfinished)s", "system"),
    Hidden("telling", "signal_id = %(signal)s", "visitor"),
)
MAKERS = (
    Maker(
        "a_way_back_goes_with_consent",
        f"{_SET} withdrawn_at = now() WHERE id = %(reached_box)s",
        "SELECT count(*) FROM nowrongdoor_telling t JOIN nowrongdoor_mailbox m ON m.signal_id = t.signal_id "
        "WHERE m.id = %(reached_box)s AND t.way_back = ''",
        by="visitor_reached",
        seen_by="system",
    ),
    Maker(
        "what_a_sender_writes_is_told",
        _by_sender("message"),
        "SELECT count(*) FROM nowrongdoor_notification WHERE kind = 'sender_wrote' AND thing_id = %(mailbox)s",
        by="visitor",
        seen_by="system",
    ),
    Maker(
        "what_was_read_is_told_no_more",
        "UPDATE nowrongdoor_mailbox_post SET read_at = clock_timestamp(), read_by_id = %(hotline_p)s "
        "WHERE id = %(wrote)s",
        "SELECT count(*) FROM nowrongdoor_notification WHERE kind = 'sender_wrote' AND thing_id = %(mailbox)s "
        "AND over_at IS NOT NULL",
        by="hotline",
        seen_by="system",
    ),
)
