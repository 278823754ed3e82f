"""Nobody comes in with what was put in the place of somebody's past the system: the superuser of the database plants it
here, one way after the other, and puts back what there was yesterday."""

from __future__ import annotations

import json
import logging
import pathlib
import uuid
from collections.abc import Callable, Iterator

import psycopg
import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal import auth as recovery
from allauth.socialaccount.models import SocialAccount
from click.testing import CliRunner
from django.contrib.auth import hashers
from django.db import IntegrityError, connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from nowrongdoor.access import row_security, viewers
from nowrongdoor.agencies import actions, inviting, keeping, passwords, seals
from nowrongdoor.agencies.models import User
from nowrongdoor.audit import commands, models, verifying
from nowrongdoor.operating import cluster
from nowrongdoor.site.sealing import seal
from nowrongdoor.vault import keys, providers
from tests import claims, signing_in
from tests.leads import stories

PASSWORD, THEIRS = "correct-horse-battery", "staple-battery-horse"


@pytest.fixture
def superuser(committed_db: None) -> Iterator[psycopg.Connection]:
    with cluster.as_superuser(cluster.var() / "postgres", cluster.NAME) as database:
        yield database


def somebody(code: str = "HOTLINE", role: viewers.Role = viewers.Role.COORDINATOR) -> User:
    person = User.objects.add(
        name=f"pat-{uuid.uuid4()}", full_name="Pat", agency=stories.agency(code), role=role, password=PASSWORD
    )
    signing_in.enrol(person)
    return person


@pytest.fixture
def pat(committed_db: None) -> User:
    """Somebody with a password and an authenticator app, in an installation that was sealed before anybody came."""
    seals.begin(at=timezone.now())
    person = somebody()
    assert come_in(person) == 200
    assert verifying.verify().wrong == ""
    return person


def unseen(superuser: psycopg.Connection, statement: str, **values: object) -> None:
    """Changes something with every trigger off."""
    superuser.execute("SET session_replication_role = replica")
    assert superuser.execute(statement, values).rowcount > 0
    superuser.execute("SET session_replication_role = origin")


