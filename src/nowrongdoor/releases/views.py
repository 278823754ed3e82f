"""The pages of a person: what the viewer may read of them, what they allowed, what was told. Each view makes one call
inward."""

from __future__ import annotations

import dataclasses
import uuid

from django import http, shortcuts
from django.contrib import messages
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from nowrongdoor.access import asking, guards, row_security, viewers
from nowrongdoor.audit import record
from nowrongdoor.cases import people
from nowrongdoor.cases import queries as cases
from nowrongdoor.core import disclosure_grounds, parts
from nowrongdoor.core.language import gettext as _
from nowrongdoor.releases import actions, forms, queries, signing
from nowrongdoor.ui import ways

WORKERS = guards.role(*viewers.SEES_CASES)


@WORKERS
@require_GET
def show_person(request: guards.Request, reference: str, person_id: uuid.UUID) -> http.HttpResponse:
    """See what you may read about a person."""
    access, person = _access(request, reference, person_id)
    return _page(request, access, person)


def _page(
    request: guards.Request,
    access: cases.Access,
    person: people.PersonShown,
    *,
    release: forms.ReleaseForm | None = None,
    disclosure: forms.DisclosureForm | None = None,
) -> http.HttpResponse:
    """The page; a form that was not taken stays open with what was written."""
    person_id = person.id
    now = timezone.now()
    authority = record.Authority.MANDATE if person.is_ours else record.Authority.RELEASE
    record.looked("person.read", person_id, by=request.viewer, at=now, case_id=access.case.id, authority=authority)
    row_security.act_on(access.case.id)  # to name the other agencies of the case
    recipients = queries.recipients(request.viewer, access)
    was_sent = bool(release or disclosure)
    release = release or _release_form(request, access, person)
    choices = release.fields["recipient"].choices  # type: ignore[attr-defined]
    context = {
        "access": access,
        "person": person,
        "sees_benefits": request.viewer.role in viewers.who_sees(parts.Part.IMMIGRATION),
        "is_advocate": request.viewer.role is viewers.Role.ADVOCATE and access.sight is cases.Sight.CASE,
        "releases": [
            (each, forms.RevokeForm(auto_id=f"revoke-{each.id.hex}-%s"))
            for each in queries.releases(request.viewer, access, person_id, at=now)
        ],
        "disclosures": queries.disclosures(request.viewer, access, person_id),
        "recipients": recipients,
        "may_release": len(choices) > 1,  # besides the empty one
        "release": release,
        "signing": disclosure_grounds.installed().signing,
        "disclosure": disclosure or forms.DisclosureForm(recipients),
    }
    return shortcuts.render(request, "releases/person.html", context, status=422 if was_sent else 200)


@WORKERS
@require_POST
def add_person(request: guards.Request, reference: str) -> http.HttpResponse:
    """Add a person."""
    access = _case(request, reference)
    if access.sight is not cases.Sight.CASE:
        raise http.Http404
    details = {name: request.POST.get(f"person_{name}", "") for name in parts.FIELDS}
    try:
        people.add(access.case.id, details, by=request.viewer, at=timezone.now())
        messages.success(
            request, _("Person added. Only your agency can read this, and only the roles that need each part.")
        )
    except people.Refused as refusal:
        messages.error(request, str(refusal))
    return shortcuts.redirect("case", access.case.reference)


@WORKERS
@require_POST
def keep_release(request: guards.Request, reference: str, person_id: uuid.UUID) -> http.HttpResponse:
    """Put what a release says on paper, in the person’s language; and save it once the paper is signed."""
    access, person = _access(request, reference, person_id)
    row_security.act_on(access.case.id)  # to name the other agencies of the case
    form = _release_form(request, access, person, request.POST)
    if not form.is_valid():
        return _page(request, access, person, release=form)
    sent, now = form.cleaned_data, timezone.now()
    try:
        recipient = actions.check(person_id, recipient_code=sent["recipient"], which=sent["part"], by=request.viewer)
        actions.check_signing(form.how, expires_at=sent["until"], at=now)
    except actions.Refused as refusal:
        return _refused(request, access, person, form, refusal)
    agreed = signing.Agreed(
        reference=access.case.reference,
        number=person.number,
        giver=request.viewer.agency_name,
        recipient=recipient.name,
        which=sent["part"],
        purpose=sent["purpose"],
        until=sent["until"],
        signing=form.how,
    )
    paper = signing.paper(agreed, sent["language"])
    signed = forms.SignedForm(request.POST if "code" in request.POST else None)
    if "code" not in request.POST or not signed.is_valid():
        return _paper(request, access, person, paper, form, signed)
    if not signing.is_code_of(signed.cleaned_data["code"], paper):
        signed.add_error(
            "code",
            _("This isn’t the code of this paper. If the paper says something else, print it and sign it again."),
        )
        return _paper(request, access, person, paper, form, signed)
    how = dataclasses.replace(form.how, signed_at=signed.cleaned_data["signed_at"], text=paper.text)
    try:
        actions.keep(
            person_id,
            recipient_code=sent["recipient"],
            which=sent["part"],
            purpose=sent["purpose"],
            witness=signed.cleaned_data["witness"],
            expires_at=sent["until"],
            by=request.viewer,
            at=timezone.now(),
            how=how,
        )
    except actions.NotSigned as refusal:
        signed.add_error("signed_at" if refusal.field == "signed_at" else None, str(refusal))
        return _paper(request, access, person, paper, form, signed)
    except actions.Refused as refusal:
        return _refused(request, access, person, form, refusal)
    messages.success(request, _("Release saved. The person can revoke it at any time, and help never depends on it."))
    return shortcuts.redirect("person", access.case.reference, person_id)


