"""The page on which an advocate shows a person who has seen their information. It asks about safety each time.

The promise: nothing is opened while somebody may be watching or listening, and what isn't safe on paper stays off it.
"""

from __future__ import annotations

import uuid

from django import forms, http, shortcuts
from django.conf import settings
from django.utils import timezone, translation
from django.views.decorators.http import require_http_methods

from nowrongdoor.access import guards, viewers
from nowrongdoor.casework import acting, printing
from nowrongdoor.core.language import gettext_lazy
from nowrongdoor.records import seen

ADVOCATES = guards.role(viewers.Role.ADVOCATE)
NOT_NOW = frozenset({"yes", "unsure"})


class SafetyForm(forms.Form):
    """What is asked before each opening."""

    asked = forms.BooleanField(
        label=gettext_lazy("The person asked to see this, and I’m with them or on the phone with them."),
        error_messages={"required": gettext_lazy("Open this only when the person asks for it and is with you.")},
    )
    watched = forms.ChoiceField(
        label=gettext_lazy("Is somebody watching or listening?"),
        choices=[
            ("no", gettext_lazy("No, nobody")),
            ("yes", gettext_lazy("Yes")),
            ("unsure", gettext_lazy("They aren’t sure, or I can’t ask")),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Ask the person, then choose an answer.")},
    )
    form = forms.ChoiceField(
        label=gettext_lazy("May it be printed?"),
        help_text=gettext_lazy("Ask where the person would keep the paper, and who could find it."),
        choices=[
            ("screen", gettext_lazy("No, show it on the screen only")),
            ("paper", gettext_lazy("Yes, a paper is safe")),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Ask the person, then choose an answer.")},
    )
    language = forms.ChoiceField(
        label=gettext_lazy("In which language does the person read?"),
        choices=lambda: settings.LANGUAGES,
    )


@ADVOCATES
@require_http_methods(["GET", "POST"])
def show_seen(request: guards.Request, reference: str, person_id: uuid.UUID) -> http.HttpResponse:
    """Show a person who has seen their information, when they ask."""
    access = acting.open_case(request, reference)
    try:
        person = seen.person(request.viewer, access, person_id)
    except seen.NotYours:
        raise http.Http404 from None
    form = SafetyForm(
        request.POST if request.method == "POST" else None,
        auto_id="seen-%s",
        initial={"language": translation.get_language()},
    )
    context: dict[str, object] = {"case": access.case, "person": person, "form": form}
    if not form.is_valid():
        return shortcuts.render(request, "records/seen.html", context, status=422 if form.errors else 200)
    answers = form.cleaned_data
    if answers["watched"] in NOT_NOW:
        return shortcuts.render(request, "records/seen.html", {**context, "is_not_now": True})
    context["rows"] = seen.by_whom(
        request.viewer,
        access,
        person_id,
        language=answers["language"],
        form=answers["form"],
        at=timezone.now(),
    )
    context.update(
        language=answers["language"],
        may_print=answers["form"] == "paper",
        marking=printing.marking(),
        on=timezone.now(),
    )
    return shortcuts.render(request, "records/seen_by.html", context)
