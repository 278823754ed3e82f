"""Attacks on drafts of signals, and on what was said of who told us and of how to reach them."""

# ruff: noqa: S608  these statements are ours, and attacks are what they are for
from __future__ import annotations

from collections.abc import Mapping

from tests.promises.attacking import SEALED, Attack, Copy, Hidden, Maker, copy

_DRAFT = (
    "INSERT INTO nowrongdoor_draft (id, agency_id, by_id, words, version, begun_at, saved_at, ends_at) VALUES "
    f"(gen_random_uuid(), %(hotline)s, %(hotline_p)s, {SEALED}, 1, now(), now(), now() + interval '1 hour')"
)


def _telling(otherwise: Mapping[str, str]) -> Copy:
    """What was said of whoever made another contact of the same agency."""
    return Copy("telling", "signal_id = %(signal)s", {"signal_id": "%(other_signal)s", **otherwise})


DRAFTS = (
    Attack("a draft of nothing", "a_draft_holds_words", copy("draft", "draft", words="''"), by="hotline"),
    Attack(
        "a draft that is kept for longer than a week",
        "a_draft_ends_within_a_week",
        copy("draft", "draft", ends_at="saved_at + interval '8 days'"),
        by="hotline",
    ),
    Attack("a draft in a colleague's name", "policy: add of draft", _DRAFT, by="hotline_3"),
    Attack("a draft made by the system", "policy: add of draft", _DRAFT),
    Attack(
        "a colleague's draft changed",
        "policy: change of draft",
        "UPDATE nowrongdoor_draft SET version = 9",
        by="hotline_3",
    ),
    Attack(
        "a colleague's draft erased",
        "policy: remove of draft",
        "DELETE FROM nowrongdoor_draft",
        by="hotline_3",
    ),
    Attack(
        "a draft given to a colleague",
        "privilege: UPDATE of draft",
        "UPDATE nowrongdoor_draft SET by_id = %(hotline_3)s",
        by="hotline",
        behind=("policy: becomes of draft",),
    ),
    Attack(
        "the key of a draft destroyed, and its draft left",
        "a_key_is_kept",
        "DELETE FROM nowrongdoor_datakey WHERE subject_id = %(draft)s",
    ),
    Attack(
        "a way back without an end",
        "a_way_back_has_its_end",
        _telling({"way_back_until": "NULL"}),
    ),
    Attack(
        "a way back that is kept for longer than 90 days",
        "a_way_back_ends_within_90_days",
        _telling({"way_back_until": "at + interval '91 days'"}),
    ),
    Attack(
        "a way back of another agency's signal",
        "a_telling_is_of_ones_own_signal",
        _telling({"receiver_id": "%(hsi)s"}),
    ),
    Attack(
        "a way back that is written anew",
        "a_way_back_is_only_dropped",
        f"UPDATE nowrongdoor_telling SET way_back = {SEALED} WHERE signal_id = %(signal)s",
    ),
    Attack(
        "a way back that is kept for longer than they said",
        "a_way_back_is_only_dropped",
        "UPDATE nowrongdoor_telling SET way_back_until = at + interval '8 days' WHERE signal_id = %(signal)s",
    ),
    Attack(
        "a way back written by an agency that did not take the signal",
        "policy: add of telling",
        "INSERT INTO nowrongdoor_telling (signal_id, receiver_id, answers, way_back, at) VALUES "
        "(%(other_signal)s, %(hotline)s, '', '', now())",
        by="hsi",
    ),
    Attack(
        "a way back erased by an agency that did not take the signal",
        "policy: change of telling",
        "UPDATE nowrongdoor_telling SET way_back = '', way_back_until = NULL",
        by="hsi",
    ),
    Attack(
        "the same correction of a signal twice",
        "a_correction_of_a_signal_has_its_number",
        copy("signal_correction", "mended"),
        by="hotline",
    ),
    Attack(
        "a correction of a signal without a reason",
        "a_correction_of_a_signal_says_why",
        copy("signal_correction", "mended", number="99", because="''"),
        by="hotline",
    ),
    Attack(
        "a signal entered in error that goes on saying something",
        "a_signal_entered_in_error_says_nothing",
        copy("signal_correction", "mended", number="99", is_error="true"),
        by="hotline",
    ),
    Attack(
        "a signal corrected by a colleague of whoever took it",
        "a_signal_is_corrected_by_who_took_it",
        copy("signal_correction", "mended", number="99", by_id="%(hotline_3)s"),
        by="hotline_3",
    ),
    Attack(
        "a signal corrected in the name of whoever took it",
        "policy: add of signal_correction",
        copy("signal_correction", "mended", number="99"),
        by="hotline_3",
    ),
    Attack(
        "another agency's signal corrected",
        "a_correction_is_of_ones_own_signal",
        copy("signal_correction", "mended", number="99", agency_id="%(hsi)s", by_id="%(hsi_p)s"),
        by="owner",
        behind=("a_signal_is_corrected_by_who_took_it",),
    ),
    Attack(
        "a call returned that came to nothing that is known",
        "a_returned_call_came_to_something",
        copy("returned_call", "call", result="'shouted'"),
        by="hotline",
    ),
    Attack(
        "a call returned in a colleague's name",
        "policy: add of returned_call",
        copy("returned_call", "call"),
        by="hotline_3",
    ),
    Attack(
        "a call returned by an agency that did not take the signal",
        "a_call_is_returned_by_who_took_it_in",
        "INSERT INTO nowrongdoor_returned_call (id, signal_id, agency_id, result, by_id, at) VALUES "
        "(gen_random_uuid(), %(taken)s, %(hsi)s, 'nobody', %(hsi_p)s, now())",
        by="hsi",
    ),
)
HIDDEN = (
    Hidden("draft", "id = %(draft)s", "hotline_3"),
    Hidden("draft", "id = %(draft)s", "system"),
    Hidden("telling", "signal_id = %(signal)s", "hsi"),
    Hidden("signal_correction", "id = %(mended)s", "hsi"),
    Hidden("returned_call", "id = %(call)s", "hsi"),
)
MAKERS = (
    Maker(
        "the_key_of_a_draft_goes_with_it",
        "DELETE FROM nowrongdoor_draft WHERE id = %(over)s",
        "SELECT -count(*) FROM nowrongdoor_datakey WHERE subject_id = %(over)s",
    ),
)
