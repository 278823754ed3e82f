"""T30: whoever changes rows past the system is named by `nwd audit verify`, the superuser included, step by step."""

from __future__ import annotations

import importlib
import uuid
from collections.abc import Iterator

import psycopg
import pytest
from allauth.mfa.models import Authenticator
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from nowrongdoor.access import row_security, viewers
from nowrongdoor.agencies import actions, entrance, inviting
from nowrongdoor.agencies.models import User
from nowrongdoor.audit import models, noted, verifying
from nowrongdoor.cases import actions as cases
from nowrongdoor.cases.models import Note
from nowrongdoor.leads import answering
from nowrongdoor.operating import cluster
from tests import signing_in
from tests.leads import stories

PASSWORD, THEIRS = "correct-horse-battery", "staple-battery-horse"


@pytest.fixture
def superuser(committed_db: None) -> Iterator[psycopg.Connection]:
    """Somebody who may do anything to this database, without a trigger in the way."""
    with cluster.as_superuser(cluster.var() / "postgres", cluster.NAME) as database:
        yield database


@pytest.fixture
def pat(committed_db: None) -> User:
    """Somebody with a password and an authenticator app, in an installation with a case that HSI leads."""
    case = stories.case()
    hotline = stories.person("HOTLINE")
    cases.add_note(case.id, text="Called back.", audience=Note.Audience.AGENCY, by=hotline, at=stories.NOON)
    answering.accept(stories.offer_of(case).id, by=stories.person("HSI"), at=stories.NOON)
    person = User.objects.add(
        name=f"pat-{uuid.uuid4()}",
        full_name="Pat",
        agency=stories.agency("HOTLINE"),
        role=viewers.Role.COORDINATOR,
        password=PASSWORD,
    )
    signing_in.enrol(person)
    administrator = stories.person("HOTLINE", viewers.Role.ADMINISTRATOR)
    inviting.invite(f"lee-{uuid.uuid4()}", "Lee", "advocate", by=administrator, at=timezone.now())
    actions.make_token(person.agency, label="Line", by=None, at=timezone.now())
    verdict = verifying.verify()
    assert verdict.wrong == ""
    assert verdict.rows > 10
    return person


def unseen(superuser: psycopg.Connection, statement: str, **values: object) -> None:
    """Changes something with every trigger off."""
    superuser.execute("SET session_replication_role = replica")
    assert superuser.execute(statement, values).rowcount > 0
    superuser.execute("SET session_replication_role = origin")


def come_in(person: User, password: str = PASSWORD, secret: str = "") -> Client:
    client = Client()
    client.post(reverse("sign_in"), {"login": person.name, "password": password})
    client.post(reverse("mfa_authenticate"), {"code": signing_in.code(secret or signing_in.secret_of(person))})
    return client


LAST = "(SELECT max(id::text)::{kind} FROM {table})"
SIGNAL, NOTE, FACTS = "nowrongdoor_signal", "nowrongdoor_note", "nowrongdoor_case_facts"
TENURE, PART = "nowrongdoor_tenure", "nowrongdoor_participant"
CHANGES = {
    "the word of a signal": (SIGNAL, "state = 'TX'", "Signal"),
    "sealed words of a signal": (SIGNAL, "narrative = decode(repeat('01', 40), 'hex')", "Signal"),
    "when a signal came": (SIGNAL, "arrived_at = arrived_at - interval '1 hour'", "Signal"),
    "whom a note is for": (NOTE, "audience = 'team'", "Note"),
    "when a note was written": (NOTE, "at = at - interval '1 day'", "Note"),
    "facts": (FACTS, """facts = '{"age": "adult"}'""", "Facts of a case"),
    "facts of now": ("nowrongdoor_case", "state = 'AK'", "Case"),
    "since when its lead leads": ("nowrongdoor_case", "lead_since = lead_since - interval '1 day'", "Case"),
    "an offer": ("nowrongdoor_handoff", "offered_at = offered_at - interval '1 hour'", "Hand-off"),
    "since when an agency leads": (TENURE, "from_at = from_at - interval '1 microsecond'", "Time as lead agency"),
    "who led": (TENURE, "agency_id = (SELECT id FROM nowrongdoor_agency WHERE code = 'FBI')", "Time as lead agency"),
    "who takes part": (PART, "agency_id = (SELECT id FROM nowrongdoor_agency WHERE code = 'FBI')", "Part in a case"),
    "an end of a part": (PART, "to_at = now()", "Part in a case"),
    "a password": ("nowrongdoor_user", "password = '!'", "The password of person"),
    "a role": ("nowrongdoor_user", "role = 'inspector'", "Person"),
    "an agency": ("nowrongdoor_user", "agency_id = (SELECT id FROM nowrongdoor_agency WHERE code = 'FBI')", "Person"),
    "somebody switched off": ("nowrongdoor_user", "is_active = NOT is_active", "Person"),
    "what a token is": ("nowrongdoor_token", "digest = decode(repeat('07', 32), 'hex')", "Token of another system"),
    "a token that was revoked": ("nowrongdoor_token", "revoked_at = now()", "Token of another system"),
    "an invitation": ("nowrongdoor_invitation", "role = 'inspector'", "Invitation"),
    "a setup code": ("nowrongdoor_setup_code", "expires_at = expires_at - interval '1 hour'", "Setup code"),
    "a factor": ("mfa_authenticator", "data = '{}'", "Second factor"),
    "whose a factor is": (
        "mfa_authenticator",
        "user_id = (SELECT min(id::text)::uuid FROM nowrongdoor_user WHERE id <> user_id)",
        "Second factor",
    ),
}


