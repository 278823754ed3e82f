"""Mail in and out over real sockets: once, whole, never an answer to a program, and nothing that tells."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import datetime
import email.header
import pathlib
import random
import signal
import smtplib
import socket
import threading
import time
from collections.abc import Mapping

import pytest
from aiosmtpd.controller import Controller
from hypothesis import given
from hypothesis import strategies as st

from nowrongdoor.channels import letters, lmtp, mail, markup
from nowrongdoor.channels.protocol import Event, Forged, Incoming, Kind, NotSent, Unreadable
from nowrongdoor.core import entries
from nowrongdoor.core.line import Medium
from tests import claims, servers
from tests.channels import mailing
from tests.channels.mailing import ANN, AYUDA, HELP, HOP, channel, read, written
from tests.outbox import postbox

# --- what a mail says ---


def test_a_mail_is_an_event_with_its_writer_its_words_and_what_an_answer_names() -> None:
    event = read(written())
    assert (event.kind, event.medium, event.address, event.sender) == (Kind.WROTE, Medium.MAIL, HELP, ANN)
    assert event.words == "a question\n\nCan you call me?"
    assert event.conversation == f"{HELP} {ANN}"
    assert event.at == datetime.datetime(2026, 11, 28, 9, 5, 6, tzinfo=datetime.UTC)  # by the server that took it
    assert event.thread == "<one@example.com>"


PARTS = """--b
Content-Type: multipart/alternative; boundary=a

--a
Content-Type: text/plain

{plain}
--a
Content-Type: text/html

<p>as <b>HTML</b></p>
--a--
--b
Content-Type: application/pdf; name=x.pdf

{pdf}
--b
Content-Type: message/rfc822

Subject: another

inner
--b--
"""


@pytest.mark.parametrize(("plain", "text"), [("as text", "as text"), ("  ", "as HTML")])
def test_the_text_is_the_plain_one_or_the_html_and_files_are_counted_and_not_kept(plain: str, text: str) -> None:
    body = PARTS.format(plain=plain, pdf="JVBERi0=").replace("\n", "\r\n")
    event = read(written(body, "Content-Type: multipart/mixed; boundary=b"))
    assert event.words == f"a question\n\n{text}\n\n[2 attachments were not kept.]"


TELEPHONE = """--b
Content-Type: text/plain; name=text_0.txt
Content-Disposition: {disposition}; filename=text_0.txt

help me
--b
Content-Type: image/jpeg; name=x.jpg

