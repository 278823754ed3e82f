"""The pages of this room. Each view declares its own guard."""

from __future__ import annotations

from django.urls import path

from nowrongdoor.services import hsds_views, views

PAGES = [
    path("find-help", views.find_help, name="find_help"),
    path("directory", views.directory, name="directory"),
    path("hsds/", hsds_views.about, name="hsds"),
    path("hsds/profile", hsds_views.profile, name="hsds_profile"),
    path("hsds/<str:name>", hsds_views.listed, name="hsds_list"),
    path("hsds/<str:name>/<uuid:row_id>", hsds_views.one, name="hsds_row"),
]
