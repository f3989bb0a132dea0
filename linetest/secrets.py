"""Secrets: where they come from, and a type that does not print.

A secret is never on a command line, in a log, a record, a ticket or the environment of a child process.
"""

import os
import stat
from pathlib import Path

from linetest.errors import UsageError
from linetest.words.text import _


class Secret:
    """A text that shows itself only when asked by name."""

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """Return the secret itself, for the one place that sends it."""
        return self._text

    def __repr__(self) -> str:
        return "Secret(***)"

    __str__ = __repr__

    def __reduce__(self) -> tuple[type, tuple[str]]:
        raise TypeError("a secret is not pickled")


_GIVEN: dict[tuple[str, str], Secret] = {}
"""What a person typed or a descriptor gave: neither gives it twice, and a session that is lost needs it again."""


def read_secret(source: str, what: str) -> Secret:
    """Return the secret that `source` names; `what` says for errors what it is for.

    Sources: ``prompt``, ``fd:3``, ``keyring:NAME``, ``file:PATH`` (mode 0600), ``env:NAME``.
    """
    kind, _colon, rest = source.partition(":")
    readers = {
        "prompt": _from_prompt,
        "fd": _from_fd,
        "keyring": _from_keyring,
        "file": _from_file,
        "env": _from_env,
    }
    if kind not in readers:
        # The source itself is not repeated: somebody may have put the secret there.
        raise UsageError(
            _("{what}: does not say where the secret is").format(what=what),
            _("write env:NAME, file:PATH, keyring:NAME, fd:NUMBER or prompt"),
        )
    if (source, what) in _GIVEN:
        return _GIVEN[source, what]
    text = readers[kind](rest, what).rstrip("\r\n")
    if not text:
        raise UsageError(_("{what}: the secret is empty").format(what=what), "")
    if kind in ("prompt", "fd"):
        _GIVEN[source, what] = Secret(text)
    return Secret(text)


def _from_env(name: str, what: str) -> str:
    if name not in os.environ:
        raise UsageError(_("{what}: the environment variable {name} is not set").format(what=what, name=name))
    return os.environ[name]


def _from_file(name: str, what: str) -> str:
    path = Path(name).expanduser()
    try:
        mode = path.stat().st_mode
        if os.name == "posix" and stat.S_IMODE(mode) & 0o077:
            raise UsageError(
                _("{what}: {file} can be read by others").format(what=what, file=path), f"chmod 600 {path}"
            )
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise UsageError(_("{what}: {file}: {fault}").format(what=what, file=path, fault=error.strerror)) from error
    except UnicodeDecodeError:  # its text quotes a byte of the secret, so it is not the cause of anything
        raise UsageError(
            _("{what}: {file}: this is not text in UTF-8").format(what=what, file=path),
            _("write the secret alone into the file, as plain text"),
        ) from None


def _from_fd(number: str, what: str) -> str:
    try:
        with os.fdopen(int(number), encoding="utf-8") as stream:
            return stream.readline()
    except (ValueError, OSError):  # a decoder's words quote a byte of the secret
        raise UsageError(
            _("{what}: file descriptor {number} cannot be read").format(what=what, number=number)
        ) from None


def _from_prompt(_rest: str, what: str) -> str:
    import sys

    import click

    if not sys.stdin.isatty():
        raise UsageError(
            _("{what}: there is no terminal to ask at").format(what=what), _("use env:, file: or keyring:")
        )
    answer: str = click.prompt(what, hide_input=True, err=True)
    return answer


def _from_keyring(name: str, what: str) -> str:
    import keyring
    import keyring.errors

    try:
        found = keyring.get_password("linetest", name)
    except keyring.errors.KeyringError as error:  # a laptop without a desktop session has no keyring at all
        raise UsageError(
            _("{what}: no keyring can be used here").format(what=what),
            _("use file:PATH with mode 0600 instead"),
        ) from error
    if found is None:
        raise UsageError(
            _("{what}: the keyring has nothing under linetest / {name}").format(what=what, name=name),
            f"keyring set linetest {name}",
        )
    return found
