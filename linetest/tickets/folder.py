"""A folder as the ticket system: one file for each result, for a share, a stick, or a program that collects them."""

from datetime import datetime
from pathlib import Path

import msgspec

from linetest.errors import Offline, StoreError
from linetest.model.clock import now
from linetest.safe import safe_file_name
from linetest.store.durable import write_durably
from linetest.tickets.mapping import Mapping
from linetest.tickets.payload import Payload
from linetest.tickets.system import Difference, Finding, Landed
from linetest.words.text import _


class Folder:
    """Files named by the result's key, so that writing twice leaves one."""

    def __init__(self, destination: str, *, path: Path, mapping: Mapping) -> None:
        """Name the folder; it is not made, since a missing one is a share that is not there."""
        self.destination = destination
        self._path = path
        self._mapping = mapping

    def ping(self, deadline_s: float) -> None:
        """Refuse when the folder is not there."""
        if not self._path.is_dir():
            raise Offline(
                _("{file}: this folder is not there").format(file=self._path),
                _("plug the stick in, mount the share, or make the folder"),
            )

    def look_up(self, payload: Payload, deadline_s: float) -> bool:
        """Return whether the file is there."""
        return self._file(payload).is_file()

    def send(self, payload: Payload, sent_at: datetime, deadline_s: float) -> Landed:
        """Write the file whole or not at all."""
        self.ping(deadline_s)
        try:
            write_durably(self._file(payload), self._body(payload))
        except StoreError as error:
            raise Offline(error.what, error.hint) from error
        return Landed(remote_ids={"file": self._file(payload).name})

    def read_back(self, payload: Payload, deadline_s: float) -> Landed:
        """Compare the file with what was to be written."""
        try:
            found = self._file(payload).read_bytes()
        except OSError as error:
            self.ping(deadline_s)
            return Landed(
                differences=[Difference(field=payload.file_name, wanted=_("the result"), found=error.strerror)]
            )
        if found == self._body(payload):
            return Landed()
        return Landed(
            differences=[Difference(field=payload.file_name, wanted=_("the result"), found=_("other content"))]
        )

    def repair(self, payload: Payload, differences: list[Difference], deadline_s: float) -> list[str]:
        """Write the file again."""
        self.send(payload, now(), deadline_s)
        return []

    def doctor(self, deadline_s: float) -> list[Finding]:
        """Check that the folder is there and can be written."""
        probe = self._path / ".linetest-probe"
        try:
            self.ping(deadline_s)
            write_durably(probe, b"")
            probe.unlink()
        except (Offline, StoreError, OSError) as error:
            return [
                Finding(
                    state="wrong",
                    what=getattr(error, "what", "") or str(error),
                    hint=getattr(error, "hint", ""),
                )
            ]
        return [Finding(state="ok", what=_("{file}: can be written").format(file=self._path))]

    def _file(self, payload: Payload) -> Path:
        return self._path / safe_file_name(payload.file_name)

    def _body(self, payload: Payload) -> bytes:
        return msgspec.json.format(msgspec.json.encode(self._mapping.document(payload)), indent=2) + b"\n"