@pytest.mark.parametrize("what", CHANGES)
@pytest.mark.parametrize("way", ["with triggers", "without triggers"])
def test_a_row_that_is_changed_is_named(pat: User, superuser: psycopg.Connection, what: str, way: str) -> None:
    table, change, called = CHANGES[what]
    row = superuser.execute(f"SELECT max(id::text) FROM {table}").fetchone()  # noqa: S608
    assert row
    if way == "without triggers":
        superuser.execute("SET session_replication_role = replica")
    else:  # what refuses is out of the way; what notes is not
        for (name,) in superuser.execute(
            "SELECT tgname FROM pg_trigger WHERE tgrelid = %s::regclass AND NOT tgisinternal "
            "AND tgname NOT LIKE '%%\\_is\\_noted'",
            [table],
        ).fetchall():
            superuser.execute(f"ALTER TABLE {table} DISABLE TRIGGER {name}")
    try:
        done = superuser.execute(f"UPDATE {table} SET {change} WHERE id::text = %s", row)  # noqa: S608
    finally:
        superuser.execute("SET session_replication_role = origin")
        superuser.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
    assert done.rowcount == 1
    verdict = verifying.verify()
    assert not verdict.holds
    assert verdict.wrong.startswith(f"{called} {row[0]} was ")
    is_noted = called not in ("Signal", "Note", "Facts of a case")  # which nobody changes: nothing notes a change
    assert (", by postgres" in verdict.wrong) == (way == "with triggers" and is_noted)


def test_a_row_that_is_changed_unseen_is_named_after_the_next_change_too(
    pat: User, superuser: psycopg.Connection
) -> None:
    """What the system writes next notes the whole row, and what it found there."""
    unseen(superuser, "UPDATE nowrongdoor_user SET role = 'inspector' WHERE id = %(id)s", id=pat.id)
    administrator = stories.person("HOTLINE", viewers.Role.ADMINISTRATOR)
    inviting.set_role(pat.id, "advocate", by=administrator)
    verdict = verifying.verify()
    assert verdict.wrong.startswith(f"Person {pat.id} was changed past the system before event ")
    assert verdict.event_id
    assert models.Event.objects.get(id=verdict.event_id).verb == noted.NOTED


def test_noting_everything_anew_is_told(pat: User, superuser: psycopg.Connection) -> None:
    """A superuser who has changed something unseen can have all rows noted as they are; that is in the trail, too."""
    assert verifying.verify().anew == 0
    unseen(superuser, "UPDATE nowrongdoor_user SET role = 'inspector' WHERE id = %(id)s", id=pat.id)
    migration = importlib.import_module("nowrongdoor.migrations.0044_noted_rows")
    for kept in migration.KEPT:
        superuser.execute(migration.begin(kept))
    assert verifying.verify().anew > 0


def test_what_was_there_is_noted_alike_whatever_the_server_is_set_to(pat: User, owner: str) -> None:
    migration, later = (
        importlib.import_module(f"nowrongdoor.migrations.{name}") for name in ("0044_noted_rows", "0047_first_factor")
    )
    with psycopg.connect(owner) as database:
        database.execute("SET TimeZone = 'America/New_York'; SET DateStyle = 'German'; SET bytea_output = 'escape'")
        for kept in (*migration.KEPT, later.KEPT):
            database.execute(migration.begin(kept))
    assert verifying.verify().wrong == ""


