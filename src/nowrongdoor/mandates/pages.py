"""The pages of this room, each at its address: the table, and who would answer.

Each view declares its own guard.
"""

from __future__ import annotations

from django.urls import path

from nowrongdoor.mandates import views

PAGES = [
    path("mandates", views.show_table, name="mandates"),
    path("mandates/what-if", views.what_if, name="what_if"),
]
