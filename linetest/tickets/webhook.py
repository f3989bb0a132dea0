"""A web address that takes the result as JSON, for systems without an adapter of their own.

The receiver has to know a repeated ``Idempotency-Key``: there is nothing to look up or read back, so an unanswered
result is sent again with the same key.
"""

from datetime import datetime
from pathlib import Path

from linetest.errors import Rejected
from linetest.secrets import Secret
from linetest.tickets.answers import refusal, refuse_simulated
from linetest.tickets.mapping import Mapping
from linetest.tickets.payload import Payload
from linetest.tickets.system import Difference, Finding, Landed
from linetest.transports.http import DEADLINE_S, HttpTransport
from linetest.words.text import _


class Webhook:
    """One address to post results to, with a bearer token where one is named."""

    def __init__(
        self, destination: str, *, url: str, token: Secret | None, mapping: Mapping, ca_file: Path | None = None
    ) -> None:
        """Name the address."""
        self.destination = destination
        self._mapping = mapping
        self._http = HttpTransport(url, token=token, ca_file=ca_file)

    def ping(self, deadline_s: float) -> None:
        """Do nothing: an address that only takes posts cannot be asked anything without posting."""

    def look_up(self, payload: Payload, deadline_s: float) -> bool:
        """Return False: the receiver knows by the key what it has."""
        return False

    def send(self, payload: Payload, sent_at: datetime, deadline_s: float) -> Landed:
        """Post the result; only a 2xx answer counts."""
        refuse_simulated(payload, self._http)
        document = {**self._mapping.document(payload), "sent_at": sent_at.isoformat()}
        answer = self._http.request(
            "POST",
            body=document,
            headers={"Idempotency-Key": payload.key},
            deadline_s=min(deadline_s, DEADLINE_S),
        )
        if not 200 <= answer.status < 300:
            raise refusal(answer, _("posting the result"))
        return Landed(remote_ids={"status": answer.status})

    def read_back(self, payload: Payload, deadline_s: float) -> Landed:
        """Return no difference: the 2xx answer is all the proof there is."""
        return Landed()

    def repair(self, payload: Payload, differences: list[Difference], deadline_s: float) -> list[str]:
        """Refuse: `read_back` never finds a difference."""
        raise Rejected(_("a webhook has nothing to repair"))

    def doctor(self, deadline_s: float) -> list[Finding]:
        """Say that nothing can be checked without posting a result."""
        return [Finding(state="unknown", what=_("a webhook is only checked by the first result that is posted"))]