def _release_form(
    request: guards.Request, access: cases.Access, person: people.PersonShown, sent: http.QueryDict | None = None
) -> forms.ReleaseForm:
    others = people.shown(request.viewer, access.case.id, access.key)
    words = _("Person {number}")
    known = [
        (each.number, words.format(number=each.number)) for each in others if each.is_ours and each.id != person.id
    ]
    recipients = [*queries.recipients(request.viewer, access), *queries.services(access)]
    return forms.ReleaseForm(recipients, sent, known)


def _refused(
    request: guards.Request,
    access: cases.Access,
    person: people.PersonShown,
    form: forms.ReleaseForm,
    refusal: actions.Refused,
) -> http.HttpResponse:
    field = refusal.field if isinstance(refusal, actions.NotSigned) else "recipient"
    form.add_error("part" if isinstance(refusal, actions.Gate) else field or None, str(refusal))
    return _page(request, access, person, release=form)


def _paper(
    request: guards.Request,
    access: cases.Access,
    person: people.PersonShown,
    paper: signing.Paper,
    form: forms.ReleaseForm,
    signed: forms.SignedForm,
) -> http.HttpResponse:
    """The paper to sign, and below it the form for whoever saw it signed."""
    kept = [(name, value) for name in form.fields for value in request.POST.getlist(name)]
    context = {
        "access": access,
        "person": person,
        "paper": paper,
        "kept": kept,
        "signed": signed,
        "needs_another": form.how.signer.needs_another,
    }
    return shortcuts.render(request, "releases/paper.html", context, status=422 if signed.errors else 200)


@WORKERS
@require_GET
def show_signed(request: guards.Request, reference: str, release_id: uuid.UUID) -> http.HttpResponse:
    """The words that a person signed, as they were."""
    access = _case(request, reference)
    text = queries.signed_text(request.viewer, access, release_id)
    if text is None:
        raise http.Http404
    record.looked("release.read", release_id, by=request.viewer, at=timezone.now(), case_id=access.case.id)
    title, *lines = text.split("\n")
    context = {"access": access, "title": title, "lines": lines, "code": signing.code_of(text)}
    return shortcuts.render(request, "releases/signed.html", context)


@WORKERS
@require_POST
def revoke_release(request: guards.Request, release_id: uuid.UUID) -> http.HttpResponse:
    """Revoke a release, in whatever way the person said so."""
    form = forms.RevokeForm(request.POST)
    way = actions.Way(form.cleaned_data["way"]) if form.is_valid() else None
    try:
        actions.revoke(release_id, way=way, by=request.viewer, at=timezone.now())
    except actions.Refused:
        raise http.Http404 from None
    messages.success(request, _("Release revoked. The other agency can no longer see this information here."))
    return shortcuts.redirect(ways.back_of(request, otherwise="cases"))


@WORKERS
@require_POST
def disclose(request: guards.Request, reference: str, person_id: uuid.UUID) -> http.HttpResponse:
    """Disclose without consent (legal duty)."""
    access, person = _access(request, reference, person_id)
    row_security.act_on(access.case.id)  # to name the other agencies of the case
    form = forms.DisclosureForm(queries.recipients(request.viewer, access), request.POST)
    if not form.is_valid():
        return _page(request, access, person, disclosure=form)
    sent = form.cleaned_data
    try:
        actions.disclose(
            person_id,
            recipient_code=sent["recipient"],
            which=sent["part"],
            ground=sent["ground"],
            because=sent["because"],
            by=request.viewer,
            at=timezone.now(),
        )
        messages.success(request, _("Disclosure recorded. The person must be notified, and a deadline has started."))
    except actions.Refused as refusal:
        form.add_error("part" if isinstance(refusal, actions.Gate) else None, str(refusal))
        return _page(request, access, person, disclosure=form)
    return shortcuts.redirect("person", access.case.reference, person_id)


@WORKERS
@require_http_methods(["GET", "POST"])
def find_people(request: guards.Request) -> http.HttpResponse:
    """Find the cases of a person your agency added, by name, number, or email."""
    if request.method == "POST":
        return asking.keep(request, "find_people", {"q": request.POST.get("q", "").strip()[:200]})
    asked = asking.kept(request, "find_people")
    typed = (asked or {}).get("q", "")
    references = people.find(request.viewer, typed) if typed else ()
    if typed:
        details: dict[str, record.Detail] = {"access": len(references)}
        record.looked(
            "people.searched", request.viewer.agency_id, by=request.viewer, at=timezone.now(), details=details
        )
    form = forms.FindForm(auto_id="%s", initial={"q": typed})
    context = {"q": typed, "form": form, "references": references, "is_forgotten": asked is None}
    return shortcuts.render(request, "releases/find.html", context)


def _case(request: guards.Request, reference: str) -> cases.Access:
    try:
        return cases.find(request.viewer, reference)
    except cases.NoSuchCase:
        raise http.Http404 from None


def _access(request: guards.Request, reference: str, person_id: uuid.UUID) -> tuple[cases.Access, people.PersonShown]:
    access = _case(request, reference)
    everybody = people.shown(request.viewer, access.case.id, access.key)
    person = next((person for person in everybody if person.id == person_id), None)
    if person is None:
        raise http.Http404
    return access, person
