"""Who asks: the token of an agency's system, and how much it may ask."""

from __future__ import annotations

from django import http
from django.utils import timezone
from ninja import security

from nowrongdoor.access import limits, row_security, viewers
from nowrongdoor.agencies import actions as keeping
from nowrongdoor.agencies import queries as agencies


class AgencyToken(security.HttpBearer):
    """`Authorization: Bearer …`: the token of an agency's system."""

    def authenticate(self, request: http.HttpRequest, token: str) -> viewers.Viewer | None:
        with row_security.entry():
            viewer = agencies.viewer_of_token(token)
            if viewer is not None:
                keeping.note_token_used(agencies.digest_of(token), at=timezone.now())
        # A known token has a budget of its own, whoever else knocks from the same address.
        if viewer is None:
            limits.spend(limits.Budget.UNKNOWN_TOKEN, limits.address_of(request), at=timezone.now())
        else:
            limits.spend(limits.Budget.TOKEN, agencies.digest_of(token).hex(), at=timezone.now())
        return viewer


class Request(http.HttpRequest):
    """A request whose token was recognised."""

    auth: viewers.Viewer
