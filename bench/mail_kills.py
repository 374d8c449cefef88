"""What becomes of mails when their worker is killed again and again (TRUST R2).

    python bench/mail_kills.py [--mails 500] [--kills 20]

Half are plain mails, half tell of answers. A worker is killed (SIGKILL) while it works:
in turn at any moment, and just when the mail server has said 250. In a database of its
own, removed afterwards (DATABASE_URL for an empty one that is not SQLite).
"""

import argparse
import asyncio
import email
import os
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from datetime import timedelta
from email.message import Message
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
FOLDER = tempfile.TemporaryDirectory(prefix="mfr-bench-")
os.environ |= {
    "DATA_DIR": FOLDER.name,
    "RUNTIME_DIR": f"{FOLDER.name}-run",
    "DJANGO_SETTINGS_MODULE": "mfr_site.settings",
    "DEBUG": "0",
    "SECRET_KEY": secrets.token_urlsafe(50),
}

import django

django.setup()

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from django.core.management import call_command
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from accounts.models import User
from articles.models import Article
from discussion import letters
from discussion.authors import Speaker
from discussion.models import Mailbox, Post
from discussion.submission import Submission
from mfr_site import mail, tasks
from mfr_site.models import OutgoingMail

dice = secrets.SystemRandom()


class Sink:
    """A mail server that takes a few milliseconds, and may have somebody killed then."""

    def __init__(self) -> None:
        self.received: list[Message] = []
        self.victim: subprocess.Popen[bytes] | None = None

    async def handle_DATA(  # noqa: N802 - its name
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        await asyncio.sleep(0.002)
        self.received.append(email.message_from_bytes(envelope.original_content or b""))
        if self.victim is not None:
            victim, self.victim = self.victim, None
            # The 250 is on its way when this comes due.
            asyncio.get_running_loop().call_later(dice.random() / 500, victim.kill)
        return "250 OK"


def write(count: int) -> None:
    """Put the mails on their way."""
    draft = Article.objects.begin(
        "measured", None, title="Measured", standfirst="Measured.", body="Fascia."
    )
    draft.approve(None)
    article = draft.article
    for number in range(count // 2):
        mail.send("account/unknown", f"plain{number}@example.org")
        name = f"writer{number}"
        user = User.objects.create(username=name, email=f"{name}@example.org")
        Mailbox.objects.create(user=user, replies=True)
        post = Post.objects.submit(
            Submission(article, Speaker(article, user=user), f"Question {number}?")
        )
        if post.number is None:
            post.publish()
        reply = Post(article=article, parent=post, author=Speaker(article).author())
        reply.write(f"Answer {number}.")
        reply.publish()
    while letters.send_due():
        pass


def worker(port: int) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "manage.py", "db_worker", "--batch", "--no-reload"]
    return subprocess.Popen(  # noqa: S603 - our own program
        [*command, "--interval", "0.01", "--no-startup-delay"],
        cwd=ROOT,
        env=os.environ | {"EMAIL_URL": f"smtp://127.0.0.1:{port}"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def kill(sink: Sink, running: "subprocess.Popen[bytes]", *, after_250: bool) -> None:
    """Let it deliver a few mails, then kill it."""
    before = len(sink.received)
    some = dice.randint(1, 12)
    while running.poll() is None and len(sink.received) < before + some:
        time.sleep(0.001)
    if after_250:
        sink.victim = running
    else:
        time.sleep(dice.random() / 50)
        running.kill()
    running.wait()


def rescue() -> None:
    """As five minutes later."""
    DBTaskResult.objects.running().update(
        started_at=timezone.now() - tasks.LEASE - timedelta(minutes=1)
    )
    tasks.rescue()


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def measure(mails: int, kills: int) -> None:
    call_command("migrate", interactive=False, verbosity=0)
    sink = Sink()
    port = free_port()
    server = Controller(sink, hostname="127.0.0.1", port=port)
    server.start()
    write(mails)
    waiting = OutgoingMail.objects.count()
    killed = 0
    for turn in range(kills):
        running = worker(port)
        kill(sink, running, after_250=bool(turn % 2))
        killed += running.returncode == -signal.SIGKILL
        rescue()
    for _ in range(3):
        worker(port).wait()
        rescue()
    server.stop()
    arrived = Counter(str(message["Message-ID"]) for message in sink.received)
    people = {str(message["To"]) for message in sink.received}
    twice = sum(1 for times in arrived.values() if times == 2)
    print(f"mails put on their way  {waiting}")
    print(f"workers killed          {killed}")
    print(f"people reached          {len(people)}")
    print(f"lost                    {waiting - len(arrived)}")
    print(f"came twice              {twice}, under the same Message-ID")
    print(f"came more often         {sum(t > 2 for t in arrived.values())}")
    print(f"left in the queue       {OutgoingMail.objects.count()}")
    print(f"parked                  {tasks.parked().count()}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--mails", type=int, default=500)
    parser.add_argument("--kills", type=int, default=20)
    chosen = parser.parse_args()
    measure(chosen.mails, chosen.kills)
