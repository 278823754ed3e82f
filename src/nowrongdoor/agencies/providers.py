"""An agency's own identity provider (OpenID Connect): who it says is here must have been invited, by that agency.

The promise: a provider makes nobody and reaches no other agency. The first time, the provider's name for a person
(`preferred_username`, else `email`) must be the sign-in name of somebody active in the provider's own agency; from then
on the provider's unchanging subject identifies them, and nothing else does.
"""

from __future__ import annotations

from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount import adapter, models
from django import http, shortcuts

from nowrongdoor.agencies import seals
from nowrongdoor.agencies.models import User
from nowrongdoor.core.language import gettext_lazy

REFUSED = gettext_lazy(
    "Your agency's sign-in knows you, but nobody invited you here, or under another name. Ask the administrator of "
    "your agency."
)


class Social(adapter.DefaultSocialAccountAdapter):  # type: ignore[misc]
    """Matches what a provider says to the people of its agency."""

    def is_open_for_signup(self, request: http.HttpRequest, sociallogin: models.SocialLogin) -> bool:
        """Say no: nobody is made by a provider."""
        return False

    def pre_social_login(self, request: http.HttpRequest, sociallogin: models.SocialLogin) -> None:
        """Let in whom the provider's agency invited, and nobody else."""
        app = sociallogin.provider.app
        people = User.objects.filter(agency__code=app.settings["agency"], agency__active=True, is_active=True)
        if sociallogin.is_existing:
            person = people.filter(pk=sociallogin.user.pk).first()
            if person is None or not seals.holds(person):
                raise ImmediateHttpResponse(_refused(request))
            return
        claims = sociallogin.account.extra_data
        userinfo = claims.get("userinfo", claims)
        name = userinfo.get("preferred_username") or userinfo.get("email") or ""
        person = people.filter(name=name).first() if name else None
        if person is None or models.SocialAccount.objects.filter(user=person).exists() or not seals.holds(person):
            raise ImmediateHttpResponse(_refused(request))
        # Not `connect`, which writes the whole person anew: only the link is new.
        sociallogin.user = sociallogin.account.user = person
        sociallogin.account.save()


def _refused(request: http.HttpRequest) -> http.HttpResponse:
    return shortcuts.render(request, "agencies/refused.html", {"words": REFUSED}, status=403)
