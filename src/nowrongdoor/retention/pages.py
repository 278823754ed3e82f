"""The pages of this room, each at its address: holds and disposals.

Each view declares its own guard.
"""

from __future__ import annotations

from django.urls import path

from nowrongdoor.retention import views

PAGES = [
    path("retention", views.show, name="retention"),
    path("retention/hold", views.hold, name="hold"),
    path("retention/holds/<uuid:hold_id>/lift", views.lift, name="lift_hold"),
    path("retention/ask", views.ask, name="ask_disposal"),
    path("retention/disposals/<uuid:disposal_id>/approve", views.approve, name="approve_disposal"),
]