/9j/
--b--
"""


@pytest.mark.parametrize("disposition", ["inline", "attachment"])
def test_a_message_that_a_telephone_sends_as_a_file_is_read(disposition: str) -> None:
    body = TELEPHONE.format(disposition=disposition).replace("\n", "\r\n")
    event = read(written(body, "Content-Type: multipart/mixed; boundary=b", "Subject: "))
    assert event.words == "help me\n\n[1 attachment was not kept.]"


HTML = {
    "<style>p {}</style><p>One<br>two</p><p>three": "One\ntwo\n\nthree",
    "a &lt; b &amp; c&nbsp;d &#8364;": "a < b & c d €",
    '<a href="https://example.com/x">here</a>': "here (https://example.com/x)",
    '<a href="javascript:alert(1)">here</a>': "here",
    '<img src="cid:1" alt="my house">': "my house",
    "<!-- not this -->this": "this",
    "1 < 2 and 3 <3": "1 < 2 and 3 <3",
    "<script>alert('x')": "",
    "<table><tr><td>a</td><td>b</td></tr></table>": "a b",
    "<unfinished": "<unfinished",
    "İ" * 40 + "<style>p {}</style>help me": "İ" * 40 + "help me",  # longer in small letters
    "<STYLE>p {}</Style >help me": "help me",
    "<head><header>our name</header>help me": "our name\nhelp me",  # a head that never ends, and no end of one
    "<title-bar>our name</title-bar>help me": "our namehelp me",
    "<script>'</scripted>'</script>help me": "help me",
}


@pytest.mark.parametrize("source", HTML)
def test_html_is_read_as_a_reader_sees_it(source: str) -> None:
    assert markup.text(source) == HTML[source]


@pytest.mark.parametrize("unit", ["<a ", "<!--", "<![", "<a b='", '<q b="c" ', "</", "<?", "<script>", "<head>", "&#"])
def test_no_html_takes_long(unit: str) -> None:
    """The standard library's parser takes half a minute for 50 KB of the first."""
    before = time.process_time()
    markup.text(unit * (letters.LONGEST_SOURCE // len(unit)))
    assert time.process_time() - before < 3


CHARSETS = {
    "utf-8": "Ayúdame por favor",
    "iso-8859-1": "Ayúdame",
    "windows-1252": "“Ayúdame” – €",
    "koi8-r": "Помогите мне",
    "gb2312": "请帮帮我",
    "big5": "請幫我",
    "iso-2022-jp": "助けてください",
    "euc-kr": "도와주세요",
    "windows-1256": "ساعدني",
}


@pytest.mark.parametrize("charset", CHARSETS)
def test_words_are_read_in_their_charset_in_the_text_and_in_the_subject(charset: str) -> None:
    words = CHARSETS[charset]
    subject = email.header.Header(words, charset).encode().replace("\n", "\r\n")
    kind = f"Content-Type: text/plain; charset={charset}"
    content = written(
        words.encode(charset).hex(" ").upper().replace(" ", "=").join(["=", "\r\n"]),
        kind,
        f"Subject: {subject}",
        "Content-Transfer-Encoding: quoted-printable",
    )
    assert read(content).words == f"{words}\n\n{words}"


@pytest.mark.parametrize(
    ("charset", "sent", "words"),
    [
        ("us-ascii", "Ayúdame".encode(), "Ayúdame"),  # says less than it is
        ("us-ascii", b"Ay\xfadame", "Ayúdame"),
        ("iso-8859-1", b"\x93Help\x94", "“Help”"),  # says the older one
        ("utf-8", b"Ay\xfadame", "Ayúdame"),  # says what it is not
        ("gb2312", "朱镕基".encode("gbk"), "朱镕基"),
        ("x-nobody-knows", "Ayúdame".encode(), "Ayúdame"),
        ("idna", "Ayúdame".encode(), "Ayúdame"),
        ("hex", b"48656c70", "48656c70"),
        ("unicode_escape", rb"\u0041", r"\u0041"),  # of programs
        ("utf-8", b"a\x00b\x07c\xed\xa0\x80", "abcí\xa0€".replace("\xa0", "\xa0")),
    ],
)
def test_wrong_charsets_cost_no_words(charset: str, sent: bytes, words: str) -> None:
    event = read(written(sent, f"Content-Type: text/plain; charset={charset}", "Subject: "))
    assert event.words == words


@pytest.mark.parametrize(("charset", "words"), [("idna", "xn--bcher-kva"), ("punycode", "bcher-kva")])
def test_no_mail_is_written_as_names_of_hosts_are(charset: str, words: str) -> None:
    kind = f"Content-Type: text/plain; charset={charset}"
    encoded = base64.b64encode(words.encode())
    assert read(written(encoded, kind, "Content-Transfer-Encoding: base64", "Subject: ")).words == words


def test_a_name_that_looks_like_an_address_is_not_the_writer_and_no_other_address_is_answered() -> None:
    looks_like = "=?utf-8?q?=3Ceve=40example=2Enet=3E?="
    event = read(written("x", f"From: {looks_like} <Ann@Example.com>", "Reply-To: eve@example.net"))
    assert event.sender == ANN
    assert event.conversation == f"{HELP} {ANN}"


def test_whoever_names_no_address_is_hidden_and_shares_a_conversation_with_nobody() -> None:
    one, two = (read(written(each, "From: undisclosed"), mail_from="x") for each in ("one", "two"))
    assert one.sender == two.sender == ""
    assert one.conversation != two.conversation


def test_what_is_too_long_is_cut_and_says_so() -> None:
    event = read(written("x" * 200_000))
    assert event.words.endswith("x\n\n[The rest of this mail was too long and was not kept.]")
    assert len(event.words) < 101_000


ENDLESS = {
    "parts inside of parts": "".join(
        f"Content-Type: multipart/mixed; boundary=b{n}\r\n\r\n--b{n}\r\n" for n in range(letters.MOST_PARTS + 1)
    ),
    "forwarded mails": "Content-Type: message/rfc822\r\n\r\n" * (letters.MOST_PARTS + 1),
    "parts": "Content-Type: multipart/mixed; boundary=b\r\n\r\n" + "--b\r\n" * (letters.MOST_PIECES + 1),
    "a long header": "Content-Type: text/plain" + ';"' * letters.LONGEST_TYPE,
    "a long header on many lines": "content-type : text/plain;" + ';"\r\n ' * letters.LONGEST_TYPE,
}


@pytest.mark.parametrize("kind", ENDLESS)
def test_a_mail_that_the_library_would_read_for_hours_is_refused_for_good(kind: str) -> None:
    with mailing.listening() as desk:
        assert desk.bring(ENDLESS[kind].encode()) == 554
        assert desk.bring(written()) == 250
    assert len(desk.events) == 1


@pytest.mark.parametrize(
    ("header", "words"),
    [
        ("Content-Type: text/plain; name*=x; name*0*=y", "Help"),
        ("Content-Type: text/plain; charset*=utf-8''\x00", "Help"),
        ("Content-Type: text/plain; charset*0*=x; charset*=y", "Help"),
    ],
)
def test_what_the_library_breaks_over_is_read_all_the_same(header: str, words: str) -> None:
    assert read(written("Help", header, "Subject: ")).words == words


def test_a_boundary_that_the_library_breaks_over_is_refused_for_good() -> None:
    with mailing.listening() as desk:
        assert desk.bring(written("x", "Content-Type: multipart/mixed; boundary*=x; boundary*0*=y")) == 554


@pytest.mark.parametrize("word", ["multipart/mixed", "https://example.com/message/1", "Content: message/rfc822"])
def test_words_that_name_a_kind_of_part_are_words_however_many(word: str) -> None:
    body = f"{word}\r\n" * (letters.MOST_PARTS * 3)
    assert read(written(body, "Content-Type: text/plain")).words.count(word) == letters.MOST_PARTS * 3


def test_what_is_just_below_is_read() -> None:
    parts = "--b\r\n\r\nx\r\n" * (letters.MOST_PIECES - 1)
    event = read(written(parts, "Content-Type: multipart/mixed; boundary=b", f"Content-Id: {'x' * 9_000}"))
    assert event.words.count("x") == letters.MOST_PIECES - 1


@given(st.binary(max_size=400), st.randoms(use_true_random=False))
def test_no_mail_stops_the_reading_and_its_words_fit_into_the_database(noise: bytes, dice: random.Random) -> None:
    body = PARTS.format(plain="as text", pdf="JVBERi0=").replace("\n", "\r\n")
    content = bytearray(written(body, "Content-Type: multipart/mixed; boundary=b"))
    for _ in range(4):
        at = dice.randrange(len(content))
        content[at : at + dice.randrange(20)] = noise[: dice.randrange(100)]
    with contextlib.suppress(Unreadable):
        event = channel().read(bytes(content), mail_from=ANN)
        if isinstance(event, Event):
            (event.words + event.sender + event.thread + event.conversation).encode("utf-8")
            assert "\x00" not in event.words + event.sender + event.thread + event.conversation


# --- one mail is one event ---


def test_a_mail_that_comes_five_times_by_other_ways_in_any_order_and_with_its_spaces_lost_is_one_event() -> None:
    ways = [
        written("Can you call me?  \r\nToday ", f"Received: by {n}; Sat, 28 Nov 2026 04:0{n}:06 -0500")
        for n in range(4)
    ]
    ways.append(written("Can you call me?\r\nToday"))
    assert len({read(each).id for each in ways}) == len({read(each).id for each in reversed(ways)}) == 1


@pytest.mark.parametrize(
    "other",
    [
        written("Call me at once"),
        written("Can you call me?", "Message-ID: <two@example.com>"),
        written("Can you call me?", "From: bea@example.com"),
        written("Can you call me?", "Subject: another"),
    ],
)
def test_another_mail_is_another_event(other: bytes) -> None:
    assert read(other).id != read(written()).id


def test_without_a_message_id_a_mail_is_known_by_the_first_server_that_took_it() -> None:
    bare = tuple(each for each in mailing.HEAD if not each.startswith("Message-ID"))
    later = "Received: from mx.example.com by mail.example.org; Sat, 28 Nov 2026 05:00:00 -0500"
    first = read(written(head=bare))
    assert (
        read(b"Received: by relay.example.org; Sat, 28 Nov 2026 06:00:00 -0500\r\n" + written(head=bare)).id == first.id
    )
    assert read(written("Can you call me?", later, head=bare)).id != first.id
    assert first.thread == ""


def test_a_mail_to_two_addresses_of_ours_is_one_event_for_each() -> None:
    with mailing.listening() as desk:
        assert desk.bring(written(), HELP, AYUDA) == 250
    assert [each.address for each in desk.events] == [HELP, AYUDA]
    assert len({each.id for each in desk.events}) == 2


# --- what no person wrote ---

REPORT = """--r
Content-Type: text/plain

It could not be delivered.
--r
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.com

Final-Recipient: rfc822; {to}
Action: {action}
Status: 5.1.1
--r
Content-Type: {kind}

From: {address}
To: {to}
Message-ID: {ref}

--r--
"""
DELIVERY = "Content-Type: multipart/report; report-type=delivery-status; boundary=r"


def reported(action: str = "failed", kind: str = "text/rfc822-headers", ref: str = "") -> bytes:
    mine = letters.ref_of("mail", HELP, "key")
    body = REPORT.format(to=ANN, address=HELP, action=action, kind=kind, ref=ref or mine)
    return written(body.replace("\n", "\r\n"), DELIVERY, "From: MAILER-DAEMON@example.com")


@pytest.mark.parametrize(
    ("content", "mail_from", "why"),
    [
        (written(), "<>", letters.Why.BOUNCE),
        (written(), "", letters.Why.BOUNCE),
        (reported("delayed"), "<>", letters.Why.BOUNCE),
        (reported(ref="<two@example.org>"), "<>", letters.Why.BOUNCE),
        (written("", "Auto-Submitted: auto-replied"), ANN, letters.Why.AUTOMATIC),
        (written("", "auto-submitted: Auto-Generated; x=y"), ANN, letters.Why.AUTOMATIC),
        (written("", f"From: {HELP}"), ANN, letters.Why.LOOP),
        (written("", f"Message-ID: {letters.ref_of('mail', HELP, 'key')}"), ANN, letters.Why.LOOP),
        (f"{HOP}\r\n".encode() * 50 + written(), ANN, letters.Why.LOOP),
    ],
)
def test_what_no_person_wrote_is_dropped_counted_and_taken_off_the_server(
    content: bytes, mail_from: str, why: letters.Why
) -> None:
    with mailing.listening() as desk:
        assert desk.bring(content, mail_from=mail_from) == 250
        assert desk.bring(written()) == 250
    assert desk.dropped == [why]
    assert [each.sender for each in desk.events] == [ANN]


def test_what_says_that_no_program_wrote_it_and_what_went_a_long_way_is_no_loop() -> None:
    assert read(written("x", "Auto-Submitted: no")).sender == ANN
    assert read(f"{HOP}\r\n".encode() * 49 + written()).sender == ANN


@pytest.mark.parametrize("kind", ["text/rfc822-headers", "message/rfc822"])
def test_a_report_that_a_mail_of_ours_failed_says_which(kind: str) -> None:
    event = read(reported(kind=kind), mail_from="<>")
    assert (event.kind, event.ref, event.sender) == (Kind.FAILED, letters.ref_of("mail", HELP, "key"), ANN)
    assert event.conversation == read(written()).conversation
    assert event.words == ""


# --- over a socket ---


def test_a_mail_is_answered_after_it_was_taken_and_not_before() -> None:
    answers: list[int] = []
    gate, begun = threading.Event(), threading.Event()

    def hold(event: Event) -> None:
        begun.set()
        gate.wait(10)

    with mailing.listening() as desk:
        desk.before = hold
        client = threading.Thread(target=lambda: answers.append(desk.bring(written())))
        client.start()
        assert begun.wait(10)
        client.join(0.3)
        assert (answers, desk.events) == ([], [])
        gate.set()
        client.join(10)
    assert answers == [250]
    assert len(desk.events) == 1


def test_a_mail_that_is_not_taken_is_put_off_and_taken_when_it_comes_again() -> None:
    def fail(event: Event) -> None:
        raise RuntimeError(event.words)

    with mailing.listening() as desk:
        desk.before = fail
        assert desk.bring(written()) == 451
        assert desk.events == []
        desk.before = lambda event: None
        assert desk.bring(written()) == 250
    assert len(desk.events) == 1


def test_the_log_says_that_a_mail_was_not_taken_and_neither_whose_nor_what(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(0)

    def fail(event: Event) -> None:
        raise RuntimeError(event.words + event.sender)

    with mailing.listening() as desk:
        desk.before = fail
        desk.bring(written("canary"))
        desk.bring(written("canary", "Auto-Submitted: auto-replied"))
        desk.bring(written(), "nobody@example.org")
    text = "\n".join(f"{each.getMessage()} {each.exc_text}" for each in caplog.records)
    assert "not taken and will be brought again: RuntimeError" in text
    assert "dropped (automatic)" in text
    assert claims.no(each in text for each in ("canary", ANN, HELP, "nobody", "question"))


def test_a_mail_to_another_address_is_refused() -> None:
    with mailing.listening() as desk:
        assert desk.bring(written(), "nobody@example.org") == 550
        assert desk.bring(written(), HELP.upper()) == 250
    assert [each.address for each in desk.events] == [HELP]


@pytest.mark.parametrize("line", ["x" * 1_000 + "\r\n", "x" * 6_000_000 + "\r\n"])
def test_a_mail_that_is_too_large_is_refused_once_for_each_recipient(line: str) -> None:
    large = written(line * (5_100_000 // len(line) or 1))
    with mailing.listening() as desk, desk.client() as client:
        client.ehlo_or_helo_if_needed()
        client.mail(ANN)
        client.rcpt(HELP)
        client.rcpt(AYUDA)
        assert client.data(large)[0] == 552
        assert client.getreply()[0] == 552
        assert client.noop()[0] == 250  # no answer is left over
        client.mail(ANN)
        client.rcpt(HELP)
        assert client.data(written("x" * 500_000))[0] == 250  # one long line is no reason
    assert len(desk.events) == 1


def test_a_problem_that_nobody_foresaw_puts_a_mail_off_and_tells_nothing_of_itself() -> None:
    """The library breaks over half an address, and would refuse the mail for good with the name of the error."""
    with mailing.listening() as desk, desk.client() as client:
        client.ehlo_or_helo_if_needed()
        client.mail(ANN)
        assert client.docmd("RCPT", "TO:<") == (451, lmtp.LATER[4:].encode())
        assert client.rcpt(HELP)[0] == 250


def test_a_mail_that_is_not_taken_is_put_off_once_for_each_recipient() -> None:
    def fail(event: Event) -> None:
        if event.address == AYUDA:
            raise RuntimeError

    with mailing.listening() as desk, desk.client() as client:
        desk.before = fail
        client.ehlo_or_helo_if_needed()
        client.mail(ANN)
        client.rcpt(HELP)
        client.rcpt(AYUDA)
        assert client.data(written())[0] == 250
        assert client.getreply()[0] == 451
        assert client.noop()[0] == 250
    assert [each.address for each in desk.events] == [HELP]


def test_many_at_once_are_all_taken_and_one_connection_too_many_is_sent_away() -> None:
    with mailing.listening() as desk:
        clients = [desk.client() for _ in range(lmtp.MOST_CONNECTIONS)]
        with pytest.raises(smtplib.SMTPConnectError) as refused:
            desk.client()
        assert refused.value.smtp_code == 421
        for number, client in enumerate(clients):
            client.sendmail(ANN, HELP, written("x", f"Message-ID: <{number}@example.com>"))
            client.quit()
        assert desk.bring(written()) == 250
    assert len({each.id for each in desk.events}) == lmtp.MOST_CONNECTIONS + 1


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.1", "example.org"])  # noqa: S104  that is what is refused
def test_nobody_on_the_network_can_reach_it(host: str) -> None:
    port = servers.free_port()

    async def once(here: str) -> None:
        """Listen, and stop at once."""
        stop = asyncio.Event()
        stop.set()
        await lmtp.run(here, port, lambda event: None, channels=[], stop=stop)

    asyncio.run(once("127.0.0.1"))
    with pytest.raises(lmtp.NotLocal, match=r"write 127\.0\.0\.1"):
        asyncio.run(once(host))


def test_the_greeting_names_no_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getfqdn", lambda name="": "machine.example.net")
    with mailing.listening() as desk, desk.client() as client:
        assert client.ehlo()[0] == 250
        assert client.ehlo_resp is not None
        assert client.ehlo_resp.splitlines()[0] == b"localhost"


@pytest.mark.parametrize(("seconds", "answer"), [(1.5, 250), (60, None)])
def test_sigterm_ends_it_within_ten_seconds_and_finishes_what_can_be_finished(
    tmp_path: pathlib.Path, seconds: float, answer: int | None
) -> None:
    """Whoever is in the middle is answered, or hears nothing and brings it again; whoever is idle is sent away."""
    desk, file = mailing.Desk(servers.free_port()), tmp_path / "taken"
    answers: list[int | None] = []

    def bring() -> None:
        try:
            answers.append(desk.bring(written()))
        except smtplib.SMTPServerDisconnected:
            answers.append(None)

    with mailing.process(desk.port, file, seconds) as running:
        idle = desk.client()
        client = threading.Thread(target=bring)
        client.start()
        mailing.begun(file)
        before = time.monotonic()
        running.send_signal(signal.SIGTERM)
        assert running.wait(10) == 0
        assert time.monotonic() - before < 10
        client.join(10)
        assert idle.getreply()[0] == 421
        idle.close()
    assert answers == [answer]
    assert len(mailing.taken(file)) == (answer == 250)


def test_a_server_that_is_killed_in_the_middle_took_nothing_and_takes_it_the_next_time(tmp_path: pathlib.Path) -> None:
    desk, file = mailing.Desk(servers.free_port()), tmp_path / "taken"
    failed: list[bool] = []

    def bring() -> None:
        try:
            desk.bring(written())
        except (smtplib.SMTPServerDisconnected, ConnectionError):
            failed.append(True)

    with mailing.process(desk.port, file, 60) as running:
        client = threading.Thread(target=bring)
        client.start()
        mailing.begun(file)
        running.kill()
        client.join(10)
    assert failed == [True]
    assert mailing.taken(file) == []
    with mailing.process(desk.port, file, 0):
        assert desk.bring(written()) == 250
    assert mailing.taken(file) == [read(written()).id]


# --- out ---


def sending(box: postbox.Postbox, **more: str) -> mail.Mail:
    keys = {"address": HELP, "smtp": f"localhost:{box.port}", "smtp_tls": "off", **more}
    return mail.opened("mail", {key: value for key, value in keys.items() if value})


TELLING = ("trafficking", "hotline", "wrong door", "nowrongdoor", "python", "help line", "case", "auto-submitted")


def test_what_leaves_has_a_neutral_subject_and_no_header_tells_of_a_machine_or_a_program() -> None:
    with postbox.opened() as box:
        ref = sending(box).send(ANN, "Yes, at noon. ¿Está bien?\n", address=HELP, key="k", thread="<one@example.com>")
    (letter,) = box.came
    assert letter.get_content() == "Yes, at noon. ¿Está bien?\r\n"
    assert {name: str(value) for name, value in letter.items() if name != "Date"} == {
        "From": HELP,
        "To": ANN,
        "Subject": "Your message",
        "Message-ID": ref,
        "In-Reply-To": "<one@example.com>",
        "References": "<one@example.com>",
        "MIME-Version": "1.0",
        "Content-Type": 'text/plain; charset="utf-8"',
        "Content-Transfer-Encoding": "8bit",
    }
    assert letter["Date"].datetime.utcoffset() == datetime.timedelta(0)
    heads = "\n".join(f"{name}: {value}" for name, value in letter.items()).lower()
    assert claims.no(each in heads for each in TELLING)


def test_a_long_message_id_is_named_as_it_is() -> None:
    thread = f"<{'x' * 230}@mail.example.com>"
    with postbox.opened() as box:
        sending(box).send(ANN, "x", address=HELP, key="k", thread=thread)
    (letter,) = box.came
    raw = dict(letter.raw_items())
    assert (raw["In-Reply-To"], raw["References"]) == (thread, thread)


def test_a_mail_that_is_sent_twice_is_known_by_its_message_id() -> None:
    with postbox.opened() as box:
        channel = sending(box)
        refs = [channel.send(ANN, "x", address=HELP, key=key) for key in ("k", "k", "other")]
    assert refs[0] == refs[1] != refs[2]
    assert [each["Message-ID"] for each in box.came] == refs
    assert claims.every(letters.is_ref(each, HELP) for each in refs)


def test_it_greets_a_server_with_the_domain_of_the_address_and_no_name_of_the_machine() -> None:
    with postbox.opened() as box:
        sending(box).send(ANN, "x", address=HELP, key="k")
    assert box.greeted == ["example.org"]


@pytest.mark.parametrize(
    ("refused", "code", "is_final"),
    [
        ({"refused_recipient": "550 No such user"}, "recipient_refused", True),
        ({"refused_recipient": "450 Later"}, "put_off", False),
        ({"refused_message": "554 No"}, "message_refused", True),
        ({"refused_message": "451 Later"}, "put_off", False),
    ],
)
def test_what_a_server_does_not_take_is_told_by_a_code(
    refused: Mapping[str, str], code: str, *, is_final: bool
) -> None:
    with postbox.opened() as box:
        channel = sending(box)
        for name, value in refused.items():
            setattr(box, name, value)
        with pytest.raises(NotSent) as error:
            channel.send(ANN, "x", address=HELP, key="k")
    assert (error.value.code, error.value.is_final) == (code, is_final)


def test_a_server_that_is_down_is_tried_again_later() -> None:
    with pytest.raises(NotSent) as error:
        sending(postbox.Postbox(servers.free_port())).send(ANN, "x", address=HELP, key="k")
    assert (error.value.code, error.value.is_final) == ("server_down", False)


@pytest.mark.parametrize("to", ["", "ann", "ann@example.com\nBcc: eve@example.net", "a@b@c", "Ann <ann@b>", HELP])
def test_nothing_is_sent_to_what_is_no_address_or_to_ourselves(to: str) -> None:
    with postbox.opened() as box:
        with pytest.raises(NotSent) as error:
            sending(box).send(to, "x", address=HELP, key="k")
        assert (error.value.code, error.value.is_final) == ("address", True)
        sending(box).send(ANN, "x", address=HELP, key="k")
    assert len(box.came) == 1


def test_a_password_is_sent_over_an_encrypted_line_to_a_server_that_shows_who_it_is(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trusted, encryption = postbox.authority(tmp_path)
    secret = tmp_path / "secret"
    secret.write_text(f"{postbox.PASSWORD}\n")
    signs_in = {"smtp_tls": "starttls", "smtp_user": postbox.USER, "smtp_password_file": str(secret)}
    with postbox.opened(encryption=encryption, with_password=True) as box:
        channel = sending(box, **signs_in)
        with pytest.raises(NotSent) as error:
            channel.send(ANN, "x", address=HELP, key="k")
        assert (error.value.code, box.users) == ("certificate", [])
        monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
        channel.send(ANN, "x", address=HELP, key="k")
        assert (len(box.came), box.users) == (1, [postbox.USER])
        secret.write_text("another")
        with pytest.raises(NotSent) as error:
            sending(box, **signs_in).send(ANN, "x", address=HELP, key="k")
        assert (error.value.code, error.value.is_final) == ("sign_in_refused", False)


def test_a_server_that_is_encrypted_from_the_first_byte_is_asked_who_it_is_too(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trusted, encryption = postbox.authority(tmp_path)
    box = postbox.Postbox(servers.free_port())
    server = Controller(box, hostname="localhost", port=box.port, ssl_context=encryption)
    server.start()
    try:
        channel = sending(box, smtp_tls="tls")
        with pytest.raises(NotSent, match="certificate"):
            channel.send(ANN, "x", address=HELP, key="k")
        monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
        channel.send(ANN, "x", address=HELP, key="k")
    finally:
        server.stop()
    assert (len(box.came), box.greeted) == (1, ["example.org"])


def test_a_mail_is_no_call_no_recording_and_comes_by_no_webhook() -> None:
    one = channel()
    with pytest.raises(Forged):
        one.receive(Incoming("https://example.org", {}, written()))
    with pytest.raises(NotSent, match="no_call"):
        one.turn("x", [])
    with pytest.raises(NotSent, match="no_recording"):
        one.fetch("x")
    one.delete("x")
    assert (one.reply([]).body, one.status("x"), list(one.list(datetime.datetime.now(datetime.UTC)))) == (b"", None, [])
    assert one.media == {Medium.MAIL}


# --- entries ---

GOOD = {"kind": "mail", "address": "Help@example.org", "smtp": "mail.example.org"}


def test_entries_are_read() -> None:
    one = mail.opened("letters", GOOD)
    assert one.address == HELP
    assert mail.opened("letters", {**GOOD, "smtp": "[::1]:25", "smtp_tls": "off"}).address == HELP


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("address", None, "'address' is missing"),
        ("address", "Help <help@example.org>", "write the mail address of the line"),
        ("smtp", None, "'smtp' is missing"),
        ("smtp", "mail.example.org:x", "write the mail server as"),
        ("smtp", "mail.example.org:0", "write the mail server as"),
        ("smtp_tls", "ssl", "write 'starttls', 'tls' or 'off'"),
        ("smtp_tls", "off", "only a mail server on this machine"),
        ("smtp_user", "nwd", "'smtp_password_file' is missing"),
        ("smtp_password_file", "/nowhere", "'smtp_user' is missing"),
        ("smtp_tsl", "off", "'smtp_tsl' is no part of this"),
    ],
)
def test_an_entry_that_cannot_be_meant_is_refused_by_its_name(key: str, value: str | None, words: str) -> None:
    keys = {**GOOD, key: value}
    with pytest.raises(entries.Unreadable, match=words) as error:
        mail.opened("letters", {name: each for name, each in keys.items() if each is not None})
    assert str(error.value).startswith("[provider.letters]: ")


def test_a_password_needs_its_file_and_an_encrypted_line() -> None:
    signs_in = {**GOOD, "smtp_user": "nwd", "smtp_password_file": "/nowhere"}
    with pytest.raises(entries.Unreadable, match="name a file of text"):
        mail.opened("letters", signs_in)
    with pytest.raises(entries.Unreadable, match="never sent in the open"):
        mail.opened("letters", {**signs_in, "smtp": "localhost", "smtp_tls": "off"})
