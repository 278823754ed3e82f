"""A real Postfix brings mail to us and takes ours, with the lines of docs/line-mail.md as they stand there."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import pathlib
import re
import shutil
import smtplib
import subprocess
import tempfile
import time
import tomllib
from collections.abc import Callable, Iterator

import pytest

from nowrongdoor.channels import letters, mail
from nowrongdoor.channels.protocol import Event, Kind
from tests import check, servers
from tests.channels import mailing
from tests.channels.mailing import ANN, HELP, written
from tests.outbox import postbox

pytestmark = pytest.mark.peer

DOCUMENT = check.ROOT / "docs" / "line-mail.md"
# What the operator's Postfix has, beside the document's lines: folders, a port of its own, and, instead of the world, a
# server of the test's.
MAIN = """
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
daemon_directory = /usr/lib/postfix/sbin
command_directory = /usr/sbin
meta_directory = /etc/postfix
shlib_directory = /usr/lib/postfix
mail_owner = postfix
setgid_group = postdrop
maillog_file = {folder}/log
maillog_file_prefixes = {folder}
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = mail.example.org
mydestination =
alias_maps =
mynetworks = 127.0.0.0/8
smtpd_tls_cert_file = {folder}/authority.pem
smtpd_tls_key_file = {folder}/key.pem
transport_maps = inline:{{example.com=smtp:[127.0.0.1]:{world}}}
"""
MASTER = """
127.0.0.1:{port} inet n - n - - smtpd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
lmtp unix - - n - - lmtp
showq unix n - n - - showq
error unix - - n - - error
retry unix - - n - - error
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
"""


def lines_of(file: str) -> str:
    """The lines that the document has for a file."""
    (block,) = re.findall(
        rf"^```\n# {re.escape(file)}\n(.*?)^```$", DOCUMENT.read_text("utf-8"), re.MULTILINE | re.DOTALL
    )
    return str(block)


@dataclasses.dataclass
class Postfix:
    """A Postfix that runs, and the ports: of itself, of our LMTP, of the test's server for example.com."""

    folder: pathlib.Path
    port: int
    ours: int
    world: int

    def do(self, *words: str) -> str:
        """Run one of its commands."""
        done = subprocess.run(
            [words[0], "-c", str(self.folder), *words[1:]], check=True, capture_output=True, text=True, timeout=60
        )
        return done.stdout

    def accept(self, content: bytes, *, mail_from: str = ANN, to: str = HELP) -> None:
        """Send it a mail as another server does."""
        with smtplib.SMTP("127.0.0.1", self.port) as client:
            client.sendmail(mail_from, to, content)

    def waiting(self) -> int:
        """How many mails it has."""
        return len(self.do("postqueue", "-j").splitlines())

    def channel(self) -> mail.Mail:
        """Ours, by the document's entries, with encryption, as no server is asked for less."""
        keys = tomllib.loads(lines_of("line.toml"))["provider"]["mail"]
        return mail.opened("mail", {**keys, "smtp": f"localhost:{self.port}", "smtp_tls": "starttls"})


def wait(until: Callable[[], bool], what: str) -> None:
    """Wait for something that another process does."""
    end = time.monotonic() + 30
    while not until():
        assert time.monotonic() < end, what
        time.sleep(0.05)


@pytest.fixture(scope="module")
def running() -> Iterator[Postfix]:
    # Its processes run as a user of their own, who gets into no folder that pytest makes.
    folder = pathlib.Path(tempfile.mkdtemp(prefix="postfix-", dir=os.environ["NWD_SUITE"]))
    folder.chmod(0o755)
    peer = Postfix(folder, servers.free_port(), servers.free_port(), servers.free_port())
    for name in ("queue", "data"):
        (folder / name).mkdir()
    shutil.chown(folder / "data", "postfix")
    postbox.authority(folder)
    lines = lines_of("/etc/postfix/main.cf").replace("/etc/postfix/", f"{folder}/").replace("8024", str(peer.ours))
    (folder / "main.cf").write_text(MAIN.format(folder=folder, world=peer.world) + lines)
    (folder / "master.cf").write_text(MASTER.format(port=peer.port))
    (folder / "line-addresses").write_text(lines_of("/etc/postfix/line-addresses"))
    command = ["postfix", "-c", str(folder), "start-fg"]
    with (folder / "out").open("wb") as out, subprocess.Popen(command, stdout=out, stderr=out) as process:
        try:
            mailing.wait_for(peer.port)
            yield peer
        finally:
            with contextlib.suppress(subprocess.CalledProcessError):
                peer.do("postfix", "stop")
            process.terminate()


