"""A night on the line at 20 times the speed: calls, texts and chats come in, advocates answer and write by clicking, a
supervisor watches on a telephone and takes one over. Nothing is unowned, and no page shows what is no longer so."""

from __future__ import annotations

import concurrent.futures
import contextlib
import dataclasses
import datetime
import pathlib
import random
import re
import time
import urllib.parse
import uuid
from collections.abc import Iterator

import pytest
from django.db import connection
from django.db.models import Q
from django.utils import timezone
from playwright.sync_api import Browser, Error, Page, expect

from nowrongdoor.access import row_security, viewers
from nowrongdoor.line import channels, models, plan
from nowrongdoor.line.models import State
from tests import servers, sizes
from tests.channels import conftest as of_channels
from tests.channels import peer
from tests.journeys import looking
from tests.journeys.test_on_the_screen import Somebody
from tests.leads import stories
from tests.line import floors, outside

pytestmark = pytest.mark.journey
running_provider, provider = of_channels.running_provider, of_channels.provider
SPEED = 20
MINUTE = 60 / SPEED  # in seconds here
STALE = 10.0  # seconds after which a page must show what there is
TELEPHONE = {"width": 390, "height": 844}
SHOWN = "all => all.map(each => each.getAttribute('href'))"


@dataclasses.dataclass(frozen=True)
class Coming:
    """Somebody who gets in contact, in minutes of the night."""

    number: int
    kind: str
    at: float
    stays: float  # that they talk, or wait for somebody
    leaves_message: bool


def drawn(count: int, minutes: float) -> list[Coming]:
    dice = random.Random(16)
    return [
        Coming(
            number,
            ("call", "text", "chat")[number % 3],
            dice.uniform(0, minutes),
            max(2.0, dice.expovariate(1 / 7)),
            dice.random() < 0.4,
        )
        for number in range(count)
    ]


class Outside:
    """Everybody who gets in contact, each in a thread of their own."""

    def __init__(self, url: str, provider: peer.Peer, begun: float) -> None:
        self.url, self.provider, self.begun = url, provider, begun

    def play(self, coming: Coming) -> None:
        time.sleep(max(0.0, self.begun + coming.at * MINUTE - time.monotonic()))
        {"call": self._call, "text": self._text, "chat": self._chat}[coming.kind](coming)

    def _call(self, coming: Coming) -> None:
        sid, sender = f"CA{coming.number:04}", f"+1202555{coming.number:04}"
        row = self.provider.call(sid, timezone.now(), status="in-progress", sender=sender)
        row["to"] = floors.NUMBER
        fields = {"CallSid": sid, "To": floors.NUMBER, "From": sender, "Direction": "inbound"}
        heard = outside.say(self.url, {**fields, "CallStatus": "ringing"})
        until = time.monotonic() + coming.stays * MINUTE
        while "<Dial" not in heard and time.monotonic() < until:
            if coming.leaves_message and (ask := re.search("ask=[0-9a-f]+", heard)):
                outside.say(self.url, {**fields, "CallStatus": "in-progress", "Digits": "1"}, ask[0])
                self._record(coming, sid)
                break
            time.sleep(MINUTE / 2)
            heard = outside.say(self.url, {**fields, "CallStatus": "in-progress"}, "again=1")
        if dial := re.search("dial=[0-9a-f]+", heard):
            time.sleep(coming.stays * MINUTE)
            outside.say(self.url, {**fields, "CallStatus": "in-progress", "DialCallStatus": "completed"}, dial[0])
        row["status"] = "completed"
        outside.say(self.url, {**fields, "CallStatus": "completed"})

    def _record(self, coming: Coming, sid: str) -> None:
        name = f"RE{coming.number:04}"
        self.provider.recording(name, sid, timezone.now())
        recorded = {"RecordingSid": name, "CallSid": sid, "RecordingStatus": "completed", "RecordingDuration": "9"}
        outside.say(self.url, recorded)

    def _text(self, coming: Coming) -> None:
        sender, words = f"+1303555{coming.number:04}", f"Is somebody there? {coming.number}"
        row = self.provider.text(f"SMin{coming.number:04}", timezone.now(), words)
        row |= {"from": sender, "to": floors.TEXTS}
        sent = {"MessageSid": str(row["sid"]), "From": sender, "To": floors.TEXTS, "Body": words}
        outside.say(self.url, {**sent, "SmsStatus": "received"})

    def _chat(self, coming: Coming) -> None:
        chat = outside.Chat(self.url, coming.number)
        chat.write(f"Can I ask something first? {coming.number}")
        time.sleep(coming.stays * MINUTE)
        chat.leave()


