"""The pages of this room, each at its address. No address says who is in contact."""

from __future__ import annotations

from django.urls import path

from nowrongdoor.floor import provider_views, views, wrapup_views

PAGES = [
    path("line", views.line, name="line"),
    path("line/shift/<str:step>", views.shift, name="line_shift"),
    path("line/contacts/<uuid:contact_id>", views.contact, name="line_contact"),
    path("line/contacts/<uuid:contact_id>/wrap-up", wrapup_views.wrap_up, name="line_wrapup"),
    path("line/contacts/<uuid:contact_id>/<str:act>", views.act, name="line_act"),
    path("line/past", wrapup_views.past, name="line_past"),
    path("line/calls/<uuid:call_back_id>", views.call_back, name="line_call_back"),
    path("line/sounds/<uuid:message_id>", views.sound, name="line_sound"),
    path("line/providers/<str:provider>", provider_views.hook, name="line_provider"),
]
