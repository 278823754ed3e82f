"""Attacks on the trail, on what the run-time role is, and on figures and tables."""

# ruff: noqa: S608  these statements are ours, and attacks are what they are for
from __future__ import annotations

from tests.promises.attacking import ODD, SEALED, Attack, Copy, Maker, another_signal, born, copy, end, taking_part

TRAIL = (
    Attack(
        "the trail rewritten",
        "privilege: UPDATE of auditevent",
        "UPDATE nowrongdoor_auditevent SET verb = 'x' WHERE case_id = %(case)s",
        behind=("policy: change of auditevent",),
    ),
    Attack(
        "the trail deleted",
        "privilege: DELETE of auditevent",
        "DELETE FROM nowrongdoor_auditevent",
        behind=("policy: remove of auditevent",),
    ),
    Attack(
        "an event in another's name",
        "an_event_names_whoever_looks",
        "INSERT INTO nowrongdoor_auditevent (at, kind, verb, authority, agency_id, by_id, subject_id, details) VALUES "
        "(now(), 'read', 'case.read', 'mandate', %(hotline)s, %(hsi_p)s, %(case)s, '{}')",
        by="hotline",
    ),
    Attack(
        "an event that keeps silent about who looks",
        "an_event_names_whoever_looks",
        "INSERT INTO nowrongdoor_auditevent (at, kind, verb, authority, agency_id, subject_id, details) VALUES "
        "(now(), 'read', 'case.read', 'rule', %(hotline)s, %(case)s, '{}')",
        by="hotline",
    ),
    Attack(
        "an event that says which rows were noted, and is none of a trigger",
        "policy: add of auditevent",
        "INSERT INTO nowrongdoor_auditevent (at, kind, verb, authority, agency_id, by_id, subject_id, details) VALUES "
        "(now(), 'write', 'rows.noted', 'rule', %(hotline)s, %(hotline_p)s, %(hotline)s, "
        '\'{"of": "user", "rows": {}, "begun": true}\')',
        by="hotline",
    ),
    Attack(
        "an event added to a transaction that is sealed",
        "an_event_will_be_sealed",
        "INSERT INTO nowrongdoor_auditevent (at, kind, verb, authority, agency_id, subject_id, "
        "details, tx) SELECT now(), "
        "'read', 'case.read', 'rule', agency_id, %(case)s, '{}', tx FROM nowrongdoor_auditseal LIMIT 1",
    ),
    Attack(
        "a transaction sealed twice, by the owner",
        "a_transaction_is_sealed_once",
        "INSERT INTO nowrongdoor_auditseal (agency_id, tx, is_ready) SELECT agency_id, tx, true "
        "FROM nowrongdoor_auditseal "
        "LIMIT 1",
        by="owner",
    ),
    Attack(
        "two links of one number, by the owner",
        "a_link_has_its_own_number",
        "INSERT INTO nowrongdoor_auditseal (agency_id, tx, is_ready, number, hash) SELECT "
        "agency_id, gen_random_uuid(), "
        "true, number, hash FROM nowrongdoor_auditseal LIMIT 1",
        by="owner",
    ),
    Attack(
        "the promise itself dropped",
        "role: nwd_app is nwd_owner",
        "ALTER TABLE nowrongdoor_case DROP CONSTRAINT a_lead_was_accepted",
    ),
    Attack(
        "a table of the attacker's own, to stand in for ours",
        "privilege: TEMPORARY of the database",
        "CREATE TEMP TABLE nowrongdoor_participant (LIKE public.nowrongdoor_participant)",
    ),
    Attack("the owner's coat", "role: nwd_app is nwd_owner", "SET LOCAL ROLE nwd_owner"),
    Attack(
        "the triggers switched off",
        "parameter: session_replication_role",
        "SET LOCAL session_replication_role = replica",
    ),
)


def noted(trigger: str, act: str | Copy, **more: str) -> Maker:
    """What is noted of rows of a kind, in the transaction that writes them."""
    of = trigger.removesuffix("_is_noted").rpartition("_")[0]
    look = f"SELECT count(*) FROM nowrongdoor_auditevent WHERE verb = 'rows.noted' AND details ->> 'of' = '{of}'"
    return Maker(trigger, act, look, seen_by="system", **more)


