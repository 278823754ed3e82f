"""Attacks on keys, holds and disposals."""

# ruff: noqa: S608  these statements are ours, and attacks are what they are for
from __future__ import annotations

from tests.promises.attacking import ODD, SEALED, Attack, Copy, copy

KEYS = (
    Attack(
        "a key overwritten",
        "privilege: UPDATE of datakey",
        f"UPDATE nowrongdoor_datakey SET wrapped = {SEALED}",
        behind=("policy: change of datakey",),
    ),
    Attack(
        "all keys emptied",
        "privilege: TRUNCATE of datakey",
        "TRUNCATE nowrongdoor_datakey CASCADE",
        behind=("privilege: datakey_version",),
    ),
    Attack(
        "a version overwritten",
        "privilege: UPDATE of datakey_version",
        f"UPDATE nowrongdoor_datakey_version SET wrapped = {SEALED}",
        behind=("policy: change of datakey_version",),
    ),
    Attack(
        "a version taken out",
        "privilege: DELETE of datakey_version",
        "DELETE FROM nowrongdoor_datakey_version",
        behind=("policy: remove of datakey_version",),
    ),
    Attack(
        "a root key overwritten", "privilege: UPDATE of rootkey", f"UPDATE nowrongdoor_rootkey SET wrapped = {SEALED}"
    ),
    Attack(
        "a root key taken out",
        "privilege: DELETE of rootkey",
        "DELETE FROM nowrongdoor_rootkey WHERE retired_at IS NULL",
        behind=("policy: remove of rootkey",),
    ),
    Attack(
        "the key of a case destroyed without a disposal",
        "a_key_is_kept",
        "DELETE FROM nowrongdoor_datakey WHERE subject_id = %(case)s",
    ),
    Attack(
        "the key of a case on hold destroyed",
        "a_key_is_kept",
        "DELETE FROM nowrongdoor_datakey WHERE subject_id = %(held)s",
        by="hotline",
        case="held",
        first="INSERT INTO nowrongdoor_disposal (id, case_id, agency_id, schedule, asked_at, asked_by_id, approved_at, "
        "approved_by_id, destroyed) VALUES (gen_random_uuid(), %(held)s, %(hotline)s, 'case', now(), %(hotline_p)s, "
        "now(), %(hotline_3)s, 0)",
    ),
    Attack(
        "the key of a case destroyed, while one that it was merged into is on hold",
        "a_key_is_kept",
        "DELETE FROM nowrongdoor_datakey WHERE subject_id = %(closed)s",
        by="hotline",
        case="closed",
        first="UPDATE nowrongdoor_disposal SET stopped_at = now() WHERE case_id = %(closed)s AND stopped_at IS NULL; "
        "UPDATE nowrongdoor_case SET merged_into_id = %(held)s WHERE id = %(closed)s; "
        "INSERT INTO nowrongdoor_disposal (id, case_id, agency_id, schedule, asked_at, asked_by_id, approved_at, "
        "approved_by_id, destroyed) VALUES (gen_random_uuid(), %(closed)s, %(hotline)s, 'case', now(), %(hotline_p)s, "
        "now(), %(hotline_3)s, 0)",
    ),
    Attack(
        "a key destroyed under a disposal that was done before",
        "a_key_is_kept",
        "DELETE FROM nowrongdoor_datakey WHERE subject_id = %(signal)s",
        by="hotline",
        case="gone",
        first="UPDATE nowrongdoor_case_signal SET case_id = %(gone)s WHERE signal_id = %(signal)s",
    ),
    Attack(
        "what a person is found by, destroyed without a disposal",
        "a_token_is_kept",
        "DELETE FROM nowrongdoor_person_token WHERE person_id = %(person)s",
    ),
    Attack(
        "a key that nobody can tell from another",
        "a_new_key_is_committed",
        "INSERT INTO nowrongdoor_datakey (subject_id, of, root_id, wrapped) VALUES "
        "(gen_random_uuid(), 'case', %(root)s, "
        f"{SEALED})",
    ),
    Attack(
        "a key under a root key that was retired",
        "a_key_is_wrapped_by_the_root_key_in_use",
        "INSERT INTO nowrongdoor_datakey (subject_id, of, root_id, wrapped, commitment) VALUES (gen_random_uuid(), "
        f"'case', %(old_root)s, {SEALED}, {ODD})",
    ),
    Attack(
        "a key for what was erased",
        "what_was_erased_stays_erased",
        "INSERT INTO nowrongdoor_datakey (subject_id, of, root_id, wrapped, commitment) VALUES (%(gone)s, 'case', "
        f"%(root)s, {SEALED}, {ODD})",
    ),
    Attack(
        "a version in the place of another",
        "a_version_of_a_key_comes_once",
        Copy("datakey_version", "subject_id = %(held)s", {"id": "gen_random_uuid()"}),
    ),
    Attack(
        "a version of no key",
        "a_version_is_of_a_key",
        Copy(
            "datakey_version", "subject_id = %(held)s", {"id": "gen_random_uuid()", "subject_id": "gen_random_uuid()"}
        ),
        behind=("a_version_keeps_the_secret",),
    ),
    Attack(
        "a version under a root key that was retired",
        "a_version_is_wrapped_by_the_root_key_in_use",
        Copy(
            "datakey_version",
            "subject_id = %(held)s",
            {"id": "gen_random_uuid()", "version": "version + 1", "root_id": "%(old_root)s"},
        ),
    ),
    Attack(
        "a version with another secret",
        "a_version_keeps_the_secret",
        Copy(
            "datakey_version",
            "subject_id = %(held)s",
            {"id": "gen_random_uuid()", "version": "version + 1", "commitment": ODD},
        ),
    ),
    Attack(
        "a version that leaves room for another",
        "a_version_keeps_the_secret",
        Copy("datakey_version", "subject_id = %(held)s", {"id": "gen_random_uuid()", "version": "99"}),
    ),
    Attack(
        "a version of an agency that looks",
        "policy: add of datakey_version",
        Copy("datakey_version", "subject_id = %(held)s", {"id": "gen_random_uuid()", "version": "version + 1"}),
        by="hotline",
        case="held",
    ),
    Attack(
        "a root key that nobody can tell from another",
        "a_new_root_key_is_committed",
        copy("rootkey", "old_root", commitment="NULL"),
    ),
    Attack("two root keys in use", "one_root_key_per_use", copy("rootkey", "root")),
    Attack(
        "a root key retired anew",
        "a_retired_root_key_stays_retired",
        "UPDATE nowrongdoor_rootkey SET retired_at = now() + interval '1 day' WHERE id = %(old_root)s",
    ),
    Attack(
        "no root key in use",
        "there_is_always_a_root_key_in_use",
        "UPDATE nowrongdoor_rootkey SET retired_at = now() WHERE id = %(root)s",
    ),
    Attack(
        "an index key with another secret",
        "an_index_key_keeps_its_secret",
        "UPDATE nowrongdoor_rootkey SET retired_at = now() WHERE use = 'index' AND retired_at IS NULL; "
        "INSERT INTO nowrongdoor_rootkey (id, use, provider, provider_key, wrapped, made_at, commitment) VALUES "
        f"(gen_random_uuid(), 'index', 'file', 'x', {SEALED}, now(), {ODD})",
    ),
)


