"""Google's verifier, played on this machine: over TLS, as the real one speaks."""

import datetime
import json
import socket
import ssl
import threading
import time
from contextlib import suppress
from ipaddress import ip_address
from urllib.parse import parse_qs

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

YES = {"success": True, "challenge_ts": "2026-03-02T12:00:00Z", "hostname": "127.0.0.1"}
HEAD = "HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nConnection: close\r\n\r\n"


def make_certificate(folder):
    """A certificate of its own for 127.0.0.1; answers the file with key and all."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.datetime.now(datetime.UTC)
    day = datetime.timedelta(days=1)
    address = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - day)
        .not_valid_after(now + day)
        .add_extension(address, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    file = folder / "verifier.pem"
    plain = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    file.write_bytes(key.private_bytes(pem, *plain) + certificate.public_bytes(pem))
    return file


class Verifier:
    """`behave` gets each connection after the question was read; `asked` are these."""

    def __init__(self, certificate):
        self.behave = answering(YES)
        self.asked = []
        self.over = threading.Event()
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        self.context = context
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.domain = f"127.0.0.1:{self.socket.getsockname()[1]}"
        self.threads = [threading.Thread(target=self._accept)]
        self.threads[0].start()

    def close(self):
        self.over.set()
        with suppress(OSError):
            self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()
        for thread in self.threads:
            thread.join()

    def _accept(self):
        while not self.over.is_set():
            try:
                connection, _ = self.socket.accept()
            except OSError:
                return
            thread = threading.Thread(target=self._serve, args=(connection,))
            self.threads.append(thread)
            thread.start()

    def _serve(self, connection):
        with suppress(OSError), self.context.wrap_socket(connection, True) as secure:
            self.asked.append(parse_qs(self._question(secure)))
            self.behave(secure, self.over)

    @staticmethod
    def _question(secure):
        received = b""
        while b"\r\n\r\n" not in received:
            received += secure.recv(65536)
        head, _, body = received.partition(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length:")[2].split()[0])
        while len(body) < length:
            body += secure.recv(65536)
        return body.decode()


def answering(said, status="200 OK", kind="application/json"):
    body = said if isinstance(said, str) else json.dumps(said)
    return lambda secure, over: secure.sendall(
        (HEAD.format(status=status, kind=kind) + body).encode()
    )


def hanging(secure, over):
    """Takes the question, and says nothing."""
    over.wait(30)


def trickling(secure, over):
    """A header that never ends, a byte at a time."""
    secure.sendall(b"HTTP/1.1 200 OK\r\nX-Slow: ")
    while not over.is_set():
        secure.sendall(b"a")
        time.sleep(0.1)


def endless(secure, over):
    """A body that never ends, as fast as it can."""
    secure.sendall(HEAD.format(status="200 OK", kind="application/json").encode())
    while not over.is_set():
        secure.sendall(b'{"success": true, "more": "' + b"x" * 65536)


def hanging_up(secure, over):
    """Breaks off in the middle of its answer."""
    secure.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{")
