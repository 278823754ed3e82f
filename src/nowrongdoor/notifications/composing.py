"""The words of a mail, made as it leaves, in the language of whoever reads it.

The promise (nothing leaves that says anything of anybody): a mail has kinds, counts and a link, and neither a name, a
reference, a place nor a fact. The link is the same for everybody, and opens nothing without signing in.
"""

from __future__ import annotations

import collections
from collections.abc import Mapping

from django.conf import settings
from django.urls import reverse

from nowrongdoor.agencies import languages
from nowrongdoor.agencies.models import User
from nowrongdoor.core.language import gettext as _
from nowrongdoor.core.language import ngettext, speaking
from nowrongdoor.notifications import actions, models
from nowrongdoor.notifications.kinds import Kind
from nowrongdoor.outbox import delivering
from nowrongdoor.outbox import kinds as outbox
from nowrongdoor.outbox.mail import Letter
from nowrongdoor.outbox.models import Message


def news(message: Message) -> Letter | None:
    """Write what a message carries; None where all of it was seen or is over, or its person or address is gone."""
    rows = models.Notification.objects.filter(message=message, seen_at=None, over_at=None)
    counts = collections.Counter(Kind(kind) for kind in rows.values_list("kind", flat=True))
    preference = models.Preference.objects.filter(person=message.person_id).first()
    if not counts or preference is None or preference.email_checked_at is None:
        return None
    person = _person(message)
    if person is None:
        return None
    with speaking(_language(person)):
        sentences = [kind.of_many(counts[kind]) for kind in Kind if kind in counts]
        total = counts.total()
        subject = (
            sentences[0].rstrip(".")
            if len(sentences) == 1
            else ngettext("%(count)d notification waits for you", "%(count)d notifications wait for you", total)
            % {"count": total}
        )
        return Letter(preference.email, subject, _text(sentences, reverse("notifications")))


def address_check(message: Message) -> Letter | None:
    """Write the code that shows that an address is somebody's; None where another address was chosen since, or none."""
    preference = models.Preference.objects.filter(person=message.person_id).first()
    person = _person(message)
    if preference is None or not preference.email or preference.email_checked_at or person is None:
        return None
    with speaking(_language(person)):
        code = actions.code_of(message, preference.email)
        sentences = [
            _("Enter this code to get notifications at this address: %(code)s") % {"code": f"{code[:4]} {code[4:]}"},
            _("It works for an hour. If you didn’t ask for it, do nothing."),
        ]
        return Letter(preference.email, _("Confirm your email address"), _text(sentences, reverse("preferences")))


def _text(sentences: list[str], path: str) -> str:
    more = _("This message has no details on purpose. Sign in to see them:")
    stop = _("To choose what is sent to you, and when:")
    site = settings.MAIL.site
    links = [f"{more}\n{site}{path}", f"{stop}\n{site}{reverse('preferences')}"]
    return "\n\n".join(["\n".join(sentences), *links, "No Wrong Door"]) + "\n"


def _person(message: Message) -> User | None:
    assert message.person_id is not None  # an email goes to a person
    rows = User.objects.filter(id=message.person_id, is_active=True, agency__active=True)
    return rows.first()


def _language(person: User) -> str:
    return languages.offered(person.language) or settings.LANGUAGE_CODE


COMPOSERS: Mapping[outbox.Kind, delivering.Composer] = {
    outbox.Kind.NEWS: news,
    outbox.Kind.DIGEST: news,
    outbox.Kind.ADDRESS_CHECK: address_check,
}
