"""The pages of this room, each at its address: staff, tokens, who is on call, roles, coming in by invitation.

Each view declares its own guard.
"""

from __future__ import annotations

from django.urls import path

from nowrongdoor.agencies import rota_views, views

PAGES = [
    path("staff", views.staff, name="staff"),
    path("staff/sign-in-days", views.set_sign_in_days, name="set_sign_in_days"),
    path("staff/invite", views.invite, name="invite"),
    path("staff/invitations/<uuid:invitation_id>/resend", views.resend_invitation, name="resend_invitation"),
    path("staff/invitations/<uuid:invitation_id>/revoke", views.revoke_invitation, name="revoke_invitation"),
    path("staff/<uuid:person_id>/role", views.set_role, name="set_role"),
    path("staff/<uuid:person_id>/switch", views.switch, name="switch"),
    path("staff/<uuid:person_id>/reset-factor", views.reset_factor, name="reset_factor"),
    path("staff/<uuid:person_id>/setup-code", views.make_setup_code, name="make_setup_code"),
    path("tokens", views.tokens, name="tokens"),
    path("tokens/<uuid:token_id>/revoke", views.revoke_token, name="revoke_token"),
    path("on-call", rota_views.show_on_call, name="on_call"),
    path("on-call/start", rota_views.begin_rota, name="begin_rota"),
    path("on-call/end", rota_views.end_rota, name="end_rota"),
    path("on-call/shifts", rota_views.add_shift, name="add_shift"),
    path("on-call/shifts/<uuid:shift_id>/end", rota_views.end_shift, name="end_shift"),
    path("join", views.join, name="join"),
    path("sign-out-everywhere", views.end_sessions, name="end_sessions"),
    path("session", views.session, name="session"),
    path("language", views.choose_language, name="language"),
    path("roles", views.show_roles, name="roles"),
]
