"""The addresses of coming in: those of django-allauth that we use, each behind our own guard, and no others.

They may look for people and their factors, and for nothing else (`guards.entrance`).
"""

from __future__ import annotations

from allauth.account import views as account
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as codes
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as passkeys
from allauth.socialaccount import views as social
from allauth.socialaccount.providers.openid_connect import views as openid
from django import http
from django.urls import URLPattern, path

from nowrongdoor.access import guards
from nowrongdoor.agencies import passkeys as our_passkeys
from nowrongdoor.agencies import steps
from nowrongdoor.agencies import views as agencies


def nowhere(request: http.HttpRequest, **_: object) -> http.HttpResponse:
    """Nobody signs up by themselves."""
    raise http.Http404


PAGES: list[tuple[str, guards.View, tuple[str, ...]]] = [
    ("sign-in", account.login, ("sign_in", "account_login")),
    ("sign-out", account.logout, ("sign_out", "account_logout")),
    ("sign-in/code", agencies.SecondStep.as_view(), ("mfa_authenticate",)),
    ("sign-in/setup-code", agencies.setup_code, ("setup_code",)),
    ("sign-in/passkey", passkeys.login_webauthn, ("mfa_login_webauthn",)),
    ("sign-in/inactive", account.account_inactive, ("account_inactive",)),
    ("sign-in/again", account.reauthenticate, ("account_reauthenticate",)),
    ("sign-in/again/code", mfa.reauthenticate, ("mfa_reauthenticate",)),
    ("sign-in/again/passkey", our_passkeys.AgainView.as_view(), ("mfa_reauthenticate_webauthn",)),
    ("sign-up", nowhere, ("account_signup", "socialaccount_signup", "account_set_password")),
    ("security", mfa.index, ("mfa_index", "security")),
    ("security/password", account.password_change, ("account_change_password",)),
    ("security/app", agencies.first_factor_guarded(totp.activate_totp), ("mfa_activate_totp",)),
    ("security/app/remove", totp.deactivate_totp, ("mfa_deactivate_totp",)),
    ("security/codes", codes.view_recovery_codes, ("mfa_view_recovery_codes",)),
    ("security/codes/new", codes.generate_recovery_codes, ("mfa_generate_recovery_codes",)),
    ("security/codes/download", codes.download_recovery_codes, ("mfa_download_recovery_codes",)),
    ("security/passkeys", passkeys.list_webauthn, ("mfa_list_webauthn",)),
    ("security/passkeys/add", agencies.first_factor_guarded(passkeys.add_webauthn), ("mfa_add_webauthn",)),
    ("security/passkeys/<int:pk>/remove", passkeys.remove_webauthn, ("mfa_remove_webauthn",)),
    ("security/passkeys/<int:pk>/name", passkeys.edit_webauthn, ("mfa_edit_webauthn",)),
    ("sign-in/oidc/<str:provider_id>", openid.login, ("openid_connect_login",)),
    ("sign-in/oidc/<str:provider_id>/callback", openid.callback, ("openid_connect_callback",)),
    ("sign-in/oidc-failed", social.login_error, ("socialaccount_login_error",)),
    ("sign-in/oidc-cancelled", social.login_cancelled, ("socialaccount_login_cancelled",)),
]
# Pages that take a password: what is done with it before their transaction.
BEFORE = {"sign-in": steps.signing_in, "sign-in/again": steps.again, "security/password": steps.changing}
urlpatterns: list[URLPattern] = [
    path(address, steps.shown(guards.entrance(view), BEFORE.get(address)), name=name)
    for address, view, names in PAGES
    for name in names
]
