"""Attacks on the line: who has a contact, until when it waits, what is said in it, and who is called back."""

# ruff: noqa: S608  these statements are ours, and attacks are what they are for
from __future__ import annotations

from tests.promises.attacking import ODD, SEALED, Attack, Copy, Hidden, Maker, copy

SHORT = "decode('01', 'hex')"  # no token
_LEFT = "(SELECT conversation FROM nowrongdoor_contact WHERE id = %(over_contact)s)"
_OFF_THE_FLOOR = "asked_at = NULL, ends_at = NULL"


def _contact(which: str, what: str) -> str:
    return f"UPDATE nowrongdoor_contact SET {what} WHERE id = %({which})s"


def _answered(which: str, who: str, more: str = ", answered_at = now()") -> str:
    return _contact(which, f"state = 'answered', person_id = %({who})s, since = now(), {_OFF_THE_FLOOR}{more}")


def _rings_again(which: str, within: str) -> str:
    return _contact(
        which,
        "state = 'ringing', person_id = NULL, due_at = NULL, since = now(), asked_at = now(), "
        f"ends_at = now() + {within}",
    )


def _listed(which: str, within: str = "interval '1 hour'") -> str:
    return _contact(
        which,
        f"state = 'voicemail', person_id = NULL, asked_id = NULL, since = now(), {_OFF_THE_FLOOR}, over_at = NULL, "
        f"due_at = now() + {within}",
    )


def _says(way: str, by: str, outcome: str = "", contact: str = "talking") -> Copy:
    """One thing that is written in a contact. `by`: SQL that names who."""
    return copy(
        "contact_message", "line_in", way=f"'{way}'", by_id=by, outcome=f"'{outcome}'", contact_id=f"%({contact})s"
    )


def _wish(by: str = "NULL", contact: str = "ringing", **otherwise: str) -> Copy:
    """A wish to be called back. `by`: SQL that names who notes it."""
    nobody = dict.fromkeys(("taken_by_id", "taken_at"), "NULL")
    return copy("call_back", "call_back", contact_id=f"%({contact})s", by_id=by, **{**nobody, **otherwise})