def browser(person: User, password: str = PASSWORD, secret: str = "") -> Client:
    """Somebody who tries to sign in. A code works once, so what was used before is forgotten."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM cache_entry")
    client = Client()
    client.post(reverse("sign_in"), {"login": person.name, "password": password})
    client.post(reverse("mfa_authenticate"), {"code": signing_in.code(secret or signing_in.secret_of(person))})
    return client


def come_in(person: User, password: str = PASSWORD, secret: str = "") -> int:
    """Signs in and opens a page: 200, or 302 to where one signs in."""
    return browser(person, password, secret).get("/cases").status_code


def is_named(person: User) -> bool:
    verdict = verifying.verify()
    return [each for each in (verdict.wrong, *verdict.also) if "seal" in each and str(person.pk) in each] != []


def state(superuser: psycopg.Connection, person: User) -> dict[str, object]:
    row = superuser.execute(
        "SELECT password, sealed, sealed_for, role FROM nowrongdoor_user WHERE id = %s", [person.pk]
    ).fetchone()
    assert row
    return dict(zip(("password", "sealed", "sealed_for", "role"), row, strict=True))


Swap = Callable[[psycopg.Connection, User], None]


def a_hash(superuser: psycopg.Connection, person: User) -> None:
    change = "UPDATE nowrongdoor_user SET password = %(to)s WHERE id = %(id)s"
    unseen(superuser, change, to=hashers.make_password(PASSWORD), id=person.pk)


def a_factor(superuser: psycopg.Connection, person: User) -> None:
    change = "UPDATE mfa_authenticator SET data = data || '{\"more\": 1}' WHERE user_id = %(id)s"
    unseen(superuser, change, id=person.pk)


def one_factor_more(superuser: psycopg.Connection, person: User) -> None:
    add = (
        "INSERT INTO mfa_authenticator (user_id, type, data, created_at) VALUES (%(id)s, 'recovery_codes', '{}', now())"
    )
    unseen(superuser, add, id=person.pk)


def an_identity(superuser: psycopg.Connection, person: User) -> None:
    add = (
        "INSERT INTO socialaccount_socialaccount (user_id, provider, uid, last_login, date_joined, extra_data) "
        "VALUES (%(id)s, 'hotline', 'intruder', now(), now(), '{}')"
    )
    unseen(superuser, add, id=person.pk)


def a_role(superuser: psycopg.Connection, person: User) -> None:
    unseen(superuser, "UPDATE nowrongdoor_user SET role = 'administrator' WHERE id = %(id)s", id=person.pk)


def an_agency(superuser: psycopg.Connection, person: User) -> None:
    to = stories.agency("FBI").id
    unseen(superuser, "UPDATE nowrongdoor_user SET agency_id = %(to)s WHERE id = %(id)s", to=to, id=person.pk)


def no_seal(superuser: psycopg.Connection, person: User) -> None:
    unseen(superuser, "UPDATE nowrongdoor_user SET sealed = NULL WHERE id = %(id)s", id=person.pk)


def no_seal_of_anybody(superuser: psycopg.Connection, person: User) -> None:
    unseen(superuser, "UPDATE nowrongdoor_user SET sealed = NULL, sealed_for = 0")


def the_seal_of_somebody_else(superuser: psycopg.Connection, person: User) -> None:
    other = state(superuser, somebody())
    change = "UPDATE nowrongdoor_user SET sealed = %(sealed)s, sealed_for = %(sealed_for)s WHERE id = %(id)s"
    unseen(superuser, change, **other, id=person.pk)


SWAPS: list[Swap] = [
    a_hash,
    a_factor,
    one_factor_more,
    an_identity,
    a_role,
    an_agency,
    no_seal,
    no_seal_of_anybody,
    the_seal_of_somebody_else,
]


@pytest.mark.parametrize("swap", SWAPS, ids=lambda swap: swap.__name__)
def test_nobody_comes_in_or_goes_on_with_what_was_planted(
    pat: User, superuser: psycopg.Connection, caplog: pytest.LogCaptureFixture, swap: Swap
) -> None:
    inside = browser(pat)
    assert inside.get("/cases").status_code == 200
    swap(superuser, pat)
    seals.forget()  # another process, which has only the file
    with caplog.at_level(logging.ERROR, logger="nowrongdoor.agencies.seals"):
        assert inside.get("/cases").status_code == 302
        assert come_in(pat) == 302
    assert [record.args for record in caplog.records] == [(pat.pk,)]  # one line, and no secret in it
    assert is_named(pat)


def test_somebody_who_is_switched_on_past_the_system_does_not_come_in(pat: User, superuser: psycopg.Connection) -> None:
    inviting.switch(pat.pk, on="no", by=administrator())
    unseen(superuser, "UPDATE nowrongdoor_user SET is_active = true WHERE id = %(id)s", id=pat.pk)
    assert come_in(pat) == 302
    assert is_named(pat)
    unseen(superuser, "UPDATE nowrongdoor_user SET is_active = false WHERE id = %(id)s", id=pat.pk)
    inviting.switch(pat.pk, on="yes", by=administrator())
    assert come_in(pat) == 200


def test_yesterdays_password_does_not_come_back_with_its_seal(pat: User, superuser: psycopg.Connection) -> None:
    yesterday, client = state(superuser, pat), browser(pat)
    new = {"oldpassword": PASSWORD, "password1": THEIRS, "password2": THEIRS}
    assert client.post(reverse("account_change_password"), new).status_code == 302
    assert come_in(pat, THEIRS) == 200
    change = (
        "UPDATE nowrongdoor_user SET password = %(password)s, sealed = %(sealed)s, sealed_for = %(sealed_for)s "
        "WHERE id = %(id)s"
    )
    unseen(superuser, change, **yesterday, id=pat.pk)
    assert come_in(pat) == 302
    assert is_named(pat)


def test_a_role_that_was_taken_does_not_come_back_with_its_seal(superuser: psycopg.Connection, pat: User) -> None:
    yesterday = state(superuser, pat)
    inviting.set_role(pat.pk, "analyst", by=administrator())
    change = (
        "UPDATE nowrongdoor_user SET role = %(role)s, sealed = %(sealed)s, sealed_for = %(sealed_for)s "
        "WHERE id = %(id)s"
    )
    unseen(superuser, change, **yesterday, id=pat.pk)
    assert come_in(pat) == 302
    assert is_named(pat)


def test_what_is_planted_between_the_two_steps_does_not_come_in(pat: User, superuser: psycopg.Connection) -> None:
    client = Client()
    client.post(reverse("sign_in"), {"login": pat.name, "password": PASSWORD})
    one_factor_more(superuser, pat)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM cache_entry")
    sent = client.post(reverse("mfa_authenticate"), {"code": signing_in.code(signing_in.secret_of(pat))}, follow=True)
    assert "You couldn’t be signed in." in sent.content.decode()
    assert client.get("/cases").status_code == 302
    assert models.Event.objects.filter(verb="session.began", subject_id=pat.pk).count() == 1  # the first time


def test_what_is_planted_beside_a_change_is_not_sealed_with_it(pat: User, superuser: psycopg.Connection) -> None:
    """A trigger of the superuser's own puts a factor beside every new role."""
    superuser.execute(
        "CREATE FUNCTION planted() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$ BEGIN "
        "INSERT INTO mfa_authenticator (user_id, type, data, created_at) "
        "VALUES (NEW.id, 'recovery_codes', '{}', now()); RETURN NULL; END $$"
    )
    superuser.execute(
        "CREATE TRIGGER planted AFTER UPDATE OF role ON nowrongdoor_user FOR EACH ROW EXECUTE FUNCTION planted()"
    )
    try:
        inviting.set_role(pat.pk, "advocate", by=administrator())
    finally:
        superuser.execute("DROP FUNCTION planted CASCADE")
    assert come_in(pat) == 302
    assert is_named(pat)


