"""The pages of this room, each at its address: who may look, emergencies, the trail.

Each view declares its own guard.
"""

from __future__ import annotations

from django.urls import path

from nowrongdoor.cases import views

PAGES = [
    path("cases/<str:reference>/who", views.show_who, name="who"),
    path("cases/<str:reference>/exclude", views.exclude, name="exclude"),
    path("exclusions/<uuid:exclusion_id>/lift", views.lift_exclusion, name="lift_exclusion"),
    path("emergency", views.emergency, name="emergency"),
    path("emergencies", views.emergencies, name="emergencies"),
    path("emergencies/<uuid:emergency_id>/review", views.review, name="review"),
    path("trail", views.show_trail, name="trail"),
    path("trail.csv", views.export_trail, name="export_trail"),
]