class Desk:
    """Somebody on shift at their page."""

    def __init__(self, browser: Browser, web: servers.Web, role: viewers.Role, number: int) -> None:
        self.viewer = stories.person("HOTLINE", role)
        connection.close()
        self.somebody = Somebody(browser, web, self.viewer)
        self.page: Page = self.somebody.page
        self.number = number
        self.first: dict[str, float] = {}  # since when they have each contact
        self.replies: dict[str, int] = {}
        self.visited: list[str] = []
        self.ended = 0
        self.differs_since: float | None = None
        self.shown: list[str] = []

    def begin(self) -> None:
        """Begin a shift."""
        page = self.page
        page.goto("/line")
        page.get_by_label("Night").check()
        page.get_by_label("English").check()
        page.get_by_label("Telephone at your desk").fill(f"+1 555 010 02{self.number:02}")
        page.get_by_label("Texts and chats at once").select_option("3")
        page.get_by_role("button", name="Begin your shift").click()
        expect(page.get_by_text("You’ve been taking contacts since")).to_be_visible()

    @property
    def address(self) -> str:
        return urllib.parse.urlsplit(self.page.url).path

    def of(self, section: str) -> list[str]:
        """What the page shows in one of its parts."""
        found: list[str] = self.page.locator(f"section[aria-labelledby={section}] a").evaluate_all(SHOWN)
        return found

    def step(self) -> None:
        """Do the next small thing that there is to do."""
        if self.address.startswith("/line/contacts/"):
            return self._talk()
        if self.address != "/line":
            self.page.goto("/line")
        mine = self.of("mine")
        for gone in [each for each in self.visited if each not in mine]:
            self.visited.remove(gone)
        if mine:
            address = min(mine, key=lambda each: self.visited.index(each) if each in self.visited else -1)
            self.visited = [*(each for each in self.visited if each != address), address]
            self._go(address)
        return None

    def _go(self, address: str) -> None:
        """Follow a link, unless it is gone just then."""
        with contextlib.suppress(Error):
            self.page.locator(f"a[href='{address}']").first.click(timeout=3_000)

    def _back(self) -> None:
        self.page.get_by_role("navigation", name="Breadcrumbs").get_by_role("link", name="The line").click()

    def _talk(self) -> None:
        page, address, now = self.page, self.address, time.monotonic()
        is_lost = page.get_by_text("This contact isn’t yours any more").is_visible()
        if is_lost or page.get_by_text("End this contact").count() == 0:
            return self._back()
        since = self.first.setdefault(address, now)
        is_left = page.get_by_text("They hung up").is_visible()
        if page.get_by_role("heading", level=1, name=re.compile("Phone call")).count():
            if not is_left:
                return self._note()
            return self._write_down() if self.ended % 3 == 0 and address not in self.replies else self._end(address)
        if self.replies.get(address, 0) < 2 and not is_left:
            words = f"We are here. {uuid.uuid4()}"
            page.get_by_label("Your message").fill(words)
            page.get_by_role("button", name="Send", exact=True).click()
            expect(page.get_by_text(words)).to_be_visible(timeout=15_000)  # also where it is a colleague's by now
            self.replies[address] = self.replies.get(address, 0) + 1
            return self._back()
        return self._end(address) if is_left or now - since > 6 * MINUTE else self._back()

    def _note(self) -> None:
        field = self.page.get_by_label("What happened, in their words?")
        if field.count() and len(field.input_value()) < 60:
            field.press_sequentially("They ask what would happen. ")

    def _write_down(self) -> None:
        """Make a signal of it."""
        self.replies[self.address] = 1
        self.page.get_by_label("Who is telling us?").select_option("unknown")
        self._note()
        self.page.get_by_role("button", name="Save and see who leads").click()
        saved = self.page.get_by_role("heading", name="The signal is saved")
        by_another = self.page.get_by_text("This contact became a signal already")  # whoever took it over just then
        expect(saved.or_(by_another)).to_be_visible(timeout=15_000)

    def _end(self, address: str) -> None:
        page = self.page
        page.locator("details.confirm > summary").filter(has_text="End this contact").click()
        page.locator("details.confirm[open]").get_by_role("button", name="End this contact").click()
        answers = re.compile("This contact is over|still being sent|Somebody else has this contact")
        expect(page.get_by_text(answers).first).to_be_visible()
        if self.address == "/line":
            self.ended += 1
            self.first.pop(address, None)
        else:
            self._back()

    def leave(self) -> None:
        """End the shift."""
        self.page.goto("/line")
        self.page.get_by_label("What does the next shift need to know?").fill("Nothing is open.")
        self.page.get_by_role("button", name="End your shift").click()
        expect(self.page.get_by_text("Your shift is over.")).to_be_visible()


class Supervisor(Desk):
    """Who watches on a telephone, and takes over what lasts long."""

    taken = 0
    next_at = 0.0

    def begin(self) -> None:
        self.page.set_viewport_size(TELEPHONE)  # type: ignore[arg-type]
        super().begin()
        self.page.get_by_role("button", name="Pause: no new contacts").click()
        expect(self.page.get_by_text("and take no new contacts")).to_be_visible()

    def step(self) -> None:
        others = self.of("others") if self.address == "/line" else []
        if not others or time.monotonic() < self.next_at or self.of("mine"):
            return super().step()
        self._go(others[0])
        take = self.page.get_by_role("button", name="Take over", exact=True)
        with contextlib.suppress(Error):  # its end came first
            take.click(timeout=3_000)
            expect(self.page.get_by_text("End this contact").first).to_be_visible(timeout=5_000)
            picture(self, "taken-over")
            self.taken += 1
            self.next_at = time.monotonic() + 60 * MINUTE
        return None


