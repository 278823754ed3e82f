"""Every address, and the view that declares its own guard."""

from __future__ import annotations

from django.urls import URLPattern, path

from nowrongdoor.access import doors
from nowrongdoor.agencies import views as agencies
from nowrongdoor.mandates import views as mandates
from nowrongdoor.referrals import intake_views as intake
from nowrongdoor.referrals import views as referrals
from nowrongdoor.site import api, events

api_urls = api.api.urls
for route in api_urls[0]:
    if isinstance(route, URLPattern):
        doors.declare_token(route.callback)  # the API asks for its token by itself, on every route

urlpatterns = [
    path("", referrals.home, name="home"),
    path("sign-in", agencies.sign_in, name="sign_in"),
    path("sign-out", agencies.sign_out, name="sign_out"),
    path("signals/new", intake.new_signal, name="new_signal"),
    path("signals/<str:reference>", intake.show_signal, name="signal"),
    path("worklist", referrals.show_worklist, name="worklist"),
    path("events", events.stream, name="events"),
    path("offers/<uuid:offer_id>/accept", referrals.accept, name="accept"),
    path("offers/<uuid:offer_id>/decline", referrals.decline, name="decline"),
    path("offers/<uuid:offer_id>/revoke", referrals.revoke, name="revoke"),
    path("notices/<uuid:notice_id>/acknowledge", referrals.acknowledge, name="acknowledge"),
    path("clocks/<uuid:clock_id>/meet", referrals.meet, name="meet"),
    path("cases", referrals.list_cases, name="cases"),
    path("cases/<str:reference>", referrals.show_case, name="case"),
    path("cases/<str:reference>/facts", referrals.change_facts, name="change_facts"),
    path("cases/<str:reference>/ask-next", referrals.ask_next, name="ask_next"),
    path("cases/<str:reference>/step-forward", referrals.step_forward, name="step_forward"),
    path("cases/<str:reference>/close", referrals.close_case, name="close_case"),
    path("cases/<str:reference>/notes", referrals.add_note, name="add_note"),
    path("mandates", mandates.show_table, name="mandates"),
    path("mandates/what-if", mandates.what_if, name="what_if"),
    path("api/v1/", api_urls),
]

handler400 = "nowrongdoor.site.errors.bad_request"
handler403 = "nowrongdoor.site.errors.denied"
handler404 = "nowrongdoor.site.errors.missing"
handler500 = "nowrongdoor.site.errors.broken"
