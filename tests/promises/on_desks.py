"""Attacks on the log of subpoenas and warrants, and on the log of breaches."""

# ruff: noqa: S608  these statements are ours, and attacks are what they are for
from __future__ import annotations

from tests.promises.attacking import SEALED, Attack, Hidden, copy

_ANOTHER = "repeat('b', 64)"


def _closed(table: str, which: str, by: str, more: str = "") -> str:
    return f"UPDATE nowrongdoor_{table} SET closed_at = now(), closed_by_id = %({by})s{more} WHERE id = %({which})s"


_ENDED = ", outcome = 'nothing'"
DEMANDS = (
    Attack(
        "a demand of an unknown kind",
        "a_demand_is_of_a_known_kind",
        copy("demand", "demand", kind="'letter'"),
        by="hotline",
    ),
    Attack(
        "a demand that asks for nothing",
        "a_demand_says_who_asks_for_what",
        copy("demand", "demand", asks="''"),
        by="hotline",
    ),
    Attack(
        "a notice withheld without an order",
        "a_notice_is_given_or_an_order_forbids_it",
        copy("demand", "demand", forbidden_by="''"),
        by="hotline",
    ),
    Attack(
        "a demand closed without saying how",
        "a_demand_is_closed_by_somebody_somehow",
        _closed("demand", "fresh_demand", "hotline_p"),
        by="hotline",
    ),
    Attack(
        "a demand closed in a colleague's name",
        "a_demand_is_closed_in_ones_own_name",
        _closed("demand", "fresh_demand", "hotline_3_p", _ENDED),
        by="hotline",
    ),
    Attack(
        "a demand received after it was entered",
        "a_demand_is_received_before_it_is_entered",
        copy("demand", "demand", received_at="at + interval '1 hour'"),
        by="hotline",
    ),
    Attack(
        "a demand closed before it was entered",
        "a_demand_is_closed_after_it_is_entered",
        "UPDATE nowrongdoor_demand SET closed_at = at - interval '1 hour', closed_by_id = %(hotline_p)s"
        f"{_ENDED} WHERE id = %(fresh_demand)s",
        by="hotline",
    ),
    Attack(
        "a demand closed as if nothing had left for it",
        "a_demand_ends_as_its_records_say",
        _closed("demand", "demand", "hotline_p", _ENDED),
        by="hotline",
    ),
    Attack(
        "a demand closed as complied with, of which no record left",
        "a_demand_ends_as_its_records_say",
        _closed("demand", "fresh_demand", "hotline_p", ", outcome = 'complied'"),
        by="hotline",
    ),
    Attack(
        "a demand changed after it was closed",
        "a_closed_demand_stays_closed",
        "UPDATE nowrongdoor_demand SET counsel_at = now() WHERE id = %(closed_demand)s",
        by="hotline",
    ),
    Attack(
        "a notice to the person taken back",
        "a_notice_to_the_person_is_not_taken_back",
        "UPDATE nowrongdoor_demand SET notice = '', notice_at = NULL, forbidden_by = '' WHERE id = %(demand)s",
        by="hotline",
    ),
    Attack(
        "a notice on which a record left called withheld afterward",
        "a_notice_before_a_record_left_stays_given",
        f"UPDATE nowrongdoor_demand SET notice = 'withheld', forbidden_by = {SEALED} WHERE id = %(demand)s",
        by="hotline",
        first="UPDATE nowrongdoor_demand SET notice = 'given', forbidden_by = '' WHERE id = %(demand)s",
    ),
    Attack(
        "what is demanded written anew",
        "privilege: UPDATE of demand",
        f"UPDATE nowrongdoor_demand SET asks = {SEALED} WHERE id = %(demand)s",
        by="hotline",
    ),
    Attack("a demand logged in a colleague's name", "policy: add of demand", copy("demand", "demand"), by="hotline_3"),
    Attack(
        "another agency's demand changed",
        "policy: change of demand",
        "UPDATE nowrongdoor_demand SET counsel_at = now()",
        by="hsi",
        behind=("a_closed_demand_stays_closed",),
    ),
    Attack(
        "the key of a demand destroyed",
        "a_key_is_kept",
        "DELETE FROM nowrongdoor_datakey WHERE subject_id = %(demand)s",
    ),
    Attack(
        "a record that left before notice was settled",
        "a_record_leaves_once_notice_is_settled",
        copy("demand_record", "left", demand_id="%(fresh_demand)s"),
        by="hotline",
    ),
    Attack(
        "a record that left before the hour at which notice was settled",
        "a_record_leaves_once_notice_is_settled",
        copy("demand_record", "left", digest=_ANOTHER, at="at - interval '1 hour'"),
        by="hotline",
    ),
    Attack(
        "a record that left without a name",
        "a_record_that_left_has_a_name",
        copy("demand_record", "left", name="''", digest=_ANOTHER),
        by="hotline",
    ),
    Attack(
        "a record that left without its digest",
        "a_record_that_left_has_its_digest",
        copy("demand_record", "left", digest="'Zuzana'"),
        by="hotline",
    ),
    Attack(
        "a record that left twice for one demand",
        "a_record_leaves_once_for_a_demand",
        copy("demand_record", "left"),
        by="hotline",
    ),
    Attack(
        "a record that left in a colleague's name",
        "policy: add of demand_record",
        copy("demand_record", "left", digest=_ANOTHER),
        by="hotline_3",
    ),
)
BREACHES = (
    Attack(
        "a breach that neither happened nor will",
        "a_breach_is_imminent_or_actual",
        copy("breach", "breach", kind="'rumor'"),
        by="hotline",
    ),
    Attack(
        "a breach about nothing",
        "a_breach_says_what_it_is_about",
        copy("breach", "breach", what="'{}'::varchar[]"),
        by="hotline",
    ),
    Attack(
        "a breach that names somebody",
        "a_breach_says_what_it_is_about",
        copy("breach", "breach", what="'{Zuzana}'::varchar[]"),
        by="hotline",
    ),
    Attack(
        "a breach noticed after it was entered",
        "a_breach_is_noticed_before_it_is_entered",
        copy("breach", "breach", noticed_at="at + interval '1 hour'"),
        by="hotline",
    ),
    Attack(
        "a breach closed by nobody",
        "a_breach_is_closed_by_somebody",
        "UPDATE nowrongdoor_breach SET closed_at = now() WHERE id = %(told_breach)s",
        by="hotline",
    ),
    Attack(
        "a breach closed in a colleague's name",
        "a_breach_is_closed_in_ones_own_name",
        _closed("breach", "told_breach", "hotline_3_p"),
        by="hotline",
    ),
    Attack(
        "a breach closed before anybody confirmed its notice",
        "a_breach_closes_with_its_confirmation",
        _closed("breach", "breach", "hotline_p"),
        by="hotline",
    ),
    Attack(
        "a breach closed before it was entered",
        "a_breach_is_closed_after_it_is_entered",
        "UPDATE nowrongdoor_breach SET closed_at = at - interval '1 hour', closed_by_id = %(hotline_p)s "
        "WHERE id = %(told_breach)s",
        by="hotline",
    ),
    Attack(
        "a notice added to a breach after it was closed",
        "a_closed_breach_keeps_its_notices",
        copy("breach_notice", "breach_notice", breach_id="%(closed_breach)s", confirmation="'OJP-2026-118'"),
        by="hotline",
    ),
    Attack(
        "a breach changed after it was closed",
        "a_closed_breach_stays_closed",
        "UPDATE nowrongdoor_breach SET people = 9 WHERE id = %(closed_breach)s",
        by="hotline",
    ),
    Attack(
        "the clock of a breach set back",
        "privilege: UPDATE of breach",
        "UPDATE nowrongdoor_breach SET noticed_at = noticed_at - interval '1 hour' WHERE id = %(breach)s",
        by="hotline",
    ),
    Attack("a breach logged in a colleague's name", "policy: add of breach", copy("breach", "breach"), by="hotline_3"),
    Attack(
        "another agency's breach changed",
        "policy: change of breach",
        "UPDATE nowrongdoor_breach SET people = 9",
        by="hsi",
        behind=("a_closed_breach_stays_closed",),
    ),
    Attack(
        "a breach told to somebody unknown",
        "a_breach_is_told_to_a_known_recipient",
        copy("breach_notice", "breach_notice", recipient="'Zuzana'"),
        by="hotline",
    ),
    Attack(
        "a name in place of a confirmation number",
        "a_confirmation_is_a_number",
        copy("breach_notice", "breach_notice", confirmation="'ZUZANA NOVAK'"),
        by="hotline",
    ),
    Attack(
        "a breach told after that was entered",
        "a_breach_is_told_before_that_is_entered",
        copy("breach_notice", "breach_notice", told_at="at + interval '1 hour'"),
        by="hotline",
    ),
    Attack(
        "a notice of a breach entered twice",
        "a_notice_of_a_breach_is_entered_once",
        copy("breach_notice", "breach_notice"),
        by="hotline",
    ),
    Attack(
        "a notice of a breach in a colleague's name",
        "policy: add of breach_notice",
        copy("breach_notice", "breach_notice", confirmation="'OJP-2026-118'"),
        by="hotline_3",
    ),
)
DESKS = (*DEMANDS, *BREACHES)
HIDDEN = (
    *(Hidden("demand", "id = %(demand)s", by) for by in ("hsi", "advocate", "investigator")),
    Hidden("demand_record", "id = %(left)s", "advocate"),
    *(Hidden("breach", "id = %(breach)s", by) for by in ("hsi", "advocate")),
    Hidden("breach_notice", "id = %(breach_notice)s", "advocate"),
)