_SHIFT = "UPDATE nowrongdoor_seat SET"
_LEG = "UPDATE nowrongdoor_contact_leg SET"
_CALL = "UPDATE nowrongdoor_call_back SET"
CONTACTS = (
    Attack(
        "a contact in a queue and with somebody at once",
        "a_contact_has_exactly_one_holder",
        _contact("ringing", "person_id = %(desk_2_p)s"),
        by="desk_2",
    ),
    Attack(
        "a wait of two hours",
        "a_wait_ends_within_an_hour",
        _rings_again("listed", "interval '2 hours'"),
        by="desk",
    ),
    Attack(
        "a list on which somebody stays for four days",
        "what_is_on_a_list_is_due_within_three_days",
        _listed("ringing", "interval '4 days'"),
        by="desk",
    ),
    Attack(
        "somebody asked to take over what they have",
        "somebody_is_asked_for_what_is_in_progress",
        _contact("talking", "asked_id = %(desk_p)s"),
        by="desk",
    ),
    Attack(
        "how to answer somebody kept after the contact",
        "how_to_answer_ends_with_the_contact",
        _contact("talking", "state = 'ended', person_id = NULL, over_at = now()"),
        by="desk",
    ),
    Attack(
        "practice that becomes a signal",
        "a_test_becomes_no_signal",
        _contact("practice", "signal_id = %(taken)s"),
        by="desk",
    ),
    Attack(
        "what was answered counted as abandoned",
        "what_was_answered_was_not_abandoned",
        _contact("ringing", f"state = 'abandoned', over_at = now(), reach = '', {_OFF_THE_FLOOR}"),
        first=_contact("ringing", "answered_at = now()"),
    ),
    Attack(
        "a contact in progress that nobody answered",
        "what_is_in_progress_was_answered",
        _answered("ringing", "desk_2_p", ""),
        by="desk_2",
    ),
    Attack(
        "a contact by a medium that is not known",
        "a_contact_is_of_a_known_kind",
        copy("contact", "ringing", conversation=ODD, medium="'fax'"),
    ),
    Attack("one conversation as two contacts", "a_conversation_is_one_contact", copy("contact", "ringing")),
    Attack(
        "a conversation under its own name",
        "a_conversation_and_a_caller_are_tokens",
        copy("contact", "ringing", conversation=SHORT),
    ),
    Attack(
        "a caller under their own number",
        "a_conversation_and_a_caller_are_tokens",
        copy("contact", "ringing", conversation=ODD, caller="'+15550199'"),
    ),
    Attack(
        "a contact that begins as over",
        "a_contact_begins_open",
        copy("contact", "over_contact", signal_id="NULL"),
    ),
    Attack(
        "a contact on a list, abandoned after all",
        "a_contact_moves_as_the_line_lets_it",
        _contact("listed", "state = 'abandoned', since = now(), over_at = now(), due_at = NULL, reach = ''"),
    ),
    Attack(
        "a contact that was over, on the list again",
        "what_is_over_comes_back_with_a_message",
        _listed("over_contact"),
    ),
    Attack(
        "a wait made longer",
        "a_wait_is_not_made_longer",
        _contact("ringing", "ends_at = ends_at + interval '1 minute'"),
        by="desk",
    ),
    Attack(
        "a deadline of the list put off",
        "a_wait_is_not_made_longer",
        _contact("listed", "due_at = due_at + interval '1 minute'"),
        by="desk",
    ),
    Attack(
        "a wait that is said to have begun later",
        "a_wait_is_not_made_longer",
        _contact("ringing", "since = since + interval '1 minute'"),
    ),
    Attack(
        "what is over moved to another group",
        "what_is_over_keeps_its_end",
        _contact("over_contact", "at_group = 'backup'"),
        by="desk",
    ),
    Attack(
        "somebody said to have left what is over, by whoever had it",
        "what_is_over_keeps_its_end",
        _contact("over_contact", "left_at = now()"),
        by="desk",
    ),
    Attack(
        "when somebody left what is over, rewritten",
        "what_is_over_keeps_its_end",
        _contact("over_contact", "left_at = left_at + interval '1 second'"),
        first=_contact("over_contact", "left_at = now()"),
    ),
    Attack(
        "a chat that its visitor left, begun again",
        "a_chat_that_was_left_begins_no_more",
        copy("contact", "ringing", medium="'chat'", conversation=_LEFT),
        first=_contact("over_contact", "left_at = now()"),
    ),
    Attack(
        "a contact that is said to have been answered later",
        "that_a_contact_was_answered_stays",
        _contact("talking", "answered_at = answered_at + interval '1 second'"),
        by="desk",
    ),
    Attack(
        "a contact taken by somebody who is not on shift",
        "a_contact_is_held_by_who_said_yes",
        _answered("ringing", "advocate_p"),
        by="advocate",
    ),
    Attack(
        "a contact taken for a colleague",
        "a_contact_is_held_by_who_said_yes",
        _answered("ringing", "desk_2_p"),
        by="desk",
    ),
    Attack(
        "a contact taken from a colleague who asked nobody",
        "a_contact_is_held_by_who_said_yes",
        _contact("talking", "person_id = %(desk_2_p)s, since = now()"),
        by="desk_2",
    ),
    Attack(
        "a contact given to somebody who takes none now",
        "a_contact_is_held_by_who_said_yes",
        _answered("ringing", "desk_2_p"),
    ),
    Attack(
        "a contact given to somebody of another group",
        "a_contact_is_held_by_who_said_yes",
        _answered("ringing", "desk_2_p"),
        first="UPDATE nowrongdoor_seat SET ready_since = now(), groups = '[\"backup\"]' WHERE id = %(seat_2)s",
    ),
    Attack(
        "a colleague's contact put on the list",
        "a_contact_is_let_go_by_who_has_it",
        _listed("talking"),
        by="desk_2",
    ),
    Attack(
        "a colleague's contact ended",
        "a_contact_is_let_go_by_who_has_it",
        _contact("talking", "state = 'ended', person_id = NULL, reach = '', over_at = now()"),
        by="desk_2",
    ),
    Attack(
        "what is written in a contact sent elsewhere",
        "how_to_answer_is_what_the_provider_said",
        _contact("talking", f"reach = {SEALED}"),
        by="desk",
    ),
    Attack(
        "a contact written down by somebody who is not on shift",
        "a_contact_begins_with_who_took_it",
        copy("contact", "talking", conversation=ODD, person_id="%(advocate_p)s"),
        by="advocate",
    ),
    Attack(
        "a contact written down in a colleague's name",
        "policy: add of contact",
        copy("contact", "talking", conversation=ODD, person_id="%(desk_2_p)s"),
        by="desk",
        behind=("a_contact_begins_with_who_took_it",),
    ),
    Attack(
        "a contact changed by another agency",
        "policy: change of contact",
        "UPDATE nowrongdoor_contact SET language = 'es'",
        by="hsi",
    ),
    Attack(
        "a contact made another conversation",
        "privilege: UPDATE of contact",
        _contact("ringing", f"conversation = {ODD}"),
        by="desk",
    ),
    Attack(
        "a colleague asked by somebody who does not have the contact",
        "a_colleague_on_shift_is_asked_by_who_has_the_contact",
        _contact("talking", "asked_id = %(desk_2_p)s"),
        by="desk_2",
    ),
    Attack(
        "somebody asked who is not on shift",
        "a_colleague_on_shift_is_asked_by_who_has_the_contact",
        _contact("talking", "asked_id = %(advocate_p)s"),
        by="desk",
    ),
    Attack(
        "a contact that becomes another agency's signal",
        "a_contact_becomes_a_signal_of_its_agency",
        _contact("talking", "signal_id = %(unheld)s"),
        by="desk",
    ),
    Attack(
        "a contact that is no longer its signal",
        "a_contact_becomes_a_signal_of_its_agency",
        _contact("over_contact", "signal_id = NULL"),
        by="desk",
    ),
    Attack(
        "an agency closed over somebody who waits",
        "an_agency_that_somebody_waits_for_is_not_closed",
        "UPDATE nowrongdoor_agency SET active = false, closed_at = now(), succeeded_by_id = %(hsi)s "
        "WHERE id = %(leaving)s",
        first="UPDATE nowrongdoor_contact SET agency_id = %(leaving)s WHERE id = %(ringing)s",
    ),
)
SHIFTS = (
    Attack("two shifts at once", "a_person_is_on_one_shift_at_a_time", copy("seat", "seat_2"), by="desk_2"),
    Attack(
        "ready after the shift",
        "whoever_is_off_shift_takes_nothing",
        f"{_SHIFT} ready_since = now(), ended_at = now() WHERE id = %(seat_2)s",
        by="desk_2",
    ),
    Attack(
        "ten texts at once",
        "a_person_has_up_to_nine_texts_at_once",
        f"{_SHIFT} texts = 10 WHERE id = %(seat_2)s",
        by="desk_2",
    ),
    Attack(
        "a shift begun for a colleague, past the policy",
        "a_shift_is_ones_own",
        copy("seat", "seat_2", person_id="%(advocate_p)s"),
        by="owner",
    ),
    Attack(
        "a shift begun for a colleague",
        "policy: add of seat",
        copy("seat", "seat_2", person_id="%(advocate_p)s"),
        by="hotline",
        behind=("a_shift_is_ones_own",),
    ),
    Attack(
        "a colleague's shift changed",
        "policy: change of seat",
        f"{_SHIFT} seen_at = now()",
        by="hotline",
        behind=("a_shift_that_ended_stays",),
    ),
    Attack(
        "somebody made ready",
        "only_they_say_that_they_are_ready",
        f"{_SHIFT} ready_since = now() WHERE id = %(seat_2)s",
    ),
    Attack(
        "a shift that was over, begun again",
        "a_shift_that_ended_stays",
        f"{_SHIFT} ended_at = NULL WHERE id = %(seat_off)s",
        by="desk_off",
    ),
    Attack(
        "a shift ended with a contact",
        "a_shift_ends_with_every_contact_owned",
        f"{_SHIFT} ready_since = NULL, ended_at = now() WHERE id = %(seat)s",
        by="desk",
    ),
    Attack(
        "a shift that is said to have begun later",
        "privilege: UPDATE of seat",
        f"{_SHIFT} began_at = now() WHERE id = %(seat)s",
        by="desk",
    ),
)
LEGS = (
    Attack(
        "handed on to nobody",
        "a_leg_is_of_somebody",
        copy("contact_leg", "joined", to_whom="''"),
        by="desk",
    ),
    Attack(
        "somebody who left before they came",
        "a_leg_ends_after_it_begins",
        f"{_LEG} ended_at = began_at - interval '1 minute' WHERE id = %(joined)s",
        by="desk",
    ),
    Attack("two people who have a contact", "one_person_has_a_contact", copy("contact_leg", "held_leg"), by="owner"),
    Attack(
        "somebody who left, there again",
        "a_leg_that_ended_stays",
        f"{_LEG} ended_at = NULL WHERE id = %(joined)s",
        by="desk",
        first=f"{_LEG} ended_at = began_at WHERE id = %(joined)s",
    ),
    Attack(
        "who joined noted by nobody who looks",
        "who_joined_a_contact_is_noted_by_who_looks",
        copy("contact_leg", "joined"),
        by="owner",
    ),
    Attack(
        "who joined noted in a colleague's name",
        "policy: add of contact_leg",
        copy("contact_leg", "joined"),
        by="desk_2",
        behind=("who_joined_a_contact_is_noted_by_who_looks",),
    ),
    Attack(
        "a colleague written down as who had a contact",
        "policy: add of contact_leg",
        copy("contact_leg", "joined", kind="'held'", to_whom="''", person_id="%(desk_2_p)s", contact_id="%(listed)s"),
        by="desk",
    ),
    Attack(
        "who had a contact rewritten",
        "policy: change of contact_leg",
        f"{_LEG} ended_at = began_at WHERE id = %(held_leg)s",
        by="desk",
    ),
    Attack(
        "handed on to somebody else",
        "privilege: UPDATE of contact_leg",
        f"{_LEG} words = {SEALED} WHERE id = %(joined)s",
        by="desk",
    ),
)
MESSAGES = (
    Attack(
        "what came in, said to have been sent",
        "each_side_of_a_contact_writes_its_kinds",
        _says("in", "NULL", "sent"),
    ),
    Attack(
        "a message without words",
        "what_is_said_in_a_contact_has_words",
        copy("contact_message", "line_in", words="''"),
    ),
    Attack(
        "a recording of what was written",
        "a_recording_is_of_a_voicemail",
        copy("contact_message", "line_in", recording=SEALED),
    ),
    Attack(
        "a provider's copy that went before ours was kept",
        "a_providers_copy_goes_once_ours_is_kept",
        copy("contact_message", "voicemail", fetched_at="NULL", gone_at="now()"),
    ),
    Attack(
        "a message under its provider's name",
        "what_a_message_was_sent_as_is_a_token",
        copy("contact_message", "line_in", sent_as=SHORT),
    ),
    Attack(
        "written in a colleague's contact",
        "only_who_has_a_contact_writes_in_it",
        _says("out", "%(desk_2_p)s", "waiting"),
        by="desk_2",
    ),
    Attack(
        "whispered by nobody who looks",
        "a_whisper_is_in_ones_own_name",
        copy("contact_message", "line_whisper"),
        by="owner",
    ),
    Attack(
        "written to somebody who wanted no more messages",
        "nobody_is_written_to_after_a_stop",
        _says("out", "%(desk_p)s", "waiting"),
        by="desk",
        first="INSERT INTO nowrongdoor_line_stop (id, agency_id, line, caller, at) "
        "SELECT gen_random_uuid(), agency_id, line, caller, now() FROM nowrongdoor_contact WHERE id = %(talking)s",
    ),
    Attack(
        "written in what is over",
        "nothing_is_said_in_what_is_over",
        _says("in", "NULL", contact="over_contact"),
    ),
    Attack(
        "what was sent, to be sent again",
        "what_became_of_a_message_stays",
        "UPDATE nowrongdoor_contact_message SET outcome = 'waiting' WHERE id = %(line_out)s",
    ),
    Attack(
        "another recording",
        "what_became_of_a_message_stays",
        f"UPDATE nowrongdoor_contact_message SET recording = {SEALED} WHERE id = %(voicemail)s",
    ),
    Attack(
        "words put into the mouth of whoever called",
        "policy: add of contact_message",
        _says("in", "NULL"),
        by="desk",
    ),
    Attack(
        "written in the name of the line",
        "policy: add of contact_message",
        _says("out", "NULL", "waiting"),
        by="desk",
    ),
    Attack(
        "what became of a message, by whoever wrote it",
        "policy: change of contact_message",
        "UPDATE nowrongdoor_contact_message SET tries = 1",
        by="desk",
    ),
    Attack(
        "other words",
        "privilege: UPDATE of contact_message",
        f"UPDATE nowrongdoor_contact_message SET words = {SEALED} WHERE id = %(line_in)s",
    ),
)
EVENTS = (
    Attack("what a provider says, twice", "what_a_provider_says_is_taken_once", copy("line_event", "line_event")),
    Attack(
        "an event that was guessed",
        "an_event_comes_in_a_known_way",
        copy("line_event", "line_event", event=ODD, how="'guess'"),
    ),
    Attack(
        "an event under its provider's name",
        "an_event_of_a_provider_is_a_token",
        copy("line_event", "line_event", event=SHORT),
    ),
    Attack(
        "an event that no provider said",
        "policy: add of line_event",
        copy("line_event", "line_event", event=ODD),
        by="desk",
    ),
    Attack(
        "an event made another",
        "privilege: UPDATE of line_event",
        "UPDATE nowrongdoor_line_event SET kind = 'left' WHERE id = %(line_event)s",
        behind=("policy: change of line_event",),
    ),
)
CALLS_BACK = (
    Attack(
        "called back after a week",
        "a_call_back_ends_within_a_week",
        _wish(until="at + interval '8 days'"),
    ),
    Attack(
        "a number kept after the call",
        "a_number_to_call_back_goes_when_it_is_over",
        f"{_CALL} over_at = now(), outcome = 'reached' WHERE id = %(call_back)s",
        by="desk",
    ),
    Attack(
        "a call back without what to say to somebody else",
        "what_to_say_to_somebody_else_is_said",
        _wish(otherwise="'tell_them'"),
    ),
    Attack(
        "a call by nobody",
        "whoever_calls_back_is_somebody",
        f"{_CALL} taken_at = now() WHERE id = %(call_back)s",
        by="desk",
    ),
    Attack(
        "a call back asked for after the contact",
        "a_call_back_is_asked_for_while_in_contact",
        _wish(contact="over_contact"),
    ),
    Attack(
        "a call back noted by somebody who does not have the contact",
        "a_call_back_is_asked_for_while_in_contact",
        _wish("%(desk_2_p)s", "talking"),
        by="desk_2",
    ),
    Attack(
        "called back at another number",
        "nobody_is_called_back_elsewhere",
        f"{_CALL} number = {SEALED} WHERE id = %(call_back)s",
        by="desk",
    ),
    Attack(
        "a call in a colleague's name",
        "whoever_calls_back_says_so",
        f"{_CALL} taken_by_id = %(desk_2_p)s, taken_at = now() WHERE id = %(call_back)s",
        by="desk",
    ),
    Attack(
        "a call back noted in a colleague's name",
        "policy: add of call_back",
        _wish("%(desk_p)s", "talking"),
        by="desk_2",
        behind=("a_call_back_is_asked_for_while_in_contact",),
    ),
    Attack("a call back changed by another agency", "policy: change of call_back", f"{_CALL} tries = 2", by="hsi"),
    Attack(
        "called back for longer than they said",
        "privilege: UPDATE of call_back",
        f"{_CALL} until = until + interval '1 hour' WHERE id = %(call_back)s",
        by="desk",
    ),
)
STOPS = (
    Attack("stopped twice", "a_sender_stops_messages_once", copy("line_stop", "line_stop")),
    Attack(
        "a sender who stopped, under their own number",
        "whoever_stops_messages_is_a_token",
        copy("line_stop", "line_stop", caller=SHORT),
    ),
    Attack(
        "a stop that was over, on again",
        "a_stop_that_ended_stays",
        "UPDATE nowrongdoor_line_stop SET ended_at = NULL WHERE id = %(stop_over)s",
    ),
    Attack(
        "a stop that no sender wrote",
        "policy: add of line_stop",
        copy("line_stop", "line_stop", caller=ODD),
        by="desk",
    ),
    Attack(
        "a stop ended by the agency",
        "policy: change of line_stop",
        "UPDATE nowrongdoor_line_stop SET ended_at = now()",
        by="desk",
        behind=("a_stop_that_ended_stays",),
    ),
    Attack(
        "a stop put on somebody else",
        "privilege: UPDATE of line_stop",
        f"UPDATE nowrongdoor_line_stop SET caller = {ODD} WHERE id = %(line_stop)s",
    ),
)
KEYS = tuple(
    Attack(
        f"the key of {what} destroyed",
        "a_key_of_a_contact_is_kept",
        f"DELETE FROM nowrongdoor_datakey WHERE subject_id = %({which})s",
        first=first,
    )
    for what, which, first in (
        ("a contact in progress", "talking", ""),
        ("a contact before that of its signal", "over_contact", ""),
        (
            "a contact of which somebody is to be called back",
            "called",
            "UPDATE nowrongdoor_contact SET state = 'ended', due_at = NULL, reach = '', over_at = now() "
            "WHERE id = %(called)s",
        ),
        (
            "what the next shift has to know, before the shift is over",
            "seat_off",
            "UPDATE nowrongdoor_seat SET ended_at = NULL WHERE id = %(seat_off)s",
        ),
    )
)
LINE = (*KEYS, *CONTACTS, *SHIFTS, *LEGS, *MESSAGES, *EVENTS, *CALLS_BACK, *STOPS)
HIDDEN = (
    Hidden("contact", "id = %(talking)s", "hsi"),
    Hidden("seat", "id = %(seat)s", "hsi"),
    Hidden("contact_leg", "id = %(joined)s", "hsi"),
    Hidden("contact_message", "id = %(line_in)s", "hsi"),
    Hidden("line_event", "id = %(line_event)s", "hsi"),
    Hidden("call_back", "id = %(call_back)s", "hsi"),
    Hidden("line_stop", "id = %(line_stop)s", "hsi"),
)
MAKERS = (
    Maker(
        "who_had_a_contact_is_written_down",
        _listed("talking"),
        "SELECT count(*) FROM nowrongdoor_contact_leg WHERE id = %(held_leg)s AND ended_at IS NOT NULL",
        by="desk",
    ),
    Maker(
        "who_began_a_contact_is_written_down",
        copy("contact", "talking", conversation=ODD, person_id="%(desk_2_p)s"),
        "SELECT count(*) FROM nowrongdoor_contact_leg WHERE kind = 'held'",
        by="desk_2",
    ),
    Maker(
        "the_key_of_a_contact_goes_with_that_of_its_signal",
        "UPDATE nowrongdoor_disposal SET approved_at = now(), approved_by_id = %(hotline_3_p)s WHERE id = %(asked)s; "
        "DELETE FROM nowrongdoor_datakey WHERE subject_id = %(closed)s OR subject_id IN (SELECT signal_id "
        "FROM nowrongdoor_case_signal WHERE case_id = %(closed)s); "
        "UPDATE nowrongdoor_disposal SET destroyed = 2 WHERE id = %(asked)s; "
        "INSERT INTO nowrongdoor_auditevent (at, kind, verb, authority, agency_id, by_id, subject_id, "
        "case_id, details) "
        "VALUES (now(), 'write', 'case.disposed', 'lead', %(hotline)s, %(hotline_3_p)s, %(asked)s, %(closed)s, '{}')",
        "SELECT count(*) FROM nowrongdoor_contact c WHERE c.id = %(over_contact)s "
        "AND NOT EXISTS (SELECT FROM nowrongdoor_datakey d WHERE d.subject_id = c.id)",
        by="hotline_3",
        case="closed",
    ),
    # Pages of the line are told
    Maker(
        "a_new_contact_is_told",
        copy("contact", "ringing", conversation="decode(repeat(md5(random()::text), 2), 'hex')"),
    ),
    Maker("a_contact_that_changed_is_told", _contact("ringing", "language = language"), by="desk"),
    Maker("what_was_written_is_told", copy("contact_message", "line_in")),
    Maker(
        "what_became_of_it_is_told",
        "UPDATE nowrongdoor_contact_message SET tries = tries WHERE id = %(line_out)s",
    ),
    Maker(
        "a_call_back_is_told",
        copy(
            "call_back",
            "call_back",
            contact_id="(SELECT c.id FROM nowrongdoor_contact c WHERE c.over_at IS NULL "
            "AND NOT EXISTS (SELECT FROM nowrongdoor_call_back b WHERE b.contact_id = c.id) LIMIT 1)",
            **dict.fromkeys(("by_id", "taken_by_id", "taken_at"), "NULL"),
        ),
    ),
    Maker(
        "what_became_of_a_call_back_is_told",
        "UPDATE nowrongdoor_call_back SET tries = tries WHERE id = %(call_back)s",
    ),
    Maker("a_shift_that_changed_is_told", f"{_SHIFT} ready_since = now() WHERE id = %(seat_2)s", by="desk_2"),
)
