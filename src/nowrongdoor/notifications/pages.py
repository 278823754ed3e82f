"""The pages of this room, each at its address. Each view declares its own guard."""

from __future__ import annotations

from django.urls import path

from nowrongdoor.notifications import calendar_views, views

PAGES = [
    path("notifications", views.show_notifications, name="notifications"),
    path("notifications/seen", views.see_all, name="see_all"),
    path("notifications/preferences", views.preferences, name="preferences"),
    path("notifications/address", views.confirm_address, name="confirm_address"),
    path("notifications/address/code", views.send_code, name="send_code"),
    path("notifications/delivery", views.show_delivery, name="delivery"),
    path("calendar", calendar_views.show_calendar, name="calendar"),
    path("calendar/passwords", calendar_views.make_password, name="make_app_password"),
    path("calendar/passwords/<uuid:password_id>/revoke", calendar_views.revoke_password, name="revoke_app_password"),
    path("calendar.ics", calendar_views.read_calendar, name="calendar_feed"),
]
