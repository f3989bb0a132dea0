"""What a profile may set about the test of DHCP."""

import msgspec


class DhcpSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``[step.settings.dhcp]``: what the client tells of itself, and how long it waits."""

    host_name: str | None = None
    """Option 12."""
    vendor_class: str | None = None
    """Option 60: what kind of box it is, such as a set-top box; many networks give addresses by it."""
    client_id: str | None = None
    """Option 61, as text; the MAC, as RFC 2132 says, when absent."""
    vendor_option: dict[str, str] = {}
    """Option 125 (RFC 3925): ``ENTERPRISE = "HEX"``, the enterprise's number and its octets in hexadecimal."""
    offers_s: float = 3.0
    """How long offers of all servers are collected. Own choice: a server that first looks whether the address is free
    takes up to 3 s."""
    timeout_s: float = 4.0
    """Before a message is sent again, each time twice as long (RFC 2131, section 4.1)."""
    tries: int = 3
    """How often a message is sent before it counts as unanswered."""

    def __post_init__(self) -> None:
        """Refuse settings that cannot be meant."""
        if not 0.0 <= self.offers_s <= 60.0 or not 0.0 < self.timeout_s <= 60.0 or not 1 <= self.tries <= 10:
            raise ValueError("offers_s lies between 0 and 60, timeout_s above 0 up to 60, tries between 1 and 10")
        for number, body in self.vendor_option.items():
            if not number.isdecimal() or int(number) >= 2**32 or not 0 < len(bytes.fromhex(body)) <= 255:
                raise ValueError("vendor_option is a number with at most 255 octets in hexadecimal digits")
        for text in (self.host_name, self.vendor_class, self.client_id):
            if text is not None and not 0 < len(text.encode()) <= 254:
                raise ValueError("host_name, vendor_class and client_id have 1 to 254 octets")
