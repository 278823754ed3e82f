"""Attacks on what is written in a case: corrections, pins, withdrawals, and what people of a case are."""

# ruff: noqa: S608  these statements are ours, and attacks are what they are for
from __future__ import annotations

from tests.promises.attacking import SEALED, Attack, Hidden, Maker, copy

_PIN = "UPDATE nowrongdoor_note SET pinned_at = now(), pinned_by_id = {by} WHERE id = %(note)s"
_WITHDRAW = (
    "UPDATE nowrongdoor_case_file SET withdrawn_at = now(), withdrawn_by_id = {by}, withdrawn_because = {why} "
    "WHERE id = %(file)s"
)
_RELATED = (
    "INSERT INTO nowrongdoor_person_relation (id, person_id, other_id, case_id, owner_id, kind, at, by_id) "
    "VALUES (gen_random_uuid(), %({person})s, %({other})s, %(case)s, %(told_body)s, 'friend', now(), %(told_p)s)"
)
CASES = (
    Attack(
        "a correction without a reason",
        "a_correction_says_what_and_why",
        copy("note_correction", "correction", number="9", because="''"),
        by="hotline",
    ),
    Attack(
        "two corrections in one place",
        "a_correction_of_a_note_has_its_number",
        copy("note_correction", "correction"),
        by="hotline",
    ),
    Attack(
        "a correction in a colleague's name",
        "policy: add of note_correction",
        copy("note_correction", "correction", number="9"),
        by="hotline_3",
    ),
    Attack(
        "a correction of a note that is kept to advocates, by somebody else of the agency",
        "policy: add of note_correction",
        copy("note_correction", "correction", note_id="%(kept)s", number="9"),
        by="hotline",
    ),
    Attack(
        "a correction of another agency's note",
        "a_correction_is_of_ones_own_note",
        copy("note_correction", "correction", number="9", agency_id="%(told_body)s", by_id="%(told_p)s"),
        by="told",
    ),
    Attack(
        "an advocate's words in a note that the investigators of the agency read",
        "policy: add of note_correction",
        copy("note_correction", "correction", number="9", by_id="%(advocate_p)s"),
        by="advocate",
        first="UPDATE nowrongdoor_note SET audience = 'agency' WHERE id = %(note)s",
    ),
    Attack(
        "an investigator's words in a note that an advocate wrote for everybody on the case",
        "policy: add of note_correction",
        copy("note_correction", "correction", number="9", by_id="%(investigator_p)s"),
        by="investigator",
        first="UPDATE nowrongdoor_note SET written_as = 'advocate' WHERE id = %(note)s",
    ),
    Attack(
        "an advocate's reason at a file that the investigators of the agency read",
        "policy: change of case_file",
        _WITHDRAW.format(by="%(advocate_p)s", why=SEALED),
        by="advocate",
        first="UPDATE nowrongdoor_case_file SET audience = 'agency' WHERE id = %(file)s",
    ),
    Attack(
        "a correction that is rewritten",
        "privilege: UPDATE of note_correction",
        f"UPDATE nowrongdoor_note_correction SET text = {SEALED} WHERE id = %(correction)s",
        by="hotline",
        behind=("policy: change of note_correction",),
    ),
    Attack(
        "a note that is rewritten",
        "privilege: UPDATE of note",
        f"UPDATE nowrongdoor_note SET text = {SEALED} WHERE id = %(note)s",
        by="hotline",
    ),
    Attack(
        "a note that was kept to advocates, for everybody on the case",
        "privilege: UPDATE of note",
        "UPDATE nowrongdoor_note SET audience = 'team' WHERE id = %(whispered)s",
        by="advocate",
    ),
    Attack(
        "a note for a role that opens no case",
        "a_note_is_addressed_to_a_role_that_opens_cases",
        copy("note", "note", for_role="'analyst'"),
        by="hotline",
    ),
    Attack("a note pinned by nobody", "a_note_is_pinned_by_somebody", _PIN.format(by="NULL"), by="hotline"),
    Attack(
        "a note pinned in a colleague's name",
        "a_note_is_pinned_in_ones_own_name",
        _PIN.format(by="%(hotline_3)s"),
        by="hotline",
    ),
    Attack(
        "a note pinned from its beginning, in a colleague's name",
        "a_note_is_pinned_in_ones_own_name",
        copy("note", "note", pinned_at="now()", pinned_by_id="%(hotline_3)s"),
        by="hotline",
    ),
    Attack(
        "a note pinned by another agency",
        "policy: change of note",
        _PIN.format(by="%(told_p)s"),
        by="told",
        behind=("a_note_is_pinned_in_ones_own_name",),
    ),
    Attack(
        "an advocate's note pinned by an investigator of the agency",
        "policy: change of note",
        "UPDATE nowrongdoor_note SET pinned_at = now(), pinned_by_id = %(investigator_p)s",
        by="investigator",
        behind=("a_note_is_pinned_in_ones_own_name",),
        first="DELETE FROM nowrongdoor_note_correction; DELETE FROM nowrongdoor_note WHERE written_as <> 'advocate'",
    ),
    Attack(
        "a file withdrawn for no reason",
        "a_file_is_withdrawn_by_somebody_for_a_reason",
        _WITHDRAW.format(by="%(hotline_p)s", why="''"),
        by="hotline",
    ),
    Attack(
        "a file withdrawn in a colleague's name",
        "a_file_is_withdrawn_in_ones_own_name",
        _WITHDRAW.format(by="%(hotline_3)s", why=SEALED),
        by="hotline",
    ),
    Attack(
        "a withdrawn file that still opens",
        "a_withdrawn_file_opens_no_more",
        copy(
            "case_file",
            "file",
            withdrawn_at="now()",
            withdrawn_by_id="%(hotline_p)s",
            withdrawn_because=SEALED,
        ),
        by="hotline",
    ),
    Attack(
        "another reason for a withdrawal",
        "a_withdrawn_file_stays_withdrawn",
        f"UPDATE nowrongdoor_case_file SET withdrawn_because = {SEALED} WHERE id = %(withdrawn)s",
        by="hotline",
    ),
    Attack(
        "a file whose content is exchanged",
        "privilege: UPDATE of case_file",
        "UPDATE nowrongdoor_case_file SET content = set_byte(content, 20, 0) WHERE id = %(file)s",
        by="hotline",
    ),
    Attack(
        "content put away by hand",
        "privilege: INSERT of withdrawn_content",
        f"INSERT INTO nowrongdoor_withdrawn_content (file_id, content) VALUES (%(file)s, {SEALED})",
        by="hotline",
        behind=("policy: add of withdrawn_content",),
    ),
    Attack(
        "content that was put away, destroyed",
        "privilege: DELETE of withdrawn_content",
        "DELETE FROM nowrongdoor_withdrawn_content WHERE file_id = %(withdrawn)s",
        by="hotline",
        behind=("policy: remove of withdrawn_content",),
    ),
    Attack(
        "a role that somebody has twice at once",
        "a_person_has_a_role_once_at_a_time",
        copy("person_role", "role"),
        by="hotline",
    ),
    Attack(
        "a role that nobody knows",
        "a_role_in_a_case_is_known",
        copy("person_role", "role", role="'suspect zero'"),
        by="hotline",
    ),
    Attack(
        "a role that ends before it began",
        "a_role_ends_after_it_began",
        copy("person_role", "role", from_at="now()", to_at="now() - interval '1 day'"),
        by="hotline",
    ),
    Attack(
        "a role of a day that no page could show",
        "a_role_is_of_our_time",
        copy("person_role", "role", role="'other'", from_at="'0001-01-01 00:00:00+09'::timestamptz"),
        by="hotline",
    ),
    Attack(
        "a relation of a day that no page could show",
        "a_relation_is_of_our_time",
        copy("person_relation", "relation", kind="'friend'", from_at="'0001-01-01 00:00:00+09'::timestamptz"),
        by="hotline",
    ),
    Attack(
        "a role in a colleague's name",
        "policy: add of person_role",
        copy("person_role", "role", role="'other'"),
        by="hotline_3",
    ),
    Attack(
        "a role of another agency's person",
        "a_role_is_of_ones_own_person",
        "INSERT INTO nowrongdoor_person_role (id, person_id, case_id, owner_id, role, at, by_id) "
        "VALUES (gen_random_uuid(), %(person)s, %(case)s, %(told_body)s, 'family', now(), %(told_p)s)",
        by="told",
    ),
    Attack(
        "a role that ended, begun again",
        "a_role_that_ended_stays_ended",
        "UPDATE nowrongdoor_person_role SET to_at = NULL WHERE id = %(ended_role)s",
        by="hotline",
    ),
    Attack(
        "two people related twice in one way",
        "two_people_are_related_once_in_a_way",
        copy("person_relation", "relation"),
        by="hotline",
    ),
    Attack(
        "somebody related to themselves",
        "nobody_is_related_to_themselves",
        copy("person_relation", "relation", other_id="person_id"),
        by="hotline",
    ),
    Attack(
        "two people related in a way that nobody knows",
        "people_are_related_in_a_known_way",
        copy("person_relation", "relation", kind="'owner'"),
        by="hotline",
    ),
    Attack(
        "a relation that ends before it began",
        "a_relation_ends_after_it_began",
        copy("person_relation", "relation", from_at="now()", to_at="now() - interval '1 day'"),
        by="hotline",
    ),
    Attack(
        "a relation of another agency's person",
        "a_relation_is_of_ones_own_person",
        _RELATED.format(person="person", other="theirs"),
        by="told",
    ),
    Attack(
        "a relation to another agency's person",
        "a_relation_is_to_ones_own_person",
        _RELATED.format(person="theirs", other="person"),
        by="told",
    ),
    Attack(
        "a relation that ended, begun again",
        "a_relation_that_ended_stays_ended",
        "UPDATE nowrongdoor_person_relation SET to_at = NULL WHERE id = %(ended_relation)s",
        by="hotline",
    ),
)
_AS = "SELECT count(*) FROM nowrongdoor_{table} WHERE written_as = 'coordinator'"
MAKERS = (
    Maker(
        "note.the_writers_role_is_noted",
        copy("note", "note", written_as="'investigator'"),
        _AS.format(table="note"),
        by="hotline",
    ),
    Maker(
        "case_file.the_writers_role_is_noted",
        copy("case_file", "file", written_as="'investigator'"),
        _AS.format(table="case_file"),
        by="hotline",
    ),
    Maker(
        "person_role.the_writers_role_is_noted",
        copy("person_role", "role", role="'other'", written_as="'investigator'"),
        _AS.format(table="person_role"),
        by="hotline",
    ),
    Maker(
        "person_relation.the_writers_role_is_noted",
        copy("person_relation", "relation", kind="'friend'", written_as="'investigator'"),
        _AS.format(table="person_relation"),
        by="hotline",
    ),
    Maker(
        "what_is_withdrawn_is_put_away",
        _WITHDRAW.format(by="%(hotline_p)s", why=SEALED),
        "SELECT count(*) FROM nowrongdoor_case_file WHERE content = ''",
        by="hotline",
        behind="a_withdrawn_file_opens_no_more",
    ),
)
HIDDEN = (
    Hidden("note", "id = %(kept)s", by="hotline"),
    Hidden("note", "id = %(kept)s", by="investigator"),
    Hidden("note", "id = %(whispered)s", by="investigator"),
    Hidden("note_correction", "note_id = %(kept)s", by="investigator"),
    Hidden("case_file", "id = %(kept_file)s", by="investigator"),
    Hidden("person_role", "id = %(told_role)s", by="investigator"),
    Hidden("person_role", "id = %(role)s", by="told"),
    Hidden("person_relation", "id = %(relation)s", by="told"),
    Hidden("withdrawn_content", "file_id = %(withdrawn)s", by="hotline"),
)
