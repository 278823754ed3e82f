"""Asking a Twilio-compatible provider over HTTPS.

The promise: nothing leaves but by HTTPS to the one host of the settings; no request waits forever; neither a log nor
an error repeats what the provider says, because it may repeat a number or a message.
"""

from __future__ import annotations

import contextlib
import http
import time
import urllib.parse
from collections.abc import Iterator

import requests
from twilio.base.exceptions import TwilioException, TwilioRestException, TwilioServiceException
from twilio.http.http_client import TwilioHttpClient
from twilio.http.response import Response

from nowrongdoor.channels.protocol import NotSent

TIMEOUT = 10.0  # seconds without a byte
PATIENCE = 60.0  # for a whole recording
LARGEST = 25 * 1024 * 1024

# The provider's own numbers of errors, and ours (twilio.com/docs/api/errors).
STOPPED, CALL_IS_OVER = 21610, 21220
NO_TELEPHONE, TOO_LONG = (21211, 21214, 21217, 21612, 21614), (21605, 21617)


class Http(TwilioHttpClient):  # type: ignore[misc]  # its package says nothing of its types
    """The package's client, kept to one host and silent."""

    def __init__(self, api: str, ca_file: str, seconds: float) -> None:
        super().__init__(timeout=seconds)
        self._api = urllib.parse.urlsplit(api)
        self.session.adapters.pop("http://")
        self.session.trust_env = False  # a variable of the machine sends nothing through a stranger
        if ca_file:
            self.session.verify = ca_file

    def request(self, method: str, url: str, *args: object, **kwargs: object) -> Response:
        """Ask the host of the settings, whichever the package or a page of a list names."""
        return super().request(method, self.at_home(url), *args, **kwargs)

    def at_home(self, url: str) -> str:
        """Return an address at the host of the settings."""
        asked, prefix = urllib.parse.urlsplit(url), self._api.path.rstrip("/")
        path = asked.path if prefix and asked.path.startswith(f"{prefix}/") else prefix + asked.path
        return urllib.parse.urlunsplit(("https", self._api.netloc, path, asked.query, ""))

    def log_request(self, kwargs: object) -> None:
        """Say nothing: a request holds a number and words."""

    def log_response(self, status_code: int, response: object) -> None:
        """Say nothing."""

    def bytes_of(self, url: str, auth: tuple[str, str]) -> bytes:
        """Get a file. NotSent."""
        until = time.monotonic() + PATIENCE
        content = bytearray()
        with self.session.get(
            self.at_home(url), auth=auth, timeout=self.timeout, stream=True, allow_redirects=False
        ) as answer:
            if answer.is_redirect:
                raise NotSent("redirected", is_final=False)  # another host would see it
            if answer.status_code != http.HTTPStatus.OK:
                raise _by_status(answer.status_code)
            for part in answer.iter_content(65536):
                content += part
                if len(content) > LARGEST:
                    raise NotSent("too_large", is_final=True)
                if time.monotonic() > until:
                    raise NotSent("no_answer", is_final=False)
        return bytes(content)


@contextlib.contextmanager
def asking() -> Iterator[None]:
    """Turn what goes wrong while asking into NotSent, whose code is ours: no words of the provider's."""
    try:
        yield
    except (TwilioRestException, TwilioServiceException) as error:
        raise _by_code(error.code, error.status) from None
    except requests.exceptions.SSLError:
        raise NotSent("certificate", is_final=False) from None
    except requests.exceptions.RequestException:
        raise NotSent("no_answer", is_final=False) from None
    except (TwilioException, ValueError, KeyError, TypeError):  # it answered, but not as its interface says
        raise NotSent("unreadable", is_final=False) from None


def _by_code(code: int | None, status: int) -> NotSent:
    if code == STOPPED:
        return NotSent("stopped", is_final=True)
    if code in NO_TELEPHONE:
        return NotSent("no_telephone", is_final=True)
    if code in TOO_LONG:
        return NotSent("too_long", is_final=True)
    if code == CALL_IS_OVER:
        return NotSent("over", is_final=True)
    return _by_status(status)


def _by_status(status: int) -> NotSent:
    match status:
        case http.HTTPStatus.TOO_MANY_REQUESTS:
            return NotSent("busy", is_final=False)
        case http.HTTPStatus.UNAUTHORIZED | http.HTTPStatus.FORBIDDEN:
            return NotSent("sign_in", is_final=False)  # whoever runs this can mend it
        case http.HTTPStatus.NOT_FOUND | http.HTTPStatus.GONE:
            return NotSent("gone", is_final=True)
        case http.HTTPStatus.REQUEST_TIMEOUT:
            return NotSent("no_answer", is_final=False)
    return NotSent("refused", is_final=True) if 400 <= status < 500 else NotSent("down", is_final=False)