@pytest.fixture
def postfix(running: Postfix) -> Iterator[Postfix]:
    yield running
    running.do("postsuper", "-d", "ALL")


def test_a_mail_is_brought_and_is_off_the_queue_once_it_is_taken(postfix: Postfix) -> None:
    with mailing.listening(postfix.ours) as desk:
        postfix.accept(written("¿Pueden llamarme?", "Content-Type: text/plain; charset=utf-8"))
        wait(lambda: len(desk.events) == 1, "it comes")
        wait(lambda: postfix.waiting() == 0, "it is taken off")
    (event,) = desk.events
    assert (event.kind, event.sender, event.address) == (Kind.WROTE, ANN, HELP)
    assert event.words == "a question\n\n¿Pueden llamarme?"
    assert event.at is not None
    assert abs(event.at.timestamp() - time.time()) < 60  # by Postfix's clock, not the writer's


def test_a_mail_that_comes_five_times_is_one_event(postfix: Postfix) -> None:
    with mailing.listening(postfix.ours) as desk:
        for _ in range(5):
            postfix.accept(written())
        wait(lambda: len(desk.events) == 5, "all come")
    assert {each.id for each in desk.events} == {mailing.read(written()).id}


def test_while_we_are_down_a_mail_waits_and_it_is_brought_afterwards(postfix: Postfix) -> None:
    postfix.accept(written())
    wait(lambda: "Connection refused" in postfix.do("postqueue", "-p"), "it is put off")
    with mailing.listening(postfix.ours) as desk:
        postfix.do("postqueue", "-f")
        wait(lambda: len(desk.events) == 1, "it comes")
        wait(lambda: postfix.waiting() == 0, "it is taken off")


def test_what_we_cannot_take_is_put_off_and_brought_again(postfix: Postfix) -> None:
    def fail(event: Event) -> None:
        raise RuntimeError

    with mailing.listening(postfix.ours) as desk:
        desk.before = fail
        postfix.accept(written())
        wait(lambda: "451 4.3.0" in postfix.do("postqueue", "-p"), "it is put off")
        assert desk.events == []
        desk.before = lambda event: None
        postfix.do("postqueue", "-f")
        wait(lambda: len(desk.events) == 1, "it comes")
        wait(lambda: postfix.waiting() == 0, "it is taken off")


def test_when_we_are_killed_in_the_middle_the_mail_is_brought_again(postfix: Postfix, tmp_path: pathlib.Path) -> None:
    file = tmp_path / "taken"
    with mailing.process(postfix.ours, file, 60) as first:
        postfix.accept(written())
        mailing.begun(file)
        first.kill()
        wait(lambda: "lost connection" in postfix.do("postqueue", "-p"), "it is put off")
    assert mailing.taken(file) == []
    with mailing.process(postfix.ours, file, 0):
        postfix.do("postqueue", "-f")
        wait(lambda: len(mailing.taken(file)) == 1, "it comes")
        wait(lambda: postfix.waiting() == 0, "it is taken off")
    assert mailing.taken(file) == [mailing.read(written()).id]


def test_when_we_end_in_the_middle_the_mail_is_taken_once(postfix: Postfix, tmp_path: pathlib.Path) -> None:
    file = tmp_path / "taken"
    with mailing.process(postfix.ours, file, 2) as process:
        postfix.accept(written())
        mailing.begun(file)
        process.terminate()
        assert process.wait(10) == 0
        wait(lambda: postfix.waiting() == 0, "it is taken off")
    assert len(mailing.taken(file)) == 1


