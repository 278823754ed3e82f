"""T12: honest people are never refused, a flood is capped, and nobody's address is kept."""

from __future__ import annotations

import concurrent.futures
import contextlib
import datetime
import hashlib
import ipaddress
import uuid

import psycopg
import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone
from psycopg import sql

from nowrongdoor.access import limits
from nowrongdoor.access.limits import Budget
from nowrongdoor.access.models import RateLimit
from nowrongdoor.agencies import actions as agencies
from nowrongdoor.agencies import queries
from tests import claims, signing_in
from tests.agencies.test_coming_in import PASSWORD, somebody
from tests.leads import stories
from tests.leads.stories import NOON

SECOND = datetime.timedelta(seconds=1)


def passed(budget: Budget, whose: str, *, count: int, during: datetime.timedelta, at: datetime.datetime = NOON) -> int:
    """How many of evenly spread knocks are let in."""
    let_in = 0
    for number in range(count):
        with contextlib.suppress(limits.TooMany):
            limits.spend(budget, whose, at=at + during * number / count)
            let_in += 1
    return let_in


@pytest.mark.django_db
def test_thirty_honest_people_a_minute_behind_one_address_all_pass_for_ten_minutes() -> None:
    for number in range(30 * 10):  # each takes ten steps and sends
        at = NOON + 2 * number * SECOND
        for _ in range(10):
            limits.spend(Budget.PUBLIC_FORM, "192.0.2.1", at=at)
        limits.spend(Budget.PUBLIC_FORM, "192.0.2.1", at=at, times=10)


@pytest.mark.django_db
@pytest.mark.parametrize("budget", list(Budget))
def test_a_flood_of_ten_thousand_is_capped_and_the_next_door_does_not_notice(budget: Budget) -> None:
    whose, beside = str(uuid.uuid4()), str(uuid.uuid4())
    let_in = passed(budget, whose, count=10_000, during=60 * SECOND)
    most = limits.BURSTS[budget] + 60 / limits.EACH[budget]
    assert limits.BURSTS[budget] <= let_in <= most
    # 6,000 at once and 6,000 a minute: what an agency's own system may send is capped by the next test.
    assert (let_in < 10_000) is (budget is not Budget.TOKEN)
    assert passed(budget, beside, count=5, during=SECOND, at=NOON + 60 * SECOND) == 5


@pytest.mark.django_db
def test_a_token_that_sends_faster_than_a_system_needs_is_capped_too() -> None:
    assert passed(Budget.TOKEN, "t", count=10_000, during=SECOND) <= 6_000 + 100


@pytest.mark.django_db
def test_who_was_refused_is_let_in_after_the_wait_that_was_named() -> None:
    assert passed(Budget.SIGN_IN, "pat", count=10, during=SECOND / 1000) == 10
    with pytest.raises(limits.TooMany, match=r"Wait 60 seconds") as refused:
        limits.spend(Budget.SIGN_IN, "pat", at=NOON)
    with pytest.raises(limits.TooMany):  # knocking again does not make the wait longer
        limits.spend(Budget.SIGN_IN, "pat", at=NOON + 30 * SECOND)
    limits.spend(Budget.SIGN_IN, "pat", at=NOON + refused.value.seconds * SECOND)


@pytest.mark.storm
def test_processes_that_race_share_one_budget_to_the_last(committed_db: None) -> None:
    def knock(_: int) -> bool:
        try:
            limits.spend(Budget.SIGN_IN, "raced", at=NOON)
        except limits.TooMany:
            return False
        finally:
            limits._shut.clear()  # as if each knock reached another process
            connection.close()
        return True

    with concurrent.futures.ThreadPoolExecutor(8) as racers:
        assert sum(racers.map(knock, range(200))) == limits.BURSTS[Budget.SIGN_IN]


@pytest.mark.django_db
def test_a_public_form_answers_429_with_a_wait_and_other_addresses_go_on() -> None:
    crowd = Client(REMOTE_ADDR="198.51.100.7")
    answers = [crowd.post("/sign-out") for _ in range(limits.BURSTS[Budget.ENTRANCE] + 40)]
    refused = [answer for answer in answers if answer.status_code == 429]
    assert 5 <= len(refused) <= 40
    assert int(refused[0]["Retry-After"]) >= 1
    assert b"You did nothing wrong" in refused[0].content
    assert crowd.get("/sign-in").status_code == 200  # looking is free
    assert crowd.post("/sign-in/passkey", {"credential": "{}"}).status_code != 429  # each way in is counted alone
    assert Client(REMOTE_ADDR="198.51.100.8").post("/sign-out").status_code == 302


