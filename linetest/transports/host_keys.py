"""The SSH host keys that a person trusted: ``known_hosts`` in the user's configuration folder, in OpenSSH's format."""

import base64
import hashlib
import socket
from pathlib import Path
from typing import NamedTuple

import paramiko

from linetest.catalog import user_folder
from linetest.errors import BadFile, FileError, Timeout, Unreachable
from linetest.words.text import _


class HostKey(NamedTuple):
    """The public key with which a device proves who it is."""

    kind: str
    """Such as ``ssh-ed25519``."""
    data: str
    """The key in base64."""

    @property
    def fingerprint(self) -> str:
        """The key's SHA-256 as OpenSSH and most devices show it."""
        digest = hashlib.sha256(base64.b64decode(self.data)).digest()
        return "SHA256:" + base64.b64encode(digest).decode().rstrip("=")


def known_hosts_path() -> Path:
    """Return the file of trusted keys; it need not exist."""
    return user_folder() / "known_hosts"


def trusted_key(host: str, port: int) -> HostKey | None:
    """Return the key that is trusted for the device, None when there is none; raises `FileError` or `BadFile`."""
    for key in (_load().lookup(_name(host, port)) or {}).values():
        return HostKey(key.get_name(), key.get_base64())
    return None


def offered_key(host: str, port: int, *, deadline_s: float) -> HostKey:
    """Return the key that the device shows now; nobody logs in.

    Raises:
        Unreachable: Nothing there speaks SSH in a way that we can, or there is no way to it.
        Timeout: It does not answer in time.
    """
    try:
        with socket.create_connection((host, port), timeout=deadline_s) as connection:
            transport = paramiko.Transport(connection)
            try:
                transport.start_client(timeout=deadline_s)
                key = transport.get_remote_server_key()
            finally:
                transport.close()
    except TimeoutError as error:
        raise Timeout(_("ssh://{host}:{port}: no answer").format(host=host, port=port)) from error
    except (OSError, paramiko.SSHException, EOFError) as error:
        raise Unreachable(
            _("ssh://{host}:{port}: shows no host key: {fault}").format(host=host, port=port, fault=error),
            _("check the address; old devices may speak only telnet"),
        ) from error
    return HostKey(key.get_name(), key.get_base64())


def trust(host: str, port: int, key: HostKey) -> None:
    """Record that `key` is the device's, instead of any key from before; raises `FileError`."""
    path = known_hosts_path()
    name = _name(host, port)
    kept = [line for line in _lines(path) if line.split(" ", 1)[0] != name]
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_name(path.name + ".part")
        part.write_text("\n".join([*kept, f"{name} {key.kind} {key.data}"]) + "\n", encoding="ascii")
        part.replace(path)
    except OSError as error:
        raise FileError(
            _("{file}: cannot be written: {fault}").format(file=path, fault=error.strerror),
            _("check the folder's rights"),
        ) from error


def _name(host: str, port: int) -> str:
    return host if port == paramiko.client.SSH_PORT else f"[{host}]:{port}"


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="ascii").splitlines() if path.exists() else []
    except OSError as error:
        raise FileError(_("{file}: cannot be read: {fault}").format(file=path, fault=error.strerror)) from error
    except UnicodeDecodeError as error:
        raise _not_known_hosts(path) from error


def _load() -> paramiko.HostKeys:
    path = known_hosts_path()
    _lines(path)  # says what is wrong with the file
    keys = paramiko.HostKeys()
    if path.exists():
        keys.load(str(path))
    return keys


def _not_known_hosts(path: Path) -> BadFile:
    return BadFile(
        _("{file}: this is no file of host keys").format(file=path),
        _("move it away, then trust the devices again: linetest station trust"),
    )
