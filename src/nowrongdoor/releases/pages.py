"""The pages of this room, each at its address: people of a case, and what they allowed.

Each view declares its own guard.
"""

from __future__ import annotations

from django.urls import path

from nowrongdoor.releases import views

PAGES = [
    path("cases/<str:reference>/people", views.add_person, name="add_person"),
    path("cases/<str:reference>/people/<uuid:person_id>", views.show_person, name="person"),
    path("cases/<str:reference>/people/<uuid:person_id>/releases", views.keep_release, name="keep_release"),
    path("cases/<str:reference>/people/<uuid:person_id>/disclose", views.disclose, name="disclose"),
    path("releases/<uuid:release_id>/revoke", views.revoke_release, name="revoke_release"),
    path("cases/<str:reference>/releases/<uuid:release_id>", views.show_signed, name="signed_release"),
    path("people", views.find_people, name="find_people"),
]
