"""Attacks on the files of contacts: who adds them, who says that one is clean, who opens one, and who isolates it."""

# ruff: noqa: S608  these statements are ours, and attacks are what they are for
from __future__ import annotations

from tests.promises.attacking import SEALED, Attack, Copy, Hidden, copy, row

_DIGEST = "decode(repeat('01', 93), 'hex')"  # as long as the sealed digest of anything


def _content(**otherwise: str) -> Copy:
    """The content of a file that no scanner looked at, for another file that has none yet."""
    return Copy(
        "signal_file_content",
        "file_id = %(unscanned)s AND form = 'copy'",
        {"id": "gen_random_uuid()", "file_id": "%(bare_file)s", **otherwise},
    )


def _file(**otherwise: str) -> Copy:
    """A file more of the same contact, that somebody of its agency adds."""
    return copy("signal_file", "unscanned", **{"number": "7", "by_id": "%(hotline_p)s", **otherwise})


def _isolate(by: str, agency: str) -> str:
    return (
        "UPDATE nowrongdoor_signal_file SET isolated_at = now(), "
        f"isolated_by_id = %({by})s, isolated_for_id = %({agency})s"
    )


FILES = (
    Attack("two files with one number", "a_file_of_a_signal_has_its_number", _file(number="number"), by="hotline"),
    Attack("an eleventh file", "a_signal_holds_at_most_10_files", _file(number="11"), by="hotline"),
    Attack(
        "a file that would run",
        "a_file_of_a_signal_is_of_a_kind_that_comes_in",
        _file(kind="'exe'"),
        by="hotline",
    ),
    Attack(
        "a file with neither a copy nor an original",
        "a_file_without_a_copy_says_why_and_has_its_original",
        _file(no_copy="'active'", keeps_original="false"),
        by="hotline",
    ),
    Attack(
        "a file for an agency that did not take the signal",
        "a_file_is_of_a_signal_of_its_receiver",
        _file(receiver_id="%(hsi)s"),
        by="owner",
    ),
    Attack(
        "a file that is clean before a scanner looked",
        "a_file_comes_in_unscanned",
        _file(scanned_at="now()", verdict="'clean'"),
        by="hotline",
    ),
    Attack(
        "a file scanned without a verdict",
        "a_file_is_scanned_with_a_verdict",
        f"UPDATE nowrongdoor_signal_file SET scanned_at = now() WHERE {row('unscanned')}",
    ),
    Attack(
        "a file called clean by somebody who wants to open it",
        "only_the_system_says_what_a_scanner_found",
        f"UPDATE nowrongdoor_signal_file SET scanned_at = now(), verdict = 'clean' WHERE {row('unscanned')}",
        by="hotline",
    ),
    Attack(
        "a harmful file called clean",
        "what_a_scanner_found_stays",
        f"UPDATE nowrongdoor_signal_file SET verdict = 'clean' WHERE {row('harmful')}",
    ),
    Attack(
        "a file isolated by nobody",
        "a_file_is_isolated_by_somebody",
        f"UPDATE nowrongdoor_signal_file SET isolated_at = now() WHERE {row('unscanned')}",
        by="hotline",
    ),
    Attack(
        "a file isolated in a colleague's name",
        "a_file_is_isolated_in_ones_own_name",
        f"{_isolate('hotline_3_p', 'hotline')} WHERE {row('unscanned')}",
        by="hotline",
    ),
    Attack(
        "a file isolated by the system",
        "a_file_is_isolated_in_ones_own_name",
        f"{_isolate('hotline_p', 'hotline')} WHERE {row('unscanned')}",
    ),
    *(
        Attack(
            f"an isolated file opened to everybody again by {by}",
            "an_isolated_file_stays_isolated",
            "UPDATE nowrongdoor_signal_file SET isolated_at = NULL, isolated_by_id = NULL, isolated_for_id = NULL "
            f"WHERE {row('isolated')}",
            by=by,
        )
        for by in ("hotline", "system", "owner")
    ),
    Attack(
        "a file added in a colleague's name",
        "policy: add of signal_file",
        _file(by_id="%(hotline_3_p)s"),
        by="hotline",
    ),
    Attack(
        "a file added by an agency that did not take the signal",
        "policy: add of signal_file",
        "INSERT INTO nowrongdoor_signal_file (id, signal_id, receiver_id, number, by_id, at, kind, size, "
        "keeps_original, no_copy, verdict) VALUES (gen_random_uuid(), %(signal)s, %(hotline)s, 7, %(hsi_p)s, now(), "
        "'txt', 1, false, '', '')",
        by="hsi",
    ),
    Attack(
        "a file isolated by a stranger",
        "policy: change of signal_file",
        _isolate("hsi_p", "hsi"),
        first="UPDATE nowrongdoor_signal_file SET isolated_at = NULL, isolated_by_id = NULL, isolated_for_id = NULL",
        by="hsi",
    ),
    Attack(
        "an original kept after its sender said no",
        "privilege: UPDATE of signal_file",
        f"UPDATE nowrongdoor_signal_file SET keeps_original = true WHERE {row('copied')}",
        by="hotline",
    ),
    Attack("a content without its digest", "a_content_has_its_digest", _content(digest="''")),
    Attack("a content larger than it says", "a_content_is_as_large_as_it_says", _content(size="size + 1")),
    Attack(
        "a content of nothing",
        "a_content_is_within_the_limit",
        _content(size="0", content="substr(content, 1, 29)"),
        behind=("signal_file_content_content_is_sealed",),
    ),
    Attack("a thumbnail", "a_content_is_an_original_or_a_copy", _content(form="'thumbnail'")),
    Attack("two copies of a file", "a_file_of_a_signal_has_one_of_each_form", _content(file_id="file_id")),
    Attack(
        "a content put under the verdict of another",
        "a_scanned_file_takes_no_more_content",
        _content(file_id="%(scanned_bare)s"),
    ),
    Attack(
        "an original that its sender did not want kept",
        "an_original_is_kept_only_as_its_sender_chose",
        _content(form="'original'", file_id="%(copied)s"),
    ),
    Attack(
        "a content added by an agency that did not take the signal",
        "policy: add of signal_file_content",
        "INSERT INTO nowrongdoor_signal_file_content (id, file_id, form, size, digest, content) VALUES "
        f"(gen_random_uuid(), %(bare_file)s, 'copy', 11, {_DIGEST}, {SEALED})",
        by="hsi",
    ),
)
HIDDEN = (
    Hidden("signal_file", row("unscanned"), by="hsi"),
    Hidden("signal_file_content", "file_id = %(unscanned)s AND form = 'copy'", by="hotline"),  # no scanner looked at it
    Hidden("signal_file_content", "file_id = %(unscanned)s AND form = 'copy'", by="investigator"),
    Hidden("signal_file_content", "file_id = %(harmful)s AND form = 'copy'", by="investigator"),
    Hidden("signal_file_content", "file_id = %(harmful)s AND form = 'copy'", by="system"),
    Hidden("signal_file_content", "file_id = %(isolated)s AND form = 'copy'", by="hotline"),
    Hidden(
        "signal_file_content", "file_id = %(isolated)s AND form = 'copy'", by="investigator"
    ),  # of no law enforcement
    Hidden("signal_file_content", "file_id = %(clean)s AND form = 'original'", by="hotline"),
    Hidden("signal_file_content", "file_id = %(clean)s AND form = 'copy'", by="system"),
    Hidden("signal_file_content", "file_id = %(clean)s AND form = 'copy'", by="hsi"),
)
