"""How gunicorn serves the site, the same under `make run` and in production.

Whatever a machine needs otherwise goes into GUNICORN_CMD_ARGS, which gunicorn
lets win over this file: `--bind 0.0.0.0:8000` in a container, say.
"""

import gc
import logging
import os
import time
from pathlib import Path

from gunicorn.arbiter import Arbiter
from gunicorn.config import Config
from gunicorn.glogging import Logger
from gunicorn.http.message import Request
from gunicorn.util import http_date
from gunicorn.workers import base
from gunicorn.workers.gthread import TConn, ThreadWorker

bind = f"127.0.0.1:{os.environ.get('PORT', '8000')}"

# Two processes served most on two cores; one process with eight threads was clearly
# worse, and a third process gave nothing.
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
threads = 4
keepalive = 5

# No request of ours may take this long; one that does is stuck.
timeout = 30
graceful_timeout = 20

# A leak in any library is then only ever as old as this many requests. The jitter
# keeps the processes from restarting together.
max_requests = 20_000
max_requests_jitter = 2_000

# The heartbeat file is touched every second: in memory where that is possible, since
# a disk that stalls would make a healthy worker look dead.
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108

# gunicorn's socket for `gunicornc` is on unless refused: a thread and a file in the
# home folder that nothing here uses.
control_socket_disable = True

# Read by the master at each start and reload, so that the page files of one release are
# never taken for those of another (mfr_site/page_files.py).
os.environ["PAGE_FILES_GENERATION"] = str(time.time_ns())


def pre_fork(server: Arbiter, worker: base.Worker) -> None:
    """Give each worker a core of its own, where there are no more cores than workers.

    A process has one interpreter, which its threads hand to each other all the time:
    across cores that took a third more of the processor for each post. Where there are
    more cores, others may be busy on the one that we would choose, so the system chooses.
    """
    cores = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else set()
    if 1 < len(cores) <= server.num_workers:
        taken = [getattr(other, "core", None) for other in server.WORKERS.values()]
        worker.core = min(sorted(cores), key=taken.count)


def post_fork(server: Arbiter, worker: base.Worker) -> None:
    if hasattr(worker, "core"):
        os.sched_setaffinity(0, {worker.core})


def post_worker_init(worker: base.Worker) -> None:
    """Leave what has been loaded by now out of every later collection of garbage.

    It lives as long as the process, and looking through all of it again and again was a
    tenth of the time of each page that is rendered. What one page makes and drops is
    less than the new threshold.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000)


# Only a proxy on this machine is believed, unless the environment names others.
forwarded_allow_ips = os.environ.get("FORWARDED_ALLOW_IPS", "127.0.0.1,::1")

# The proxy in front keeps the access log. Where one is wanted here, it holds what
# happened and never who asked: no address, browser, referring page or search words.
accesslog = None
access_log_format = '%(t)s "%(m)s %(U)s" %(s)s %(B)s bytes %(M)s ms'


class Worker(ThreadWorker):
    """gunicorn's threads, which send a kept page as it lies in memory.

    For the application, gunicorn makes an environment, looks at each header of the
    answer and sends it in two pieces: half of what a kept page costs. All that is not
    kept, or not asked for plainly, goes that way; and everything does where an access
    log is wanted.
    """

    def handle_request(self, req: Request, conn: TConn) -> bool:
        find = getattr(self.wsgi, "ready", None)
        if find and not self.cfg.accesslog and self.keeps_open(req):
            answer = find(req)
            if answer:
                date = http_date().encode()
                conn.sock.sendall(HEAD % (answer.head, date) + answer.body)
                return True
        return bool(super().handle_request(req, conn))

    def keeps_open(self, req: Request) -> bool:
        """Whether the connection goes on after the answer."""
        has_room = len(self.keepalived_conns) < self.max_keepalived
        return self.alive and has_room and self.cfg.keepalive and not req.should_close()


# `gthread`, but for the above.
worker_class = Worker
HEAD = b"HTTP/1.1 %s\r\nServer: gunicorn\r\nDate: %s\r\nConnection: keep-alive\r\n\r\n"


class LoggerWithoutAddresses(Logger):
    """gunicorn's logger, minus the caller's address it adds to a malformed request."""

    def setup(self, cfg: Config) -> None:
        super().setup(cfg)
        self.error_log.addFilter(without_address)


def without_address(record: logging.LogRecord) -> bool:
    """Reword the one message of gunicorn's that names the caller; let every one pass.

    The message is built in `gunicorn.workers.base.Worker.handle_error`. What follows the
    address there is text the caller sent, so it goes too.
    """
    if str(record.msg).startswith("Invalid request from ip="):
        record.msg, record.args = "Refused a malformed request.", ()
    return True


logger_class = LoggerWithoutAddresses
