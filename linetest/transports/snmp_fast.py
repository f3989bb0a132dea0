"""The fast walk: gufo-snmp, in Rust, where the extra ``fast`` is installed and can speak as the target wants.

gufo-snmp checks request ids and drops late answers, but it takes an error state, an empty answer or an object out of
order for the end of a table, and would go round a table that does not increase for ever. So here every object has to
follow the one before, the end is asked for once more with `snmp_end` and, where there is any doubt, the session's own
engine reads on from the last object: what comes out is whole, or it is an error in words, as without the extra. Two
things differ: an address comes as dotted text, and an integer beyond 64 bits is cut off (no SNMP type has one).
"""

import socket
from collections.abc import Iterator
from time import monotonic
from typing import TYPE_CHECKING, NamedTuple

from linetest.errors import Unreachable
from linetest.transports.snmp_end import is_end
from linetest.transports.snmp_walk import MOST_ROWS, REPETITIONS, SnmpValue, does_not_follow, suffix_key
from linetest.words.text import _

if TYPE_CHECKING:
    from gufo.snmp import User
    from gufo.snmp.sync import SnmpSession as GufoSession

    from linetest.transports.snmp_target import SnmpTarget

_GAP_S = 1.0  # how long a question waits; it has a new number when it is sent again
_MOST_SILENCES = 2  # in a row; then the other engine goes on, which takes a late answer and grows its gaps
_NOT_BY_GUFO = ("3des",)
_KINDS = (int, bytes, str)


class Walked(NamedTuple):
    """What a walk gave."""

    rows: list[tuple[str, SnmpValue]]
    whole: bool
    """False: more may follow; the other engine has to go on."""


class FastWalk:
    """Walks through the tables of one agent."""

    def __init__(self, target: "SnmpTarget") -> None:
        self._target = target
        self._user = _user(target)
        try:
            self._host = str(socket.getaddrinfo(target.host, target.port, type=socket.SOCK_DGRAM)[0][4][0])
        except OSError as error:
            raise Unreachable(
                _("{place}: there is no way to the device: {fault}").format(place=target.place, fault=error.strerror),
                _("check the address and the network"),
            ) from error

    def walk(self, root: str, end: float) -> Walked:
        """Return what is under `root`, until `end` of `monotonic`; raises `BadReply` for a table out of order."""
        rows: list[tuple[str, SnmpValue]] = []
        below, start = f"{root}.", len(root) + 1
        last: tuple[int, ...] = ()
        for oid, value in self._objects(root, end):
            key = suffix_key(oid[start:]) if oid.startswith(below) else ()
            if key <= last:
                raise does_not_follow(self._target.place, rows[-1][0] if rows else root, oid)
            rows.append((oid, value))
            last = key
            if len(rows) >= MOST_ROWS:
                return Walked(rows, False)
        return Walked(rows, is_end(self._target, self._host, root, rows[-1][0] if rows else root, end))

    def number(self, oid: str, end: float) -> int | None:
        """Return a number; None where the agent does not tell it. Raises ConnectionError when nothing comes at once."""
        from gufo.snmp import SnmpError

        try:
            value = self._session(end).get_many([oid]).get(oid)
        except (SnmpError, OSError) as error:
            raise ConnectionError from error
        except BaseException as error:
            if not _is_panic(error):
                raise
            raise ConnectionError from error
        return value if isinstance(value, int) else None

    def _objects(self, root: str, end: float) -> Iterator[tuple[str, SnmpValue]]:
        """Yield what gufo-snmp reads; stops at what it takes for the end, and when it hears nothing."""
        from gufo.snmp import SnmpError

        silences = 0
        try:
            objects = iter(self._session(end).getbulk(root, REPETITIONS))
        except (SnmpError, OSError, ValueError):
            return
        while silences < _MOST_SILENCES and monotonic() < end:
            try:
                for oid, value in objects:
                    silences = 0
                    if isinstance(value, _KINDS):
                        yield oid, value
                return
            except (SnmpError, OSError):  # silence, or a message that is none: the same question is sent again
                silences += 1
            except BaseException as error:
                if not _is_panic(error):
                    raise
                return

    def _session(self, end: float) -> "GufoSession":
        from gufo.snmp.sync import SnmpSession as GufoSession

        target = self._target
        community = target.community.reveal() if target.community else ""
        wait_s = max(0.01, min(_GAP_S, end - monotonic()))
        session = GufoSession(self._host, target.port, community=community, user=self._user, timeout=wait_s)
        session.refresh()
        return session


def _is_panic(error: BaseException) -> bool:
    """Tell whether gufo-snmp stopped in Rust, as over a length of 63 octets: its exception cannot be imported."""
    return type(error).__name__ == "PanicException"


def is_fast(target: "SnmpTarget") -> bool:
    """Tell whether gufo-snmp is installed and can speak to the target."""
    try:
        import gufo.snmp  # noqa: F401
    except ImportError:
        return False
    return not target.context and target.priv_protocol not in _NOT_BY_GUFO


def _user(target: "SnmpTarget") -> "User | None":
    from gufo.snmp import user as gufo

    if target.user is None or target.auth_key is None:
        return None
    signed = {
        "md5": gufo.Md5Key,
        "sha": gufo.Sha1Key,
        "sha224": gufo.Sha224Key,
        "sha256": gufo.Sha256Key,
        "sha384": gufo.Sha384Key,
        "sha512": gufo.Sha512Key,
    }
    hidden = {"des": gufo.DesKey, "aes": gufo.Aes128Key, "aes192": gufo.Aes192Key, "aes256": gufo.Aes256Key}
    expansion = gufo.KeyExpansion.Cisco if target.priv_protocol.endswith("c") else gufo.KeyExpansion.Blumenthal
    return gufo.User(
        target.user,
        auth_key=signed[target.auth_protocol](target.auth_key.reveal().encode()),
        priv_key=hidden[target.priv_protocol.removesuffix("c")](target.priv_key.reveal().encode())
        if target.priv_key
        else None,
        key_expansion=expansion,
    )
