"""Telephone and texts through Twilio, or a provider that answers as Twilio does.

The promise: what is not signed with the account's token comes in as nothing; the signature is checked against the
address of the settings, so neither a proxy nor a header of the request can change it. The body is read as it came: one
from which a proxy took white space is refused, and what it said is found by `list` (docs/providers.md).
"""

from __future__ import annotations

import dataclasses
import datetime
import urllib.parse
from collections.abc import Mapping, Sequence

from twilio.request_validator import RequestValidator
from twilio.rest import Client

from nowrongdoor.channels import twilio_calls, twilio_events, twilio_http
from nowrongdoor.channels.protocol import Event, Forged, Incoming, Kind, NotSent, Reply, Step
from nowrongdoor.core.line import Medium

SIGNATURE = "x-twilio-signature"
API = "https://api.twilio.com"
LONGEST_CALL = datetime.timedelta(days=1)  # as the provider limits it
MOST_FIELDS = 200
PAGE = 100
MOST_TEXTS = 1_000  # to one number, that are looked through for one whose answer was lost


@dataclasses.dataclass(frozen=True, slots=True)
class Account:
    """An account at the provider. `address`: where it sends webhooks, all to one; `number`: ours, for texts and for
    whoever is connected; `token` is not shown where an account is printed; `seconds`: how long it may say nothing."""

    account: str
    token: str = dataclasses.field(repr=False)
    number: str
    address: str
    api: str = API
    ca_file: str = ""
    seconds: float = twilio_http.TIMEOUT
    voices: Mapping[str, tuple[str, str]] = dataclasses.field(default_factory=lambda: twilio_calls.VOICES)


class _Fields(dict[str, str]):
    """The fields of a body; of one that is there twice, all for the signature and the first for us."""

    def __init__(self, pairs: Sequence[tuple[str, str]]) -> None:
        super().__init__(reversed(pairs))
        self._pairs = pairs

    def getlist(self, name: str) -> Sequence[str]:
        """List what stands under a name, for the package's validator."""
        return [value for each, value in self._pairs if each == name]


