"""The pages of this room, each at its address: what waits, agencies, tables, health.

Each view declares its own guard.
"""

from __future__ import annotations

from django.urls import path

from nowrongdoor.administration import views

PAGES = [
    path("administration", views.show, name="administration"),
    path("administration/agencies", views.show_agencies, name="agencies"),
    path("administration/agencies/<uuid:agency_id>", views.show_agency, name="agency"),
    path("administration/tables", views.show_tables, name="kept_tables"),
    path("administration/health", views.show_health, name="health"),
]
