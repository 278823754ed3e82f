"""The page on which an advocate looks for help. Each view makes one call inward."""

from __future__ import annotations

from django import http, shortcuts
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from nowrongdoor.access import guards
from nowrongdoor.services import finding, forms, tables, worded

FINDERS = guards.role(*tables.FINDERS)


@FINDERS
@require_http_methods(["GET", "POST"])
def find_help(request: guards.Request) -> http.HttpResponse:
    """Find a service that can take somebody. What is asked about them is in no address and is not kept."""
    if request.method == "GET":
        return shortcuts.render(request, "services/find.html", {"form": forms.FindForm()})
    form = forms.FindForm(request.POST)
    if not form.is_valid():
        return shortcuts.render(request, "services/find.html", {"form": form}, status=422)
    needs = form.needs
    answer = finding.search(needs, by=request.viewer, at=timezone.now())
    asking = forms.FindForm(request.POST, answer.found.questions)
    near = answer.found.misses
    context = {
        "form": asking,
        "has_questions": bool(asking.facts),
        "questions": [asking[name] for name in asking.facts],
        "offers": worded.offers(answer, finding.phones(answer, by=request.viewer), needs),
        "misses": worded.misses(near, needs),
        "others": worded.misses([each for each in answer.found.left_out if each not in near], needs),
        "answer": answer,
        "is_answered": True,
    }
    return shortcuts.render(request, "services/find.html", context)
