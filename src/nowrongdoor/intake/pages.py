"""The pages of this room, each at its address: the form for a signal, and its receipt.

Each view declares its own guard.
"""

from __future__ import annotations

from django.urls import path

from nowrongdoor.intake import views

PAGES = [
    path("signals/new", views.new_signal, name="new_signal"),
    path("signals/<str:reference>", views.show_signal, name="signal"),
]
