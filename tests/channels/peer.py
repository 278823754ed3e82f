"""A provider on this machine, over HTTPS: keeps calls, texts and recordings, and answers as Twilio documents its
interface of 2010-04-01: form fields in, JSON out, lists in pages, errors with a number. We wrote it, so it shows what
we read in the documents, not what the provider does."""

from __future__ import annotations

import base64
import collections
import datetime
import email.utils
import http.server
import ipaddress
import itertools
import json
import pathlib
import ssl
import threading
import time
import urllib.parse
from types import TracebackType
from typing import Self

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from twilio.request_validator import RequestValidator

from nowrongdoor.channels import twilio
from nowrongdoor.channels.protocol import Incoming
from tests.line import floors

ACCOUNT, TOKEN = "AC" + "0" * 32, "a token of nobody".replace(" ", "-") + "-at-all"
OURS, THEIRS = "+12025550100", "+12025550142"
ADDRESS = "https://line.example/line/in/voice"
ROOT = f"/2010-04-01/Accounts/{ACCOUNT}"
LARGEST_PAGE = 2  # so that a few are several pages

Row = dict[str, object]


class Peer:
    """The provider. `faults`: what it does to the next requests instead: a status, "silent", "nonsense",
    "redirect", or "taken", which does what it was asked and breaks off;
    `thinks`: how many seconds it takes to answer once it has done what it was asked for."""

    def __init__(self, folder: pathlib.Path) -> None:
        self.rows: dict[str, dict[str, Row]] = {"Calls": {}, "Messages": {}, "Recordings": {}}
        self.files: dict[str, bytes] = {}
        self.faults: collections.deque[int | tuple[int, int] | str] = collections.deque()
        self.asked: list[str] = []
        self.thinks = 0.0
        self.numbers = itertools.count()
        self.certificate = folder / "peer.pem"
        key = _certificate(self.certificate, folder / "peer.key")
        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificate, key)
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def api(self) -> str:
        return f"https://localhost:{self._server.server_address[1]}"

    def account(self, *, seconds: float = 5, ca_file: str | None = None) -> twilio.Account:
        """Return an account of ours at this provider."""
        trusted = str(self.certificate) if ca_file is None else ca_file
        return twilio.Account(ACCOUNT, TOKEN, OURS, ADDRESS, self.api, trusted, seconds)

    def plan(self, folder: pathlib.Path) -> str:
        """Return the lines of tests/line/floors.py with this provider as their telephone."""
        token = folder / "token"
        token.write_text(TOKEN)
        token.chmod(0o600)
        keys = {"account": ACCOUNT, "number": floors.NUMBER, "address": ADDRESS, "token_file": token}
        keys |= {"api": self.api, "ca_file": self.certificate}
        written = "".join(f'{name} = "{value}"\n' for name, value in keys.items())
        null = '[provider.telephone]\nkind = "null"\n'
        assert null in floors.PLAN
        return floors.PLAN.replace(null, f'[provider.telephone]\nkind = "twilio"\n{written}')

    def call(self, sid: str, at: datetime.datetime, *, status: str = "completed", sender: str = THEIRS) -> Row:
        """Keep a call to us."""
        ended = at + datetime.timedelta(seconds=90)
        row: Row = {
            **{"sid": sid, "from": sender, "to": OURS, "status": status, "direction": "inbound"},
            **{"start_time": stamp(at), "date_created": stamp(at), "end_time": stamp(ended)},
        }
        self.rows["Calls"][sid] = row
        return row

    def text(self, sid: str, at: datetime.datetime, words: str, *, status: str = "received", media: int = 0) -> Row:
        """Keep a text to us, or with another status one of ours."""
        is_theirs = status == "received"
        row: Row = {
            **{"sid": sid, "body": words, "status": status, "num_media": str(media), "date_sent": stamp(at)},
            **{"date_created": stamp(at)},
            **{"from": THEIRS if is_theirs else OURS, "to": OURS if is_theirs else THEIRS},
            **{"direction": "inbound" if is_theirs else "outbound-api", "date_updated": stamp(at)},
        }
        self.rows["Messages"][sid] = row
        return row

    def recording(self, sid: str, call: str, at: datetime.datetime, *, status: str = "completed") -> Row:
        """Keep a recording."""
        row: Row = {
            **{"sid": sid, "call_sid": call, "status": status, "duration": "12"},
            **{"start_time": stamp(at), "date_created": stamp(at)},
        }
        self.rows["Recordings"][sid] = row
        self.files[sid] = b"ID3" + sid.encode()
        return row


def stamp(at: datetime.datetime) -> str:
    """Write an instant as the provider does."""
    return email.utils.format_datetime(at)


def webhook(
    fields: dict[str, str], query: str = "", *, token: str = TOKEN, url: str = ADDRESS, sent: bytes | None = None
) -> Incoming:
    """Return a webhook as the provider sends it, signed by its own package. `sent`: a body that something on the way
    made of it."""
    address = f"{ADDRESS}?{query}" if query else ADDRESS
    signature = RequestValidator(token).compute_signature(address, fields)
    body = urllib.parse.urlencode(fields).encode() if sent is None else sent
    at = f"{url}?{query}" if query else url
    return Incoming(at, {"x-twilio-signature": signature, "content-type": "application/x-www-form-urlencoded"}, body)