class Night:
    """What is looked at all the time."""

    def __init__(self, desks: list[Desk]) -> None:
        self.desks = desks
        self.open: frozenset[str] = frozenset()
        self.same_since = time.monotonic()
        self.looked_at = 0

    def look(self) -> None:
        with row_security.system():
            rows = models.Contact.objects.filter(over_at=None)
            now = frozenset(f"/line/contacts/{id_}" for id_ in rows.values_list("id", flat=True))
            seated = models.Seat.objects.filter(ended_at=None).values("person")
            unowned = rows.filter(Q(state=State.ANSWERED) & ~Q(person__in=seated) | Q(person=None, group=""))
            late = rows.filter(state=State.RINGING, ends_at__lt=timezone.now() - datetime.timedelta(seconds=90))
            assert not unowned.exists()
            assert not late.exists()
        connection.close()
        if now != self.open:
            self.open, self.same_since = now, time.monotonic()
        for desk in self.desks:
            for alert in ("not-live", "not-updated", "signed-out", "not-kept", "not-sent"):
                assert not desk.page.locator(f"#{alert}").is_visible(), f"{alert} on {desk.address}"
            self._fresh(desk)

    def _fresh(self, desk: Desk) -> None:
        """A page of the floor shows what there is, soon after it came to be."""
        if desk.address != "/line":
            desk.differs_since = None
            return
        shown = {each for part in ("mine", "waiting", "listed", "others") for each in desk.of(part)}
        self.looked_at += 1
        if shown == self.open:
            desk.differs_since = None
            return
        since = max(desk.differs_since or time.monotonic(), self.same_since)
        desk.differs_since = desk.differs_since or time.monotonic()
        assert time.monotonic() - since < STALE, f"the page shows {shown} and there is {self.open}"


def picture(desk: Desk, name: str) -> None:
    looking._picture(desk.page, f"night {name}", str(desk.number))


@pytest.fixture
def house(
    committed_db: None, provider: peer.Peer, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[servers.Web]:
    """Web and worker, with lines on which nobody waits for longer than a minute: 20 of the night."""
    lines = provider.plan(tmp_path).replace("longest_minutes = 10", "longest_minutes = 1")
    lines = lines.replace('overflow = "backup"\noverflow_after_minutes = 2\n', "")
    floors.install(tmp_path, monkeypatch, lines)
    with servers.Web(NWD_DEMONSTRATION="1", FORWARDED_ALLOW_IPS="127.0.0.1") as web, servers.Worker():
        web.wait_until_answering(120)
        yield web
    plan.installed.cache_clear()
    channels.of_provider.cache_clear()


def test_a_night_leaves_nothing_unowned_and_no_page_shows_what_is_no_longer_so(
    house: servers.Web, browser: Browser, provider: peer.Peer
) -> None:
    count, minutes = sizes.NIGHT.now, 480.0 if sizes.IS_FULL else 10.0  # the worst ten minutes of one
    advocates = [Desk(browser, house, viewers.Role.ADVOCATE, number) for number in range(2)]
    supervisor = Supervisor(browser, house, viewers.Role.COORDINATOR, 9)
    desks = [*advocates, supervisor]
    for desk in desks:
        desk.begin()
    night = Night(desks)
    everybody, pictures = drawn(count, minutes), 0
    with concurrent.futures.ThreadPoolExecutor(count) as pool:
        others = Outside(house.url, provider, time.monotonic())
        running = [pool.submit(others.play, each) for each in everybody]
        until = time.monotonic() + minutes * MINUTE + 180
        while time.monotonic() < until:
            for desk in desks:
                desk.step()
                night.look()
            if len(night.open) > pictures:
                pictures = len(night.open)
                for desk in desks:
                    picture(desk, f"{pictures}-open-{'contact' if 'contacts' in desk.address else 'line'}")
            is_over = all(each.done() for each in running)
            if is_over and len(floors.contacts()) == count and not any(map(at_work, floors.contacts())):
                break
            desks[0].page.wait_for_timeout(100)
        for each in running:
            each.result()
    contacts = floors.contacts()
    assert [each.state for each in contacts if at_work(each)] == []
    for desk in desks:
        desk.page.goto("/line")
        picture(desk, "morning")
        desk.leave()
        desk.somebody.context.close()
    assert len(contacts) == count, "one contact for each who came"
    assert supervisor.taken > 0
    assert night.looked_at > count
    listed = [each for each in contacts if each.over_at is None]
    assert [each.state for each in listed] == [State.VOICEMAIL] * len(listed)
    with row_security.system():
        assert not models.Seat.objects.filter(ended_at=None).exists()
        assert models.ContactMessage.objects.filter(way="out", outcome__in=("sent", "delivered")).exists()
        assert not models.ContactMessage.objects.filter(way="out", outcome__in=("waiting", "failed")).exists()
    connection.close()


def at_work(row: models.Contact) -> bool:
    """Whether somebody still waits or talks."""
    return row.state in (State.RINGING, State.ANSWERED)