def test_a_mail_to_another_address_and_one_that_is_too_large_are_refused_while_their_sender_waits(
    postfix: Postfix,
) -> None:
    with pytest.raises(smtplib.SMTPRecipientsRefused) as refused:
        postfix.accept(written(), to="nobody@example.org")
    assert refused.value.recipients["nobody@example.org"][0] == 550
    large = written("x" * 70 + "\r\n" + ("x" * 70 + "\r\n") * 69_000)
    with pytest.raises(smtplib.SMTPSenderRefused) as too_large:
        postfix.accept(large)
    assert too_large.value.smtp_code == 552


def test_a_server_that_takes_more_than_we_do_gives_what_is_too_large_back_to_its_writer(postfix: Postfix) -> None:
    postfix.do("postconf", "-e", "message_size_limit=9000000", "virtual_mailbox_limit=9000000")
    postfix.do("postfix", "reload")
    try:
        with postbox.opened(postfix.world) as box, mailing.listening(postfix.ours) as desk:
            wait(lambda: accepts(postfix, written(("x" * 70 + "\r\n") * 75_000)), "it has its new limit")
            wait(lambda: len(box.came) == 1, "it is given back")
        assert "message size" in box.came[0].as_string()
        assert desk.events == []
    finally:
        postfix.do("postconf", "-e", "message_size_limit=4900000", "virtual_mailbox_limit=4900000")
        postfix.do("postfix", "reload")


def accepts(postfix: Postfix, content: bytes) -> bool:
    """Whether it takes a mail."""
    try:
        postfix.accept(content)
    except smtplib.SMTPException:
        return False
    return True


def test_an_answer_of_ours_leaves_encrypted_and_arrives_without_a_telling_header(
    postfix: Postfix, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(postfix.folder / "authority.pem"))
    with postbox.opened(postfix.world) as box:
        ref = postfix.channel().send(ANN, "Yes, at noon.", address=HELP, key="k", thread="<one@example.com>")
        wait(lambda: len(box.came) == 1, "it arrives")
    (letter,) = box.came
    assert letter.get_content().strip() == "Yes, at noon."
    assert (letter["From"], letter["Message-ID"], letter["In-Reply-To"]) == (HELP, ref, "<one@example.com>")
    assert "with ESMTPS id" in letter["Received"]
    received = " ".join(letter["Received"].split())
    assert received.startswith("from example.org (localhost [127.0.0.1])")
    heads = "\n".join(f"{name}: {value}" for name, value in letter.items()).lower()
    assert "nowrongdoor" not in heads
    assert "python" not in heads
    assert os.uname().nodename.lower() not in heads


def test_an_answer_that_cannot_be_delivered_comes_back_as_failed_and_answers_nobody(
    postfix: Postfix, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(postfix.folder / "authority.pem"))
    with postbox.opened(postfix.world) as box, mailing.listening(postfix.ours) as desk:
        box.refused_recipient = "550 5.1.1 No such user"
        ref = postfix.channel().send(ANN, "Yes, at noon.", address=HELP, key="k")
        wait(lambda: len(desk.events) == 1, "its report comes")
        wait(lambda: postfix.waiting() == 0, "and nothing after it")
    (event,) = desk.events
    assert (event.kind, event.ref, event.sender) == (Kind.FAILED, ref, ANN)
    assert box.came == []


def test_what_a_program_answers_is_dropped_and_the_queue_is_empty(postfix: Postfix) -> None:
    with mailing.listening(postfix.ours) as desk:
        postfix.accept(written("I am away.", "Auto-Submitted: auto-replied"))
        postfix.accept(written("I am away."), mail_from="")
        wait(lambda: len(desk.dropped) == 2, "both come")
        wait(lambda: postfix.waiting() == 0, "both are taken off")
    assert sorted(each.value for each in desk.dropped) == [
        letters.Why.AUTOMATIC.value,
        letters.Why.BOUNCE.value,
    ]
    assert desk.events == []