def webhook_of(row: Row) -> Incoming:
    """Return the webhook with which the provider says of a row what it says in its list."""
    text = {name: str(value) for name, value in row.items()}
    sid = text["sid"]
    match sid[:2]:
        case "CA":
            fields = {"CallSid": sid, "From": text["from"], "To": text["to"], "CallStatus": text["status"]}
            return webhook({**fields, "Direction": text["direction"], "AccountSid": ACCOUNT})
        case "RE":
            fields = {"RecordingSid": sid, "CallSid": text["call_sid"], "RecordingStatus": text["status"]}
            return webhook({**fields, "RecordingDuration": text["duration"]})
    fields = {"MessageSid": sid, "SmsSid": sid, "From": text["from"], "To": text["to"]}
    if text["direction"] == "inbound":
        return webhook({**fields, "Body": text["body"], "NumMedia": text["num_media"], "SmsStatus": "received"})
    return webhook({**fields, "MessageStatus": text["status"]})


def _certificate(certificate: pathlib.Path, key_file: pathlib.Path) -> pathlib.Path:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.UTC)
    names = x509.SubjectAlternativeName([x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(names, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    plain = serialization.NoEncryption()
    key_file.write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain))
    return key_file


def _handler(peer: Peer) -> type[http.server.BaseHTTPRequestHandler]:
    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        _write_nothing = False

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

        def do_GET(self) -> None:
            if self._is_let_in():
                self._get(urllib.parse.urlsplit(self.path))

        def do_POST(self) -> None:
            fields = dict(urllib.parse.parse_qsl(self.rfile.read(int(self.headers["Content-Length"])).decode()))
            if self._is_let_in():
                self._post(fields)

        def do_DELETE(self) -> None:
            if self._is_let_in():
                row = self._kind().pop(self._sid(), None)
                peer.files.pop(self._sid(), None)
                self._answer(204 if row else 404, None if row else {"code": 20404, "message": "not there"})

        def _kind(self) -> dict[str, Row]:
            return peer.rows[self.path.removeprefix(f"{ROOT}/").partition("/")[0].partition(".")[0].partition("?")[0]]

        def _sid(self) -> str:
            return self.path.rpartition("/")[2].partition(".")[0]

        def _is_let_in(self) -> bool:
            peer.asked.append(f"{self.command} {self.path}")
            fault = peer.faults.popleft() if peer.faults else None
            login = base64.b64encode(f"{ACCOUNT}:{TOKEN}".encode()).decode()
            if fault == "silent":
                time.sleep(3)
                self.close_connection = True
            elif fault == "redirect":
                self.send_response(307)
                self.send_header("Location", f"http://127.0.0.1:1{self.path}")
                self.send_header("Content-Length", "0")
                self.end_headers()
            elif fault == "taken":
                self._write_nothing = True
                return True
            elif fault == "nonsense":
                self._write(200, b"<html>", "text/html")
            elif isinstance(fault, tuple):
                self._answer(fault[0], {"code": fault[1], "message": f"{THEIRS} and words", "status": fault[0]})
            elif isinstance(fault, int):
                self._answer(fault, {"code": 20000, "message": f"{THEIRS} and words", "status": fault})
            elif self.headers["Authorization"] != f"Basic {login}":
                self._answer(401, {"code": 20003, "message": "who is this"})
            else:
                return True
            return False

        def _get(self, asked: urllib.parse.SplitResult) -> None:
            if asked.path.endswith(".mp3"):
                content = peer.files.get(self._sid())
                return self._write(200 if content else 404, content or b"", "audio/mpeg")
            if asked.path.endswith("/Media.json"):
                return self._answer(200, {"media_list": [], "next_page_uri": None})
            name = asked.path.removeprefix(f"{ROOT}/").partition(".")[0]
            if name in peer.rows:
                return self._list(name, dict(urllib.parse.parse_qsl(asked.query)), asked)
            row = self._kind().get(self._sid())
            return self._answer(200 if row else 404, row or {"code": 20404, "message": "not there"})

        def _list(self, name: str, query: dict[str, str], asked: urllib.parse.SplitResult) -> None:
            column, after = {
                "Calls": ("start_time", "StartTime>"),
                "Messages": ("date_sent", "DateSent>"),
                "Recordings": ("date_created", "DateCreated>"),
            }[name]
            since = datetime.datetime.fromisoformat(query.get(after, "2026-01-01T00:00:00Z"))
            rows = [
                each
                for each in [*peer.rows[name].values()]
                if email.utils.parsedate_to_datetime(str(each[column])) >= since
                and {each.get(side, "") for side in ("to", "from")}.issuperset(
                    query[side] for side in ("To", "From") if side in query
                )
            ]
            number, size = int(query.get("Page", 0)), min(int(query.get("PageSize", 50)), LARGEST_PAGE)
            page, rest = rows[number * size : (number + 1) * size], rows[(number + 1) * size :]
            query["Page"] = str(number + 1)
            following = f"{asked.path}?{urllib.parse.urlencode(query)}" if rest else None
            self._answer(200, {name.lower(): page, "page": number, "next_page_uri": following})

        def _post(self, fields: dict[str, str]) -> None:
            if self.path == f"{ROOT}/Messages.json":
                sid = f"SM{next(peer.numbers):032d}"
                row = peer.text(sid, datetime.datetime.now(datetime.UTC), fields["Body"], status="queued")
                row |= {"to": fields["To"], "from": fields["From"], "callback": fields["StatusCallback"]}
                time.sleep(peer.thinks)
                return self._answer(201, row)
            row = self._kind().get(self._sid(), {})
            if row.get("status") != "in-progress":
                return self._answer(400, {"code": 21220, "message": "not in progress", "status": 400})
            row["twiml"] = fields["Twiml"]
            return self._answer(200, row)

        def _answer(self, status: int, content: object) -> None:
            self._write(status, b"" if content is None else json.dumps(content).encode(), "application/json")

        def _write(self, status: int, content: bytes, kind: str) -> None:
            if self._write_nothing:
                self.close_connection = True
                return
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

    return Handler