_CLOSES = (
    "UPDATE nowrongdoor_case SET closed_at = now(), closed_by_id = %(hsi_p)s, "
    f"closed_because = {SEALED} WHERE id = %(accepted)s"
)
_OPENS = copy("case", "case", reference="'ZZZZ-ZZZZ-ZZZZ'")
_JOINS = copy("user", "hotline_p", name="'newcomer'")
_AGAIN = "UPDATE nowrongdoor_participant SET to_at = NULL WHERE case_id = %(said_no_to)s"
_OFF = "UPDATE nowrongdoor_user SET is_active = false WHERE id = %(hotline_2)s"
_KEY = "INSERT INTO mfa_authenticator (user_id, type, data, created_at) VALUES (%(doj_2)s, 'webauthn', '{}', now())"
_CODES = "UPDATE mfa_authenticator SET data = '[]' WHERE user_id = %(doj_2)s"
_SEALED_FOR = "SELECT sealed_for FROM nowrongdoor_user WHERE id = %(doj_2)s"
MAKERS = (
    noted("user_written_is_noted", _JOINS),
    noted("user_changed_is_noted", _OFF),
    noted("password_written_is_noted", _JOINS),
    noted("password_changed_is_noted", "UPDATE nowrongdoor_user SET password = 'x' WHERE id = %(hotline_2)s"),
    noted(
        "invitation_written_is_noted",
        copy("invitation", "invitation", digest=ODD, by_id="%(admin_p)s", agency_id="%(doj)s"),
    ),
    noted(
        "invitation_changed_is_noted",
        "UPDATE nowrongdoor_invitation SET withdrawn_at = now() WHERE id = %(invitation)s",
    ),
    noted("factor_written_is_noted", _KEY, by="entry"),
    noted("factor_changed_is_noted", _CODES, by="entry"),
    noted("factor_gone_is_noted", "DELETE FROM mfa_authenticator WHERE user_id = %(doj_2)s", by="entry"),
    Maker(
        "a_factor_is_in_the_trail",
        _KEY,
        "SELECT count(*) FROM nowrongdoor_auditevent WHERE verb = 'factor.added'",
        by="entry",
        seen_by="system",
    ),
    noted(
        "setup_code_written_is_noted",
        copy("setup_code", "revoked_code", digest=ODD, person_id="%(doj_2)s", revoked_at="NULL"),
    ),
    noted(
        "setup_code_changed_is_noted",
        "UPDATE nowrongdoor_setup_code SET revoked_at = now() WHERE id = %(setup_code)s",
    ),
    Maker(
        "a_setup_code_is_in_the_trail",
        copy("setup_code", "revoked_code", digest=ODD, person_id="%(doj_2)s", revoked_at="NULL"),
        "SELECT count(*) FROM nowrongdoor_auditevent WHERE verb = 'setup_code.made'",
        seen_by="system",
    ),
    Maker(
        "a_setup_code_ends_with_a_role",
        "UPDATE nowrongdoor_user SET is_active = false WHERE id = %(coded)s",
        "SELECT count(*) FROM nowrongdoor_setup_code WHERE id = %(setup_code)s AND revoked_at IS NOT NULL",
        seen_by="system",
    ),
    noted("token_written_is_noted", copy("token", "token", digest=ODD)),
    noted("token_changed_is_noted", "UPDATE nowrongdoor_token SET revoked_at = now() WHERE id = %(token)s"),
    noted(
        "app_password_written_is_noted", copy("app_password", "app_password", digest=ODD, revoked_at="NULL"), by="hsi"
    ),
    noted(
        "app_password_changed_is_noted",
        "UPDATE nowrongdoor_app_password SET revoked_at = now() WHERE id = %(app_password)s",
        by="entry",
    ),
    noted("signal_written_is_noted", another_signal(key=ODD, taken_by_id="NULL")),
    noted(
        "facts_written_is_noted",
        Copy("case_facts", "case_id = %(case)s", {"id": "gen_random_uuid()", "by_id": "NULL", "version": "0"}),
    ),
    noted("note_written_is_noted", copy("note", "note"), by="hotline"),
    noted("case_written_is_noted", _OPENS),
    noted("case_changed_is_noted", _CLOSES, by="hsi", case="accepted"),
    noted("tenure_written_is_noted", _OPENS),
    noted("tenure_changed_is_noted", _CLOSES, by="hsi", case="accepted"),
    noted("handoff_written_is_noted", born("backstop", "doj", "NULL")),
    noted("handoff_changed_is_noted", end("offer", "accepted", "%(hsi_p)s", "''"), by="hsi"),
    noted("part_written_is_noted", taking_part("case", "doj")),
    noted("part_changed_is_noted", _AGAIN),
    noted("earlier_part_written_is_noted", _AGAIN),
    Maker(
        "what_somebody_may_do_is_in_the_trail",
        _OFF,
        "SELECT count(*) FROM nowrongdoor_auditevent WHERE verb = 'person.disabled'",
    ),
    Maker(
        "whoever_is_changed_is_not_sealed",
        _OFF,
        "SELECT count(*) FROM nowrongdoor_user WHERE id = %(hotline_2)s AND sealed_for > 0",
    ),
    Maker("whose_factors_are_others_is_not_sealed", _KEY, _SEALED_FOR, by="entry"),
    Maker("whose_factor_changes_is_not_sealed", _CODES, _SEALED_FOR, by="entry"),
    Maker(
        "a_factor_that_changes_is_in_the_trail",
        _CODES,
        "SELECT count(*) FROM nowrongdoor_auditevent WHERE verb = 'factor.changed'",
        by="entry",
        seen_by="system",
    ),
)

