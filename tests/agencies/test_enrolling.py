"""Adding a second factor, with real commits: what is shown at enrolment counts for the session in which it was."""

from __future__ import annotations

from allauth.mfa.models import Authenticator
from django.test import Client
from django.urls import reverse

from nowrongdoor.access import row_security
from tests import signing_in
from tests.agencies.test_coming_in import first_step, somebody


def test_whoever_has_no_second_factor_yet_adds_one_first_and_then_is_in(committed_db: None) -> None:
    client = Client()
    person = somebody()
    first_step(client, person)
    assert client.get("/cases")["Location"] == reverse("mfa_index")
    page = client.get(reverse("mfa_activate_totp"))
    assert page.status_code == 200
    secret = client.session["mfa.totp.secret"]
    client.post(reverse("mfa_activate_totp"), {"code": signing_in.code(secret)})
    assert client.get("/cases").status_code == 200
    assert client.get(reverse("mfa_view_recovery_codes"))["Location"].startswith("/sign-in/again")  # asked once more
    with row_security.entry():
        kept = Authenticator.objects.get(user=person, type="totp")
        assert Authenticator.objects.filter(user=person, type="recovery_codes").exists()
    assert secret not in str(kept.data)
