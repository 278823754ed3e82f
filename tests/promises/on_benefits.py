"""Attacks on benefits letters: who notes one and reads of it, and that what was noted stays."""

from __future__ import annotations

from tests.promises.attacking import SEALED, Attack, Hidden, Maker, copy

_LETTER = "UPDATE nowrongdoor_benefits_letter SET"
_WAITS, _CAME, _EXTENDED = "id = %(letter_waits)s", "id = %(letter)s", "id = %(letter_extended)s"
_NAMED = "answered_at = now(), answered_by_id = %(advocate_p)s"
_ANEW = {"kind": "'certification'", "at": "now()"}

BENEFITS = (
    Attack(
        "a letter of a kind that has no name",
        "a_benefits_letter_is_of_a_kind_by_name",
        copy("benefits_letter", "letter_waits", kind="'A visa'"),
        by="advocate",
    ),
    Attack(
        "a letter that came to nobody",
        "a_benefits_letter_is_answered_by_somebody",
        f"{_LETTER} state = 'received', received_on = requested_on WHERE {_WAITS}",
        by="advocate",
    ),
    Attack(
        "a letter that was refused and came",
        "a_benefits_letter_is_answered_by_somebody",
        f"{_LETTER} state = 'refused', received_on = requested_on, ended_on = requested_on, {_NAMED} WHERE {_WAITS}",
        by="advocate",
    ),
    Attack(
        "a letter in a state of its own",
        "a_benefits_letter_is_answered_by_somebody",
        f"{_LETTER} state = 'lost', ended_on = requested_on, {_NAMED} WHERE {_WAITS}",
        by="advocate",
    ),
    Attack(
        "the number of a letter that did not come",
        "only_a_letter_that_came_has_a_number_and_an_end",
        f"{_LETTER} number = {SEALED} WHERE {_WAITS}",
        by="advocate",
    ),
    Attack(
        "a letter that came before it was requested",
        "a_benefits_letter_is_answered_after_it_was_requested",
        f"{_LETTER} state = 'received', received_on = requested_on - 1, {_NAMED} WHERE {_WAITS}",
        by="advocate",
    ),
    Attack(
        "a letter that was refused before it was requested",
        "a_benefits_letter_is_answered_after_it_was_requested",
        f"{_LETTER} state = 'refused', ended_on = requested_on - 1, {_NAMED} WHERE {_WAITS}",
        by="advocate",
    ),
    Attack(
        "a letter that ended before it came",
        "a_benefits_letter_ends_after_it_came",
        copy("benefits_letter", "letter", expires_on="received_on - 1"),
        by="advocate",
    ),
    Attack(
        "a letter extended to an earlier day",
        "a_benefits_letter_is_extended_to_a_later_day_by_somebody",
        f"{_LETTER} extended_to = expires_on, extended_at = now(), extended_by_id = %(advocate_p)s WHERE {_CAME}",
        by="advocate",
    ),
    Attack(
        "a letter without an end, extended",
        "a_benefits_letter_is_extended_to_a_later_day_by_somebody",
        f"{_LETTER} extended_to = received_on + 9, extended_at = now(), extended_by_id = %(advocate_p)s "
        "WHERE id = %(letter_lasting)s",
        by="advocate",
    ),
    Attack(
        "a letter struck by nobody",
        "a_benefits_letter_is_struck_by_somebody",
        f"{_LETTER} struck_at = now() WHERE {_CAME}",
        by="advocate",
    ),
    Attack(
        "a letter requested twice",
        "a_benefits_letter_is_requested_once_at_a_time",
        copy("benefits_letter", "letter_waits", at="now()"),
        by="advocate",
    ),
    Attack(
        "a letter of another agency's person",
        "a_benefits_letter_is_of_ones_own_person",
        copy("benefits_letter", "letter_waits", person_id="%(theirs)s", **_ANEW),
        by="advocate",
    ),
    Attack(
        "a refusal noted in a colleague's name",
        "a_benefits_letter_is_answered_in_ones_own_name",
        f"{_LETTER} state = 'refused', ended_on = requested_on, answered_at = now(), answered_by_id = %(hotline_p)s "
        f"WHERE {_WAITS}",
        by="advocate",
    ),
    Attack(
        "a letter that a colleague is said to have received",
        "a_benefits_letter_is_answered_in_ones_own_name",
        copy("benefits_letter", "letter", answered_by_id="%(hotline_p)s"),
        by="advocate",
    ),
    Attack(
        "an extension noted in a colleague's name",
        "a_benefits_letter_is_extended_in_ones_own_name",
        f"{_LETTER} extended_to = expires_on + 9, extended_at = now(), extended_by_id = %(hotline_p)s WHERE {_CAME}",
        by="advocate",
    ),
    Attack(
        "a letter struck in a colleague's name",
        "a_benefits_letter_is_struck_in_ones_own_name",
        f"{_LETTER} struck_at = now(), struck_by_id = %(hotline_p)s WHERE {_CAME}",
        by="advocate",
    ),
    Attack(
        "another number on a letter that came",
        "what_was_noted_of_a_benefits_letter_stays",
        f"{_LETTER} number = {SEALED} WHERE {_CAME}",
        by="advocate",
    ),
    Attack(
        "a letter that came and waits again",
        "what_was_noted_of_a_benefits_letter_stays",
        f"{_LETTER} state = 'requested', received_on = NULL, expires_on = NULL, number = '', answered_at = NULL, "
        f"answered_by_id = NULL WHERE id = %(letter_asked)s",
        by="advocate",
    ),
    Attack(
        "a letter extended again",
        "what_was_noted_of_a_benefits_letter_stays",
        f"{_LETTER} extended_to = extended_to + 9, extended_at = now() WHERE {_EXTENDED}",
        by="advocate",
    ),
    Attack(
        "a letter that was struck, and counts again",
        "what_was_noted_of_a_benefits_letter_stays",
        f"{_LETTER} struck_at = NULL, struck_by_id = NULL WHERE id = %(letter_struck)s",
        by="advocate",
    ),
    Attack(
        "a letter noted in a colleague's name",
        "policy: add of benefits_letter",
        copy("benefits_letter", "letter_waits", by_id="%(hotline_p)s", **_ANEW),
        by="advocate",
    ),
    Attack(
        "a letter noted by somebody who sees no immigration matters",
        "policy: add of benefits_letter",
        "INSERT INTO nowrongdoor_benefits_letter (id, person_id, case_id, owner_id, kind, state, requested_on, at, "
        "by_id) VALUES (gen_random_uuid(), %(person)s, %(case)s, %(hotline)s, 'certification', 'requested', "
        "current_date, now(), %(hotline_p)s)",
        by="hotline",
    ),
    Attack(
        "a letter struck by somebody who sees no immigration matters",
        "policy: change of benefits_letter",
        f"{_LETTER} struck_at = now(), struck_by_id = %(hotline_p)s WHERE {_CAME}",
        by="hotline",
        behind=("nothing was there",),
    ),
    Attack(
        "a letter of another kind from now on",
        "privilege: UPDATE of benefits_letter",
        f"{_LETTER} kind = 'certification' WHERE {_WAITS}",
        by="advocate",
    ),
)
HIDDEN = (
    *(Hidden("benefits_letter", _CAME, by) for by in ("hotline", "investigator", "told", "hsi")),
    Hidden("duty", "thing_id = %(letter)s", "told"),
    Hidden("duty", "thing_id = %(letter)s", "hsi"),
    Hidden("duty", "thing_id = %(letter)s", "investigator"),
)
MAKERS = (
    Maker(
        "benefits_letter.the_writers_role_is_noted",
        copy("benefits_letter", "letter_waits", written_as="''", **_ANEW),
        "SELECT count(*) FROM nowrongdoor_benefits_letter WHERE written_as = 'advocate' AND kind = 'certification'",
        by="advocate",
    ),
)
