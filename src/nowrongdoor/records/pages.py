"""The pages of this room, each at its address: collecting the records of a case for discovery, whose record each
table keeps, and who has seen what is known of a person.

Each view declares its own guard.
"""

from __future__ import annotations

from django.urls import path

from nowrongdoor.records import seen_views, views

PAGES = [
    path("cases/<str:reference>/discovery", views.show_discovery, name="discovery"),
    path("cases/<str:reference>/discovery.csv", views.download_csv, name="discovery_csv"),
    path("cases/<str:reference>/discovery.json", views.download_json, name="discovery_json"),
    path("cases/<str:reference>/people/<uuid:person_id>/seen", seen_views.show_seen, name="seen"),
    path("records", views.show_owned, name="owned"),
]