FIGURES = (
    Attack(
        "a second country",
        "an_installation_has_one_country",
        "INSERT INTO nowrongdoor_country (code, alone, chosen_at) VALUES ('ZZ', true, now())",
    ),
    Attack(
        "a country that is not alone",
        "the_country_is_the_only_one",
        "INSERT INTO nowrongdoor_country (code, alone, chosen_at) VALUES ('ZZ', false, now())",
    ),
    Attack(
        "cases that become those of another country",
        "privilege: UPDATE of country",
        "UPDATE nowrongdoor_country SET code = 'ZZ'",
        behind=("policy: change of country",),
    ),
    Attack(
        "an installation without a country",
        "privilege: DELETE of country",
        "DELETE FROM nowrongdoor_country",
        behind=("policy: remove of country",),
    ),
    Attack(
        "a table in force that was not proved",
        "only_a_proved_table_is_in_force",
        copy("mandate_table", "table", digest="repeat('0', 64)"),
        behind=("one_table_in_force",),
    ),
    Attack(
        "a table in force on facts that it was not proved on",
        "a_table_in_force_is_proved_on_its_facts",
        copy(
            "mandate_table",
            "table",
            digest="repeat('0', 64)",
            proved_digest="repeat('0', 64)",
            proof="jsonb_build_object('facts_digest', repeat('1', 64))",
        ),
        behind=("one_table_in_force",),
    ),
    Attack(
        "a table in force that keeps no facts, or others than it was proved on",
        "a_table_in_force_keeps_the_facts_it_was_proved_on",
        copy(
            "mandate_table",
            "table",
            digest="repeat('0', 64)",
            proved_digest="repeat('0', 64)",
            facts="'{}'::jsonb",
        ),
        behind=("one_table_in_force",),
    ),
    Attack(
        "two tables in force",
        "one_table_in_force",
        copy("mandate_table", "table", digest="repeat('0', 64)", proved_digest="repeat('0', 64)"),
    ),
    Attack(
        "a run that ends in two ways",
        "a_prevalence_run_ends_in_one_way",
        "UPDATE nowrongdoor_prevalence_run SET failed = 'x' WHERE id = %(run)s",
    ),
    Attack(
        "a run of one list",
        "a_prevalence_run_has_two_lists_and_people",
        copy("prevalence_run", "run", lists="'{one}'"),
    ),
    Attack("a run of no table", "a_prevalence_table_has_a_digest", copy("prevalence_run", "run", digest="'x'")),
    Attack(
        "a run asked for in another agency's name",
        "a_prevalence_run_is_asked_by_its_agency",
        copy("prevalence_run", "run", agency_id="%(hsi)s"),
    ),
    Attack(
        "a run against the advice of another agency's",
        "a_prevalence_run_overrides_its_agency_s",
        copy("prevalence_run", "run", agency_id="%(hsi)s", by_id="%(hsi_p)s", overrides_id="%(run)s"),
    ),
    Attack(
        "a run answered twice",
        "a_prevalence_run_is_kept",
        "UPDATE nowrongdoor_prevalence_run SET failed = 'another reason' WHERE id = %(failed)s",
    ),
)