@pytest.mark.parametrize("swap", [a_hash, a_role, one_factor_more], ids=lambda swap: swap.__name__)
def test_what_was_planted_does_not_become_right_with_the_next_change(
    pat: User, superuser: psycopg.Connection, swap: Swap
) -> None:
    swap(superuser, pat)
    inviting.set_role(pat.pk, "advocate", by=administrator())
    inviting.reset_second_factor(pat.pk, by=administrator(), at=timezone.now())
    assert Client().post(reverse("sign_in"), {"login": pat.name, "password": PASSWORD}).status_code == 200
    assert is_named(pat)


# Every path of a change leaves somebody who comes in


def administrator() -> viewers.Viewer:
    viewer = somebody(role=viewers.Role.ADMINISTRATOR).viewer()
    assert viewer
    return viewer


def changes_the_password(person: User) -> None:
    new = {"oldpassword": PASSWORD, "password1": THEIRS, "password2": THEIRS}
    assert browser(person).post(reverse("account_change_password"), new).status_code == 302


def hashes_anew(person: User) -> None:
    """The settings moved on: at the next sign-in the password is hashed anew."""
    before = passwords.Argon2()
    before.time_cost = 1
    with row_security.entry():
        person.password = before.encode(PASSWORD, "salt-of-those-days")
        person.save(update_fields=["password"])
    assert ",t=1," in person.password
    assert come_in(person) == 200
    with row_security.entry():
        assert ",t=2," in User.objects.get(pk=person.pk).password


def is_given_a_role(person: User) -> None:
    inviting.set_role(person.pk, "advocate", by=administrator())


def is_switched_off_and_on(person: User) -> None:
    inviting.switch(person.pk, on="no", by=administrator())
    inviting.switch(person.pk, on="yes", by=administrator())


def is_switched_off_by_a_command(person: User) -> None:
    by = administrator()
    with row_security.system():
        actions.disable(User.objects.get(pk=person.pk), by=by)


def loses_the_factor_and_enrols(person: User) -> None:
    inviting.reset_second_factor(person.pk, by=administrator(), at=timezone.now())
    signing_in.enrol(person)


