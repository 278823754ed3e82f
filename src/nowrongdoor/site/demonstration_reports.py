"""The fictional protocol library of the demonstration, and its reports: one that arrived, one that waits for a review.

No recipient here exists: every name is made up, and every number is one that nobody has.
"""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Mapping

from nowrongdoor.access import viewers
from nowrongdoor.cases import queries as cases
from nowrongdoor.cases.models import Case
from nowrongdoor.core.protocols import Immigration
from nowrongdoor.protocols import library, reporting, weighing
from nowrongdoor.protocols.models import Outcome, Sending


def _recipient(
    kind: str, state: str, contact: library.Contact, *, county: str = "", choice: int = 1, immigration: str = "no"
) -> library.Recipient:
    return library.Recipient(
        kind=kind,
        state=state,
        county=county,
        choice=choice,
        immigration=Immigration(immigration),
        contact=contact,
    )


RECIPIENTS: Mapping[str, library.Recipient] = {
    "sheriff": _recipient(
        "police",
        "NY",
        library.Contact(
            body="Elmwood County Sheriff (fictional)",
            unit="Special victims",
            person="Sergeant Lee (fictional)",
            telephone="+1 555 0100 201",
            hours="Around the clock",
            wants="The address, who is there now, and whether there are weapons.",
        ),
        county="Elmwood (fictional)",
    ),
    "city": _recipient(
        "police",
        "NY",
        library.Contact(
            body="Elmwood City Police (fictional)", telephone="+1 555 0100 202", hours="Weekdays, 8 a.m. to 6 p.m."
        ),
        county="Elmwood (fictional)",
        choice=2,
        immigration="unknown",
    ),
    "children": _recipient(
        "child_protection",
        "NY",
        library.Contact(
            body="State child-protection hotline (fictional)",
            telephone="+1 555 0100 203",
            hours="Around the clock",
            wants="The child’s age, where the child is tonight, and who else lives there.",
        ),
    ),
    "tips": _recipient(
        "attorney_general",
        "NY",
        library.Contact(
            body="Trafficking tips, State attorney general (fictional)",
            email="tips@state.example",
            hours="Read every weekday",
            wants="What was seen, where, and when. They don’t ask for callers who don’t want a report.",
        ),
    ),
    "florida": _recipient(
        "police",
        "FL",
        library.Contact(body="Palmetto County Sheriff (fictional)", telephone="+1 555 0100 204"),
        county="Palmetto (fictional)",
        immigration="yes",
    ),
}


def fill(opened: Mapping[str, uuid.UUID], *, ada: viewers.Viewer, hope: viewers.Viewer, at: datetime.datetime) -> None:
    """Keep a library, and report a child at a motel, which arrived, and a nail salon, which waits for a review."""
    long_ago, minute = at - datetime.timedelta(days=300), datetime.timedelta(minutes=1)
    kept = {name: library.add(each, by=hope, at=long_ago).id for name, each in RECIPIENTS.items()}
    for name in ("sheriff", "children", "tips"):
        library.prove(kept[name], by=hope, at=at - datetime.timedelta(days=30))
    library.prove(kept["florida"], by=hope, at=long_ago)  # and nobody asked there again
    child = reporting.write(
        _subject(opened["demo-motel"], ada),
        reporting.Written(
            protocol_id=kept["children"],
            parts={
                "where": "The motel at the highway exit, room 12. (Fictional.)",
                "what": "A clerk saw men come and go all day. The girl looks about fifteen. (Fictional.)",
                "back": "Ask for Ada at the hotline. (Fictional.)",
            },
            danger_because="She is there now, and the next man comes at six. (Fictional.)",
        ),
        by=ada,
        at=at - 50 * minute,
    )
    left = reporting.send(
        child.id, protocol_id=kept["children"], how=Sending.How.PHONE, seen=1, by=ada, at=at - 44 * minute
    )
    reporting.confirm(left.report_id, left.id, number="CPS-26-00117 (fictional)", name="", by=ada, at=at - 40 * minute)
    reporting.review(child.id, comment="", seen=1, by=hope, at=at - 20 * minute)
    reporting.note_outcome(child.id, Outcome.Result.REACHED, by=ada, at=at)
    reporting.write(
        _subject(opened["demo-nail-salon"], ada),
        reporting.Written(
            protocol_id=kept["tips"],
            parts={"what": "A neighbor says that the women sleep in the back room. (Fictional.)"},
        ),
        by=ada,
        at=at - 10 * minute,
    )


def _subject(case_id: uuid.UUID, by: viewers.Viewer) -> weighing.Subject:
    return weighing.of_case(cases.find(by, Case.objects.get(id=case_id).reference), by)
