"""The test of telephone: a registration with its times, and the voice quality that delay and loss leave possible."""

import re
from typing import Any, NamedTuple

import msgspec

from linetest.errors import Timeout, Unreachable, UsageError
from linetest.model.codes import Hint, Reason
from linetest.model.metrics import METRICS
from linetest.model.reading import EvidenceFile, Measurement, Reading
from linetest.secrets import Secret
from linetest.service.access import Access
from linetest.service.echoes import Echoes, send_echoes
from linetest.service.path import IpPath
from linetest.service.readings import error_words
from linetest.service.resolve import resolve
from linetest.service.restore import Restore
from linetest.service.settings import ServiceSettings
from linetest.service.sip_message import Account, new_dialogue
from linetest.service.voip_mos import estimate
from linetest.service.voip_register import Registration
from linetest.service.voip_settings import VoipSettings
from linetest.words.text import _

_ADDRESS = re.compile(r"sip:([A-Za-z0-9._+*#-]{1,64})@([A-Za-z0-9.-]{1,253})(?::(\d{1,5}))?")
_PORT = 5060
_MOST_CHARACTERS = 200
_SPEECH_OCTETS, _PACE_S, _ECHO_TIMEOUT_S = 200, 0.02, 1.0
"""G.711 with 20 ms in a packet: 160 octets, and 40 of RTP, UDP and IP."""
_TIMES = ("service.sip_challenge_ms", "service.sip_register_ms", "service.sip_expires_s")
_REGISTERED, _MOS = "service.sip_registered_count", "service.voip_mos"
_ALL = (_REGISTERED, *_TIMES, _MOS)
_HINTS = {401: Hint.WRONG_PASSWORD, 403: Hint.LOGIN_REFUSED, 404: Hint.UNKNOWN_USER, 407: Hint.WRONG_PASSWORD}
_NO_ANSWER = (408, 480, 504)
"""The registrar answers that somebody behind it did not."""


class Way(NamedTuple):
    """An account, and the IPv4 address of its registrar."""

    account: Account
    server: str


def measure(access: Access, path: IpPath, settings: ServiceSettings, restore: Restore) -> Measurement:
    """Return what came of the registration, which is taken back as a recorded step, and of the echoes.

    Raises:
        UsageError: the station's ``sip`` is no address, or its secret cannot be read.
        DeviceError: the port is gone, or the registrar's name cannot be found.
    """
    named = access.server("sip")
    if named is None:
        return Measurement(readings=[_reading(name, None, {}, Reason.NO_SERVER) for name in _ALL])
    account = account_of(named)
    where = {"server": account.host}
    server = resolve(path, account.host)
    wanted = settings.voip
    registration, trouble = _register(access.secret("sip"), path, Way(account, server), wanted, restore)
    echoes = Echoes(rtts_s=[])
    if wanted.echoes:
        echoes = send_echoes(path, server, _SPEECH_OCTETS, _ECHO_TIMEOUT_S, _PACE_S, lambda sent: sent < wanted.echoes)
    quality = estimate(echoes.rtts_s, ie=wanted.ie, bpl=wanted.bpl)
    no_mos = Reason.TIMEOUT if wanted.echoes else Reason.NOT_MEASURED
    return Measurement(
        readings=[
            *_registered(registration, where, wanted.realm),
            _reading(_MOS, quality.mos if quality else None, where, None if quality else no_mos),
        ],
        details={
            "voip": {
                **where,
                "status": registration.status,
                "phrase": registration.phrase[:_MOST_CHARACTERS],
                "realm": registration.realm,
                "repeats": registration.repeats,
                "quality": msgspec.to_builtins(quality),
                "echoes": echoes.shown(),
            }
        },
        evidence=[
            EvidenceFile(name="sip.txt", media_type="text/plain", body="\n".join(registration.talk).encode("utf-8"))
        ],
        simulated=path.simulated,
        trouble=trouble,
    )


def account_of(text: str) -> Account:
    """Return the account in ``sip:USER@HOST`` or ``sip:USER@HOST:PORT``.

    Raises:
        UsageError: it is none.
    """
    found = _ADDRESS.fullmatch(text)
    port = int(found[3] or _PORT) if found else 0
    if found is None or not 0 < port < 65_536:
        raise UsageError(
            _("sip: {text!r} is no address of a telephone").format(text=text),
            _("write sip:USER@HOST or sip:USER@HOST:PORT"),
        )
    return Account(found[1], found[2], port)


def _register(
    password: Secret | None, path: IpPath, way: Way, wanted: VoipSettings, restore: Restore
) -> tuple[Registration, str]:
    """Return the registration, which has been taken back, and what went wrong in words."""
    with path.udp(way.server, way.account.port) as line:
        registration = Registration(new_dialogue(way.account, path.address, _PORT), line)
        with restore.changed("registration", lambda: registration.unregister(password, wanted.timeout_s)):
            try:
                registration.register(wanted.expires_s, password, wanted.timeout_s, wanted.realm)
            except (Timeout, Unreachable) as error:
                registration.reason = error.reason
                return registration, error_words(error)
    if password is None and registration.challenge_s is not None:
        registration.reason = Reason.NOT_MEASURED
        return registration, _("the registrar asks for a password: name where it lies as secrets.sip")
    return registration, ""


def _registered(registration: Registration, where: dict[str, Any], realm: str | None) -> list[Reading]:
    """Return what the registrar said: a refusal is measured, no answer is not."""
    taken = registration.registered_s is not None
    reason = registration.reason or (Reason.TIMEOUT if registration.status in _NO_ANSWER else None)
    hint = None
    if not taken and reason is None:
        strange = realm is not None and registration.realm not in (None, realm)
        hint = Hint.WRONG_REALM if strange else _HINTS.get(registration.status or 0, Hint.REGISTRAR_FAILS)
    times = (_ms(registration.challenge_s), _ms(registration.registered_s), registration.expires_s)
    return [
        _reading(_REGISTERED, None if reason else float(taken), where, reason, hint),
        *(
            _reading(name, value, where, None if value is not None else reason or Reason.NOT_MEASURED)
            for name, value in zip(_TIMES, times, strict=True)
        ),
    ]


def _ms(seconds: float | None) -> float | None:
    return None if seconds is None else 1000.0 * seconds


def _reading(
    metric: str, value: float | None, where: dict[str, Any], reason: str | None = None, hint: str | None = None
) -> Reading:
    return Reading(metric=metric, value=value, unit=METRICS[metric].unit, where=where, reason=reason, hint=hint)
