"""The pages of this room, each at its address: collecting the records of a case for discovery.

Each view declares its own guard.
"""

from __future__ import annotations

from django.urls import path

from nowrongdoor.records import views

PAGES = [
    path("cases/<str:reference>/discovery", views.show_discovery, name="discovery"),
    path("cases/<str:reference>/discovery.csv", views.download_csv, name="discovery_csv"),
    path("cases/<str:reference>/discovery.json", views.download_json, name="discovery_json"),
]
