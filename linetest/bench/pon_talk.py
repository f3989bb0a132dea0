"""What an OLT and an ONU say to each other over OAM once the ONU is registered, step by step.

A step is a question of the OLT and its answer, `STEP_CYCLES` apart: at most four PDUs a second from each side, and
an Information PDU at least every third step.
"""

from typing import NamedTuple

from linetest.bench import pon_oam as oam
from linetest.bench.pon_plant import OLT, PonOnu


class Talk(NamedTuple):
    """One PDU and what it means."""

    meaning: str
    frame: bytes


Exchange = tuple[list[Talk], list[Talk]]
"""What the OLT says, and what the ONU says."""

STABLE_STEP, AGREED_STEP, ACCEPTED_STEP = 1, 3, 5
FIRST_KEY_STEP, SECOND_KEY_STEP = 10, 16
_ALARM_STEPS = {11: True, 14: False}


def talk(step: int, onu: PonOnu) -> Exchange:
    """Return what is said in a step, counted from 0 at each registration."""
    if step <= AGREED_STEP:
        return _discovery(step, onu)
    if step % 3 == 0:
        return _pair("information", _information(OLT, oam.STABLE), _information(onu.mac, oam.STABLE))
    if onu.churns and step in (FIRST_KEY_STEP, SECOND_KEY_STEP):
        in_use = 0 if step == FIRST_KEY_STEP else 1
        key = bytes((17 * step & 0xFF, onu.number, 0xA5))
        return [Talk("key-request", oam.key_request(OLT, in_use))], [
            Talk("new-key", oam.new_key(onu.mac, 1 - in_use, key))
        ]
    if onu.raises_alarm and step in _ALARM_STEPS:
        is_raised = _ALARM_STEPS[step]
        pdu = oam.alarm(onu.mac, 1 if is_raised else 2, oam.POWER_ALARM, is_raised=is_raised)
        return [], [Talk("alarm-set" if is_raised else "alarm-cleared", pdu)]
    return _service(step, onu)


def _discovery(step: int, onu: PonOnu) -> Exchange:
    if step == 0:
        return _pair(
            "information",
            oam.information(OLT, oam.LOCAL_EVALUATING, is_olt=True, hears=False),
            _information(onu.mac, oam.LOCAL_EVALUATING | oam.REMOTE_EVALUATING),
        )
    if step == STABLE_STEP:
        return _pair(
            "information",
            _information(OLT, oam.LOCAL_STABLE | oam.REMOTE_EVALUATING),
            _information(onu.mac, oam.STABLE),
        )
    is_agreed = step == AGREED_STEP
    version, offers = (oam.CTC_VERSION, ()) if is_agreed else (0, oam.CTC_VERSIONS)
    tlv = oam.extended_discovery(version, offers)
    return _pair("extended-discovery", _information(OLT, oam.STABLE, tlv), _information(onu.mac, oam.STABLE, tlv))


def _service(step: int, onu: PonOnu) -> Exchange:
    match step:
        case 4:
            answer = oam.loid_response(onu.mac, onu.loid, onu.password)
            return [Talk("loid-request", oam.loid_request(OLT))], [Talk("loid-response", answer)]
        case 5:
            return [Talk("loid-accepted", oam.loid_accepted(OLT))], []
        case 7 | 13:
            return [Talk("get-request", oam.get_request(OLT))], [Talk("get-response", oam.get_response(onu.mac))]
        case 8:
            return [Talk("set-request", oam.set_request(OLT, onu.vid))], [
                Talk("set-response", oam.set_response(onu.mac))
            ]
        case _:
            return [], []


def _information(source: bytes, flags: int, extension: bytes = b"") -> bytes:
    return oam.information(source, flags, is_olt=source == OLT, extension=extension)


def _pair(meaning: str, down: bytes, up: bytes) -> Exchange:
    return [Talk(meaning, down)], [Talk(meaning, up)]
