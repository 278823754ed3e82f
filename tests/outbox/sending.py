"""What tests of mail begin with: a server, settings as the product reads them, somebody whose address is confirmed."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping

import pytest
from pytest_django.fixtures import Settings

from nowrongdoor.access import viewers
from nowrongdoor.core.notices import How
from nowrongdoor.notifications import actions, clock, composing, planning
from nowrongdoor.notifications.models import Preference
from nowrongdoor.operating import mail
from nowrongdoor.outbox import delivering
from nowrongdoor.outbox.models import Message
from tests.outbox import postbox

ADDRESS = "pat@agency.example.gov"
CHOICE = actions.Choice(ADDRESS, How.AT_ONCE, How.AT_ONCE, How.AT_ONCE, How.AT_ONCE, 8, None)


@pytest.fixture
def post(settings: Settings) -> Iterator[postbox.Postbox]:
    """A mail server, and this process told to send to it."""
    with postbox.opened() as box:
        send_to(settings, box.environment())
        yield box


def send_to(settings: Settings, environment: Mapping[str, str]) -> None:
    """Set what the product's settings set from an environment."""
    read = mail.read(environment)
    settings.MAIL = read
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = read.host, read.port, 5
    settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = read.user, read.password
    settings.EMAIL_USE_TLS, settings.EMAIL_USE_SSL = read.security == mail.STARTTLS, read.security == mail.TLS


def deliver(at: datetime.datetime) -> int:
    """What the worker does each minute with the outbox."""
    return delivering.deliver(composing.COMPOSERS, given_up=actions.tell_of_given_up, at=at)


def minute(at: datetime.datetime) -> int:
    """All that the worker does each minute."""
    clock.escalate(at=at)
    clock.remind(at=at)
    clock.look_for_gaps(at=at)
    clock.tell_of_overdue(at=at)
    while planning.plan(at=at):
        pass
    return deliver(at)


def wants_mail(viewer: viewers.Viewer, at: datetime.datetime, choice: actions.Choice = CHOICE) -> Preference:
    """Choose, and confirm the address with the code that is in the outbox."""
    kept = actions.choose(choice, by=viewer, at=at)
    message = Message.objects.filter(person=viewer.user_id, kind="address_check").order_by("-id")[0]
    actions.confirm(actions.code_of(message, choice.email), by=viewer, at=at)
    Message.objects.filter(id=message.id).update(over_at=at, outcome="needless")
    kept.refresh_from_db()
    return kept
