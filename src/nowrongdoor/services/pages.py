"""The pages of this room. Each view declares its own guard."""

from __future__ import annotations

from django.urls import path

from nowrongdoor.services import views

PAGES = [
    path("find-help", views.find_help, name="find_help"),
    path("directory", views.directory, name="directory"),
]
