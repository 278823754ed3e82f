"""Where providers say what happened. Whoever comes in here is known by a signature, and by nothing else."""

from __future__ import annotations

import logging

from django import http
from django.conf import settings
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from nowrongdoor.access import guards
from nowrongdoor.channels import protocol
from nowrongdoor.core.language import gettext as _
from nowrongdoor.core.line import Medium
from nowrongdoor.line import channels, models, plan, speaking, taking

LOG = logging.getLogger(__name__)


@csrf_exempt  # no session is read here: the provider's signature is the proof
@guards.public
def hook(request: http.HttpRequest, provider: str) -> http.HttpResponse:
    """Take what a provider says, and answer what a call does next."""
    if provider not in plan.installed().providers:
        raise http.Http404
    if request.method != "POST":
        return http.HttpResponseNotAllowed(["POST"])
    channel, now = channels.of_provider(provider), timezone.now()
    headers = {name.lower(): value for name, value in request.headers.items()}
    try:
        events = channel.receive(protocol.Incoming(request.build_absolute_uri(), headers, request.body))
    except protocol.Forged:
        return http.HttpResponseForbidden()
    except protocol.Unreadable as error:
        LOG.warning("The provider %s said something that could not be read: %s", provider, error)
        return http.HttpResponseBadRequest()
    steps: list[protocol.Step] = []
    for event in events:
        try:
            contact = taking.take(provider, event, how=models.LineEvent.How.TOLD, at=now)
        except taking.NoSuchLine:
            LOG.warning("The provider %s has something for an address that no line has.", provider)
            if event.medium is Medium.VOICE:
                steps = [protocol.Say(_("This number is not in use."), settings.LANGUAGE_CODE), protocol.HangUp()]
            continue
        if contact is not None and event.medium is Medium.VOICE:
            steps = list(speaking.steps(contact, at=now))
    reply = channel.reply(steps)
    return http.HttpResponse(reply.body, content_type=reply.type)
