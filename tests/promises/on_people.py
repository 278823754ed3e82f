"""Attacks on people: releases, disclosures, exclusions, emergency access, roles."""

# ruff: noqa: S608  these statements are ours, and attacks are what they are for
from __future__ import annotations

from tests.promises.attacking import SEALED, WITH_TABLES_OF_ITS_OWN, Attack, Copy, Hidden, copy


def _code(
    *, of: str, person: str, by: str, digest: str = "decode(repeat('05', 32), 'hex')", lasts: str = "1 day"
) -> str:
    """A setup code that somebody makes."""
    return (
        "INSERT INTO nowrongdoor_setup_code (id, agency_id, person_id, digest, at, by_id, expires_at) VALUES "
        f"(gen_random_uuid(), %({of})s, %({person})s, {digest}, now(), %({by})s, now() + interval '{lasts}')"
    )


PEOPLE = (
    Attack(
        "a person put into two rows of one number",
        "a_person_has_one_number",
        copy("person", "person"),
    ),
    Attack(
        "a part of a person kept twice",
        "a_part_of_a_person_is_kept_once",
        Copy("person_part", "person_id = %(person)s", {"id": "gen_random_uuid()"}),
    ),
    Attack(
        "a release of nothing",
        "a_release_names_its_parts",
        copy("release", "release", parts="'{}'"),
        by="hotline",
    ),
    Attack(
        "a release without an end",
        "a_release_has_an_end",
        copy("release", "release", expires_at="given_at + interval '9 years'"),
        by="hotline",
        behind=("a_release_of_more_than_ninety_days_says_why",),
    ),
    Attack(
        "a release without a witness",
        "a_release_has_a_purpose_and_a_witness",
        copy("release", "release", witness="''"),
        by="hotline",
    ),
    Attack(
        "a release to oneself",
        "a_release_is_to_another_agency",
        copy("release", "release", recipient_id="agency_id"),
        by="hotline",
    ),
    Attack(
        "words about a person whom another agency wrote down, in the place of that agency's own",
        "a_part_is_of_ones_own_person",
        "INSERT INTO nowrongdoor_person_part (id, person_id, case_id, owner_id, part, details) "
        f"VALUES (gen_random_uuid(), %(partless)s, %(case)s, %(told_body)s, 'location', {SEALED})",
        by="told",
    ),
    Attack(
        "a release of another agency's person",
        "a_release_is_of_ones_own_person",
        copy("release", "release", agency_id="%(hsi)s", by_id="%(hsi_p)s", recipient_id="%(fbi)s"),
        by="hsi",
    ),
    Attack(
        "a release kept in another agency's name",
        "policy: add of release",
        copy("release", "release"),
        by="hsi",
        behind=("a_release_is_signed_in_ones_own_name",),
    ),
    Attack(
        "a release in a colleague's name",
        "a_release_is_signed_in_ones_own_name",
        copy("release", "release"),
        by="hotline_3",
    ),
    Attack(
        "a release signed by somebody of another agency",
        "a_release_is_signed_in_ones_own_name",
        copy("release", "release", by_id="%(hsi_p)s"),
        by="hsi_as_hotline",
    ),
    Attack(
        "a release that a colleague is said to have revoked from the beginning",
        "policy: add of release",
        copy("release", "release", revoked_at="now()", revoked_by_id="%(hotline_3_p)s", revoked_how="'phone'"),
        by="hotline",
    ),
    Attack(
        "a release revoked by nobody",
        "a_release_is_revoked_by_somebody",
        "UPDATE nowrongdoor_release SET revoked_at = now() WHERE id = %(release)s",
        by="hotline",
        behind=("a_release_is_revoked_by_its_agency",),
    ),
    Attack(
        "a release revoked by another agency",
        "policy: change of release",
        "UPDATE nowrongdoor_release SET revoked_at = now(), revoked_by_id = %(hsi_p)s WHERE id = %(release)s",
        by="hsi",
        behind=("a_release_is_revoked_by_its_agency",),
    ),
    Attack(
        "a release revoked in another agency's name",
        "a_release_is_revoked_by_its_agency",
        "UPDATE nowrongdoor_release SET revoked_at = now(), revoked_by_id = %(hsi_p)s WHERE id = %(release)s",
        by="hotline",
    ),
    Attack(
        "a revoked release in force again",
        "a_revoked_release_stays_revoked",
        "UPDATE nowrongdoor_release SET revoked_at = NULL, revoked_by_id = NULL WHERE id = %(revoked)s",
        by="hotline",
    ),
    Attack(
        "immigration matters released to another department",
        "release.immigration_stays_inside",
        copy("release", "release", parts="'{immigration}'", by_id="%(hotline_p)s"),
        by="hotline",
    ),
    Attack(
        "immigration matters released past a table of the attacker's own",
        "release.immigration_stays_inside",
        "CREATE TEMP TABLE nowrongdoor_agency AS SELECT id, 'one' AS department FROM public.nowrongdoor_agency; "
        f"INSERT INTO nowrongdoor_release (id, case_id, person_id, agency_id, recipient_id, parts, purpose, witness, "
        f"given_at, expires_at, by_id) VALUES (gen_random_uuid(), %(case)s, %(person)s, %(hotline)s, %(hsi)s, "
        f"'{{immigration}}', {SEALED}, {SEALED}, now(), now() + interval '1 day', %(hotline_p)s)",
        by="hotline",
        first=WITH_TABLES_OF_ITS_OWN,
    ),
    Attack(
        "immigration matters disclosed to another department",
        "disclosure.immigration_stays_inside",
        copy("disclosure", "disclosure", parts="'{immigration}'", by_id="%(hotline_p)s"),
        by="hotline",
    ),
    Attack(
        "a disclosure of nothing",
        "a_disclosure_names_its_parts",
        copy("disclosure", "disclosure", parts="'{}'"),
        by="hotline",
    ),
    Attack(
        "a disclosure under no law",
        "a_disclosure_names_its_law",
        copy("disclosure", "disclosure", citation="''"),
        by="hotline",
    ),
    Attack(
        "a disclosure without an end",
        "a_disclosure_ends",
        copy("disclosure", "disclosure", until="at + interval '1 year'"),
        by="hotline",
    ),
    Attack(
        "a disclosure to oneself",
        "a_disclosure_is_to_another_agency",
        copy("disclosure", "disclosure", recipient_id="agency_id"),
        by="hotline",
    ),
    Attack(
        "a disclosure of another agency's person",
        "a_disclosure_is_of_ones_own_person",
        copy("disclosure", "disclosure", agency_id="%(hsi)s", by_id="%(hsi_p)s", recipient_id="%(fbi)s"),
        by="hsi",
    ),
    Attack(
        "a disclosure in another agency's name",
        "policy: add of disclosure",
        copy("disclosure", "disclosure"),
        by="hsi",
        behind=("a_disclosure_is_signed_in_ones_own_name",),
    ),
    Attack(
        "a disclosure in a colleague's name",
        "a_disclosure_is_signed_in_ones_own_name",
        copy("disclosure", "disclosure"),
        by="hotline_3",
    ),
    Attack("a person excluded twice", "a_person_is_excluded_once", copy("exclusion", "exclusion"), by="hotline"),
    Attack(
        "somebody of another agency excluded",
        "somebody_is_excluded_by_their_own_agency",
        copy("exclusion", "exclusion", person_id="%(hsi_p)s", by_id="%(hotline_p)s"),
        by="hotline",
    ),
    Attack(
        "an exclusion in another's name",
        "an_exclusion_is_signed_in_ones_own_name",
        copy("exclusion", "exclusion", person_id="%(hotline_3)s"),
        by="hotline_3",
    ),
    Attack(
        "an exclusion that a colleague is said to have lifted from the beginning",
        "policy: add of exclusion",
        copy("exclusion", "exclusion", person_id="%(hotline_3)s", lifted_at="now()", lifted_by_id="%(hotline_2)s"),
        by="hotline",
    ),
    Attack(
        "an exclusion lifted by nobody",
        "an_exclusion_is_lifted_by_somebody",
        "UPDATE nowrongdoor_exclusion SET lifted_at = now() WHERE id = %(exclusion)s",
        by="hotline",
        behind=("an_exclusion_is_lifted_by_another_of_the_agency",),
    ),
    Attack(
        "an exclusion lifted by the person excluded",
        "policy: change of exclusion",
        "UPDATE nowrongdoor_exclusion SET lifted_at = now(), lifted_by_id = %(hotline_2)s WHERE id = %(exclusion)s",
        by="hotline_2",
        behind=("an_exclusion_is_lifted_by_another_of_the_agency",),
    ),
    Attack(
        "an exclusion lifted in another agency's name",
        "an_exclusion_is_lifted_by_another_of_the_agency",
        "UPDATE nowrongdoor_exclusion SET lifted_at = now(), lifted_by_id = %(hsi_p)s WHERE id = %(exclusion)s",
        by="hotline",
    ),
    Attack(
        "who lifted an exclusion, rewritten",
        "a_lifted_exclusion_stays_lifted",
        "UPDATE nowrongdoor_exclusion SET lifted_by_id = %(hotline_3)s WHERE id = %(let_in)s",
        by="hotline",
    ),
    Attack(
        "emergency access without a reason",
        "emergency_access_has_a_reason",
        copy("emergency", "emergency", because="''"),
        by="eeoc",
    ),
    Attack(
        "emergency access for a day",
        "emergency_access_ends_soon",
        copy("emergency", "emergency", until="at + interval '1 day'"),
        by="eeoc",
    ),
    Attack(
        "emergency access in another's name",
        "emergency_access_is_opened_in_ones_own_name",
        copy("emergency", "emergency", by_id="%(hsi_p)s"),
        by="eeoc",
    ),
    Attack(
        "emergency access that was reviewed before anybody looked",
        "emergency_access_is_opened_in_ones_own_name",
        copy("emergency", "reviewed", by_id="%(eeoc_p)s"),
        by="eeoc",
    ),
    Attack(
        "emergency access reviewed by whoever had it",
        "nobody_reviews_their_own_emergency",
        "UPDATE nowrongdoor_emergency SET reviewed_at = now(), reviewed_by_id = by_id, justified = true "
        "WHERE id = %(emergency)s",
        by="eeoc",
    ),
    Attack(
        "emergency access reviewed by nobody",
        "emergency_access_is_reviewed_by_the_agency",
        "UPDATE nowrongdoor_emergency SET reviewed_at = now(), justified = true WHERE id = %(emergency)s",
        by="eeoc",
    ),
    Attack(
        "emergency access reviewed in another agency's name",
        "emergency_access_is_reviewed_by_the_agency",
        "UPDATE nowrongdoor_emergency SET reviewed_at = now(), reviewed_by_id = %(hsi_p)s, justified = true "
        "WHERE id = %(emergency)s",
        by="eeoc",
    ),
    Attack(
        "a review turned round",
        "a_review_stays_as_it_was_written",
        "UPDATE nowrongdoor_emergency SET justified = NOT justified WHERE id = %(reviewed)s",
        by="eeoc",
    ),
    Attack(
        "an agency that lets itself into a case",
        "policy: add of participant",
        "INSERT INTO nowrongdoor_participant (id, case_id, agency_id, relation, from_at) VALUES (gen_random_uuid(), "
        "%(case)s, %(eeoc)s, 'told', now())",
        by="eeoc",
        case="",
    ),
    Attack(
        "an agency that names a case, and lets itself into it",
        "policy: add of participant",
        "INSERT INTO nowrongdoor_participant (id, case_id, agency_id, relation, from_at) VALUES (gen_random_uuid(), "
        "%(case)s, %(fbi)s, 'told', now())",
        by="fbi",
    ),
    Attack(
        "somebody who opened a case in an emergency, and lets their agency into it",
        "policy: add of participant",
        "INSERT INTO nowrongdoor_participant (id, case_id, agency_id, relation, from_at) VALUES (gen_random_uuid(), "
        "%(case)s, %(eeoc)s, 'told', now())",
        by="eeoc",
    ),
    Attack(
        "an agency that said no, and lets itself in again",
        "policy: becomes of participant",
        "UPDATE nowrongdoor_participant SET to_at = NULL WHERE case_id = %(said_no_to)s AND agency_id = %(hsi)s",
        by="hsi",
        case="said_no_to",
    ),
    Attack(
        "an earlier period of taking part rewritten",
        "privilege: UPDATE of earlier_part",
        "UPDATE nowrongdoor_earlier_part SET to_at = now() WHERE case_id = %(said_no_to)s",
        case="said_no_to",
        behind=("policy: change of earlier_part",),
    ),
    Attack(
        "an earlier period of taking part made up",
        "privilege: INSERT of earlier_part",
        "INSERT INTO nowrongdoor_earlier_part (case_id, agency_id, relation, from_at, to_at) "
        "VALUES (%(case)s, %(eeoc)s, 'told', now(), now())",
        behind=("policy: add of earlier_part",),
    ),
    Attack(
        "an earlier period of taking part that ends before it began, by the owner",
        "a_part_ends_after_it_began",
        "INSERT INTO nowrongdoor_earlier_part (case_id, agency_id, relation, from_at, to_at) "
        "VALUES (%(case)s, %(eeoc)s, 'told', now(), now() - interval '1 day')",
        by="owner",
    ),
    Attack(
        "an agency that says it took part from earlier on",
        "a_part_begins_once",
        "UPDATE nowrongdoor_participant SET from_at = from_at - interval '1 year' WHERE case_id = %(case)s",
    ),
    Attack(
        "an agency that says it ceased to take part later",
        "a_part_that_ended_stays_ended",
        "UPDATE nowrongdoor_participant SET to_at = now() + interval '1 day' "
        "WHERE case_id = %(said_no_to)s AND to_at IS NOT NULL",
    ),
    Attack(
        "an agency whose ended part begins after it ended, so that it never was",
        "a_part_begins_once",
        "UPDATE nowrongdoor_participant SET from_at = to_at + interval '1 day' "
        "WHERE case_id = %(said_no_to)s AND to_at IS NOT NULL",
    ),
    Attack(
        "an agency that took part before anybody let it in",
        "a_part_begins_open",
        Copy(
            "participant",
            "case_id = %(case)s",
            {"id": "gen_random_uuid()", "agency_id": "%(idle)s", "from_at": "'1970-01-01'", "to_at": "'1970-01-02'"},
        ),
        by="hotline",
    ),
    Attack(
        "a part of a kind that nobody ends",
        "a_part_has_a_known_relation",
        Copy("participant", "case_id = %(case)s", {"id": "gen_random_uuid()", "relation": "'friend'"}),
    ),
    Attack(
        "the agency that received a case shut out of it by one that was only told",
        "a_part_is_ended_by_who_has_it_or_steers",
        "UPDATE nowrongdoor_participant SET to_at = now() WHERE case_id = %(case)s AND agency_id = %(hotline)s",
        by="told",
    ),
    Attack(
        "emergency access that begins in years, so that it lasts until then",
        "policy: add of emergency",
        copy(
            "emergency",
            "emergency",
            by_id="%(stranger_p)s",
            agency_id="%(idle)s",
            at="now() + interval '9 years'",
            until="now() + interval '9 years 4 hours'",
        ),
        by="stranger",
    ),
    Attack(
        "a part in a case twice",
        "one_relation_of_a_kind",
        Copy("participant", "case_id = %(case)s AND relation = 'received'", {"id": "gen_random_uuid()"}),
    ),
    Attack(
        "a person of a role that nobody knows",
        "a_person_has_a_known_role",
        copy("user", "hotline_p", name="'king'", role="'king'"),
    ),
    Attack(
        "a person who joins without an invitation",
        "nobody_joins_uninvited",
        copy("user", "hotline_p", name="'mallory'", role="'administrator'"),
        by="entry",
    ),
    Attack(
        "an invitation by somebody who only says that they are an administrator",
        "policy: add of invitation",
        "INSERT INTO nowrongdoor_invitation (id, agency_id, name, full_name, role, digest, at, by_id, expires_at) "
        "VALUES (gen_random_uuid(), %(hotline)s, 'mallory', 'Mallory', 'administrator', "
        "decode(repeat('05', 32), 'hex'), now(), %(hotline_p)s, now() + interval '1 day')",
        by="hotline_as_administrator",
        behind=("an_administrator_invites",),
    ),
    Attack(
        "an invitation in another's name",
        "an_administrator_invites",
        "INSERT INTO nowrongdoor_invitation (id, agency_id, name, full_name, role, digest, at, by_id, expires_at) "
        "VALUES (gen_random_uuid(), %(doj)s, 'mallory', 'Mallory', 'administrator', "
        "decode(repeat('05', 32), 'hex'), now(), %(hotline_p)s, now() + interval '1 day')",
        by="admin",
    ),
    Attack(
        "an invitation that was revoked, in force again",
        "an_invitation_that_ended_stays_ended",
        "UPDATE nowrongdoor_invitation SET withdrawn_at = NULL WHERE id = %(revoked_invitation)s",
        by="admin",
    ),
    Attack(
        "an invitation that was revoked, and is used all the same",
        "an_invitation_that_ended_stays_ended",
        "UPDATE nowrongdoor_invitation SET used_at = now() WHERE id = %(revoked_invitation)s",
        by="entry",
    ),
    Attack(
        "an invitation that expired, and is used all the same",
        "an_invitation_is_used_before_it_ends",
        "UPDATE nowrongdoor_invitation SET used_at = expires_at - interval '1 day' WHERE id = %(expired_invitation)s",
        by="entry",
    ),
    Attack(
        "an invitation by an administrator who was switched off since, and is used all the same",
        "an_invitation_ends_with_whoever_made_it",
        "UPDATE nowrongdoor_invitation SET used_at = now() WHERE id = %(invitation)s",
        by="entry",
        first="UPDATE nowrongdoor_user SET is_active = false "
        "WHERE id = (SELECT by_id FROM nowrongdoor_invitation WHERE id = %(invitation)s)",
    ),
    Attack(
        "an invitation used up by an administrator, so that nobody joins and nothing says that it was revoked",
        "an_invitation_is_used_by_whoever_joins",
        "UPDATE nowrongdoor_invitation SET used_at = now() WHERE id = %(invitation)s",
        by="admin",
    ),
    Attack(
        "an invitation revoked by the administrator of another agency",
        "policy: change of invitation",
        "UPDATE nowrongdoor_invitation SET withdrawn_at = now()",  # no condition asks what is seen
        by="other_admin",
        first="DELETE FROM nowrongdoor_invitation WHERE id <> %(invitation)s",
        behind=("an_administrator_revokes_an_invitation",),
    ),
    Attack(
        "an invitation revoked by somebody who only says that they are an administrator",
        "policy: change of invitation",
        "UPDATE nowrongdoor_invitation SET withdrawn_at = now() WHERE id = %(hotline_invitation)s",
        by="hotline_as_administrator",
        behind=("an_administrator_revokes_an_invitation",),
    ),
    Attack(
        "an invitation revoked by the sign-in, for nobody",
        "an_administrator_revokes_an_invitation",
        "UPDATE nowrongdoor_invitation SET withdrawn_at = now() WHERE id = %(invitation)s",
        by="entry",
    ),
    Attack(
        "a first factor for somebody whose password is known",
        "a_first_factor_needs_more_than_a_password",
        "INSERT INTO mfa_authenticator (user_id, type, data, created_at) VALUES (%(coded)s, 'totp', '{}', now())",
        by="entry",
    ),
    Attack(
        "recovery codes that stand in for no factor",
        "a_first_factor_needs_more_than_a_password",
        "INSERT INTO mfa_authenticator (user_id, type, data, created_at) "
        "VALUES (%(coded)s, 'recovery_codes', '{}', now())",
        by="entry",
    ),
    Attack(
        "a factor of one's own, made somebody else's",
        "a_factor_stays_whose_it_is",
        "UPDATE mfa_authenticator SET user_id = %(coded)s WHERE user_id = %(doj_2)s",
        by="entry",
    ),
    Attack(
        "recovery codes made an app",
        "a_factor_stays_whose_it_is",
        "UPDATE mfa_authenticator SET type = 'webauthn' WHERE user_id = %(doj_2)s",
        by="entry",
    ),
    Attack(
        "a setup code by somebody who only says that they are an administrator",
        "policy: add of setup_code",
        _code(of="hotline", person="hotline_2", by="hotline_p"),
        by="hotline_as_administrator",
        behind=("another_administrator_makes_a_setup_code",),
    ),
    Attack(
        "a setup code in another's name",
        "another_administrator_makes_a_setup_code",
        _code(of="doj", person="doj_2", by="hotline_p"),
        by="admin",
    ),
    Attack(
        "a setup code for oneself",
        "another_administrator_makes_a_setup_code",
        _code(of="doj", person="admin_p", by="admin_p"),
        by="admin",
    ),
    Attack(
        "a setup code for somebody of another agency",
        "a_setup_code_is_for_somebody_of_the_agency",
        _code(of="doj", person="hotline_2", by="admin_p"),
        by="admin",
    ),
    Attack(
        "a second setup code beside the one that waits",
        "a_person_has_one_setup_code_at_a_time",
        _code(of="doj", person="coded", by="admin_p"),
        by="admin",
    ),
    Attack(
        "a setup code that is no digest",
        "a_setup_code_is_kept_as_a_digest",
        _code(of="doj", person="doj_2", by="admin_p", digest="'7KQ2'"),
        by="admin",
    ),
    Attack(
        "a setup code that lasts for a week",
        "a_setup_code_lasts_a_day_at_most",
        _code(of="doj", person="doj_2", by="admin_p", lasts="7 days"),
        by="system",
    ),
    Attack(
        "a setup code that was used and revoked",
        "a_setup_code_ends_one_way",
        "UPDATE nowrongdoor_setup_code SET used_at = now(), revoked_at = now() WHERE id = %(setup_code)s",
        by="owner",
    ),
    Attack(
        "a setup code that was revoked, in force again",
        "a_setup_code_that_ended_stays_ended",
        "UPDATE nowrongdoor_setup_code SET revoked_at = NULL WHERE id = %(revoked_code)s",
        by="admin",
        first="DELETE FROM nowrongdoor_setup_code WHERE revoked_at IS NULL AND used_at IS NULL",
    ),
    Attack(
        "a setup code said to be used, so that nobody adds a factor with it",
        "privilege: UPDATE of setup_code",
        "UPDATE nowrongdoor_setup_code SET used_at = now() WHERE id = %(setup_code)s",
        by="admin",
    ),
    Attack(
        "a setup code revoked by the administrator of another agency",
        "policy: change of setup_code",
        "UPDATE nowrongdoor_setup_code SET revoked_at = now()",  # no condition asks what is seen
        by="other_admin",
        first="DELETE FROM nowrongdoor_setup_code WHERE id <> %(setup_code)s",
    ),
    Attack(
        "an invitation that never ends, made of one that does",
        "privilege: UPDATE of invitation",
        "UPDATE nowrongdoor_invitation SET expires_at = now() + interval '9 years' WHERE id = %(invitation)s",
        by="admin",
    ),
    Attack(
        "a token that was revoked, in use again",
        "a_revoked_token_stays_revoked",
        "UPDATE nowrongdoor_token SET revoked_at = NULL WHERE id = %(revoked_token)s",
        by="admin",
    ),
    Attack(
        "a token revoked by the API, for nobody",
        "an_administrator_revokes_a_token",
        "UPDATE nowrongdoor_token SET revoked_at = now()",  # no condition asks what is seen
        by="entry",
        first="DELETE FROM nowrongdoor_token WHERE id <> %(token)s",
    ),
    Attack(
        "a token that an administrator says was used",
        "only_its_system_says_that_a_token_was_used",
        "UPDATE nowrongdoor_token SET used_on = now()::date WHERE id = %(token)s",
        by="admin",
    ),
    Attack(
        "a token that ends before it was made",
        "a_token_ends_after_it_was_made",
        "INSERT INTO nowrongdoor_token (id, agency_id, label, digest, made_at, ends_at) VALUES (gen_random_uuid(), "
        "%(doj)s, 'mallory', decode(repeat('05', 32), 'hex'), now(), now())",
        by="admin",
    ),
    Attack(
        "a token by somebody who only says that they are an administrator",
        "policy: add of token",
        "INSERT INTO nowrongdoor_token (id, agency_id, label, digest, made_at) VALUES (gen_random_uuid(), %(hotline)s, "
        "'mallory', decode(repeat('05', 32), 'hex'), now())",
        by="hotline_as_administrator",
    ),
    Attack(
        "a seal that is taken off somebody",
        "whoever_is_changed_is_sealed_again",
        "UPDATE nowrongdoor_user SET sealed = NULL WHERE id = %(hotline_2)s",
        first=f"UPDATE nowrongdoor_user SET sealed = {SEALED} WHERE id = %(hotline_2)s",
    ),
    Attack(
        "a seal that is no seal, of a colleague's who then doesn't come in",
        "a_seal_is_made_at_the_entry",
        "UPDATE nowrongdoor_user SET sealed = decode('00', 'hex') WHERE id = %(hotline_p)s",
        by="hotline",
    ),
    Attack(
        "a password of one's own that is set beside the sign-in",
        "how_one_signs_in_changes_at_the_entry",
        "UPDATE nowrongdoor_user SET password = name WHERE id = %(hotline_p)s",
        by="hotline",
    ),
    Attack(
        "a person who gives themselves a role",
        "nobody_gives_themselves_a_role",
        "UPDATE nowrongdoor_user SET role = 'administrator' WHERE id = %(hotline_p)s",
        by="hotline",
    ),
    Attack(
        "a person who says that they are an administrator, and gives a colleague a role",
        "policy: change of user",
        "UPDATE nowrongdoor_user SET role = 'administrator' WHERE id = %(hotline_2)s",
        by="hotline_as_administrator",
        behind=("nobody_gives_themselves_a_role",),
    ),
    Attack(
        "an administrator who chooses a colleague's password",
        "a_password_is_chosen_by_its_person",
        "UPDATE nowrongdoor_user SET password = 'argon2$mine' WHERE id = %(doj_2_p)s",
        by="admin",
    ),
    Attack(
        "somebody switched on again by the sign-in",
        "nobody_gives_themselves_a_role",
        "UPDATE nowrongdoor_user SET is_active = false WHERE id = %(hotline_p)s",
        by="entry",
    ),
    Attack(
        "an administrator who chooses the language of somebody of their agency",
        "a_language_is_chosen_by_its_person",
        "UPDATE nowrongdoor_user SET language = 'es-us' WHERE id = %(doj_2_p)s",
        by="admin",
    ),
    Attack(
        "the system that chooses somebody's time zone",
        "a_language_is_chosen_by_its_person",
        "UPDATE nowrongdoor_user SET time_zone = 'America/Chicago' WHERE id = %(hotline_p)s",
    ),
    Attack(
        "a person who chooses a colleague's language",
        "policy: change of user",
        "UPDATE nowrongdoor_user SET language = 'es-us' WHERE id = %(hotline_2)s",
        by="hotline",
        behind=("a_language_is_chosen_by_its_person",),
    ),
    Attack(
        "a time zone that no place has",
        "a_time_zone_is_a_known_one",
        "UPDATE nowrongdoor_user SET time_zone = 'Mars/Olympus' WHERE id = %(hotline_p)s",
        by="hotline",
    ),
    Attack(
        "a language that is no code",
        "a_language_is_written_as_its_code",
        "UPDATE nowrongdoor_user SET language = 'Spanish!' WHERE id = %(hotline_p)s",
        by="hotline",
    ),
)
HIDDEN = (
    Hidden("token", "id = %(revoked_token)s", by="entry"),
    Hidden("token", "id = %(ended_token)s", by="entry"),
)
