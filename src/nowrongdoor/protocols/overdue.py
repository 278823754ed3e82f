"""What is overdue of reports and of the protocol library, for whoever tells people: in the system's context.

The promise: each is listed as long as it stands, however often one asks; nobody has to look at a list to learn of it.
"""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Mapping, Sequence

from django.db.models import DateTimeField, Exists, ExpressionWrapper, F, Min, OuterRef
from django.db.models.functions import Coalesce

from nowrongdoor.cases.models import CaseSignal
from nowrongdoor.core.notices import REPORT_OVERDUE, Matter
from nowrongdoor.protocols import models

# No law sets either: policy.
CONFIRMED_WITHIN = datetime.timedelta(hours=24)
CONFIRMED_IN_DANGER = datetime.timedelta(hours=1)
ASKED_AGAIN = datetime.timedelta(days=7)  # how often an agency hears of it while recipients wait to be proved


def reviews(*, at: datetime.datetime) -> Sequence[Matter]:
    """List reports that left, or could, because somebody is in danger, and that nobody reviewed in time. Whoever wrote
    one doesn't review it."""
    rows = list(
        models.Report.objects.filter(in_danger=True, reviewed_at=None, review_due_at__lte=at)
        .defer("words", "comment", "danger_because")
        .order_by("review_due_at", "id")
    )
    cases = _cases(rows)
    return [
        Matter(
            row.id,
            row.agency_id,
            row.review_due_at,
            row.review_due_at,
            row.review_due_at + REPORT_OVERDUE,
            never=frozenset([row.by_id, row.words_by_id]),
            case_id=cases.get(row.id),
        )
        for row in rows
        if row.review_due_at is not None  # a report in danger is reviewed within a day
    ]


def confirmations(*, at: datetime.datetime) -> Sequence[Matter]:
    """List reports that left, the last time long enough ago, and of which nobody has a number or a name."""
    others = models.Sending.objects.filter(report=OuterRef("report"))
    newest = models.Sending.objects.filter(at__lte=at - CONFIRMED_IN_DANGER).exclude(
        Exists(others.filter(confirmed_at__isnull=False)) | Exists(others.filter(number__gt=OuterRef("number")))
    )
    rows = list(
        newest.select_related("report")
        .defer("recipient", "report__words", "report__comment", "report__danger_because")
        .order_by("at", "id")
    )
    cases = _cases([row.report for row in rows])
    return [
        Matter(
            row.report_id,
            row.agency_id,
            due_at,
            due_at,
            due_at + REPORT_OVERDUE,
            frozenset([row.by_id]),
            case_id=cases.get(row.report_id),
        )
        for row in rows
        if (due_at := row.at + (CONFIRMED_IN_DANGER if row.report.in_danger else CONFIRMED_WITHIN)) <= at
    ]


def proofs(*, at: datetime.datetime) -> Sequence[Matter]:
    """List agencies whose library has recipients in use whose proof is over, or that nobody proved in a week: each
    again once a week while it has. One matter for all of them: an imported library is thousands."""
    due_at = Coalesce(F("prove_again_at"), ExpressionWrapper(F("at") + ASKED_AGAIN, DateTimeField()))
    rows = models.Protocol.objects.filter(retired_at=None).annotate(due_at=due_at).filter(due_at__lte=at)
    matters = []
    for agency_id, first in rows.values_list("agency").annotate(first=Min("due_at")).order_by("agency"):
        asked_at = first + (at - first) // ASKED_AGAIN * ASKED_AGAIN
        matters.append(Matter(agency_id, agency_id, asked_at, asked_at, asked_at))
    return matters


def _cases(rows: Sequence[models.Report]) -> Mapping[uuid.UUID, uuid.UUID]:
    """Find the case of each report, or the one that holds its signal."""
    signals = [row.signal_id for row in rows if row.signal_id]
    of_signal = dict(CaseSignal.objects.filter(signal__in=signals).values_list("signal_id", "case_id"))
    held = {row.id: of_signal[row.signal_id] for row in rows if row.signal_id in of_signal}
    return held | {row.id: row.case_id for row in rows if row.case_id}