def makes_codes_and_uses_one(person: User) -> None:
    with row_security.entry():
        codes = recovery.RecoveryCodes.activate(person)
        first = codes.get_unused_codes()[0]
    client = Client()
    client.post(reverse("sign_in"), {"login": person.name, "password": PASSWORD})
    client.post(reverse("mfa_authenticate"), {"code": first})
    assert client.get("/cases").status_code == 200


def removes_every_factor_at_once(person: User) -> None:
    with row_security.entry():
        recovery.RecoveryCodes.activate(person)
        Authenticator.objects.filter(user=person).delete()
    signing_in.enrol(person)


def is_linked_and_unlinked(person: User) -> None:
    with row_security.entry():
        row = SocialAccount.objects.create(user=person, provider="hotline", uid="1", extra_data={})
        row.extra_data = {"sub": "1"}
        row.save()
        assert seals.still_holds(person.pk)
        row.delete()


def signs_out_everywhere(person: User) -> None:
    viewer = person.viewer()
    assert viewer
    inviting.end_sessions(by=viewer, at=timezone.now())


PATHS: list[Callable[[User], None]] = [
    changes_the_password,
    hashes_anew,
    is_given_a_role,
    is_switched_off_and_on,
    is_switched_off_by_a_command,
    loses_the_factor_and_enrols,
    makes_codes_and_uses_one,
    removes_every_factor_at_once,
    is_linked_and_unlinked,
    signs_out_everywhere,
]


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.__name__)
def test_every_path_of_a_change_leaves_somebody_sealed(pat: User, path: Callable[[User], None]) -> None:
    path(pat)
    with row_security.entry():
        assert claims.every(seals.still_holds(person.pk) for person in User.objects.all())
    assert verifying.verify().wrong == ""


def test_whoever_joins_is_sealed(pat: User) -> None:
    invited = inviting.invite(f"lee-{uuid.uuid4()}", "Lee", "advocate", by=administrator(), at=timezone.now())
    with row_security.entry():
        person = inviting.accept(invited.secret, password=PASSWORD, at=timezone.now())
        assert seals.still_holds(person.pk)


def test_a_new_installation_is_sealed_from_its_first_person_on(committed_db: None) -> None:
    words = ["ina", "--full-name", "Ina", "--agency", "HOTLINE", "--role", "coordinator"]
    done = CliRunner().invoke(keeping.person, ["add", *words, "--password", PASSWORD])
    assert done.exit_code == 0, done.output
    with row_security.entry():
        assert User.objects.get(name="ina").sealed is not None
    assert seals.is_sealed()


def test_what_changes_somebody_and_does_not_seal_them_is_refused_when_it_commits(pat: User) -> None:
    with pytest.raises(IntegrityError) as refused, row_security.entry():
        User.objects.filter(pk=pat.pk).update(password=hashers.make_password(THEIRS))
    assert "seals it again" in str(refused.value)
    assert come_in(pat) == 200


def test_whatever_is_covered_takes_the_seal_away(superuser: psycopg.Connection, pat: User) -> None:
    """Read from the catalogue: every column that is covered is named by a trigger that unseals."""
    named = " ".join(
        text
        for (text,) in superuser.execute(
            "SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE tgfoid = 'nowrongdoor_unseal'::regproc"
        )
    )
    covered = {*(seals.FIELDS - {"agency"}), *(name for kept in seals._KEPT.values() for name in kept.columns[1:])}
    assert claims.every(f"new.{column}" in named for column in covered)


# Sealing everybody, and what verification says


def sealing(*arguments: str) -> tuple[int, str]:
    done = CliRunner().invoke(seal, arguments)
    return done.exit_code, done.output


