"""What the scapy layers of MPCP, OAM and CTC share: parts of lists, and the queue set."""

from scapy.fields import FieldListField, ShortField, XByteField
from scapy.packet import Packet


class Part(Packet):
    """A part of a list: what follows is the list's next part, not its own payload."""

    def extract_padding(self, octets: bytes) -> tuple[bytes, bytes]:
        """Return no payload, and all the octets behind this part."""
        return b"", octets


class QueueSet(Part):
    """A bit for each queue that is in the set, and each one's length or threshold in TQ, lowest queue first."""

    name = "Queue set"
    fields_desc = [
        XByteField("bitmap", 0),
        FieldListField("queues", [], ShortField("queue", 0), count_from=lambda one: one.bitmap.bit_count()),
    ]
