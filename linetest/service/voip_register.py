"""A registration at a SIP registrar over UDP, with its times, and its end (RFC 3261, 10 and 17.1.2)."""

import time
from dataclasses import dataclass, field

from linetest.errors import DeviceError, Timeout
from linetest.secrets import Secret
from linetest.service.path import Conversation
from linetest.service.sip_message import (
    Answer,
    Dialogue,
    challenge_of,
    expires_of,
    masked,
    proof_of,
    read_answer,
    register,
)
from linetest.words.text import _

_T1_S, _T2_S = 0.5, 4.0
_MOST_STEPS = 4
"""REGISTERs for one registration: the challenge, its answer, one whose nonce was too old, one that was too brief."""


@dataclass(slots=True)
class Registration:
    """What became of a registration."""

    dialogue: Dialogue
    line: Conversation
    number: int = 0
    challenge_s: float | None = None
    registered_s: float | None = None
    expires_s: int | None = None
    status: int | None = None
    """Of the last answer that ends anything."""
    phrase: str = ""
    realm: str | None = None
    reason: str | None = None
    """Why nothing is known, where that is so."""
    repeats: int = 0
    may_stand: bool = False
    """A proof was sent, and not refused: the registrar may keep us."""
    talk: list[str] = field(default_factory=list)
    """What was said, masked."""

    def register(self, expires_s: int, password: Secret | None, timeout_s: float, realm: str | None = None) -> None:
        """Register, or take the registration back with 0 seconds.

        Without a password, or where another realm than `realm` asks, the challenge is not answered.

        Raises:
            Timeout: there was no answer in time.
        """
        began_s = time.monotonic()
        proof: str | None = None
        for _step in range(_MOST_STEPS):
            self.number += 1
            answer = self._ask(register(self.dialogue, self.number, expires_s, proof), timeout_s)
            passed_s = time.monotonic() - began_s
            self.status, self.phrase = answer.status, answer.phrase
            if answer.status == 423 and (least := answer.first("min-expires") or "").isdecimal() and len(least) < 7:
                expires_s = max(int(least), expires_s)
                continue
            if answer.status not in (401, 407):
                self.may_stand = answer.status == 200 and expires_s > 0
                if self.may_stand:
                    self.registered_s, self.expires_s = passed_s, expires_of(answer, self.dialogue)
                return
            challenge = challenge_of(answer)
            self.challenge_s = passed_s if self.challenge_s is None else self.challenge_s
            self.realm = challenge.realm if challenge else None
            stale = "stale=true" in (answer.first("www-authenticate") or "").lower().replace(" ", "")
            if proof is not None and not stale:
                self.may_stand = False
                return
            if challenge is None or password is None or (realm is not None and challenge.realm != realm):
                return
            proof = proof_of(challenge, self.dialogue.account, password)
            self.may_stand = True

    def _ask(self, request: bytes, timeout_s: float) -> Answer:
        """Send a request until its final answer comes: again after 0.5 s, then each time twice as long, up to 4 s."""
        self.talk.append(masked(request))
        end_s = time.monotonic() + timeout_s
        pause_s = _T1_S
        while (now_s := time.monotonic()) < end_s:
            self.line.send(request)
            answer = self._answer(min(now_s + pause_s, end_s))
            if answer is not None:
                return answer
            self.repeats += 1
            pause_s = min(2.0 * pause_s, _T2_S)
        raise Timeout(
            _("the registrar did not answer in {seconds:g} s").format(seconds=timeout_s),
            _("check its address, and whether something blocks UDP to port 5060"),
        )

    def _answer(self, end_s: float) -> Answer | None:
        while (left_s := end_s - time.monotonic()) > 0.0:
            octets = self.line.receive(left_s)
            if octets is None:
                return None
            answer = read_answer(octets, self.dialogue, self.number)
            if answer is not None and answer.status >= 200:
                self.talk.append(masked(octets))
                return answer
        return None

    def unregister(self, password: Secret | None, timeout_s: float) -> None:
        """Take the registration back, if there is one.

        Raises:
            DeviceError: the registrar did not confirm it.
        """
        if not self.may_stand:
            return
        kept = self.status, self.phrase
        self.register(0, password, timeout_s)
        taken_back = self.status == 200
        self.status, self.phrase = kept
        if not taken_back:
            raise DeviceError(_("the registrar did not take the registration back"))
