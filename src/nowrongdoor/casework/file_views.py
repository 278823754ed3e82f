"""Attaching a file to a case, and getting one out again. What was typed is never lost: an error shows it again."""

from __future__ import annotations

import uuid

from django import http, shortcuts
from django.contrib import messages
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from nowrongdoor.access import guards, headers, viewers
from nowrongdoor.cases import files, forms, panel
from nowrongdoor.cases import queries as cases
from nowrongdoor.casework import acting, case_views
from nowrongdoor.uploads import kinds, refusing, telling
from nowrongdoor.vault import keys

WORKERS = guards.role(*viewers.SEES_CASES)
NONE_CHOSEN = gettext_lazy("Choose the file to attach.")


@WORKERS
@require_http_methods(["GET", "POST"])
def attach(request: guards.Request, reference: str) -> http.HttpResponse:
    """Attach a file. Whoever comes back to the address of a form that was refused gets the case."""
    access = acting.open_case(request, reference)
    if access.sight is not cases.Sight.CASE:
        raise http.Http404
    if request.method == "GET":
        return shortcuts.redirect("case", access.case.reference)
    label, given = request.POST.get("label", ""), request.FILES.get("file")
    audience = acting.audience(request.POST)

    def again(field: str, problem: str) -> http.HttpResponse:
        form = panel.file_form(request.viewer, {"label": label, "audience": audience.value})
        form.refuse(field, problem)
        return case_views.answer_case(request, access, file_form=form, status=422)

    if given is None:
        return again("file", str(NONE_CHOSEN))
    sent = files.Sent(label, given.name or "", given.read(), audience)
    try:
        attached = files.attach(access.case.id, sent, by=request.viewer, at=timezone.now())
    except files.LabelRefused as refusal:
        return again("label", str(refusal))
    except refusing.Refused as refusal:
        return again("file", str(refusal))
    except keys.Erased as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, telling.after(kinds.BY_CODE[attached.kind]))
    return shortcuts.redirect("case", access.case.reference)


@WORKERS
@require_GET
def download(request: guards.Request, reference: str, file_id: uuid.UUID) -> http.HttpResponse:
    """Download a file."""
    access = acting.open_case(request, reference)
    try:
        file = files.opened(request.viewer, access, file_id, at=timezone.now())
    except files.NoSuchFile:
        raise http.Http404 from None
    answer = http.HttpResponse(file.content, content_type=file.kind.media_type)
    answer["Content-Disposition"] = f'attachment; filename="{file.name}"'
    answer[headers.CSP] = headers.SANDBOX
    return answer


@WORKERS
@require_http_methods(["GET", "POST"])
def withdraw(request: guards.Request, reference: str, file_id: uuid.UUID) -> http.HttpResponse:
    """Withdraw a file your agency attached, and say why."""
    access = acting.open_case(request, reference)
    listed = files.listed(request.viewer, access)
    file = next((each for each in listed if each.id == file_id and each.is_ours and not each.withdrawn), None)
    if file is None or access.sight is not cases.Sight.CASE or access.key is None:
        raise http.Http404
    form = forms.WithdrawForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            because = form.cleaned_data["because"]
            files.withdraw(access.case.id, file_id, because=because, by=request.viewer, at=timezone.now())
        except files.NoSuchFile:
            raise http.Http404 from None
        except files.KeptApart as refusal:
            form.add_error("because", str(refusal))
        else:
            messages.success(request, _("The file is withdrawn. Nobody can open it anymore."))
            return shortcuts.redirect(f"{shortcuts.resolve_url('case', access.case.reference)}#files")
    context = {"case": access.case, "file": file, "form": form}
    return shortcuts.render(request, "cases/withdraw.html", context, status=422 if form.errors else 200)
