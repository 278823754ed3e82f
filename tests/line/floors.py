"""Short ways to a line with people on shift, through what providers and people do."""

from __future__ import annotations

import datetime
import pathlib
import uuid

import pytest
from django.utils import timezone

from nowrongdoor.access import row_security, viewers
from nowrongdoor.channels import protocol
from nowrongdoor.channels.protocol import Kind
from nowrongdoor.core.line import Medium
from nowrongdoor.line import channels, models, plan, shifts, taking
from tests.leads import stories

NUMBER, TEXTS, MAIL = "+15550100", "+15550101", "help@line.example"
CALLER = "+15550199"
SAFE = "2025550123"
CALL_ME = ("2", SAFE, "1", "2", "2")  # by keys: at this number, for eight hours, and hang up
WORDS = "The foreman keeps our passports."
PLAN = """
[provider.telephone]
kind = "null"
[provider.mail]
kind = "null"
[[group]]
code = "night"
agency = "HOTLINE"
name = "Night"
longest_minutes = 10
overflow = "backup"
overflow_after_minutes = 2
answers_within_hours = 1
[[group]]
code = "backup"
agency = "HOTLINE"
name = "Backup"
longest_minutes = 5
answers_within_hours = 1
[[line]]
code = "voice"
agency = "HOTLINE"
medium = "voice"
provider = "telephone"
address = "+15550100"
group = "night"
language = "en"
use = "live"
[[line]]
code = "texts"
agency = "HOTLINE"
medium = "text"
provider = "telephone"
address = "+15550101"
group = "night"
language = "en"
use = "live"
[[line]]
code = "chat"
agency = "HOTLINE"
medium = "chat"
group = "night"
language = "en"
use = "live"
[[line]]
code = "mail"
agency = "HOTLINE"
medium = "mail"
provider = "mail"
address = "help@line.example"
group = "night"
language = "en"
use = "live"
[[line]]
code = "practice"
agency = "HOTLINE"
medium = "text"
provider = "telephone"
address = "+15550102"
group = "night"
language = "en"
use = "trainee"
"""


def install(folder: pathlib.Path, patch: pytest.MonkeyPatch, text: str = PLAN) -> None:
    """Let the installation have these lines, until the test is over."""
    file = folder / "line.toml"
    file.write_text(text, encoding="utf-8")
    patch.setenv(plan.VARIABLE, str(file))
    plan.installed.cache_clear()
    channels.of_provider.cache_clear()


def event(
    kind: Kind,
    name: str,
    *,
    medium: Medium = Medium.VOICE,
    call: str = "call-1",
    sender: str = CALLER,
    address: str = "",
    at: datetime.datetime | None = None,
    **more: object,
) -> protocol.Event:
    """What a provider says. `name` is its id."""
    ours = {Medium.VOICE: NUMBER, Medium.TEXT: TEXTS, Medium.MAIL: MAIL}[medium]
    return protocol.Event(name, kind, medium, call, address or ours, sender, at, **more)  # type: ignore[arg-type]


def take(what: protocol.Event, *, at: datetime.datetime | None = None) -> models.Contact:
    """Take what a provider says, and return the contact as it is afterwards."""
    lines = plan.installed().lines.values()
    provider = next((each.provider for each in lines if each.address == what.address), "telephone")
    contact = taking.take(provider, what, how=models.LineEvent.How.TOLD, at=at or timezone.now())
    assert contact is not None
    return now(contact)


def now(contact: models.Contact) -> models.Contact:
    """Read a contact as it is now."""
    with row_security.system():
        return models.Contact.objects.get(id=contact.id)


def contacts() -> list[models.Contact]:
    with row_security.system():
        return list(models.Contact.objects.order_by("rang_at", "id"))


def on_shift(
    role: viewers.Role = viewers.Role.ADVOCATE,
    *,
    at: datetime.datetime | None = None,
    ready: bool = True,
    **more: object,
) -> viewers.Viewer:
    """Somebody of the hotline who began a shift."""
    person = stories.person("HOTLINE", role)
    wish = {
        "groups": ["night"],
        "languages": ["en"],
        "skills": [],
        "telephone": "+15550111",
        "texts": 3,
        "is_trainee": False,
    }
    shifts.begin(shifts.Wish(**{**wish, **more}), by=person, at=at or timezone.now())  # type: ignore[arg-type]
    if ready:
        shifts.ready(by=person, at=at or timezone.now())
    return person


def rows() -> dict[str, uuid.UUID]:
    """What addresses of the floor name, at the hotline: a contact, a call back, and a voicemail."""
    contact = take(event(Kind.WROTE, "rows", medium=Medium.TEXT, call="rows", words=WORDS))
    for number, key in enumerate(["", *CALL_ME]):
        take(event(Kind.PRESSED if key else Kind.RANG, f"rows-{number}", call="rows-call", words=key))
    take(event(Kind.RECORDED, "rows-sound", call="rows-left", media="RE1", seconds=3))
    with row_security.system():
        call_back = models.CallBack.objects.get(contact__call_back__isnull=False)
        voicemail = models.ContactMessage.objects.get(way="voicemail")
    return {"contact_id": contact.id, "call_back_id": call_back.id, "message_id": voicemail.id}