@pytest.mark.django_db
def test_a_right_try_is_given_back_and_a_whole_day_forgiven() -> None:
    def is_full() -> bool:
        return passed(Budget.SIGN_IN, "pat", count=1, during=SECOND) == 0

    assert passed(Budget.SIGN_IN, "pat", count=10, during=SECOND / 1000) == 10
    assert is_full()
    limits.give_back(Budget.SIGN_IN, "pat", at=NOON)
    assert not is_full()
    assert is_full()
    limits.forgive(Budget.SIGN_IN, "pat", at=NOON)
    assert passed(Budget.SIGN_IN, "pat", count=20, during=SECOND / 1000) == 10


@pytest.mark.django_db
def test_guessing_tokens_is_capped_and_the_honest_system_at_the_same_address_is_not() -> None:
    token = agencies.make_token(stories.agency("HOTLINE"), label="honest", by=None, at=timezone.now())
    client = Client(REMOTE_ADDR="198.51.100.9")

    def ask(with_token: str) -> object:
        return client.get("/api/v1/signals/NONE", headers={"Authorization": f"Bearer {with_token}"})

    said = [ask(f"nwd_{number}") for number in range(limits.BURSTS[Budget.UNKNOWN_TOKEN] + 20)]
    codes = [answer.status_code for answer in said]  # type: ignore[attr-defined]
    assert set(codes) == {401, 429}
    assert codes[-1] == 429
    assert said[-1]["Retry-After"] == "1"  # type: ignore[index]
    assert "Wait" in said[-1].json()["problems"][0]  # type: ignore[attr-defined]
    assert {ask(token).status_code for _ in range(30)} == {404}  # type: ignore[attr-defined]