ROWS = {
    "signal": (SIGNAL, "Signal"),
    "note": (NOTE, "Note"),
    "facts": (FACTS, "Facts of a case"),
    "tenure": (TENURE, "Time as lead agency"),
    "part": (PART, "Part in a case"),
    "factor": ("mfa_authenticator", "Second factor"),
}


@pytest.mark.parametrize("of", ROWS)
def test_a_row_that_is_taken_away_is_named(pat: User, superuser: psycopg.Connection, of: str) -> None:
    table, called = ROWS[of]
    row = superuser.execute(f"SELECT max(id::text) FROM {table}").fetchone()  # noqa: S608
    unseen(superuser, f"DELETE FROM {table} WHERE id::text = %(id)s", id=row[0] if row else None)  # noqa: S608
    assert verifying.verify().wrong.startswith(f"{called} {row[0] if row else ''} is gone")


ADDED = {
    "an agency let into a case": (
        "INSERT INTO nowrongdoor_participant (id, case_id, agency_id, relation, from_at) SELECT gen_random_uuid(), "
        "case_id, (SELECT id FROM nowrongdoor_agency WHERE code = 'EEOC'), 'told', now() FROM nowrongdoor_participant "
        "LIMIT 1",
        "Part in a case",
    ),
    "a person": (
        "INSERT INTO nowrongdoor_user (id, name, full_name, agency_id, role, password, is_active, generation) SELECT "
        "gen_random_uuid(), 'intruder', 'Intruder', agency_id, 'coordinator', password, true, 1 FROM nowrongdoor_user "
        "WHERE name LIKE 'pat-%%' LIMIT 1",
        "The password of person",
    ),
    "an identity": (
        "INSERT INTO socialaccount_socialaccount (user_id, provider, uid, last_login, date_joined, extra_data) "
        "SELECT id, 'hotline', 'intruder', now(), now(), '{}' FROM nowrongdoor_user WHERE name LIKE 'pat-%%' LIMIT 1",
        "Agency sign-in",
    ),
    "a note": (
        "INSERT INTO nowrongdoor_note (id, case_id, agency_id, by_id, at, audience, text) SELECT gen_random_uuid(), "
        "case_id, agency_id, by_id, at, audience, text FROM nowrongdoor_note LIMIT 1",
        "Note",
    ),
}


@pytest.mark.parametrize("what", ADDED)
def test_a_row_that_is_added_is_named(pat: User, superuser: psycopg.Connection, what: str) -> None:
    statement, called = ADDED[what]
    unseen(superuser, statement)
    verdict = verifying.verify()
    told = [verdict.wrong, *verdict.also]
    assert [each for each in told if each.startswith(called) and "was added past the system" in each] != []


def test_a_password_that_is_swapped_and_put_back_is_named(pat: User, superuser: psycopg.Connection) -> None:
    """The superuser knows another password; with it he comes in, reads, and leaves everything as it was."""
    kept = pat.password
    pat.set_password(THEIRS)
    change = "UPDATE nowrongdoor_user SET password = %(to)s WHERE id = %(id)s"
    unseen(superuser, change, to=pat.password, id=pat.id)
    assert come_in(pat, THEIRS).get("/cases").status_code == 200
    unseen(superuser, change, to=kept, id=pat.id)
    came = models.Event.objects.filter(verb="session.began", by_id=pat.id).order_by("-id")[0]
    verdict = verifying.verify()
    assert verdict.wrong.startswith(f"Person {pat.id} signed in with what was not theirs then: password {pat.id}")
    assert (verdict.event_id, verdict.also) == (came.id, ())


def test_a_factor_that_is_swapped_and_put_back_is_named(pat: User, superuser: psycopg.Connection) -> None:
    mine, other = signing_in.secret_of(pat), stories.person("HSI")
    secret = signing_in.enrol(signing_in.person(other))
    with row_security.entry():
        kept, forged = (Authenticator.objects.get(user_id=each).data for each in (pat.id, other.user_id))
    assert mine != secret
    change = "UPDATE mfa_authenticator SET data = %(to)s WHERE user_id = %(id)s"
    unseen(superuser, change, to=psycopg.types.json.Jsonb(forged), id=pat.id)
    assert come_in(pat, secret=secret).get("/cases").status_code == 200
    unseen(superuser, change, to=psycopg.types.json.Jsonb(kept), id=pat.id)
    assert "signed in with what was not theirs then: factor " in verifying.verify().wrong


