"""Every address, and the view that declares its own guard."""

from __future__ import annotations

from django.urls import URLPattern, path

from nowrongdoor.access import guards
from nowrongdoor.agencies import views as agencies
from nowrongdoor.api import application
from nowrongdoor.cases import views as cases
from nowrongdoor.casework import case_views, worklist_views
from nowrongdoor.casework import file_views as files
from nowrongdoor.intake import views as intake
from nowrongdoor.mandates import views as mandates
from nowrongdoor.prevalence import views as prevalence
from nowrongdoor.releases import views as releases
from nowrongdoor.retention import views as retention
from nowrongdoor.site import entrance

api_urls = application.api.urls
for route in api_urls[0]:
    if isinstance(route, URLPattern):
        guards.declare_token(route.callback)  # the API asks for its token by itself, on every route

urlpatterns = [
    path("", worklist_views.home, name="home"),
    *entrance.urlpatterns,
    path("signals/new", intake.new_signal, name="new_signal"),
    path("signals/<str:reference>", intake.show_signal, name="signal"),
    path("worklist", worklist_views.show_worklist, name="worklist"),
    path("offers/<uuid:offer_id>/accept", worklist_views.accept, name="accept"),
    path("offers/<uuid:offer_id>/decline", worklist_views.decline, name="decline"),
    path("offers/<uuid:offer_id>/revoke", worklist_views.revoke, name="revoke"),
    path("notices/<uuid:notice_id>/acknowledge", worklist_views.acknowledge, name="acknowledge"),
    path("clocks/<uuid:clock_id>/meet", worklist_views.meet, name="meet"),
    path("cases", case_views.list_cases, name="cases"),
    path("cases/<str:reference>", case_views.show_case, name="case"),
    path("cases/<str:reference>/facts", case_views.change_facts, name="change_facts"),
    path("cases/<str:reference>/ask-next", case_views.ask_next, name="ask_next"),
    path("cases/<str:reference>/step-forward", case_views.step_forward, name="step_forward"),
    path("cases/<str:reference>/close", case_views.close_case, name="close_case"),
    path("cases/<str:reference>/notes", case_views.add_note, name="add_note"),
    path("cases/<str:reference>/files", files.attach, name="attach"),
    path("cases/<str:reference>/files/<uuid:file_id>", files.download, name="file"),
    path("cases/<str:reference>/people", releases.add_person, name="add_person"),
    path("cases/<str:reference>/people/<uuid:person_id>", releases.show_person, name="person"),
    path("cases/<str:reference>/people/<uuid:person_id>/releases", releases.keep_release, name="keep_release"),
    path("cases/<str:reference>/people/<uuid:person_id>/disclose", releases.disclose, name="disclose"),
    path("releases/<uuid:release_id>/revoke", releases.revoke_release, name="revoke_release"),
    path("people", releases.find_people, name="find_people"),
    path("cases/<str:reference>/who", cases.show_who, name="who"),
    path("cases/<str:reference>/exclude", cases.exclude, name="exclude"),
    path("exclusions/<uuid:exclusion_id>/lift", cases.lift_exclusion, name="lift_exclusion"),
    path("emergency", cases.emergency, name="emergency"),
    path("emergencies", cases.emergencies, name="emergencies"),
    path("emergencies/<uuid:emergency_id>/review", cases.review, name="review"),
    path("trail", cases.show_trail, name="trail"),
    path("trail.csv", cases.export_trail, name="export_trail"),
    path("retention", retention.show, name="retention"),
    path("retention/hold", retention.hold, name="hold"),
    path("retention/holds/<uuid:hold_id>/lift", retention.lift, name="lift_hold"),
    path("retention/ask", retention.ask, name="ask_disposal"),
    path("retention/disposals/<uuid:disposal_id>/approve", retention.approve, name="approve_disposal"),
    path("staff", agencies.staff, name="staff"),
    path("routing", worklist_views.show_routing, name="routing"),
    path("staff/invite", agencies.invite, name="invite"),
    path("staff/<uuid:person_id>/role", agencies.set_role, name="set_role"),
    path("staff/<uuid:person_id>/switch", agencies.switch, name="switch"),
    path("staff/<uuid:person_id>/reset-factor", agencies.reset_factor, name="reset_factor"),
    path("join", agencies.join, name="join"),
    path("sign-out-everywhere", agencies.end_sessions, name="end_sessions"),
    path("roles", agencies.show_roles, name="roles"),
    path("mandates", mandates.show_table, name="mandates"),
    path("mandates/what-if", mandates.what_if, name="what_if"),
    path("prevalence", prevalence.show_runs, name="prevalence"),
    path("prevalence/new", prevalence.new_run, name="new_run"),
    path("prevalence/compare", prevalence.compare, name="compare_runs"),
    path("prevalence/<uuid:run_id>", prevalence.show_run, name="run"),
    path("prevalence/<uuid:run_id>/override", prevalence.override, name="override_run"),
    path("prevalence/<uuid:run_id>/report.html", prevalence.save_html, name="run_html"),
    path("prevalence/<uuid:run_id>/report.pdf", prevalence.save_pdf, name="run_pdf"),
    path("prevalence/<uuid:run_id>/figures.json", prevalence.save_figures, name="run_figures"),
    path("prevalence/<uuid:run_id>/table.csv", prevalence.save_table, name="run_table"),
    path("api/v1/", api_urls),
]

handler400 = "nowrongdoor.site.errors.bad_request"
handler403 = "nowrongdoor.site.errors.denied"
handler404 = "nowrongdoor.site.errors.missing"
handler500 = "nowrongdoor.site.errors.broken"
