"""The errors that say to a person why their file did not come in, and what to do."""

from __future__ import annotations

from nowrongdoor.core.language import gettext as _


class Refused(ValueError):
    """The file does not come in; the message is fit to show."""


class ActiveContent(Refused):
    """Something in it would run, call out, or bring another file along."""

    def __init__(self, what: str) -> None:
        super().__init__(
            _("This file holds %(what)s, which is not safe to pass on. Save it without, or print it to PDF.")
            % {"what": what}
        )


class Damaged(Refused):
    """It cannot be read as what it says it is."""

    def __init__(self, what: str) -> None:
        super().__init__(
            _("This %(what)s cannot be read. Open it on your device, save it again, and send that.") % {"what": what}
        )


class TakesTooMuch(Refused):
    """To read it takes longer, or more memory, than any honest file does."""

    def __init__(self) -> None:
        super().__init__(_("This file takes too much to check. Send it in parts, or print it to a new PDF."))


class SaysWhoSentIt(Refused):
    """It is a kind of text that carries its sender, its readers or its author in lines of its own."""

    def __init__(self, what: str) -> None:
        super().__init__(
            _(
                "This is %(what)s. It carries names and addresses that cannot be taken out "
                "safely. Copy the words you need into a plain text file and send that, or print "
                "it to PDF if what you see may be shared."
            )
            % {"what": what}
        )
