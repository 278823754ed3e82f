"""The pages of this room, each at its address: estimates.

Each view declares its own guard.
"""

from __future__ import annotations

from django.urls import path

from nowrongdoor.prevalence import views

PAGES = [
    path("prevalence", views.show_runs, name="prevalence"),
    path("prevalence/new", views.new_run, name="new_run"),
    path("prevalence/compare", views.compare, name="compare_runs"),
    path("prevalence/<uuid:run_id>", views.show_run, name="run"),
    path("prevalence/<uuid:run_id>/override", views.override, name="override_run"),
    path("prevalence/<uuid:run_id>/report.html", views.save_html, name="run_html"),
    path("prevalence/<uuid:run_id>/report.pdf", views.save_pdf, name="run_pdf"),
    path("prevalence/<uuid:run_id>/figures.json", views.save_figures, name="run_figures"),
    path("prevalence/<uuid:run_id>/table.csv", views.save_table, name="run_table"),
]
