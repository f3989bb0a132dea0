"""A SIP registrar with faults: answers REGISTER over UDP, written from RFC 3261 (10.3) and RFC 2617 (3.2)."""

import hashlib
import re
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from secrets import token_hex

_POLL_S = 0.2
_LONGEST = 65_535
_SHUTDOWN_S = 5.0


@dataclass(kw_only=True)
class Registrar:
    """What a registrar knows, and what is wrong with it."""

    realm: str = "bench.invalid"
    accounts: dict[str, str] = field(default_factory=dict)
    """Users and their passwords."""
    most_expires_s: int = 120
    refuse: int | None = None
    """The code of every answer, instead of the right one."""
    delay_s: float = 0.0
    lose: int = 0
    """So many requests are not answered, the first ones."""
    stale_once: bool = False
    """The first nonce that is used is told to be too old."""
    contacts: dict[str, int] = field(default_factory=dict)
    """Who is registered, and for how long."""
    _nonces: set[str] = field(default_factory=set)

    def answer(self, request: bytes) -> bytes | None:
        """Return the answer to a request; None for none."""
        text = request.decode("utf-8", errors="replace")
        if not text.startswith("REGISTER "):
            return None
        if self.lose > 0:
            self.lose -= 1
            return None
        user = re.search(r"(?mi)^To:.*?sip:([^@>]+)@", text)
        if self.refuse is not None or user is None:
            return _reply(text, self.refuse or 400, "Refused")
        if user[1] not in self.accounts:
            return _reply(text, 404, "Not Found")
        proof = dict(re.findall(r'(\w+)="?([^",\r\n]*)"?', _head(text, "Authorization")))
        if not proof or not self._proves(proof, user[1]):
            return self._challenge(text, stale=False)
        if self.stale_once:
            self.stale_once = False
            return self._challenge(text, stale=True)
        wanted_s = min(int(_head(text, "Expires") or 3600), self.most_expires_s)
        if wanted_s:
            self.contacts[user[1]] = wanted_s
        else:
            self.contacts.pop(user[1], None)
        return _reply(text, 200, "OK", f"Contact: {_head(text, 'Contact')};expires={wanted_s}\r\n" if wanted_s else "")

    def _challenge(self, text: str, *, stale: bool) -> bytes:
        nonce = token_hex(12)
        self._nonces.add(nonce)
        old = ", stale=TRUE" if stale else ""
        ask = f'WWW-Authenticate: Digest realm="{self.realm}", nonce="{nonce}", qop="auth"{old}\r\n'
        return _reply(text, 401, "Unauthorized", ask)

    def _proves(self, proof: dict[str, str], user: str) -> bool:
        if proof.get("nonce") not in self._nonces or proof.get("username") != user:
            return False
        first = _md5(f"{user}:{self.realm}:{self.accounts[user]}")
        second = _md5(f"REGISTER:{proof.get('uri')}")
        whole = f"{first}:{proof['nonce']}:{proof.get('nc')}:{proof.get('cnonce')}:{proof.get('qop')}:{second}"
        return proof.get("response") == _md5(whole)


@contextmanager
def answering(registrar: Registrar) -> Iterator[int]:
    """Answer on the loopback interface while the context is open; yield the port."""
    stop = threading.Event()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as door:
        door.bind(("127.0.0.1", 0))
        door.settimeout(_POLL_S)
        thread = threading.Thread(target=_serve, args=(door, registrar, stop), name="bench registrar", daemon=True)
        thread.start()
        try:
            yield int(door.getsockname()[1])
        finally:
            stop.set()
            thread.join(_SHUTDOWN_S)


def _serve(door: socket.socket, registrar: Registrar, stop: threading.Event) -> None:
    while not stop.is_set():
        try:
            request, sender = door.recvfrom(_LONGEST)
        except TimeoutError:
            continue
        answer = registrar.answer(request)
        if answer is not None:
            time.sleep(registrar.delay_s)
            door.sendto(answer, sender)


def _reply(text: str, status: int, phrase: str, more: str = "") -> bytes:
    kept = "".join(f"{name}: {_head(text, name)}\r\n" for name in ("Via", "From", "Call-ID", "CSeq"))
    to = f"To: {_head(text, 'To')};tag={token_hex(4)}\r\n"
    return f"SIP/2.0 {status} {phrase}\r\n{kept}{to}{more}Content-Length: 0\r\n\r\n".encode()


def _head(text: str, name: str) -> str:
    found = re.search(rf"(?mi)^{name}:[ \t]*(.*?)\r?$", text)
    return found[1] if found else ""


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
