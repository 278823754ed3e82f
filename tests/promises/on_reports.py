"""Attacks on the protocol library, and on reports to law enforcement."""

# ruff: noqa: S608  these statements are ours, and attacks are what they are for
from __future__ import annotations

from tests.promises.attacking import SEALED, Attack, Hidden, Maker, copy

_UNCONFIRMED = {
    "confirmed_at": "NULL",
    "confirmed_by_id": "NULL",
    "confirmation": "''",
    "confirmed_name": "''",
}
_REVIEWED = "reviewed_at = now(), reviewed_by_id = %({by})s, reviewed_version = {version}"


_RETURNED = "UPDATE nowrongdoor_report SET returned_at = now(), returned_by_id = %({by})s WHERE id = %({which})s"


def _review(which: str, by: str, version: str = "version") -> str:
    done = _REVIEWED.format(by=by, version=version)
    return f"UPDATE nowrongdoor_report SET {done} WHERE id = %({which})s"


LIBRARY = (
    Attack(
        "a recipient of a kind that is no code",
        "a_recipient_is_of_a_kind_by_code",
        copy("protocol", "unproved", kind="'The Sheriff'"),
        by="hotline",
    ),
    Attack(
        "a recipient of no place",
        "a_recipient_has_its_place",
        copy("protocol", "unproved", state="''"),
        by="hotline",
    ),
    Attack(
        "a recipient that nobody can reach",
        "a_recipient_has_a_contact",
        copy("protocol", "unproved", contact="''", choice="5"),
        by="hotline",
    ),
    Attack(
        "a recipient asked tenth",
        "a_recipient_is_asked_in_order",
        copy("protocol", "unproved", choice="10"),
        by="hotline",
    ),
    Attack(
        "a recipient of which it is hidden whether it cooperates",
        "whether_a_recipient_cooperates_is_yes_no_or_unknown",
        copy("protocol", "unproved", immigration="'maybe'", choice="5"),
        by="hotline",
    ),
    Attack(
        "two recipients for one choice",
        "a_choice_is_of_one_recipient",
        copy("protocol", "unproved"),
        by="hotline",
    ),
    Attack(
        "a recipient proved for good",
        "a_recipient_is_proved_by_somebody_for_a_time",
        "UPDATE nowrongdoor_protocol SET proved_at = now(), proved_by_id = %(hotline_p)s, "
        "prove_again_at = now() + interval '10 years' WHERE id = %(unproved)s",
        by="hotline",
    ),
    Attack(
        "a recipient proved in a colleague's name",
        "a_recipient_is_proved_in_ones_own_name",
        "UPDATE nowrongdoor_protocol SET proved_at = now(), proved_by_id = %(hotline_3_p)s, "
        "prove_again_at = now() + interval '1 day' WHERE id = %(unproved)s",
        by="hotline",
    ),
    Attack(
        "a recipient changed that stays proved",
        "a_changed_recipient_is_proved_anew",
        f"UPDATE nowrongdoor_protocol SET contact = {SEALED} WHERE id = %(police)s",
        by="hotline",
    ),
    Attack(
        "a recipient retired by nobody",
        "a_recipient_is_retired_by_somebody",
        "UPDATE nowrongdoor_protocol SET retired_at = now() WHERE id = %(unproved)s",
        by="hotline",
    ),
    Attack(
        "a recipient retired in a colleague's name",
        "a_recipient_is_retired_in_ones_own_name",
        "UPDATE nowrongdoor_protocol SET retired_at = now(), retired_by_id = %(hotline_3_p)s WHERE id = %(unproved)s",
        by="hotline",
    ),
    Attack(
        "a retired recipient put in use again",
        "a_retired_recipient_stays_as_it_was",
        "UPDATE nowrongdoor_protocol SET retired_at = NULL, retired_by_id = NULL WHERE id = %(retired)s",
        by="hotline",
    ),
    Attack(
        "a recipient added in a colleague's name",
        "policy: add of protocol",
        copy("protocol", "unproved", choice="5"),
        by="hotline_3",
    ),
    Attack(
        "an advocate's recipient in a library that coordinators keep",
        "policy: add of protocol",
        copy("protocol", "unproved", choice="5", by_id="%(advocate_p)s"),
        by="advocate",
    ),
    Attack(
        "another agency's recipient changed",
        "policy: change of protocol",
        "UPDATE nowrongdoor_protocol SET choice = 8",
        by="fbi",
        behind=("a_retired_recipient_stays_as_it_was",),
    ),
)
WRITTEN = (
    Attack(
        "a report about a case and a signal at once",
        "a_report_is_about_a_case_or_a_signal",
        copy("report", "report", signal_id="%(taken)s"),
        by="advocate",
    ),
    Attack(
        "a report that says nothing",
        "a_report_says_something",
        copy("report", "report", words="''"),
        by="advocate",
    ),
    Attack(
        "a report written before there was a contact",
        "a_report_is_written_after_the_contact",
        copy("report", "report", since="at + interval '1 hour'"),
        by="advocate",
    ),
    Attack(
        "a report in danger that says of nothing why, and is never reviewed",
        "a_report_in_danger_says_why_and_is_reviewed_within_a_day",
        copy("report", "report", in_danger="true"),
        by="advocate",
    ),
    Attack(
        "a report in danger that is reviewed next year",
        "a_report_in_danger_says_why_and_is_reviewed_within_a_day",
        copy("report", "danger_report", review_due_at="words_at + interval '1 year'"),
        by="advocate",
    ),
    Attack(
        "a report reviewed by nobody",
        "a_report_is_reviewed_by_somebody",
        "UPDATE nowrongdoor_report SET reviewed_at = now() WHERE id = %(report)s",
        by="hotline",
        behind=("a_report_is_reviewed_by_a_supervisor",),
    ),
    Attack(
        "a review of words that somebody may write later",
        "a_report_is_reviewed_as_it_reads",
        _review("report", "hotline_p", "version + 1"),
        by="hotline",
    ),
    Attack(
        "a coordinator's review of their own report",
        "nobody_reviews_their_own_report",
        _review("own_report", "hotline_p"),
        by="hotline",
    ),
    Attack(
        "an advocate's review",
        "a_report_is_reviewed_by_a_supervisor",
        _review("own_report", "advocate_p"),
        by="advocate",
    ),
    Attack(
        "a review in a coordinator's name",
        "a_report_is_reviewed_by_a_supervisor",
        _review("report", "hotline_p"),
        by="advocate",
    ),
    Attack(
        "a review taken back while the words stay",
        "a_review_stays_while_its_words_do",
        "UPDATE nowrongdoor_report SET reviewed_at = NULL, reviewed_by_id = NULL, reviewed_version = NULL "
        "WHERE id = %(reviewed_report)s",
        by="hotline",
    ),
    Attack(
        "a report returned, and approved as it was",
        "a_report_that_was_returned_waits_for_other_words",
        _review("returned_report", "hotline_p"),
        by="hotline",
    ),
    Attack(
        "a report returned by whoever wrote it",
        "a_report_is_returned_by_a_supervisor",
        _RETURNED.format(by="hotline_p", which="own_report"),
        by="hotline",
    ),
    Attack(
        "a report returned by an advocate",
        "a_report_is_returned_by_a_supervisor",
        _RETURNED.format(by="advocate_p", which="own_report"),
        by="advocate",
    ),
    Attack(
        "a report that was returned, waiting for a review again as it is",
        "what_was_returned_is_written_anew",
        "UPDATE nowrongdoor_report SET returned_at = NULL, returned_by_id = NULL WHERE id = %(returned_report)s",
        by="advocate",
    ),
    Attack(
        "what a reviewer said, said otherwise by the writer",
        "what_a_reviewer_said_is_said_by_a_reviewer",
        f"UPDATE nowrongdoor_report SET comment = {SEALED} WHERE id = %(returned_report)s",
        by="advocate",
    ),
    Attack(
        "a report born in its second version",
        "a_report_begins_unreviewed_in_its_writers_words",
        copy("report", "report", version="2"),
        by="advocate",
    ),
    Attack(
        "a report in words that a colleague is to have written",
        "a_report_begins_unreviewed_in_its_writers_words",
        copy("report", "report", words_by_id="%(hotline_p)s"),
        by="advocate",
    ),
    Attack(
        "a report for another agency's recipient",
        "a_report_is_for_a_recipient_of_the_library",
        copy("report", "report", protocol_id="%(their_police)s"),
        by="advocate",
    ),
    Attack(
        "words that change under a review",
        "changed_words_are_a_new_version",
        f"UPDATE nowrongdoor_report SET words = {SEALED} WHERE id = %(reviewed_report)s",
        by="advocate",
    ),
    Attack(
        "a colleague's words changed without a name",
        "whoever_changes_the_words_signs",
        f"UPDATE nowrongdoor_report SET words = {SEALED}, version = version + 1 WHERE id = %(report)s",
        by="hotline",
    ),
    Attack(
        "words given to somebody else, so that their writer may review them",
        "who_wrote_the_words_stays_with_them",
        "UPDATE nowrongdoor_report SET words_by_id = %(advocate_p)s WHERE id = %(own_report)s",
        by="hotline",
    ),
    Attack(
        "what was sent changed afterward",
        "what_was_sent_is_not_changed",
        f"UPDATE nowrongdoor_report SET words = {SEALED}, version = version + 1, words_at = now(), "
        "reviewed_at = NULL, reviewed_by_id = NULL, reviewed_version = NULL WHERE id = %(sent_report)s",
        by="advocate",
    ),
    Attack(
        "a report made another recipient's after it left",
        "what_was_sent_is_not_changed",
        "UPDATE nowrongdoor_report SET protocol_id = %(unproved)s, version = version + 1, reviewed_at = NULL, "
        "reviewed_by_id = NULL, reviewed_version = NULL WHERE id = %(sent_report)s",
        by="advocate",
    ),
    Attack(
        "the first writer of a report changed",
        "privilege: UPDATE of report",
        "UPDATE nowrongdoor_report SET by_id = %(hotline_p)s WHERE id = %(report)s",
        by="hotline",
    ),
    Attack("a report in a colleague's name", "policy: add of report", copy("report", "report"), by="hotline"),
    Attack(
        "another agency's report changed",
        "policy: change of report",
        f"UPDATE nowrongdoor_report SET comment = {SEALED}",
        by="fbi",
        behind=("what_a_reviewer_said_is_said_by_a_reviewer",),
    ),
)
LEFT = (
    Attack(
        "a report that left before anybody reviewed it",
        "a_report_leaves_once_it_was_reviewed",
        copy("report_sending", "danger_sending", report_id="%(report)s"),
        by="advocate",
    ),
    Attack(
        "a report that left an hour before its review",
        "a_report_leaves_once_it_was_reviewed",
        copy("report_sending", "danger_sending", report_id="%(reviewed_report)s", number="2", at="%(an_hour_ago)s"),
        by="advocate",
        behind=("a_sending_says_whether_its_recipient_was_proved",),
    ),
    Attack(
        "a report sent to somebody who is proved by its word alone",
        "a_sending_says_whether_its_recipient_was_proved",
        copy("report_sending", "danger_sending", number="9", protocol_id="%(unproved)s"),
        by="advocate",
    ),
    Attack(
        "a report sent to somebody for whom nobody reviewed it",
        "a_report_leaves_to_whom_it_was_reviewed_for",
        copy("report_sending", "sending", **_UNCONFIRMED, number="9", protocol_id="%(helpers)s", was_proved="false"),
        by="advocate",
    ),
    Attack(
        "a report sent to another county's, for whom nobody reviewed it",
        "a_report_leaves_to_whom_it_was_reviewed_for",
        copy("report_sending", "sending", **_UNCONFIRMED, number="9", protocol_id="%(unproved)s", was_proved="false"),
        by="advocate",
    ),
    Attack(
        "another recipient under a review",
        "changed_words_are_a_new_version",
        "UPDATE nowrongdoor_report SET protocol_id = %(helpers)s WHERE id = %(reviewed_report)s",
        by="advocate",
    ),
    Attack(
        "a report sent to another agency's recipient",
        "a_report_leaves_to_a_recipient_of_the_library",
        copy("report_sending", "danger_sending", number="9", protocol_id="%(their_police)s", was_proved="false"),
        by="advocate",
    ),
    Attack(
        "a report that left in a way that nobody knows",
        "a_report_leaves_in_a_known_way",
        copy("report_sending", "danger_sending", number="9", how="'pigeon'"),
        by="advocate",
    ),
    Attack(
        "a report that left to nobody",
        "a_sending_names_its_recipient",
        copy("report_sending", "danger_sending", number="9", recipient="''"),
        by="advocate",
    ),
    Attack(
        "a report that left twice at once",
        "a_sending_has_its_number",
        copy("report_sending", "danger_sending"),
        by="advocate",
    ),
    Attack(
        "a report confirmed without a number and without a name",
        "a_report_is_confirmed_by_number_or_name",
        "UPDATE nowrongdoor_report_sending SET confirmed_at = now(), confirmed_by_id = %(advocate_p)s "
        "WHERE id = %(danger_sending)s",
        by="advocate",
    ),
    Attack(
        "a report confirmed in a colleague's name",
        "a_sending_is_confirmed_in_ones_own_name",
        f"UPDATE nowrongdoor_report_sending SET confirmed_at = now(), confirmed_by_id = %(hotline_p)s, "
        f"confirmation = {SEALED} WHERE id = %(danger_sending)s",
        by="advocate",
    ),
    Attack(
        "a confirmation written anew",
        "a_confirmation_of_a_report_stays",
        f"UPDATE nowrongdoor_report_sending SET confirmation = {SEALED} WHERE id = %(sending)s",
        by="advocate",
    ),
    Attack(
        "whom it left to written anew",
        "privilege: UPDATE of report_sending",
        f"UPDATE nowrongdoor_report_sending SET recipient = {SEALED} WHERE id = %(danger_sending)s",
        by="advocate",
    ),
    Attack(
        "a sending in a colleague's name",
        "policy: add of report_sending",
        copy("report_sending", "danger_sending", number="9"),
        by="hotline",
    ),
    Attack(
        "another agency's confirmation",
        "policy: change of report_sending",
        f"UPDATE nowrongdoor_report_sending SET confirmation = {SEALED}",
        by="fbi",
        behind=("a_report_is_confirmed_by_number_or_name", "a_confirmation_of_a_report_stays"),
    ),
    Attack(
        "an outcome of a report that hasn't left",
        "an_outcome_is_of_a_report_that_left",
        copy("report_outcome", "outcome", report_id="%(report)s"),
        by="advocate",
    ),
    Attack(
        "an outcome shown on another case",
        "an_outcome_is_of_a_report_that_left",
        copy("report_outcome", "outcome", case_id="%(accepted)s"),
        by="advocate",
    ),
    Attack(
        "an outcome that nobody knows",
        "a_report_came_to_something_known",
        copy("report_outcome", "outcome", result="'Zuzana'"),
        by="advocate",
    ),
    Attack(
        "an outcome that names somebody",
        "an_outcome_names_the_kind_of_recipient",
        copy("report_outcome", "outcome", kind="'Zuzana'"),
        by="advocate",
        behind=("an_outcome_is_of_a_report_that_left",),
    ),
    Attack(
        "an outcome in a colleague's name",
        "policy: add of report_outcome",
        copy("report_outcome", "outcome"),
        by="hotline",
    ),
)
REPORTS = (*LIBRARY, *WRITTEN, *LEFT)
HIDDEN = (
    *(Hidden("protocol", "id = %(police)s", by) for by in ("hsi", "investigator")),
    *(Hidden("report", "id = %(report)s", by) for by in ("hsi", "investigator", "hotline_2")),
    *(Hidden("report_sending", "id = %(sending)s", by) for by in ("hsi", "investigator")),
    Hidden("report_outcome", "id = %(outcome)s", "stranger", case=""),
)
MAKERS = (
    Maker(
        "what_came_of_it_goes_with_the_signal",
        "INSERT INTO nowrongdoor_case_signal (signal_id, case_id, reference, door, receiver_id, received_at) "
        "SELECT id, %(case)s, reference, door, receiver_id, received_at FROM nowrongdoor_signal "
        "WHERE id = %(unrouted)s",
        "SELECT count(*) FROM nowrongdoor_report_outcome WHERE id = %(early_outcome)s AND case_id = %(case)s",
    ),
)
