"""SIP in octets: requests to register, answers read, and the proof of a password (RFC 3261, RFC 2617).

An answer comes from outside: what is too long or no SIP is none, and only the heads that are needed are kept.
"""

import hashlib
import re
from secrets import token_hex
from typing import NamedTuple

import msgspec

from linetest.secrets import Secret

MOST_OCTETS = 65_535
_MOST_HEADS = 100
_STATUS = re.compile(r"SIP/2\.0 ([1-6]\d\d) ?(.*)")
_PARAMETER = re.compile(r'([A-Za-z-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,;"]+))')
_COMPACT = {"v": "via", "i": "call-id", "m": "contact", "f": "from", "t": "to", "l": "content-length"}
_MASKED = re.compile(r'((?:response|nonce|cnonce)=)"[^"]*"')


class Account(NamedTuple):
    """Who registers where."""

    user: str
    host: str
    port: int


class Answer(NamedTuple):
    """An answer of a registrar."""

    status: int
    phrase: str
    heads: dict[str, list[str]]
    """By their long names in small letters."""

    def first(self, name: str) -> str | None:
        """Return a head; None where there is none."""
        return next(iter(self.heads.get(name, [])), None)


class Challenge(msgspec.Struct, frozen=True, kw_only=True):
    """What a registrar asks a proof with."""

    realm: str
    nonce: str
    opaque: str | None = None
    algorithm: str = "MD5"
    qop: bool = False
    """It asks for the quality ``auth``."""
    proxy: bool = False
    """A proxy asks (407), so the proof goes into another head."""


class Dialogue(msgspec.Struct, frozen=True, kw_only=True):
    """What all REGISTERs of one registration have in common."""

    account: Account
    address: str
    """Our own; answers find the way back by rport (RFC 3581)."""
    port: int
    call_id: str
    tag: str


def new_dialogue(account: Account, address: str, port: int) -> Dialogue:
    """Return a dialogue that nobody else has."""
    return Dialogue(account=account, address=address, port=port, call_id=token_hex(12), tag=token_hex(6))


def register(dialogue: Dialogue, number: int, expires_s: int, proof: str | None = None) -> bytes:
    """Return a REGISTER with its own branch; `proof` is the head that `proof_of` gives."""
    user, host, _port = dialogue.account
    lines = [
        f"REGISTER sip:{host} SIP/2.0",
        f"Via: SIP/2.0/UDP {dialogue.address}:{dialogue.port};branch=z9hG4bK{token_hex(8)};rport",
        "Max-Forwards: 70",
        f"From: <sip:{user}@{host}>;tag={dialogue.tag}",
        f"To: <sip:{user}@{host}>",
        f"Call-ID: {dialogue.call_id}",
        f"CSeq: {number} REGISTER",
        f"Contact: <sip:{user}@{dialogue.address}:{dialogue.port}>",
        f"Expires: {expires_s}",
        *([proof] if proof else []),
        "Content-Length: 0",
    ]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("utf-8")


def read_answer(octets: bytes, dialogue: Dialogue, number: int) -> Answer | None:
    """Return the answer to that REGISTER; None for anything else."""
    if len(octets) > MOST_OCTETS:
        return None
    lines = octets.decode("utf-8", errors="replace").partition("\r\n\r\n")[0].split("\r\n")
    status = _STATUS.fullmatch(lines[0])
    if status is None:
        return None
    heads: dict[str, list[str]] = {}
    for line in lines[1 : _MOST_HEADS + 1]:
        name, colon, value = line.partition(":")
        if colon:
            key = name.strip().lower()
            heads.setdefault(_COMPACT.get(key, key), []).append(value.strip())
    answer = Answer(int(status[1]), status[2], heads)
    if answer.first("call-id") != dialogue.call_id or (answer.first("cseq") or "").split() != [str(number), "REGISTER"]:
        return None
    return answer


def challenge_of(answer: Answer) -> Challenge | None:
    """Return the challenge of a 401 or 407 that can be answered: Digest with MD5; None where there is none."""
    name = "proxy-authenticate" if answer.status == 407 else "www-authenticate"
    for value in answer.heads.get(name, []):
        scheme, _space, rest = value.partition(" ")
        found = {one[1].lower(): one[2] if one[2] is not None else one[3] for one in _PARAMETER.finditer(rest)}
        if scheme.lower() != "digest" or found.get("algorithm", "MD5").upper() != "MD5":
            continue
        if "realm" in found and "nonce" in found and _is_plain(found):
            return Challenge(
                realm=found["realm"],
                nonce=found["nonce"],
                opaque=found.get("opaque"),
                qop="auth" in [one.strip() for one in found.get("qop", "").split(",")],
                proxy=answer.status == 407,
            )
    return None


def proof_of(challenge: Challenge, account: Account, password: Secret) -> str:
    """Return the head that proves the password (RFC 2617, 3.2.2): an MD5, as registrars ask for it."""
    uri, cnonce, count = f"sip:{account.host}", token_hex(8), "00000001"
    secret = _md5(f"{account.user}:{challenge.realm}:{password.reveal()}")
    method = _md5(f"REGISTER:{uri}")
    if challenge.qop:
        response = _md5(f"{secret}:{challenge.nonce}:{count}:{cnonce}:auth:{method}")
    else:
        response = _md5(f"{secret}:{challenge.nonce}:{method}")
    parts = [
        f'username="{account.user}"',
        f'realm="{challenge.realm}"',
        f'nonce="{challenge.nonce}"',
        f'uri="{uri}"',
        f'response="{response}"',
        "algorithm=MD5",
        *([f"qop=auth, nc={count}", f'cnonce="{cnonce}"'] if challenge.qop else []),
        *([f'opaque="{challenge.opaque}"'] if challenge.opaque is not None else []),
    ]
    return f"{'Proxy-' if challenge.proxy else ''}Authorization: Digest {', '.join(parts)}"


def expires_of(answer: Answer, dialogue: Dialogue) -> int | None:
    """Return for how many seconds the registrar keeps our contact; None where it does not say."""
    mine = f"{dialogue.account.user}@{dialogue.address}:{dialogue.port}"
    for value in answer.heads.get("contact", []):
        for contact in value.split(","):
            found = re.search(r";\s*expires\s*=\s*(\d{1,9})", contact, re.IGNORECASE)
            if mine in contact and found:
                return int(found[1])
    head = answer.first("expires")
    return int(head) if head is not None and re.fullmatch(r"\d{1,9}", head) else None


def masked(octets: bytes) -> str:
    """Return a message for the evidence: what could be used to guess the password is masked."""
    return _MASKED.sub(r'\1"***"', octets[:MOST_OCTETS].decode("utf-8", errors="replace"))


def _is_plain(found: dict[str, str]) -> bool:
    """Tell whether what is sent back can stand in a quoted string as it came: no backslash, no control characters."""
    return all(value.isprintable() and "\\" not in value for value in found.values())


def _md5(text: str) -> str:
    return hashlib.md5(text.encode("utf-8"), usedforsecurity=False).hexdigest()
