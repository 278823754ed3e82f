"""What a person is in a case, and how people are related, as their own agency writes it down."""

from __future__ import annotations

import datetime
import uuid

from django import http, shortcuts
from django.contrib import messages
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from nowrongdoor.access import guards, viewers
from nowrongdoor.cases import forms, people
from nowrongdoor.cases import queries as cases
from nowrongdoor.casework import acting

WORKERS = guards.role(*viewers.SEES_CASES)


@WORKERS
@require_http_methods(["GET", "POST"])
def show_roles(request: guards.Request, reference: str, person_id: uuid.UUID) -> http.HttpResponse:
    """Add a role or a relation to a person your agency added."""
    access = acting.open_case(request, reference)
    if access.sight is not cases.Sight.CASE:
        raise http.Http404
    ours = [each for each in people.shown(request.viewer, access.case.id, access.key) if each.is_ours]
    person = next((each for each in ours if each.id == person_id), None)
    if person is None:
        raise http.Http404
    others = [(str(each.id), _("Person {number}").format(number=each.number)) for each in ours if each is not person]
    what = request.POST.get("what", "")
    role_form = forms.RoleForm(request.POST if what == "role" else None)
    relation_form = forms.RelationForm(others, request.POST if what == "relation" else None)
    form = relation_form if what == "relation" else role_form
    if what and form.is_valid():
        try:
            if form is role_form:
                _add_role(request, person_id, role_form)
            else:
                _relate(request, person_id, relation_form)
        except people.NoSuchPerson:
            raise http.Http404 from None
        except people.Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("Saved. Only your agency can read it."))
            return shortcuts.redirect(f"{shortcuts.resolve_url('case', access.case.reference)}#person-{person_id}")
    context = {
        "case": access.case,
        "person": person,
        "role_form": role_form,
        "relation_form": relation_form if others else None,
    }
    return shortcuts.render(request, "cases/roles.html", context, status=422 if form.errors else 200)


def _add_role(request: guards.Request, person_id: uuid.UUID, form: forms.RoleForm) -> None:
    people.add_role(
        person_id,
        form.cleaned_data["role"],
        from_at=_begin(form.cleaned_data["from_on"]),
        to_at=_begin(form.cleaned_data["to_on"]),
        by=request.viewer,
        at=timezone.now(),
    )


def _relate(request: guards.Request, person_id: uuid.UUID, form: forms.RelationForm) -> None:
    people.relate(
        person_id,
        uuid.UUID(form.cleaned_data["other"]),
        form.cleaned_data["kind"],
        from_at=None,
        by=request.viewer,
        at=timezone.now(),
    )


@WORKERS
@require_POST
def end_role(request: guards.Request, reference: str, role_id: uuid.UUID) -> http.HttpResponse:
    """End a role as of today."""
    acting.open_case(request, reference)

    def act() -> str:
        now = timezone.now()
        people.end_role(role_id, to_at=now, by=request.viewer, at=now)
        return _("The role ends today.")

    return acting.do(request, act)


@WORKERS
@require_POST
def end_relation(request: guards.Request, reference: str, relation_id: uuid.UUID) -> http.HttpResponse:
    """End a relation as of today."""
    acting.open_case(request, reference)

    def act() -> str:
        now = timezone.now()
        people.end_relation(relation_id, to_at=now, by=request.viewer, at=now)
        return _("The relation ends today.")

    return acting.do(request, act)


def _begin(day: datetime.date | None) -> datetime.datetime | None:
    """Return the first moment of a day in the zone of the pages."""
    return None if day is None else timezone.make_aware(datetime.datetime.combine(day, datetime.time.min))
