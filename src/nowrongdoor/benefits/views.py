"""The page of a person's benefits letters. Its view makes one call inward for what is sent."""

from __future__ import annotations

import dataclasses
import uuid
from collections.abc import Sequence

from django import http, shortcuts
from django.contrib import messages
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from nowrongdoor.access import guards, row_security
from nowrongdoor.audit import record
from nowrongdoor.benefits import actions, forms, queries, tables
from nowrongdoor.benefits.models import State
from nowrongdoor.cases import people
from nowrongdoor.cases import queries as cases
from nowrongdoor.core import benefits, disclosure_grounds
from nowrongdoor.services.forms import OneForm

KEEPERS = guards.role(*tables.KEEPERS)


@dataclasses.dataclass(frozen=True, slots=True)
class Row:
    """A letter with what may be noted of it now."""

    letter: queries.LetterShown
    came: OneForm | None
    end: OneForm | None
    extend: OneForm | None
    strike: OneForm | None


@KEEPERS
@require_http_methods(["GET", "POST"])
def letters(request: guards.Request, reference: str, person_id: uuid.UUID) -> http.HttpResponse:
    """Note the benefits letters of a person your agency added: requested, received, and when they end."""
    access, person = _access(request, reference, person_id)
    rows = queries.of_person(request.viewer, access, person_id, today=actions.today(request.viewer, at=timezone.now()))
    if request.method == "GET":
        return _page(request, access, person, rows)
    form = _sent(request, person_id, rows)
    if not form.is_valid():
        return _page(request, access, person, rows, form)
    try:
        messages.success(request, _do(form, request, person_id))
    except actions.NoSuchLetter:
        raise http.Http404 from None
    except actions.Refused as refusal:
        form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        return _page(request, access, person, rows, form)
    return shortcuts.redirect("benefits_letters", access.case.reference, person_id)


def _page(
    request: guards.Request,
    access: cases.Access,
    person: people.PersonShown,
    rows: Sequence[queries.LetterShown],
    refused: OneForm | None = None,
) -> http.HttpResponse:
    """The page; a form that was not taken stays open with what was written."""
    record.looked("person.read", person.id, by=request.viewer, at=timezone.now(), case_id=access.case.id)

    def form(made: OneForm) -> OneForm:
        is_same = refused is not None and (refused.DO, refused.row_id) == (made.DO, made.row_id)
        return refused if refused is not None and is_same else made

    known = benefits.installed()
    context = {
        "access": access,
        "person": person,
        "rows": [
            Row(
                each,
                came=form(forms.CameForm(each.id, ends=each.ends)) if each.waits else None,
                end=form(forms.EndForm(each.id)) if each.waits else None,
                extend=form(forms.ExtendForm(each.id)) if each.may_be_extended else None,
                strike=form(forms.StrikeForm(each.id)) if each.struck_at is None else None,
            )
            for each in rows
        ],
        "request_form": form(forms.RequestForm(person.id)) if known.letters else None,
        "unasked_form": form(forms.UnaskedForm(person.id)) if known.letters else None,
        "refused": refused,
        "discovery": disclosure_grounds.installed().discovery,
        "law": known.law,
        "clocks": queries.clocks(),
    }
    return shortcuts.render(request, "benefits/letters.html", context, status=422 if refused else 200)


def _sent(request: guards.Request, person_id: uuid.UUID, rows: Sequence[queries.LetterShown]) -> OneForm:
    """Read which form was sent, of the person or of a letter of theirs that this viewer sees."""
    kind = _FORMS.get(request.POST.get("do", ""))
    try:
        which = uuid.UUID(request.POST.get("which", ""))
    except ValueError:
        raise http.Http404 from None
    if kind is None:
        raise http.Http404
    if kind in (forms.RequestForm, forms.UnaskedForm):
        if which != person_id:
            raise http.Http404
        return kind(which, request.POST)
    letter = next((each for each in rows if each.id == which), None)
    if letter is None:
        raise http.Http404
    if kind is forms.CameForm:
        return forms.CameForm(which, request.POST, ends=letter.ends)
    return kind(which, request.POST)


def _do(form: OneForm, request: guards.Request, person_id: uuid.UUID) -> str:
    by, now, which, sent = request.viewer, timezone.now(), form.row_id, form.cleaned_data
    match form:
        case forms.RequestForm():
            actions.request(person_id, sent["kind"], on=sent["on"], by=by, at=now)
            return _("Saved. Nothing was sent: ask for the letter at the office itself.")
        case forms.UnaskedForm():
            number, last_on = sent["letter_number"], sent["last_on"]
            actions.receive_unasked(
                person_id, sent["kind"], on=sent["on"], number=number, last_on=last_on, by=by, at=now
            )
            return _("Saved: the letter came.")
        case forms.CameForm():
            number, last_on = sent["letter_number"], sent.get("last_on")
            actions.receive(which, on=sent["on"], number=number, last_on=last_on, by=by, at=now)
            return _("Saved: the letter came.")
        case forms.EndForm():
            actions.end(which, State(sent["state"]), on=sent["on"], by=by, at=now)
            return _("Saved. Your agency’s help goes on as before.")
        case forms.ExtendForm():
            actions.extend(which, last_on=sent["last_on"], by=by, at=now)
            return _("Saved: the letter was extended.")
        case forms.StrikeForm():
            actions.strike(which, by=by, at=now)
            return _("Marked as a mistake. It stays below, and nothing follows from it any more.")
    raise http.Http404


_FORMS: dict[str, type[OneForm]] = {
    each.DO: each
    for each in (
        *(forms.RequestForm, forms.UnaskedForm, forms.CameForm),
        *(forms.EndForm, forms.ExtendForm, forms.StrikeForm),
    )
}


def _access(request: guards.Request, reference: str, person_id: uuid.UUID) -> tuple[cases.Access, people.PersonShown]:
    """Open the case, and find a person whom the viewer's own agency added."""
    try:
        access = cases.find(request.viewer, reference)
    except cases.NoSuchCase:
        raise http.Http404 from None
    row_security.act_on(access.case.id)  # whoever took part before sees to what they noted
    everybody = people.shown(request.viewer, access.case.id, access.key)
    person = next((each for each in everybody if each.id == person_id and each.is_ours), None)
    if person is None:
        raise http.Http404
    return access, person