@pytest.mark.parametrize("way", ["password", "code"])
def test_whoever_shows_again_who_they_are_is_in_the_trail_with_what_they_showed(pat: User, way: str) -> None:
    client = come_in(pat)
    if way == "password":
        client.post(reverse("account_reauthenticate"), {"password": THEIRS})
    assert models.Event.objects.filter(verb=noted.PROVED).count() == 0
    if way == "password":
        assert client.post(reverse("account_reauthenticate"), {"password": PASSWORD}).status_code == 302
    else:
        cache.clear()  # the code of this half minute was used to sign in
        sent = {"code": signing_in.code(signing_in.secret_of(pat))}
        assert client.post(reverse("mfa_reauthenticate"), sent).status_code == 302
    assert entrance.SHOWN not in client.session
    event = models.Event.objects.get(verb=noted.PROVED)
    began = models.Event.objects.get(verb=noted.SIGNED_IN, subject_id=pat.id)
    assert (event.subject_id, event.by_id) == (pat.id, pat.id)
    password = f"password {pat.id}"
    assert (password in event.details) == (way == "password")
    assert event.details == {what: of for what, of in began.details.items() if what in event.details}
    assert len(event.details) == len(began.details) - (way == "code")
    assert verifying.verify().holds


def test_a_factor_that_is_swapped_while_somebody_is_asked_again_is_named(
    pat: User, superuser: psycopg.Connection
) -> None:
    client, other = come_in(pat), stories.person("HSI")
    secret = signing_in.enrol(signing_in.person(other))
    with row_security.entry():
        rows = {row.user_id: row for row in Authenticator.objects.filter(type="totp")}
    change = "UPDATE mfa_authenticator SET data = %(to)s WHERE id = %(id)s"
    row = rows[pat.id]
    unseen(superuser, change, to=psycopg.types.json.Jsonb(rows[other.user_id].data), id=row.id)
    assert client.post(reverse("mfa_reauthenticate"), {"code": signing_in.code(secret)}).status_code == 302
    unseen(superuser, change, to=psycopg.types.json.Jsonb(row.data), id=row.id)
    verdict = verifying.verify()
    assert verdict.wrong.startswith(f"Person {pat.id} signed in with what was not theirs then: factor {row.id}")
    assert verdict.event_id == models.Event.objects.get(verb=noted.PROVED).id


def test_whoever_signs_in_as_they_are_is_not_named(pat: User) -> None:
    secret = signing_in.secret_of(pat)
    client = come_in(pat, secret=secret)
    assert client.get("/cases").status_code == 200
    new = {"oldpassword": PASSWORD, "password1": THEIRS, "password2": THEIRS}
    assert client.post(reverse("account_change_password"), new).status_code == 302
    client.post(reverse("sign_out"))
    Client().post(reverse("sign_in"), {"login": pat.name, "password": PASSWORD})
    administrator = stories.person("HOTLINE", viewers.Role.ADMINISTRATOR)
    inviting.reset_second_factor(pat.id, by=administrator, at=timezone.now())
    inviting.set_role(pat.id, "advocate", by=administrator)
    inviting.switch(pat.id, on="no", by=administrator)
    inviting.switch(pat.id, on="yes", by=administrator)
    assert verifying.verify().holds
    events = models.Event.objects.filter(subject_id=pat.id).order_by("id")
    assert [(event.verb, event.by_id) for event in events] == [
        ("setup_code.made", None),
        ("setup_code.used", pat.id),
        ("factor.added", pat.id),
        ("session.began", pat.id),
        ("person.password_set", pat.id),
        ("session.ended", pat.id),
        ("session.refused", None),
        ("factor.removed", administrator.user_id),
        ("person.factor_reset", administrator.user_id),
        ("setup_code.made", administrator.user_id),
        ("setup_code.revoked", administrator.user_id),
        ("person.role_set", administrator.user_id),
        ("person.disabled", administrator.user_id),
        ("person.enabled", administrator.user_id),
    ]


def test_wrong_passwords_fill_no_trail(pat: User) -> None:
    before = models.Event.objects.count()
    for name in (pat.name, pat.name, pat.name, "nobody-has-this-name"):
        Client().post(reverse("sign_in"), {"login": name, "password": THEIRS})
    events = models.Event.objects.order_by("id")[before:]
    assert [(event.verb, event.subject_id, event.details) for event in events] == [
        ("session.refused", pat.id, {"what": "password"})
    ]


def test_rows_are_noted_as_rooms_declare_them(pat: User, superuser: psycopg.Connection) -> None:
    names = {name for (name,) in superuser.execute("SELECT DISTINCT details ->> 'of' FROM nowrongdoor_auditevent")}
    declared = {kept.name for kept in noted._kept}
    assert names - {None} == declared - {"app_password", "identity", "earlier_part"}
