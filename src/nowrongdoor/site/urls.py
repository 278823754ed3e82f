"""Every address: each room declares its own, and the view behind each declares its guard."""

from __future__ import annotations

from django.urls import URLPattern, path

from nowrongdoor.access import guards
from nowrongdoor.administration import pages as administration
from nowrongdoor.agencies import pages as agencies
from nowrongdoor.api import application
from nowrongdoor.benefits import pages as benefits
from nowrongdoor.cases import pages as cases
from nowrongdoor.casework import pages as casework
from nowrongdoor.door import pages as door
from nowrongdoor.floor import pages as floor
from nowrongdoor.intake import pages as intake
from nowrongdoor.mandates import pages as mandates
from nowrongdoor.notifications import pages as notifications
from nowrongdoor.prevalence import pages as prevalence
from nowrongdoor.protocols import pages as protocols
from nowrongdoor.records import pages as records
from nowrongdoor.referrals import pages as referrals
from nowrongdoor.releases import pages as releases
from nowrongdoor.retention import pages as retention
from nowrongdoor.services import pages as services
from nowrongdoor.site import doors_views, entrance, living, public

api_urls = application.api.urls
for route in api_urls[0]:
    if isinstance(route, URLPattern):
        guards.declare_token(route.callback)  # the API asks for its token by itself, on every route

urlpatterns = [
    *public.PAGES,
    *doors_views.PAGES,
    *door.PAGES,
    *floor.PAGES,
    *entrance.urlpatterns,
    *casework.PAGES,
    *intake.PAGES,
    *benefits.PAGES,
    *cases.PAGES,
    *releases.PAGES,
    *retention.PAGES,
    *records.PAGES,
    *protocols.PAGES,
    *services.PAGES,
    *referrals.PAGES,
    *notifications.PAGES,
    *agencies.PAGES,
    *administration.PAGES,
    *mandates.PAGES,
    *prevalence.PAGES,
    *living.PAGES,
    path("api/v1/", api_urls),
]

handler400 = "nowrongdoor.site.errors.bad_request"
handler403 = "nowrongdoor.site.errors.denied"
handler404 = "nowrongdoor.site.errors.missing"
handler500 = "nowrongdoor.site.errors.broken"
