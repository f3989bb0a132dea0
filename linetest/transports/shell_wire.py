"""SSH and telnet as a wire: netmiko opens them, and nothing of it is used behind the log-in.

netmiko's own preparation and its pager handling are left out: it tries a refused telnet password up to twenty times,
which locks accounts, accepts any host key unless told otherwise, and waits for a good-bye that some devices never say.
"""

import logging
import time

import paramiko
from netmiko.base_connection import BaseConnection
from netmiko.exceptions import NetmikoAuthenticationException, NetmikoBaseException

from linetest.errors import CommandRefused, DeviceError, Unreachable
from linetest.model.codes import Reason
from linetest.transports.host_keys import known_hosts_path, trusted_key
from linetest.transports.shell_target import ShellTarget
from linetest.words.text import _

_POLL_S = 0.01
_PHASES = 3  # of a log-in that can each wait: connection with keys, greeting, password

logging.getLogger("paramiko").addHandler(logging.NullHandler())  # else its tracebacks come to the person's screen


class _Connection(BaseConnection):
    """netmiko's connection without its conversation."""

    def telnet_login(self, *_all: object, **_named: object) -> str:
        """Do nothing: the session logs in."""
        return ""


class ShellWire:
    """An open SSH or telnet connection; over SSH the user is logged in already."""

    def __init__(self, target: ShellTarget, deadline_s: float) -> None:
        """Connect; raises `Unreachable`, or `CommandRefused` when the user or the host key is refused."""
        self.simulated = target.simulated
        self.warnings: list[str] = []
        self._place = target.place
        ssh = target.kind == "ssh"
        if ssh and not target.simulated and trusted_key(target.host, target.port) is None:
            raise _untrusted(target)
        password = target.password.reveal() if target.password else ""
        phase_s = deadline_s / _PHASES
        self._connection = _Connection(
            host=target.host,
            port=target.port,
            username=target.user,
            password=password,
            device_type="linetest" if ssh else "linetest_telnet",
            ssh_strict=not target.simulated,
            alt_host_keys=not target.simulated,
            alt_key_file=str(known_hosts_path()),
            conn_timeout=phase_s,
            banner_timeout=phase_s,
            auth_timeout=phase_s,
            blocking_timeout=phase_s,
            disable_lf_normalization=True,
            auto_connect=False,
        )
        try:
            self._connection.establish_connection()
        except (NetmikoBaseException, OSError, EOFError, paramiko.SSHException) as error:
            self._connection.disconnect()
            raise _refusal(target, error) from error

    def write(self, data: bytes) -> None:
        """Send all of `data`."""
        try:
            self._connection.channel.write_channel(data.decode())  # the method above it logs passwords
        except (OSError, EOFError, NetmikoBaseException) as error:
            raise self._cut() from error

    def read(self, limit: int, timeout_s: float) -> bytes:
        """Return what arrives next; netmiko hands out all there is, so `limit` is not kept."""
        end = time.monotonic() + timeout_s
        while True:
            gone = self._ended()  # asked first: what came before the end is read below
            try:
                text = self._connection.channel.read_channel()
            except (OSError, EOFError, NetmikoBaseException) as error:
                raise self._cut() from error
            if text:
                return text.encode()
            if gone:
                raise self._cut()
            if (left_s := end - time.monotonic()) <= 0.0:
                return b""
            time.sleep(min(_POLL_S, left_s))

    def close(self) -> None:
        """Close the connection without a good-bye."""
        self._connection.disconnect()

    def _ended(self) -> bool:
        channel = self._connection.remote_conn
        return isinstance(channel, paramiko.Channel) and (channel.closed or channel.eof_received)

    def _cut(self) -> Unreachable:
        return Unreachable(
            _("{place}: the device ended the session").format(place=self._place),
            _("read again; a device takes only a few sessions at a time"),
        )


def _untrusted(target: ShellTarget) -> CommandRefused:
    return CommandRefused(
        _("{place}: the device's host key is not trusted yet").format(place=target.place),
        _("look at its fingerprint and trust it: linetest station trust"),
        reason=Reason.NO_PERMISSION,
    )


def _refusal(target: ShellTarget, error: Exception) -> DeviceError:
    """Return the error for a connection that did not come about; netmiko hides the true one behind its own."""
    cause = error.__context__ or error
    if isinstance(cause, paramiko.BadHostKeyException):
        return CommandRefused(
            _("{place}: the device's host key has changed: this may be another device").format(place=target.place),
            _("find out why; only then trust the new key: linetest station trust"),
            reason=Reason.NO_PERMISSION,
        )
    if isinstance(error, NetmikoAuthenticationException):
        return CommandRefused(
            _("{place}: the device refuses the user {user!r} or the password").format(
                place=target.place, user=target.user
            ),
            _("check both in the station file"),
            reason=Reason.NO_PERMISSION,
        )
    return Unreachable(
        _("{place}: no connection: {fault}").format(place=target.place, fault=cause),
        _("check the address and the network; SSH or telnet has to be switched on in the device"),
    )