def approve(of: str, by: str) -> str:
    return f"UPDATE nowrongdoor_disposal SET approved_at = now(), approved_by_id = {by} WHERE id = %({of})s"


RETENTION = (
    Attack(
        "a disposal that one person asks for and approves",
        "nobody_disposes_alone",
        "UPDATE nowrongdoor_disposal SET approved_at = now(), approved_by_id = asked_by_id WHERE id = %(asked)s",
        by="hotline",
        case="closed",
        behind=("what_is_approved_is_destroyed",),
    ),
    Attack(
        "a second disposal of a case", "one_disposal_of_a_case", copy("disposal", "asked"), by="hotline", case="closed"
    ),
    Attack(
        "a disposal asked for by another agency",
        "a_disposal_is_asked_by_who_led_a_closed_case",
        "INSERT INTO nowrongdoor_disposal (id, case_id, agency_id, schedule, asked_at, asked_by_id, destroyed) VALUES "
        "(gen_random_uuid(), %(held)s, %(hsi)s, 'case', now(), %(hsi_p)s, 0)",
        by="hsi",
        case="held",
    ),
    Attack(
        "a disposal of a case that is open",
        "a_disposal_is_asked_by_who_led_a_closed_case",
        copy("disposal", "asked", case_id="%(case)s"),
        by="hotline",
    ),
    Attack(
        "a disposal that is approved as it is asked for",
        "a_disposal_starts_unapproved",
        copy("disposal", "asked", case_id="%(held)s", approved_at="now()", approved_by_id="%(hotline_3)s"),
        by="hotline",
        case="held",
        behind=("what_is_approved_is_destroyed",),
    ),
    Attack(
        "a disposal approved in a colleague's name",
        "a_disposal_is_approved_in_ones_own_name",
        approve("asked", "%(hotline_3)s"),
        by="hotline",
        case="closed",
        behind=("what_is_approved_is_destroyed",),
    ),
    Attack(
        "a disposal approved by a person of another agency",
        "a_disposal_is_approved_in_ones_own_name",
        approve("asked", "%(hsi_p)s"),
        by="hsi",
        case="closed",
        behind=("what_is_approved_is_destroyed",),
    ),
    Attack(
        "a disposal approved and kept in reserve",
        "what_is_approved_is_destroyed",
        approve("asked", "%(hotline_3)s"),
        by="hotline_3",
        case="closed",
    ),
    Attack(
        "keys destroyed without an event",
        "what_is_approved_is_destroyed",
        f"{approve('asked', '%(hotline_3)s')}; DELETE FROM nowrongdoor_datakey WHERE subject_id IN (SELECT %(closed)s "
        "UNION SELECT signal_id FROM nowrongdoor_case_signal WHERE case_id = %(closed)s); "
        "UPDATE nowrongdoor_disposal SET destroyed = 2 WHERE id = %(asked)s",
        by="hotline_3",
        case="closed",
    ),
    Attack(
        "a disposal stopped although nothing is held",
        "a_disposal_is_stopped_by_a_hold",
        "UPDATE nowrongdoor_disposal SET stopped_at = now() WHERE id = %(asked)s",
        by="hotline",
        case="closed",
    ),
    Attack(
        "a stopped disposal taken up again",
        "a_disposal_that_is_over_stays_over",
        "UPDATE nowrongdoor_disposal SET stopped_at = NULL WHERE id = %(stopped)s",
        by="hotline",
        case="stopped_case",
    ),
    Attack(
        "a tombstone that says that nothing was destroyed",
        "a_disposal_that_is_over_stays_over",
        "UPDATE nowrongdoor_disposal SET destroyed = 0 WHERE id = %(done)s",
        by="hotline",
        case="gone",
        behind=("what_is_approved_is_destroyed",),
    ),
    Attack(
        "a hold in a colleague's name",
        "a_hold_is_signed_in_ones_own_name",
        copy("hold", "hold"),
        by="hotline_3",
        case="held",
    ),
    Attack(
        "a hold that a colleague is said to have lifted from the beginning",
        "policy: add of hold",
        copy("hold", "hold", lifted_at="now()", lifted_by_id="%(hotline_3_p)s"),
        by="hotline",
        case="held",
    ),
    Attack(
        "a hold for nothing in particular",
        "a_hold_is_of_a_known_kind",
        copy("hold", "hold", kind="'whatever'"),
        by="hotline",
        case="held",
    ),
    Attack(
        "a hold lifted by nobody",
        "a_hold_is_lifted_by_somebody",
        "UPDATE nowrongdoor_hold SET lifted_at = now() WHERE id = %(hold)s",
        by="hotline",
        case="held",
        behind=("a_hold_is_lifted_by_its_agency",),
    ),
    Attack(
        "a hold lifted by another agency",
        "policy: change of hold",
        "UPDATE nowrongdoor_hold SET lifted_at = now(), lifted_by_id = %(hsi_p)s WHERE id = %(hold)s",
        by="hsi",
        case="held",
        behind=("a_hold_is_lifted_by_its_agency",),
    ),
    Attack(
        "a hold lifted in another agency's name",
        "a_hold_is_lifted_by_its_agency",
        "UPDATE nowrongdoor_hold SET lifted_at = now(), lifted_by_id = %(hsi_p)s WHERE id = %(hold)s",
        by="hotline",
        case="held",
    ),
    Attack(
        "a hold lifted by the system",
        "a_hold_is_lifted_by_its_agency",
        "UPDATE nowrongdoor_hold SET lifted_at = now(), lifted_by_id = %(hotline_p)s WHERE id = %(hold)s",
    ),
    Attack(
        "who lifted a hold, rewritten",
        "a_lifted_hold_stays_lifted",
        "UPDATE nowrongdoor_hold SET lifted_by_id = %(hotline_3)s WHERE id = %(lifted)s",
        by="hotline",
        case="held",
    ),
)