def test_an_installation_that_was_never_sealed_signs_in_and_says_so(
    committed_db: None, superuser: psycopg.Connection, caplog: pytest.LogCaptureFixture
) -> None:
    person = somebody()
    assert state(superuser, person)["sealed"] is None
    with caplog.at_level(logging.WARNING, logger="nowrongdoor.agencies.seals"):
        assert come_in(person) == 200
    assert [record.message for record in caplog.records if "nwd database seal" in record.message] != []
    assert verifying.verify().unseen == ("Nobody is sealed yet. Run `nwd database seal`.",)
    assert "Nobody is sealed yet" in CliRunner().invoke(commands.audit, ["verify"]).output
    code, words = sealing()
    assert (code, words.splitlines()[0]) == (0, "Sealed now: 1. Sealed already: 0. Not as they were sealed: 0.")
    assert come_in(person) == 200
    assert [event.details for event in models.Event.objects.filter(verb="people.sealed")] == [{"people": 1}]
    verdict = verifying.verify()
    assert (verdict.wrong, verdict.sealed, verdict.unseen) == ("", 1, ())
    no_seal(superuser, person)
    assert come_in(person) == 302


def test_what_comes_along_with_its_database_seals_everybody_once(
    committed_db: None, superuser: psycopg.Connection
) -> None:
    """What `nwd up` does after it migrated; and never again, whatever somebody took away."""
    person = somebody()
    seals.begin(at=timezone.now())
    assert state(superuser, person)["sealed"] is not None
    no_seal_of_anybody(superuser, person)
    seals.forget()
    seals.begin(at=timezone.now())
    assert come_in(person) == 302


def test_sealing_again_leaves_alone_whoever_is_wrong_unless_it_is_asked_for(
    pat: User, superuser: psycopg.Connection
) -> None:
    somebody()
    assert sealing()[1].splitlines()[0] == "Sealed now: 0. Sealed already: 2. Not as they were sealed: 0."
    a_hash(superuser, pat)
    code, words = sealing()
    assert (code, f"Person {pat.pk} doesn’t come in" in words) == (1, True)
    assert come_in(pat) == 302
    assert sealing("--anew")[1].splitlines()[0] == "Sealed now: 1. Sealed already: 1. Not as they were sealed: 0."
    assert come_in(pat) == 200
    event = models.Event.objects.get(verb="people.sealed")
    assert (event.subject_id, event.details) == (pat.pk, {"anew": "yes"})
    assert verifying.verify().wrong.startswith(f"The password of person {pat.pk} was changed past the system")


def test_a_machine_remembers_from_the_first_seal_that_it_saw(pat: User, superuser: psycopg.Connection) -> None:
    file = cluster.var() / "sealed"
    file.unlink()
    seals.forget()
    assert not seals.is_sealed()
    assert come_in(pat) == 200
    assert file.exists()


def test_where_no_file_stays_the_environment_says_that_people_are_sealed(
    pat: User, superuser: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    no_seal(superuser, pat)
    (cluster.var() / "sealed").unlink()
    seals.forget()
    monkeypatch.setenv("NWD_SEALED", "1")
    assert come_in(pat) == 302


def test_an_earlier_day_that_is_restored_is_as_it_was(pat: User, superuser: psycopg.Connection) -> None:
    """The rows of then come with the trail of then, so that seals fit; the machine may be another."""
    yesterday = state(superuser, pat)
    (last,) = superuser.execute("SELECT max(id) FROM nowrongdoor_auditevent").fetchone() or (0,)
    inviting.set_role(pat.pk, "advocate", by=administrator())
    change = (
        "UPDATE nowrongdoor_user SET role = %(role)s, sealed = %(sealed)s, sealed_for = %(sealed_for)s "
        "WHERE id = %(id)s"
    )
    unseen(superuser, change, **yesterday, id=pat.pk)
    unseen(superuser, "DELETE FROM nowrongdoor_auditevent WHERE id > %(last)s", last=last)
    (cluster.var() / "sealed").unlink()
    seals.forget()
    assert come_in(pat) == 200


def test_without_the_key_verification_says_what_it_did_not_look_at(pat: User, monkeypatch: pytest.MonkeyPatch) -> None:
    file = pathlib.Path(cluster.key_file())
    kept = file.read_text()
    try:
        file.write_text(json.dumps({"current": "another", "keys": {}}))
        keys.forget()
        providers.chosen()
        verdict = verifying.verify()
    finally:
        file.write_text(kept)
        keys.forget()
    assert verdict.wrong == ""
    assert (verdict.sealed, verdict.unseen) == (0, ("The key isn’t here, so nobody’s seal was looked at.",))
