"""The page on which the records of a case are collected for discovery, and its downloads; and the page that says whose
record each table keeps."""

from __future__ import annotations

import json

from django import http, shortcuts
from django.utils import timezone
from django.views.decorators.http import require_GET

from nowrongdoor.access import guards, viewers
from nowrongdoor.cases import queries as cases
from nowrongdoor.casework import acting, printing
from nowrongdoor.core import records_law
from nowrongdoor.publishing import csv_out
from nowrongdoor.records import discovery, owned

COLLECTORS = guards.role(viewers.Role.COORDINATOR, viewers.Role.INVESTIGATOR)
COLUMNS = ("listed", "record", "name", "at", "agency", "bytes", "sha256", "why")


@COLLECTORS
@require_GET
def show_discovery(request: guards.Request, reference: str) -> http.HttpResponse:
    """Collect the records of a case for discovery, with a digest of each."""
    access, person, collection = _collected(request, reference, "page")
    context = {
        "case": access.case,
        "person": person,
        "collection": collection,
        "query": f"?person={person}" if person else "",
        "marking": printing.marking(),
    }
    return shortcuts.render(request, "records/discovery.html", context)


@COLLECTORS
@require_GET
def download_csv(request: guards.Request, reference: str) -> http.HttpResponse:
    """Download the list of records of a case as CSV."""
    access, _, collection = _collected(request, reference, "csv")
    items = [
        ("yes", *discovery.line(each).values(), "")  # the order of COLUMNS
        for each in collection.items
    ]
    left_out = [
        ("no", each.sort.value, each.name, each.at.isoformat() if each.at else "", each.agency, "", "", each.why.value)
        for each in collection.left_out
    ]
    whole = [("list", "", access.case.reference, timezone.now().isoformat(), "", "", collection.digest, "")]
    lines = csv_out.lines(COLUMNS, [*items, *left_out, *whole])
    return _sent("".join(lines), "text/csv; charset=utf-8", access, "csv")


@COLLECTORS
@require_GET
def download_json(request: guards.Request, reference: str) -> http.HttpResponse:
    """Download the list of records of a case as JSON."""
    access, person, collection = _collected(request, reference, "json")
    viewer = request.viewer
    document = {
        "case": access.case.reference,
        "person": person,
        "marking": printing.marking(),
        "collected_at": timezone.now().isoformat(),
        "collected_by": f"{viewer.name}, {viewer.agency_name}",
        "records": [discovery.line(each) for each in collection.items],
        "left_out": [
            {
                "record": each.sort.value,
                "name": each.name,
                "at": each.at.isoformat() if each.at else None,
                "agency": each.agency,
                "why": each.why.value,
                "why_words": str(each.why.words),
            }
            for each in collection.left_out
        ],
        "sha256": collection.digest,
    }
    return _sent(json.dumps(document, ensure_ascii=False, indent=2), "application/json", access, "json")


@guards.signed_in
@require_GET
def show_owned(request: guards.Request) -> http.HttpResponse:
    """See who owns the record that each table keeps, how long it is kept, and why it may be withheld."""
    return shortcuts.render(request, "records/owned.html", {"groups": owned.DECLARED, "law": records_law.installed()})


def _collected(
    request: guards.Request, reference: str, form: str
) -> tuple[cases.Access, int | None, discovery.Collection]:
    """Collect what the address asks for, or answer that there is nothing here."""
    access = acting.open_case(request, reference)
    asked = request.GET.get("person", "")
    if asked and not (asked.isascii() and asked.isdigit() and len(asked) < 6):
        raise http.Http404
    person = int(asked) if asked else None
    try:
        collection = discovery.collect(request.viewer, access, person=person, form=form, at=timezone.now())
    except discovery.NoSuchPerson:
        raise http.Http404 from None
    return access, person, collection


def _sent(text: str, media_type: str, access: cases.Access, ending: str) -> http.HttpResponse:
    answer = http.HttpResponse(text, content_type=media_type)
    answer["Content-Disposition"] = f'attachment; filename="discovery-{access.case.reference}.{ending}"'
    return answer
