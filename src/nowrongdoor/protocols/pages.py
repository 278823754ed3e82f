"""The pages of this room, each at its address: the library of recipients, and reports.

Each view declares its own guard.
"""

from __future__ import annotations

from django.urls import path

from nowrongdoor.protocols import library_views, report_views

PAGES = [
    path("protocols", library_views.show_library, name="protocols"),
    path("protocols.csv", library_views.download_library, name="protocols_csv"),
    path("protocols/add", library_views.add_recipient, name="add_protocol"),
    path("protocols/import", library_views.show_import, name="import_protocols"),
    path("protocols/import/do", library_views.do_import, name="do_import_protocols"),
    path("protocols/<uuid:protocol_id>", library_views.show_recipient, name="protocol"),
    path("protocols/<uuid:protocol_id>/change", library_views.change_recipient, name="change_protocol"),
    path("protocols/<uuid:protocol_id>/confirm", library_views.prove_recipient, name="prove_protocol"),
    path("protocols/<uuid:protocol_id>/retire", library_views.retire_recipient, name="retire_protocol"),
    path("cases/<str:reference>/report", report_views.report_case, name="report_case"),
    path("signals/<str:reference>/report", report_views.report_signal, name="report_signal"),
    path("reports", report_views.show_reports, name="reports"),
    path("reports/<uuid:report_id>", report_views.show_report, name="report"),
    path("reports/<uuid:report_id>/change", report_views.change_report, name="change_report"),
    path("reports/<uuid:report_id>/review", report_views.review_report, name="review_report"),
    path("reports/<uuid:report_id>/send", report_views.send_report, name="send_report"),
    path("reports/<uuid:report_id>/sent/<uuid:sending_id>", report_views.confirm_report, name="confirm_report"),
    path("reports/<uuid:report_id>/outcome", report_views.note_outcome, name="report_outcome"),
]
