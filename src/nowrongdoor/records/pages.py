"""The pages of this room, each at its address: collecting for discovery, the desks for demands and for breaches, whose
record each table keeps, and who has seen what is known of a person.

Each view declares its own guard.
"""

from __future__ import annotations

from django.urls import path

from nowrongdoor.records import desk_views, seen_views, views

PAGES = [
    path("cases/<str:reference>/discovery", views.show_discovery, name="discovery"),
    path("cases/<str:reference>/discovery.csv", views.download_csv, name="discovery_csv"),
    path("cases/<str:reference>/discovery.json", views.download_json, name="discovery_json"),
    path("cases/<str:reference>/people/<uuid:person_id>/seen", seen_views.show_seen, name="seen"),
    path("records", views.show_owned, name="owned"),
    path("records/demands", desk_views.show_demands, name="demands"),
    path("records/demands/log", desk_views.log_demand, name="log_demand"),
    path("records/demands/<uuid:demand_id>", desk_views.show_demand, name="demand"),
    path("records/demands/<uuid:demand_id>/change", desk_views.change_demand, name="change_demand"),
    path("records/demands/<uuid:demand_id>/left", desk_views.note_left, name="note_left"),
    path("records/demands/<uuid:demand_id>/close", desk_views.close_demand, name="close_demand"),
    path("records/letter", desk_views.show_letter, name="letter"),
    path("records/breaches", desk_views.show_breaches, name="breaches"),
    path("records/breaches/log", desk_views.log_breach, name="log_breach"),
    path("records/breaches/<uuid:breach_id>", desk_views.show_breach, name="breach"),
    path("records/breaches/<uuid:breach_id>/change", desk_views.change_breach, name="change_breach"),
    path("records/breaches/<uuid:breach_id>/tell", desk_views.tell_of_breach, name="tell_of_breach"),
    path("records/breaches/<uuid:breach_id>/close", desk_views.close_breach, name="close_breach"),
]
