"""Every address, and the guard its view declares."""

from __future__ import annotations

from django.urls import path

from nowrongdoor.site import api

urlpatterns = [
    path("api/v1/", api.api.urls),
]
