"""Opening and isolating a file that somebody added to a contact, from the case that holds the contact."""

from __future__ import annotations

import functools
import uuid
from collections.abc import Sequence

from django import http, shortcuts
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from nowrongdoor.access import guards, viewers
from nowrongdoor.cases import queries as cases
from nowrongdoor.casework import acting
from nowrongdoor.intake import file_views
from nowrongdoor.signals import file_panel, files
from nowrongdoor.ui.panels import Panel

WORKERS = guards.role(*viewers.SEES_CASES)


@WORKERS
@require_GET
def copy(request: guards.Request, reference: str, sent_id: uuid.UUID) -> http.HttpResponse:
    """Open the copy of a file that the sender of a case's contact added, without its hidden details."""
    access = _whole(request, reference)
    signal_ids, case_id = cases.signal_ids(access), access.case.id
    return file_views.answer_file(request, sent_id, files.Form.COPY, signal_ids=signal_ids, case_id=case_id)


@WORKERS
@require_GET
def original(request: guards.Request, reference: str, sent_id: uuid.UUID) -> http.HttpResponse:
    """Open a file as the sender of a case's contact sent it, as an investigator."""
    access = _whole(request, reference)
    signal_ids, case_id = cases.signal_ids(access), access.case.id
    return file_views.answer_file(request, sent_id, files.Form.ORIGINAL, signal_ids=signal_ids, case_id=case_id)


@WORKERS
@require_http_methods(["GET", "POST"])
def isolate(request: guards.Request, reference: str, sent_id: uuid.UUID) -> http.HttpResponse:
    """Isolate a file of a case's contact that nobody may look at, for good."""
    access = _whole(request, reference)
    back = shortcuts.resolve_url("case", access.case.reference)
    words = _("Case %(reference)s") % {"reference": access.case.reference}
    signal_ids, case_id = cases.signal_ids(access), access.case.id
    return file_views.answer_isolate(request, sent_id, signal_ids=signal_ids, back=back, words=words, case_id=case_id)


def panel(reference: str, rows: Sequence[files.FileShown]) -> Panel:
    """Show the files of a case's contacts that the viewer may list."""
    return file_panel.panel(rows, functools.partial(_addresses, reference), level=3)


def _addresses(reference: str, sent_id: uuid.UUID) -> file_panel.Addresses:
    names = ("case_sent_file", "case_sent_original", "isolate_case_sent")
    return file_panel.Addresses(*(shortcuts.resolve_url(name, reference, sent_id) for name in names))


def _whole(request: guards.Request, reference: str) -> cases.Access:
    access = acting.open_case(request, reference)
    if access.sight is not cases.Sight.CASE:
        raise http.Http404
    return access
