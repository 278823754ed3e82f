"""The codes that a message may hold: how it goes, what it is, what went wrong, and what became of it."""

from __future__ import annotations

import enum

from nowrongdoor.core.language import gettext_lazy


class Channel(enum.Enum):
    """How a message goes. Webhooks and others join with the room that sends them."""

    EMAIL = "email"


class Kind(enum.Enum):
    """What a message is; whoever composes it knows the rest by its id."""

    NEWS = "news"  # what somebody wants to hear at once
    DIGEST = "digest"  # what came together until a time of day
    ADDRESS_CHECK = "address_check"  # the code that shows that an address is somebody's


class Outcome(enum.Enum):
    """How a message ended."""

    DELIVERED = "delivered"  # the server took it
    GIVEN_UP = "given_up"
    NEEDLESS = "needless"  # before it left, everything in it was seen or over


class Problem(enum.Enum):
    """Why it did not go, as a code: a server's own words may repeat an address."""

    SERVER_DOWN = "server_down"
    NOT_ENCRYPTED = "not_encrypted"
    CERTIFICATE = "certificate"
    SIGN_IN_REFUSED = "sign_in_refused"
    SENDER_REFUSED = "sender_refused"
    RECIPIENT_REFUSED = "recipient_refused"
    MESSAGE_REFUSED = "message_refused"
    PUT_OFF = "put_off"
    SERVER_ERROR = "server_error"

    @property
    def words(self) -> str:
        """Say what went wrong, and what helps."""
        return WORDS[self]

    @property
    def is_for_good(self) -> bool:
        """Return whether trying again would change nothing."""
        return self in (Problem.RECIPIENT_REFUSED, Problem.MESSAGE_REFUSED)

    @property
    def is_of_the_server(self) -> bool:
        """Return whether every other message would meet it now, too."""
        return self not in (Problem.RECIPIENT_REFUSED, Problem.MESSAGE_REFUSED, Problem.PUT_OFF)


WORDS = {
    Problem.SERVER_DOWN: gettext_lazy("The mail server can’t be reached. Mail is kept and tried again."),
    Problem.NOT_ENCRYPTED: gettext_lazy("The mail server offers no encryption, so nothing is sent to it."),
    Problem.CERTIFICATE: gettext_lazy("The mail server’s certificate isn’t one this installation trusts."),
    Problem.SIGN_IN_REFUSED: gettext_lazy("The mail server refused this installation’s user name or password."),
    Problem.SENDER_REFUSED: gettext_lazy("The mail server takes no mail from this installation’s address."),
    Problem.RECIPIENT_REFUSED: gettext_lazy("The mail server knows no such mailbox. Check the email address."),
    Problem.MESSAGE_REFUSED: gettext_lazy("The mail server refused the message."),
    Problem.PUT_OFF: gettext_lazy("The mail server asked to try again later."),
    Problem.SERVER_ERROR: gettext_lazy("The mail server answered with an error."),
}
