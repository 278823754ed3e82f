"""What a case's page shows of what is owed: who is told, and until when what is due."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import cast

from django import http

from nowrongdoor.access import viewers
from nowrongdoor.core.mandates import rules
from nowrongdoor.duties import forms
from nowrongdoor.duties.queries import Duty
from nowrongdoor.ui import slices
from nowrongdoor.ui.panels import Panel

SIZE = 15  # on one page of each table


def notices(viewer: viewers.Viewer, rows: Sequence[Duty], asked: http.QueryDict) -> Panel:
    """Show who has to be told of a case, and whether they were: what is open first."""
    page = slices.of(_open_first(rows), asked, name="notices", size=SIZE, anchor="told")
    context = {
        "page": page,
        "rows": [(each, _is_mine(viewer, each), _told_form(each)) for each in page.rows],
    }
    return Panel("duties/_notices.html", context)


def deadlines(
    viewer: viewers.Viewer, rows: Sequence[Duty], ruling: Mapping[str, object] | None, asked: http.QueryDict
) -> Panel:
    """Show the deadlines of a case, what is open first, and those that start only when something happens."""
    clocks = cast(Sequence[Mapping[str, str]], ruling["clocks"] if ruling else ())
    later = [clock for clock in clocks if clock["starts"] == rules.Starts.EVENT.value]
    page = slices.of(_open_first(rows), asked, name="deadlines", size=SIZE, anchor="clocks")
    context = {
        "page": page,
        "rows": [(each, _is_mine(viewer, each), forms.HowForm(auto_id=f"how-{each.id.hex}-%s")) for each in page.rows],
        "later": later,
    }
    return Panel("duties/_deadlines.html", context)


def _told_form(duty: Duty) -> forms.ToldForm:
    kind = forms.ReportedForm if duty.is_report_by_law else forms.ToldForm
    return kind(auto_id=f"how-{duty.id.hex}-%s")


def _open_first(rows: Sequence[Duty]) -> list[Duty]:
    return sorted(rows, key=lambda each: (each.done_at is not None, each.due_at))


def _is_mine(viewer: viewers.Viewer, duty: Duty) -> bool:
    """Return whether the viewer can say here that it was done."""
    return duty.done_at is None and viewer.role is viewers.ANSWERS and duty.agency_id == viewer.agency_id
