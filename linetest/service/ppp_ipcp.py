"""Our side of IPCP (RFC 1332, and RFC 1877 for name servers): an address for us, and who answers for names."""

from ipaddress import IPv4Address

from linetest.service.ppp_packets import Code, Options

_ADDRESS, _DNS = 3, (129, 131)
_NONE = bytes(4)


class IpcpSide:
    """What we want of IPCP, and what the other side wants."""

    def __init__(self) -> None:
        self.wanted: Options = dict.fromkeys((_ADDRESS, *_DNS), _NONE)
        self.peer: IPv4Address | None = None

    @property
    def address(self) -> IPv4Address | None:
        """Our own address; None when none was given."""
        given = self.wanted.get(_ADDRESS, _NONE)
        return None if given == _NONE else IPv4Address(given)

    @property
    def dns_servers(self) -> list[str]:
        """The name servers, in their order, each once."""
        given = [self.wanted.get(kind, _NONE) for kind in _DNS]
        return list(dict.fromkeys(str(IPv4Address(value)) for value in given if value != _NONE))

    def judge(self, asked: Options) -> tuple[int, Options]:
        """Answer a request: any address of the other side is fine, everything else (compression) is rejected."""
        unknown = {kind: value for kind, value in asked.items() if kind != _ADDRESS or len(value) != len(_NONE)}
        if unknown:
            return Code.CONFIGURE_REJECT, unknown
        given = asked.get(_ADDRESS, _NONE)
        self.peer = None if given == _NONE else IPv4Address(given)
        return Code.CONFIGURE_ACK, asked

    def denied(self, options: Options) -> None:
        """Take the addresses that the other side gives."""
        self.wanted |= {
            kind: value for kind, value in options.items() if kind in self.wanted and len(value) == len(_NONE)
        }

    def rejected(self, options: Options) -> None:
        """Do without what the other side does not know."""
        self.wanted = {kind: value for kind, value in self.wanted.items() if kind not in options}
