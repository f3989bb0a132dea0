"""The stamp that Linux puts beside what a socket gets: when it came, on the wall clock (socket(7), SO_TIMESTAMPNS)."""

import struct

SO_TIMESTAMPNS = 35
"""Of asm-generic/socket.h; stands beside a packet as its kind, too."""
STAMP = struct.Struct("@ll")
"""Seconds and the rest in ns: two of the system's long, which have 4 octets each on a laptop of 32 bits."""
NS_OF_S = 1_000_000_000
