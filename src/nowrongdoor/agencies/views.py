"""Signing in and out."""

from __future__ import annotations

from django.contrib.auth import views

from nowrongdoor.access import doors

# Anybody may see the form in which to say who they are.
sign_in = doors.entrance(
    views.LoginView.as_view(template_name="agencies/sign_in.html", redirect_authenticated_user=True)
)
# Signing out of nothing does nothing.
sign_out = doors.entrance(views.LogoutView.as_view())
