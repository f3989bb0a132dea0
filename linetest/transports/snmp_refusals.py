"""What SNMP's ways to say no mean to a person: reports about users and keys, error states, and silence."""

from pysnmp.proto import errind, rfc1905

from linetest.errors import BadReply, CommandRefused, DeviceError, Timeout
from linetest.model.codes import Reason
from linetest.transports.snmp_target import SnmpTarget
from linetest.transports.snmp_walk import TooBig
from linetest.words.text import N_, _

NO_ERROR, TOO_BIG, NO_SUCH_NAME = 0, 1, 2  # error states of RFC 3416, 3
_NO_RIGHT = (6, 16)  # noAccess, authorizationError

# What an agent reports about a question (RFC 3414, 3.2), and what we find out about it before sending.
REPORTS: dict[type[Exception], tuple[str, str]] = {
    errind.UnknownUserName: (N_("the device does not know the SNMP user {user!r}"), N_("check the user's name")),
    errind.UnknownSecurityName: (N_("the device does not know the SNMP user {user!r}"), N_("check the user's name")),
    errind.WrongDigest: (
        N_("the authentication key of the SNMP user {user!r} is wrong"),
        N_("check the secret auth and the protocol after auth= in the address"),
    ),
    errind.AuthenticationFailure: (
        N_("an answer for the SNMP user {user!r} has a wrong signature"),
        N_("check the secret auth and the protocol after auth= in the address"),
    ),
    errind.UnsupportedSecurityLevel: (
        N_("the SNMP user {user!r} may not speak with this protection"),
        N_("give the secret priv, or leave it out, as the device's user has it"),
    ),
    errind.DecryptionError: (
        N_("the privacy key of the SNMP user {user!r} is wrong"),
        N_("check the secret priv and the protocol after priv= in the address"),
    ),
    errind.NotInTimeWindow: (N_("the device's clock for SNMP version 3 does not hold still"), N_("restart its agent")),
    errind.UnknownEngineID: (N_("the device's SNMP engine changed its number"), N_("read again")),
}

_OF_THE_ENGINE = (errind.NotInTimeWindow, errind.UnknownEngineID)


def report_refusal(report: Exception, target: SnmpTarget) -> DeviceError:
    """Return the error for one of `REPORTS`."""
    what, hint = REPORTS[type(report)]
    sentence = f"{target.place}: {_(what).format(user=target.user)}"
    if isinstance(report, _OF_THE_ENGINE):
        return DeviceError(sentence, _(hint), reason=Reason.INTERRUPTED)
    return CommandRefused(sentence, _(hint), reason=Reason.NO_PERMISSION)


def status_refusal(status: int, oid: str, target: SnmpTarget) -> CommandRefused:
    """Return the error for an error state other than `NO_ERROR` about the object `oid`."""
    place = target.place
    if status == TOO_BIG:
        return TooBig(_("{place}: {oid} does not fit into an answer").format(place=place, oid=oid))
    if status in _NO_RIGHT:
        return CommandRefused(
            _("{place}: the device does not let us read {oid}").format(place=place, oid=oid),
            _("ask for the right to read it"),
            reason=Reason.NO_PERMISSION,
        )
    name = rfc1905.errorStatus.clone(status).prettyPrint()
    return CommandRefused(
        _("{place}: the device cannot read {oid}: {fault}").format(place=place, oid=oid, fault=name),
        _("read again; if it stays, read over the command line"),
    )


def silence(target: SnmpTarget, *, answered: bool, discovered: bool, garbled: bool) -> DeviceError:
    """Return the error for a question without an answer.

    Args:
        target: Who was asked.
        answered: Another question of this session was answered.
        discovered: The agent told the number of its engine, the first step of version 3.
        garbled: Something came that is no SNMP.
    """
    place = target.place
    if garbled and not answered:
        return BadReply(
            _("{place}: what answers there does not speak SNMP").format(place=place),
            _("check the address and the port"),
        )
    if discovered and not answered and target.priv_key:
        # An agent cannot tell a wrong privacy key from noise, and drops the message (RFC 3414, 3.2, step 8)
        return Timeout(
            _("{place}: no answer to what is encrypted: the privacy key of {user!r} is probably wrong").format(
                place=place, user=target.user
            ),
            _("check the secret priv and the protocol after priv= in the address"),
        )
    hint = (
        _("check the address and the community (a wrong one is met with silence), and who may ask the device")
        if target.version == "2c" and not answered
        else _("check the address and the network; read again")
    )
    return Timeout(_("{place}: no answer over SNMP").format(place=place), hint)
