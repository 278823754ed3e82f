"""How every page of casework does what somebody asked for: what may be refused, and that nothing they wrote is lost."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from django import http, shortcuts
from django.contrib import messages

from nowrongdoor.access import guards, viewers
from nowrongdoor.audit import record
from nowrongdoor.cases import actions as cases
from nowrongdoor.cases import noting, people
from nowrongdoor.cases import queries as case_queries
from nowrongdoor.cases.models import Note
from nowrongdoor.core import handoff, places
from nowrongdoor.core.mandates import facts
from nowrongdoor.duties import actions as duties
from nowrongdoor.duties import assigning, searches
from nowrongdoor.intake.queries import NoSuchSignal
from nowrongdoor.leads import answering
from nowrongdoor.mandates import queries as tables
from nowrongdoor.releases import actions as releases
from nowrongdoor.releases import asking
from nowrongdoor.ui import unsent, ways

# What an action may refuse, in words fit to show. Anything else is a fault and rises.
REFUSALS = (
    handoff.Refused,
    duties.AlreadyDone,
    duties.HowMissing,
    duties.ConfirmationMissing,
    duties.NotCorrected,
    assigning.TakenMeanwhile,
    assigning.CannotHaveIt,
    searches.TooManySearches,
    cases.NoteRefused,
    people.Refused,
    releases.Refused,
    facts.FactsError,
    places.UnknownPlace,
    tables.CannotDecide,
)
MISSING = (
    *(answering.NoSuchOffer, duties.NoSuchDuty, case_queries.NoSuchCase, NoSuchSignal),
    *(assigning.NoSuchEntry, searches.NoSuchSearch, noting.NoSuchNote, people.NoSuchPerson),
    asking.NoSuchRequest,
)
COORDINATORS = guards.role(viewers.Role.COORDINATOR)


def open_case(request: guards.Request, reference: str) -> case_queries.Access:
    """Open a case by its reference, or answer that there is nothing here."""
    try:
        return case_queries.find(request.viewer, reference)
    except case_queries.NoSuchCase:
        raise http.Http404 from None


def authority(access: case_queries.Access) -> record.Authority:
    """Say by what right the viewer looks at a case."""
    return record.Authority.MANDATE if access.relations else record.Authority.EMERGENCY


def audience(sent: Mapping[str, str]) -> Note.Audience:
    """Read who may see what somebody wrote: their agency, unless they chose otherwise."""
    chosen = sent.get("audience", "")
    return Note.Audience(chosen) if chosen in Note.Audience.values else Note.Audience.AGENCY


def do(
    request: guards.Request,
    act: Callable[[], str],
    again: Callable[[Exception], http.HttpResponse | None] = lambda refusal: None,
) -> http.HttpResponse:
    """Do it, say what came of it, and go back to where the person was. Where it is refused, nothing that they wrote is
    lost: `again` shows their form with what is wrong, or else a page of its own does."""
    back = ways.back_of(request, otherwise="worklist")
    try:
        messages.success(request, act())
    except MISSING:
        raise http.Http404 from None
    except REFUSALS as refusal:
        if shown := again(refusal):
            return shown
        if unsent.of(request.POST).has_words:
            return unsent.refused(request, str(refusal), back=back)
        messages.error(request, str(refusal))
    return shortcuts.redirect(back)
