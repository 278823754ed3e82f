"""Who is on call: the list of an agency, kept by whoever answers its offers and by its administrators."""

from __future__ import annotations

import uuid
from collections.abc import Callable

from django import forms, http, shortcuts
from django.contrib import messages
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from nowrongdoor.access import guards, viewers
from nowrongdoor.agencies import rotas
from nowrongdoor.core.language import gettext as _
from nowrongdoor.core.language import gettext_lazy
from nowrongdoor.ui import rendering

KEEPERS = guards.role(viewers.ANSWERS, viewers.Role.ADMINISTRATOR)
STEPS = {
    rotas.FIRST: gettext_lazy("First: hears of every urgent offer right away"),
    rotas.SECOND: gettext_lazy("Second: hears of it when nobody has opened it in a third of its time"),
}


class ShiftForm(forms.Form):
    """Who is on call, from when to when."""

    person = forms.TypedChoiceField(
        label=gettext_lazy("Who"),
        coerce=uuid.UUID,
        error_messages={
            "required": gettext_lazy("Choose who is on call."),
            "invalid_choice": gettext_lazy(
                "Choose an active coordinator of your agency: only coordinators can accept offers."
            ),
        },
    )
    step = forms.TypedChoiceField(
        label=gettext_lazy("When they are notified"),
        choices=lambda: [(str(step), str(words)) for step, words in STEPS.items()],
        coerce=int,
        widget=forms.RadioSelect,
    )
    from_at = forms.DateTimeField(label=gettext_lazy("From"), widget=rendering.Moment)
    to_at = forms.DateTimeField(label=gettext_lazy("Until"), widget=rendering.Moment)

    def __init__(self, viewer: viewers.Viewer, sent: http.QueryDict | None = None) -> None:
        super().__init__(sent, auto_id="%s", initial={"step": str(rotas.FIRST)})
        field = self.fields["person"]
        assert isinstance(field, forms.TypedChoiceField)
        field.choices = [("", _("Choose")), *((str(id_), name) for id_, name in rotas.who_may_answer(viewer))]


@KEEPERS
@require_GET
def show_on_call(request: guards.Request) -> http.HttpResponse:
    """See and set who is on call at your agency, and who comes next."""
    return _on_call(request)


@KEEPERS
@require_POST
def begin_rota(request: guards.Request) -> http.HttpResponse:
    """Start an on-call list."""
    return _do(request, lambda: rotas.begin(by=request.viewer, at=timezone.now()), _("Your on-call list is started."))


@KEEPERS
@require_POST
def end_rota(request: guards.Request) -> http.HttpResponse:
    """End the on-call list."""
    words = _("Your on-call list is ended. Everyone who can accept offers is notified as they chose.")
    return _do(request, lambda: rotas.end(by=request.viewer, at=timezone.now()), words)


@KEEPERS
@require_POST
def add_shift(request: guards.Request) -> http.HttpResponse:
    """Put a coordinator on call."""
    form = ShiftForm(request.viewer, request.POST)
    if form.is_valid():
        sent = form.cleaned_data
        try:
            rotas.add(
                sent["person"],
                sent["step"],
                from_at=sent["from_at"],
                to_at=sent["to_at"],
                by=request.viewer,
                at=timezone.now(),
            )
        except rotas.Refused as refusal:
            form.add_error("to_at", str(refusal))
        else:
            messages.success(request, _("Added to the on-call list."))
            return shortcuts.redirect("on_call")
    return _on_call(request, form)


@KEEPERS
@require_POST
def end_shift(request: guards.Request, shift_id: uuid.UUID) -> http.HttpResponse:
    """Take a coordinator off call."""
    try:
        return _do(
            request,
            lambda: rotas.take_back(shift_id, by=request.viewer, at=timezone.now()),
            _("Removed from the on-call list."),
        )
    except rotas.NoSuchShift:
        raise http.Http404 from None


def _on_call(request: guards.Request, form: ShiftForm | None = None) -> http.HttpResponse:
    now, viewer = timezone.now(), request.viewer
    shifts = rotas.shifts(viewer, at=now)
    context = {
        "keeps_list": rotas.keeps_a_list(viewer),
        "shifts": shifts,
        "steps": STEPS,
        "gap_at": rotas.gap_after(viewer, at=now),
        "form": form or ShiftForm(viewer),
        "refused": form,
    }
    return shortcuts.render(request, "agencies/on_call.html", context, status=422 if form else 200)


def _do(request: guards.Request, act: Callable[[], object], words: str) -> http.HttpResponse:
    try:
        act()
        messages.success(request, words)
    except rotas.Refused as refusal:
        messages.error(request, str(refusal))
    return shortcuts.redirect("on_call")