class Twilio:
    """The channel. Errors of the provider are `NotSent`: stopped, no_telephone, too_long, over, gone, refused and
    too_large for good; busy, down, no_answer, not_ready, redirected, sign_in, certificate and unreadable for now."""

    media = frozenset((Medium.VOICE, Medium.TEXT))

    def __init__(self, account: Account) -> None:
        self._account = account
        self._validator = RequestValidator(account.token)
        self._http = twilio_http.Http(account.api, account.ca_file, account.seconds)
        self._client = Client(account.account, account.token, http_client=self._http)

    def receive(self, incoming: Incoming) -> Sequence[Event]:
        """Read a webhook. Forged, Unreadable."""
        query = urllib.parse.urlsplit(incoming.url).query
        address = f"{self._account.address}?{query}" if query else self._account.address
        try:
            pairs = urllib.parse.parse_qsl(
                incoming.body.decode("ascii"), keep_blank_values=True, max_num_fields=MOST_FIELDS, errors="strict"
            )
        except ValueError:
            raise Forged from None  # nothing that the provider sends
        fields = _Fields(pairs)
        if not self._validator.validate(address, fields, incoming.headers.get(SIGNATURE, "")):
            raise Forged
        return twilio_events.of_webhook(fields, dict(urllib.parse.parse_qsl(query)))

    def reply(self, steps: Sequence[Step]) -> Reply:
        """Write what the call does next. Nothing at all ends a call that waits for an answer, so only a text, and what
        is told of something that is over, is answered with no steps."""
        return Reply("text/xml; charset=utf-8", self._written(steps).encode())

    def turn(self, conversation: str, steps: Sequence[Step]) -> None:
        """Tell the provider what a call does from now on. NotSent."""
        with twilio_http.asking():
            self._client.calls(conversation).update(twiml=self._written(steps))

    def send(self, to: str, words: str, *, address: str, key: str, thread: str = "") -> str:
        """Send a text and return the provider's name for it. It takes no key: one whose answer was lost is found by its
        words (`sent`). NotSent."""
        with twilio_http.asking():
            sent = self._client.messages.create(to=to, from_=address, body=words, status_callback=self._account.address)
            return str(sent.sid)

    def sent(self, to: str, words: str, *, address: str, since: datetime.datetime) -> Sequence[str]:
        """Name the texts of ours with these words to one number since then, the oldest first. NotSent."""
        since = since.astimezone(datetime.UTC)
        with twilio_http.asking():
            texts = [
                (each.date_created, str(each.sid))
                for each in self._client.messages.stream(to=to, from_=address, limit=MOST_TEXTS, page_size=PAGE)
                if each.direction != "inbound" and (each.body or "").strip() == words.strip()
            ]
        return [sid for at, sid in sorted(texts, key=lambda text: text[0] or since) if at is None or at >= since]

    def status(self, ref: str) -> Kind | None:
        """Ask what became of a text of ours. NotSent."""
        with twilio_http.asking():
            return twilio_events.BECAME.get(str(self._client.messages(ref).fetch().status))

    def list(self, since: datetime.datetime) -> Sequence[Event]:
        """List calls, texts, recordings and what became of texts since then; not which keys were pressed, which the
        provider doesn't keep. NotSent."""
        since = since.astimezone(datetime.UTC)
        with twilio_http.asking():
            events = [*self._calls(since), *self._texts(since), *self._recordings(since)]
        late = [each for each in events if each.at is None or each.at >= since.replace(microsecond=0)]
        return sorted(late, key=lambda each: (each.at or since, each.id))

    def fetch(self, media: str) -> bytes:
        """Get a recording as MP3. NotSent."""
        with twilio_http.asking():
            recording = self._client.recordings(media).fetch()
            if str(recording.status) in ("in-progress", "paused", "stopped", "processing"):
                raise NotSent("not_ready", is_final=False)
            path = f"/2010-04-01/Accounts/{self._account.account}/Recordings/{recording.sid}.mp3"
            return self._http.bytes_of(API + path, (self._account.account, self._account.token))

    def delete(self, media: str) -> None:
        """Have the provider delete its copy of a recording, of a text with its pictures, or of a call that is over, by
        its name. NotSent."""
        try:
            with twilio_http.asking():
                if media.startswith("RE"):
                    self._client.recordings(media).delete()
                elif media.startswith("CA"):
                    self._client.calls(media).delete()
                else:
                    for picture in self._client.messages(media).media.list(page_size=PAGE):
                        picture.delete()
                    self._client.messages(media).delete()
        except NotSent as error:
            if error.code != "gone":
                raise

    def _written(self, steps: Sequence[Step]) -> str:
        account = self._account
        return twilio_calls.written(steps, address=account.address, number=account.number, voices=account.voices)

    def _calls(self, since: datetime.datetime) -> Sequence[Event]:
        """A call that ended since then may have begun long before."""
        events: list[Event] = []
        for call in self._client.calls.stream(start_time_after=since - LONGEST_CALL, page_size=PAGE):
            if call.direction != "inbound":
                continue  # the telephone that a call was connected with
            events.append(twilio_events.rang(call.sid, call.to, call._from or "", call.start_time or call.date_created))
            if str(call.status) in twilio_events.OVER:
                events.append(twilio_events.left(call.sid, call.to, call._from or "", call.end_time))
        return events

    def _texts(self, since: datetime.datetime) -> Sequence[Event]:
        """What became of a text is known later than it was sent."""
        events: list[Event] = []
        for text in self._client.messages.stream(date_sent_after=since - LONGEST_CALL, page_size=PAGE):
            if text.direction == "inbound":
                at = text.date_sent or text.date_created
                events.append(
                    twilio_events.wrote(
                        text.sid, text.to, text.from_ or "", text.body or "", pictures=text.num_media, at=at
                    )
                )
            else:
                events += twilio_events.became(text.sid, str(text.status), text.from_, text.to, text.date_updated)
        return events

    def _recordings(self, since: datetime.datetime) -> Sequence[Event]:
        events: list[Event] = []
        for each in self._client.recordings.stream(date_created_after=since - LONGEST_CALL, page_size=PAGE):
            at = each.start_time or each.date_created
            ended = at + datetime.timedelta(seconds=int(each.duration or 0)) if at else None
            events += twilio_events.recorded(each.sid, each.call_sid, str(each.status), each.duration, ended)
        return events
