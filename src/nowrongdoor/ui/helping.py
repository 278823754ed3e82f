"""Help in context: the passages of the help page, and which of them belongs to each page.

The promise: each page that somebody works on links to the passage about it, from one place in the frame; a passage that
is linked is there (tests/ui/test_helping.py).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence

from nowrongdoor.core.language import gettext_lazy


@dataclasses.dataclass(frozen=True, slots=True)
class Passage:
    """A passage of the help page. `pages`: the names of the addresses that it is about; its words are in
    `public/help/<id>.html`."""

    id: str
    heading: str
    pages: tuple[str, ...]

    @property
    def template(self) -> str:
        """Name the template with its words."""
        return f"public/help/{self.id}.html"


PASSAGES: Sequence[Passage] = (
    Passage(
        "sign-in",
        gettext_lazy("Signing in, and staying signed in"),
        (
            "sign_in",
            "mfa_authenticate",
            "join",
            "mfa_index",
            "mfa_list_webauthn",
            "mfa_view_recovery_codes",
            "language",
        ),
    ),
    Passage(
        "signals",
        gettext_lazy("Entering a new signal"),
        ("new_signal", "signal", "draft", "listening", "my_contacts"),
    ),
    Passage(
        "senders", gettext_lazy("Messages from the public"), ("senders", "sender", "isolate_sent", "isolate_case_sent")
    ),
    Passage(
        "line",
        gettext_lazy("The line: calls, texts, chats, and email"),
        ("line", "line_contact", "line_call_back", "line_wrapup", "line_past"),
    ),
    Passage("worklist", gettext_lazy("Your worklist"), ("worklist", "several", "find")),
    Passage("keys", gettext_lazy("Keyboard shortcuts"), ()),
    Passage("offers", gettext_lazy("Accepting or declining a lead"), ("accept", "decline")),
    Passage(
        "after-yes", gettext_lazy("After your agency said yes"), ("pass_on", "close_case", "reopen_case", "together")
    ),
    Passage("between", gettext_lazy("Requests and messages between agencies"), ("between",)),
    Passage(
        "notifications",
        gettext_lazy("Notifications, email, and who is on call"),
        ("notifications", "preferences", "calendar", "on_call", "delivery"),
    ),
    Passage("deadlines", gettext_lazy("Deadlines and notifications"), ("meet", "acknowledge")),
    Passage(
        "case",
        gettext_lazy("A case"),
        ("case", "cases", "change_facts", "print_case", "look", "who", "correct_note", "withdraw_file", "person_roles"),
    ),
    Passage("gates", gettext_lazy("Sharing restrictions"), ()),
    Passage(
        "releases",
        gettext_lazy("Releases: sharing with the person’s consent"),
        ("find_people", "person", "signed_release"),
    ),
    Passage("benefits", gettext_lazy("Benefits letters"), ("benefits_letters",)),
    Passage(
        "reports",
        gettext_lazy("Reports to law enforcement, and the protocol library"),
        ("reports", "report", "report_case", "report_signal", "protocols", "protocol", "import_protocols"),
    ),
    Passage("find-help", gettext_lazy("Finding a service that can help"), ("find_help", "directory")),
    Passage("referrals", gettext_lazy("Referring somebody to a service"), ("referrals", "referral")),
    Passage("asked", gettext_lazy("When your service is asked"), ("asked", "asked_for", "asked_totals")),
    Passage("seen", gettext_lazy("Who has seen a person’s information"), ("seen",)),
    Passage("emergency", gettext_lazy("Opening a case in an emergency"), ("emergency", "emergencies")),
    Passage("retention", gettext_lazy("Records retention"), ("retention",)),
    Passage("discovery", gettext_lazy("Records for discovery"), ("discovery",)),
    Passage("demands", gettext_lazy("Subpoenas and warrants"), ("demands", "demand", "letter")),
    Passage("breaches", gettext_lazy("Breaches"), ("breaches", "breach")),
    Passage("trail", gettext_lazy("Audit trail"), ("trail",)),
    Passage("mandates", gettext_lazy("Who would answer, and why"), ("what_if", "mandates", "routing", "force_table")),
    Passage("staff", gettext_lazy("Staff, invitations, and roles"), ("staff", "roles")),
    Passage(
        "administration",
        gettext_lazy("Administration"),
        ("administration", "agencies", "agency", "kept_tables", "health", "tokens", "owned"),
    ),
    Passage("estimates", gettext_lazy("Estimates of unseen victims"), ("prevalence", "new_run", "run", "compare_runs")),
)
BY_PAGE: Mapping[str, str] = {page: each.id for each in PASSAGES for page in each.pages}
