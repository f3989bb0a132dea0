"""What a profile may set about the test of name servers."""

import msgspec


class DnsSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``[step.settings.dns]``."""

    name: str = "example.com"
    """A name that must exist, where the station names none; this one is kept by IANA for such use (RFC 2606)."""
    questions: int = 5
    """How often each server is asked."""
    timeout_s: float = 2.0
    """For one answer. Own choice: what common resolvers wait before they ask again is 2 to 5 s."""

    def __post_init__(self) -> None:
        """Refuse settings that cannot be meant."""
        if not 1 <= self.questions <= 1000 or self.timeout_s <= 0.0:
            raise ValueError("questions lie between 1 and 1000, timeout_s is positive")