@pytest.mark.django_db
def test_a_token_that_spent_its_budget_is_told_to_wait() -> None:
    token = agencies.make_token(stories.agency("HOTLINE"), label="busy", by=None, at=timezone.now())
    now = timezone.now()
    full_at = now + datetime.timedelta(seconds=limits.EACH[Budget.TOKEN] * (limits.BURSTS[Budget.TOKEN] + 500))
    digest = queries.digest_of(token).hex()
    RateLimit.objects.create(key=limits._key(Budget.TOKEN, digest, now), full_at=full_at)
    answer = Client().get("/api/v1/signals/NONE", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 429
    assert 4 <= int(answer["Retry-After"]) <= 6


@pytest.mark.django_db
def test_a_heavier_form_takes_more_and_leaves_room_for_a_lighter_one() -> None:
    for _ in range(3):
        limits.spend(Budget.SIGN_IN, "pat", at=NOON, times=3)
    with pytest.raises(limits.TooMany, match=r"Wait 120 seconds"):
        limits.spend(Budget.SIGN_IN, "pat", at=NOON, times=3)
    limits.spend(Budget.SIGN_IN, "pat", at=NOON)
    with pytest.raises(limits.TooMany, match=r"Wait 60 seconds"):
        limits.spend(Budget.SIGN_IN, "pat", at=NOON)


@pytest.mark.django_db
@pytest.mark.parametrize("budget", [Budget.SIGN_IN, Budget.ENTRANCE])
def test_a_clock_that_was_ahead_and_is_set_back_locks_nobody_out(budget: Budget) -> None:
    """The table, and what a process remembers of its own refusals."""
    wrong = NOON + datetime.timedelta(hours=2)
    assert passed(budget, "pat", count=limits.BURSTS[budget], during=SECOND / 1000, at=wrong) == limits.BURSTS[budget]
    with pytest.raises(limits.TooMany):
        limits.spend(budget, "pat", at=wrong)
    limits.spend(budget, "pat", at=NOON)
    assert passed(budget, "pat", count=400, during=SECOND / 1000, at=NOON) == limits.BURSTS[budget] - 1
    # A host whose clock is a little behind takes nothing back.
    assert passed(budget, "pat", count=5, during=SECOND / 1000, at=NOON - limits.MARGIN / 2) == 0


@pytest.mark.django_db
def test_a_thing_is_used_once_until_it_ends() -> None:
    until = NOON + 3_600 * SECOND
    assert limits.is_first("ticket", at=NOON, until=until)
    assert not limits.is_first("ticket", at=NOON, until=until)
    assert limits.is_first("another", at=NOON, until=until)
    assert limits.forget_full(at=until - SECOND) == 0
    assert limits.forget_full(at=until) == 2


@pytest.mark.django_db
def test_no_address_is_kept_and_days_cannot_be_joined() -> None:
    limits.spend(Budget.PUBLIC_FORM, "203.0.113.77", at=NOON)
    limits.spend(Budget.PUBLIC_FORM, "203.0.113.77", at=NOON + datetime.timedelta(days=1))
    with connection.cursor() as cursor:
        cursor.execute("SELECT kept::text, encode(key, 'escape') FROM rate_limit AS kept")
        rows = cursor.fetchall()
    assert len({row[1] for row in rows}) == 2
    assert "203.0.113.77" not in str(rows)


VISITOR = "203.0.113.77"


def visit(address: str) -> None:
    """Come to every door that counts: in vain, and then right."""
    person = somebody()
    secret = signing_in.enrol(person)
    client = Client(REMOTE_ADDR=address, HTTP_USER_AGENT=f"nobody at {address}")
    for password in ("wrong", PASSWORD):
        client.post("/sign-in", {"login": person.name, "password": password})
    for code in ("000000", signing_in.code(secret)):
        client.post("/sign-in/code", {"code": code})
    assert client.get("/cases").status_code == 200
    assert address not in str(dict(client.session))
    for path in ("/tell", "/my-report", "/chat", "/help"):
        client.get(path)
        client.post(path, {"do": "next"})
    for token in ("nwd_unknown", agencies.make_token(stories.agency("HOTLINE"), label="t", by=None, at=timezone.now())):
        client.get("/api/v1/signals/NONE", headers={"Authorization": f"Bearer {token}"})


def traces(address: str) -> set[str]:
    """How an address could stand in a table: as it is, as its bytes, or as what anybody can make of it."""
    packed = ipaddress.ip_address(address).packed
    plain = [address.encode(), packed, address.encode()[::-1], f"{address}/32".encode()]
    made = (hashlib.new(name, each).hexdigest() for name in ("md5", "sha1", "sha256", "blake2b") for each in plain)
    shorter = (hashlib.blake2b(each, digest_size=size).hexdigest() for size in (8, 16, 32) for each in plain)
    return {address, address.encode().hex(), packed.hex(), *(each[:16] for each in (*made, *shorter))}


def test_no_table_holds_an_address_or_what_anybody_can_make_of_one(committed_db: None, owner: str) -> None:
    visit(VISITOR)
    looked_at = {}
    with psycopg.connect(owner) as database:
        names = database.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
        for (name,) in names:
            rows = database.execute(sql.SQL("SELECT kept::text FROM {} kept").format(sql.Identifier(name))).fetchall()
            looked_at[name] = len(rows)
            assert [row for (row,) in rows if [each for each in traces(VISITOR) if each in row.lower()]] == [], name
        assert claims.every(looked_at[name] for name in ("rate_limit", "django_session", "cache_entry"))
        # What it would find: the same key without its secret.
        key = hashlib.blake2b(VISITOR.encode(), digest_size=16).digest()
        database.execute("INSERT INTO rate_limit (key, full_at) VALUES (%s, now())", [key])
        rows = database.execute("SELECT kept::text FROM rate_limit kept").fetchall()
        assert len([row for (row,) in rows if [each for each in traces(VISITOR) if each in row]]) == 1
        database.rollback()


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ("192.0.2.4", "192.0.2.4"),
        ("::ffff:192.0.2.4", "192.0.2.4"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::/64"),
        ("", "::/64"),
        ("nonsense", "::/64"),
    ],
)
def test_an_address_is_one_household(given: str, named: str) -> None:
    from django.test import RequestFactory

    assert limits.address_of(RequestFactory().get("/", REMOTE_ADDR=given)) == named


@pytest.mark.django_db
def test_what_says_nothing_any_more_is_forgotten() -> None:
    limits.spend(Budget.SIGN_IN, "old", at=NOON)
    limits.spend(Budget.SIGN_IN, "new", at=NOON + 90 * SECOND)
    assert limits.forget_full(at=NOON + 90 * SECOND) == 1
    assert RateLimit.objects.count() == 1


@pytest.mark.django_db
def test_counting_does_not_wait_for_the_disk_and_every_budget_is_defined() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT relpersistence FROM pg_class WHERE relname = 'rate_limit'")
        assert cursor.fetchone() == ("u",)
    assert set(limits.BURSTS) == set(limits.EACH) == set(Budget)
