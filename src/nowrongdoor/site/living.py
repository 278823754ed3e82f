"""The living page of components: each in every state, to look at and to test. It is served on a demonstration alone."""

from __future__ import annotations

import datetime

from django import forms, http, shortcuts
from django.conf import settings
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from nowrongdoor.access import guards
from nowrongdoor.ui import rendering


class Example(forms.Form):
    """A field of each kind."""

    name = forms.CharField(label="Full name", help_text="As the person says it.", max_length=100)
    number = forms.CharField(label="Telephone number", required=False)
    role = forms.ChoiceField(
        label="Role", choices=[("", "Choose"), ("advocate", "Advocate"), ("coordinator", "Coordinator")]
    )
    reached = forms.ChoiceField(
        label="How did they reach you?",
        help_text="Choose the first contact.",
        widget=forms.RadioSelect,
        choices=[("call", "Phone call"), ("text", "Text message"), ("visit", "Visit")],
    )
    ground = forms.ChoiceField(
        label="Which duty?",
        widget=forms.RadioSelect,
        choices=[
            (
                "court",
                rendering.Described("A court orders it", "Attach the order.", "Records Act, section 12(b)", "statute"),
            ),
            ("danger", rendering.Described("Somebody is in danger", citation="Protocol 4", evidence="unverified")),
        ],
    )
    parts = forms.MultipleChoiceField(
        label="What may it see?",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        choices=[("name", "Name"), ("contact", "Contact"), ("needs", "Needs")],
    )
    agrees = forms.BooleanField(label="The person agrees")
    until = rendering.DayField(label="Until when?", help_text="A year at most.")
    at = forms.DateTimeField(label="When was the contact?", widget=rendering.Moment, required=False)
    words = forms.CharField(label="What happened, in their words?", widget=forms.Textarea)
    file = forms.FileField(label="File", required=False)


@guards.signed_in
@require_http_methods(["GET", "POST"])
def show_components(request: guards.Request) -> http.HttpResponse:
    """See every component, in each state."""
    if not settings.DEMONSTRATION:
        raise http.Http404
    now = timezone.now()
    wrong = Example({"name": "", "role": "chief", "until": "yesterday"}, auto_id="wrong_%s", prefix="wrong")
    context = {
        "empty": Example(auto_id="empty_%s"),
        "narrowing": Example(auto_id="narrowing_%s"),
        "narrowing_wrong": Example({"number": "many"}, auto_id="narrowing-wrong_%s"),
        "wrong": wrong,
        "now": now,
        "soon": now + datetime.timedelta(hours=3, minutes=2),
        "late": now - datetime.timedelta(days=2, hours=1),
    }
    return shortcuts.render(request, "ui/components.html", context)


PAGES = [path("components", show_components, name="components")]
