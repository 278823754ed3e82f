"""The page of this room. Its view declares its own guard."""

from __future__ import annotations

from django.urls import path

from nowrongdoor.benefits import views

PAGES = [
    path("cases/<str:reference>/people/<uuid:person_id>/benefits", views.letters, name="benefits_letters"),
]
