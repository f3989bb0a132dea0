"""One question of version 2c without an engine: does the agent itself say that nothing follows in a table?

`RFC 3416 <https://www.rfc-editor.org/rfc/rfc3416>`_, 4.2.3. Whatever is not a clear yes is no: then the session's own
engine reads on, with its retries and its words.
"""

import socket
from time import monotonic
from typing import TYPE_CHECKING

from pyasn1.codec.ber import decoder, encoder
from pyasn1.error import PyAsn1Error
from pysnmp.proto import rfc1902
from pysnmp.proto.api import v2c
from pysnmp.proto.rfc1905 import EndOfMibView

from linetest.transports.snmp_walk import oid_key

if TYPE_CHECKING:
    from linetest.transports.snmp_target import SnmpTarget

_WAIT_S = 1.0
_LARGEST = 65_535


def is_end(target: "SnmpTarget", host: str, root: str, after: str, end: float) -> bool:
    """Tell whether the agent at the numeric address `host` says that nothing under `root` follows `after`."""
    if target.community is None:
        return False
    question = v2c.GetNextRequestPDU()
    v2c.apiPDU.set_defaults(question)
    v2c.apiPDU.set_varbinds(question, [(rfc1902.ObjectName(after), v2c.null)])
    message = v2c.Message()
    v2c.apiMessage.set_defaults(message)
    v2c.apiMessage.set_community(message, target.community.reveal().encode())
    v2c.apiMessage.set_pdu(message, question)
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as wire:
        wire.settimeout(max(0.01, min(_WAIT_S, end - monotonic())))
        try:
            wire.connect((host, target.port))
            wire.send(encoder.encode(message))
            answer, _rest = decoder.decode(wire.recv(_LARGEST), asn1Spec=v2c.Message())
            reply = v2c.apiMessage.get_pdu(answer)
            told = v2c.apiPDU.get_varbinds(reply)
        except (OSError, PyAsn1Error):
            return False
    if v2c.apiPDU.get_request_id(reply) != v2c.apiPDU.get_request_id(question) or v2c.apiPDU.get_error_status(reply):
        return False
    return len(told) == 1 and _is_beyond(root, after, *told[0])


def _is_beyond(root: str, after: str, name: object, value: object) -> bool:
    if isinstance(value, EndOfMibView):
        return True
    key, above = oid_key(str(name)), oid_key(root)
    return key > oid_key(after) and key[: len(above)] != above
