"""What a case's page shows of its ruling: which gates restrict who may be asked and told."""

from __future__ import annotations

from collections.abc import Mapping

from nowrongdoor.core.mandates import asking, facts, table, tables_in_words
from nowrongdoor.ui import tags
from nowrongdoor.ui.panels import Panel


def to_ask(
    reading: facts.Reading, question: asking.Question | None, content: table.Table, *, add_to: str = ""
) -> Panel:
    """Show which facts cannot all be right, which question to ask next, and what was read as what. `add_to`: where
    whoever hears the answer adds it to the case."""
    context = {
        "conflicts": reading.facts.conflicts,
        "question": question,
        "leads": tags.by_lead(question) if question else (),
        "add_to": add_to,
        "readings": [tables_in_words.reading(each, content) for each in reading.read_as],
    }
    return Panel("mandates/_to_ask.html", context)


def gates(ruling: Mapping[str, object] | None) -> Panel:
    """Show the gates of the newest ruling, and who is neither asked nor told because of them."""
    return Panel("mandates/_gates.html", {"ruling": ruling})
