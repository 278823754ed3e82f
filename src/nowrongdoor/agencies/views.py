"""Coming in, and keeping an agency's people. Each view makes one call inward."""

from __future__ import annotations

import datetime
import functools
import time
import uuid
from collections.abc import Callable

from allauth.mfa.adapter import get_adapter
from allauth.mfa.base.views import AuthenticateView
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth as totp
from django import http, shortcuts
from django.conf import settings
from django.contrib import messages
from django.core import exceptions
from django.utils import timezone
from django.views.decorators import csrf
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from nowrongdoor.access import guards, idle, viewers
from nowrongdoor.agencies import (
    actions,
    entrance,
    forms,
    inviting,
    languages,
    models,
    queries,
    roles,
    setting_up,
    staff_forms,
    steps,
)
from nowrongdoor.core.language import gettext
from nowrongdoor.ui import unsent

ADMINISTRATORS = guards.role(viewers.Role.ADMINISTRATOR)


class SecondStep(AuthenticateView):  # type: ignore[misc]
    """The second step of signing in. On a demonstration it shows the code of the fictional person who signs in."""

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        """Add the code, on a demonstration only."""
        context = dict(super().get_context_data(**kwargs))
        person = self.stage.login.user
        if settings.DEMONSTRATION and person.full_name.endswith(viewers.FICTIONAL):
            row = Authenticator.objects.filter(user=person, type=Authenticator.Type.TOTP).first()
            if row:
                counters = list(totp.yield_hotp_counters_from_time())
                secret = get_adapter().decrypt(row.data["secret"])
                code = totp.hotp_value(secret, counters[len(counters) // 2])
                context["demonstration_code"] = totp.format_hotp_value(code)
        return context


@functools.partial(steps.shown, before=steps.joining)
@guards.entrance
@require_http_methods(["GET", "POST"])
def join(request: http.HttpRequest) -> http.HttpResponse:
    """Where an invitation leads: enter its code, choose a password, then sign in and add a second factor.

    The code is in the fragment of the link, which a browser sends to nobody. A script moves it into the form
    (front/scripts/join.js); without scripts a person pastes the link."""
    if request.method == "GET":
        return shortcuts.render(request, "agencies/join.html", {"form": staff_forms.LinkForm(auto_id="%s")})
    now, code = timezone.now(), inviting.code_in(request.POST.get("code", ""))
    form = staff_forms.PasswordForm(auto_id="%s", initial={"code": code})
    try:
        invitation = inviting.open_invitation(code, at=now)
        if "password" in request.POST:
            form = staff_forms.PasswordForm(request.POST, auto_id="%s")
            if form.is_valid():
                chosen, again = form.cleaned_data["password"], form.cleaned_data["again"]
                try:
                    inviting.look_over(code, password=chosen, again=again, at=now)
                    _, encoded = getattr(request, "new_password", ("", ""))
                    inviting.accept(code, password=chosen, encoded=encoded, at=now)
                    request.session[entrance.SETUP] = code
                except exceptions.ValidationError as error:
                    for problem in error.messages:
                        form.add_error("password", problem)
                else:
                    messages.success(
                        request,
                        gettext(
                            "You can sign in now. You’ll then be asked to add a second factor. Do both here, within "
                            "half an hour. After that, you need a setup code from your administrator."
                        ),
                    )
                    return shortcuts.redirect("sign_in")
    except inviting.NoSuchInvitation as error:
        link = staff_forms.LinkForm({"code": ""}, auto_id="%s")
        link.errors.clear()
        link.add_error("code", str(error))
        return shortcuts.render(request, "agencies/join.html", {"form": link, "is_gone": True}, status=404)
    context = {"invitation": invitation, "form": form}
    return shortcuts.render(request, "agencies/join.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
def setup_code(request: http.HttpRequest) -> http.HttpResponse:
    """Where somebody who has no second factor yet enters the code that lets them add one."""
    person = request.user
    if not isinstance(person, models.User):
        return shortcuts.redirect("sign_in")
    if setting_up.has_factor(person.id):
        return shortcuts.redirect("mfa_index")
    form = forms.SetupCode(request, person)
    if form.is_valid():
        request.session[entrance.SETUP] = form.cleaned_data["code"]
        messages.success(request, gettext("Your setup code is right. Now add an app or a passkey."))
        return shortcuts.redirect("mfa_index")
    return shortcuts.render(request, "agencies/setup_code.html", {"form": form}, status=422 if form.errors else 200)


def first_factor_guarded(view: guards.View) -> guards.View:
    """Let a first factor be added by whoever showed more than a password; send others to enter their setup code. It
    stands inside of `guards.entrance`."""

    @functools.wraps(view)
    def guarded(request: http.HttpRequest, *args: object, **kwargs: object) -> http.HttpResponseBase:
        person = request.user
        if not isinstance(person, models.User) or setting_up.has_factor(person.id):
            return view(request, *args, **kwargs)
        secret = request.session.get(entrance.SETUP, "")
        if setting_up.opens(person, secret, at=timezone.now()):
            try:
                with setting_up.showing(secret):
                    return view(request, *args, **kwargs)
            except setting_up.NotLetIn:
                pass  # another window was quicker with the same code
        request.session.pop(entrance.SETUP, None)
        return shortcuts.redirect("setup_code")

    return guarded


@ADMINISTRATORS
@require_GET
def staff(request: guards.Request) -> http.HttpResponse:
    """See your agency’s staff."""
    return _staff(request)


def _staff(
    request: guards.Request,
    *,
    days: staff_forms.DaysForm | None = None,
    invitation: staff_forms.InviteForm | None = None,
) -> http.HttpResponse:
    directory = queries.directory()
    office = directory[request.viewer.agency_id]
    context = {
        "people": [
            (person, staff_forms.RoleForm(auto_id=f"{person.id}-%s", initial={"role": person.role.value}))
            for person in inviting.people(request.viewer)
        ],
        "office": office,
        "soon": [each for each in directory.soon_passed_over if each.id == office.id],
        "days": days or staff_forms.DaysForm(days=office.sign_in_days),
        "invitation": invitation or staff_forms.InviteForm(auto_id="%s"),
        "waiting": inviting.waiting(request.viewer, at=timezone.now()),
        "link": request.session.pop("link", ""),
        "coded": request.session.pop("setup_code_of", None),
    }
    return shortcuts.render(request, "agencies/staff.html", context, status=422 if days or invitation else 200)


@ADMINISTRATORS
@require_POST
def set_sign_in_days(request: guards.Request) -> http.HttpResponse:
    """Set how often the agency’s staff sign in again."""
    form = staff_forms.DaysForm(request.POST)
    sent = request.POST.get("days", "").strip()
    try:
        days = int(sent) if sent.isascii() and sent.isdigit() and len(sent) < 4 else 0
        actions.set_sign_in_days(days, by=request.viewer, at=timezone.now())
    except actions.WrongDays as refusal:
        form.errors.clear()
        form.add_error("days", str(refusal))
        return _staff(request, days=form)
    messages.success(
        request,
        gettext("Saved. Offers pass your agency over when nobody has signed in for %(days)s days.") % {"days": days},
    )
    return shortcuts.redirect("staff")


@ADMINISTRATORS
@require_POST
def invite(request: guards.Request) -> http.HttpResponse:
    """Invite a person; the link is shown once."""
    form = staff_forms.InviteForm(request.POST, auto_id="%s")
    if not form.is_valid():
        return _staff(request, invitation=form)
    sent = form.cleaned_data
    try:
        invited = inviting.invite(sent["name"], sent["full_name"], sent["role"], by=request.viewer, at=timezone.now())
    except inviting.Refused as refusal:
        form.add_error("name", str(refusal))
        return _staff(request, invitation=form)
    _show_link(request, invited)
    messages.success(
        request,
        gettext("%(full_name)s is invited. Give them the link below. It works once, for three days.")
        % {"full_name": invited.row.full_name},
    )
    return shortcuts.redirect("staff")


@ADMINISTRATORS
@require_POST
def resend_invitation(request: guards.Request, invitation_id: uuid.UUID) -> http.HttpResponse:
    """Send an invitation again with a new link; the earlier link stops working."""

    def act() -> str:
        invited = inviting.resend(invitation_id, by=request.viewer, at=timezone.now())
        _show_link(request, invited)
        return gettext(
            "%(full_name)s has a new link, below. It works once, for three days. The earlier link no longer works."
        ) % {"full_name": invited.row.full_name}

    return _do(request, act)


@ADMINISTRATORS
@require_POST
def revoke_invitation(request: guards.Request, invitation_id: uuid.UUID) -> http.HttpResponse:
    """Revoke an unused invitation."""

    def act() -> str:
        row = inviting.revoke(invitation_id, by=request.viewer, at=timezone.now())
        return gettext("The invitation of %(full_name)s is revoked. Its link no longer works.") % {
            "full_name": row.full_name
        }

    return _do(request, act)


def _show_link(request: guards.Request, invited: inviting.Invited) -> None:
    """Keeps the link for the next page, which shows it once."""
    request.session["link"] = request.build_absolute_uri(shortcuts.resolve_url("join") + "#" + invited.secret)


@ADMINISTRATORS
@require_http_methods(["GET", "POST"])
def tokens(request: guards.Request) -> http.HttpResponse:
    """See the tokens with which other systems send signals for your agency; a new one is shown once."""
    agency = models.Agency.objects.get(id=request.viewer.agency_id)
    form = staff_forms.TokenForm(request.POST or None, auto_id="%s")
    if request.method == "POST" and form.is_valid():
        sent = form.cleaned_data
        try:
            request.session["token"] = actions.make_token(
                agency,
                label=sent["system"],
                by=request.viewer.user_id,
                at=timezone.now(),
                lasts=datetime.timedelta(days=sent["lasts"]),
            )
        except actions.ReceivesNothing as refusal:
            form.add_error("system", str(refusal))
        else:
            return shortcuts.redirect("tokens")
    context = {
        "agency": agency,
        "tokens": queries.tokens(agency.id),
        "now": timezone.now(),
        "form": form,
        "key": request.session.pop("token", ""),
    }
    return shortcuts.render(request, "agencies/tokens.html", context, status=422 if form.errors else 200)


@ADMINISTRATORS
@require_POST
def revoke_token(request: guards.Request, token_id: uuid.UUID) -> http.HttpResponse:
    """Revoke another system’s token."""
    try:
        row = actions.revoke_own_token(token_id, by=request.viewer, at=timezone.now())
    except actions.NoSuchToken:
        raise http.Http404 from None
    messages.success(request, gettext("The token of %(system)s is revoked.") % {"system": row.label})
    return shortcuts.redirect("tokens")


@ADMINISTRATORS
@require_POST
def set_role(request: guards.Request, person_id: uuid.UUID) -> http.HttpResponse:
    """Change a person’s role."""

    def act() -> str:
        inviting.set_role(person_id, request.POST.get("role", ""), by=request.viewer)
        return gettext("Role changed. They’ve been signed out and need to sign in again.")

    return _do(request, act)


@ADMINISTRATORS
@require_POST
def switch(request: guards.Request, person_id: uuid.UUID) -> http.HttpResponse:
    """Deactivate or reactivate a person."""

    def act() -> str:
        inviting.switch(person_id, on=request.POST.get("on", ""), by=request.viewer)
        return gettext("Done.")

    return _do(request, act)


@ADMINISTRATORS
@require_POST
def reset_factor(request: guards.Request, person_id: uuid.UUID) -> http.HttpResponse:
    """Reset a person’s two-factor sign-in."""

    def act() -> str:
        coded = inviting.reset_second_factor(person_id, by=request.viewer, at=timezone.now())
        _show_code(request, coded)
        return gettext(
            "Two-factor sign-in is reset, and they’ve been signed out. They set it up again at their next sign-in, "
            "with the code below."
        )

    return _do(request, act)


@ADMINISTRATORS
@require_POST
def make_setup_code(request: guards.Request, person_id: uuid.UUID) -> http.HttpResponse:
    """Make a code with which somebody sets up two-factor sign-in; it is shown once."""

    def act() -> str:
        coded = inviting.make_setup_code(person_id, by=request.viewer, at=timezone.now())
        _show_code(request, coded)
        return gettext("%(full_name)s has a setup code, below. An earlier one no longer works.") % {
            "full_name": coded.person.full_name
        }

    return _do(request, act)


def _show_code(request: guards.Request, coded: inviting.Coded) -> None:
    """Keeps the code for the next page, which shows it once."""
    request.session["setup_code_of"] = {"name": coded.person.full_name, "code": coded.code}


@guards.signed_in
@require_POST
def end_sessions(request: guards.Request) -> http.HttpResponse:
    """Sign out everywhere."""
    inviting.end_sessions(by=request.viewer, at=timezone.now())
    return shortcuts.redirect("sign_in")


@guards.entrance
@require_http_methods(["GET", "POST"])
@csrf.csrf_exempt
def choose_language(request: http.HttpRequest) -> http.HttpResponse:
    """Choose the language of the pages, and the time zone in which they show times. It needs no account: a visitor's
    browser keeps the language."""
    viewer: viewers.Viewer | None = getattr(request, "viewer", None)
    # What a visitor chooses is kept by their own browser alone: it needs no token, whose cookie every public page would
    # have to set.
    choose = csrf.csrf_protect(_choose_language) if viewer else _choose_language
    return choose(request, viewer)


def _choose_language(request: http.HttpRequest, viewer: viewers.Viewer | None) -> http.HttpResponse:
    back = languages.way_back(request)
    form = languages.form(request, viewer)
    if request.method == "POST" and form.is_valid():
        chosen = languages.Choice(form.cleaned_data["language"], form.cleaned_data.get("time_zone", ""))
        if viewer:
            actions.choose_language(chosen.language, chosen.time_zone, by=viewer)
        answer = shortcuts.redirect(back)
        languages.keep(answer, chosen.language, viewer)
        return answer
    context = {"form": form, "back": back}
    return shortcuts.render(request, "agencies/language.html", context, status=422 if request.method == "POST" else 200)


@guards.signed_in
@require_GET
def session(request: guards.Request) -> http.HttpResponse:
    """Stay signed in. A script that asks is no click; somebody who stays is one."""
    ends_at = idle.ends_at(request.session)
    left = max(1, int(ends_at - time.time()))  # who is let in here is still signed in
    return http.JsonResponse({"seconds": left, "is_last": ends_at >= idle.over_at(request.session)})


@guards.signed_in
@require_GET
def show_roles(request: guards.Request) -> http.HttpResponse:
    """See what each role can do."""
    return shortcuts.render(request, "agencies/roles.html", {"roles": roles.all_roles()})


def _do(request: guards.Request, act: Callable[[], str]) -> http.HttpResponse:
    try:
        messages.success(request, act())
    except (inviting.NoSuchPerson, inviting.NotWaiting):
        raise http.Http404 from None
    except inviting.Refused as refusal:
        if unsent.of(request.POST).has_words:
            return unsent.refused(request, str(refusal), back=shortcuts.resolve_url("staff"))
        messages.error(request, str(refusal))
    return shortcuts.redirect("staff")
