"""A channel of the bench, counted: exactly the faults that it was given."""

import itertools

import numpy as np
import pytest

from linetest.bench.media_stream import MediaFault, datagrams
from linetest.service.iptv_count import StreamCount
from linetest.transports.multicast_intake import MOST_OCTETS, Batch

_TURN_NS = 3_509_333  # 7 packets of 188 octets at 3 Mbit/s


def batch_of(rows: list[tuple[int, bytes]]) -> Batch:
    octets = np.zeros((len(rows), MOST_OCTETS), np.uint8)
    for row, (_at_ns, datagram) in enumerate(rows):
        octets[row, : len(datagram)] = np.frombuffer(datagram, np.uint8)
    return Batch(octets, np.array([len(one) for _at, one in rows]), np.array([at for at, _one in rows]))


def counted(
    fault: MediaFault | None = None, turns: int = 2000, batch: int = 23, first_number: int = 65_000
) -> StreamCount:
    sent = itertools.islice(datagrams(first_number=first_number, fault=fault), turns)
    rows = [(turn * _TURN_NS, one) for turn, ones in enumerate(sent) for one in ones]
    count = StreamCount()
    for at in range(0, len(rows), batch):
        count.take(batch_of(rows[at : at + batch]))
    count.close()
    count.finish()
    return count


@pytest.mark.parametrize("batch", [4, 23, 5000])
def test_a_clean_channel(batch: int) -> None:
    count = counted(batch=batch, turns=800)
    rtp, ts = count.rtp.tally, count.ts.tally
    assert (rtp.lost, rtp.expected, rtp.reordered, rtp.duplicates, rtp.restarts) == (0, 800, 0, 0, 0)
    assert (ts.packets, ts.continuity_errors, ts.duplicates, ts.out_of_sync) == (5600, 0, 0, 0)
    assert ts.nulls == 112
    assert count.ts.clock_jitter_ms() == pytest.approx(3.0, abs=1.0)  # seven packets come at once
    assert count.seconds[0].delay_factor_ms == pytest.approx(3.5, abs=0.1)
    assert count.ts.tables.pat_ns == count.ts.tables.pmt_ns == 0
    assert count.ts.tables.random_access_ns == 17 * _TURN_NS
    assert sum(second.packets for second in count.seconds) == 800


def test_exactly_those_left_out_are_lost_over_the_wrap() -> None:
    drop = frozenset({5, 100, 101, 535, 536, 900, 1500})
    count = counted(MediaFault(drop=drop))
    assert (count.rtp.tally.lost, count.rtp.tally.expected) == (7, 2000)
    # Each gap shows on the video PID; where both datagrams in a row are missing, once.
    assert count.ts.tally.continuity_errors >= 5
    assert sum(second.missing_or_late for second in count.seconds) == 7


@pytest.mark.parametrize("every", [7, 50, 333])
def test_every_nth_is_lost(every: int) -> None:
    tally = counted(MediaFault(drop_every=every), turns=1999).rtp.tally
    assert tally.lost == 1999 // every


def test_late_and_twice_are_not_lost_and_the_pictures_do_not_suffer() -> None:
    count = counted(MediaFault(late_every=100, twice_every=70))
    rtp, ts = count.rtp.tally, count.ts.tally
    assert (rtp.lost, rtp.reordered, rtp.duplicates) == (0, 19, 26)
    assert (ts.continuity_errors, ts.duplicates) == (0, 0)


def test_another_sender_takes_over() -> None:
    count = counted(MediaFault(new_sender_at=1000, drop=frozenset({999, 1500})))
    assert (count.rtp.tally.lost, count.rtp.tally.ssrc_changes) == (1, 1)


def test_a_stream_without_rtp_has_no_numbers_but_its_counters() -> None:
    sent = [one[0][12:] for one in itertools.islice(datagrams(), 300)]
    del sent[100]
    count = StreamCount()
    count.take(batch_of([(n, one) for n, one in enumerate(sent)]))
    count.finish()
    assert (count.plain, count.rtp.tally.received) == (299, 0)
    assert count.ts.tally.continuity_errors >= 1


def test_heads_with_contributors_and_extensions_are_passed_over() -> None:
    sent = [one[0] for one in itertools.islice(datagrams(), 100)]
    long = [
        bytes([0x92]) + one[1:12] + bytes(8) + b"\xbe\xde\x00\x03" + bytes(12) + one[12:] for one in sent
    ]  # two contributors, an extension of three words
    count = StreamCount()
    count.take(batch_of([(n, one) for n, one in enumerate(long)]))
    count.finish()
    assert (count.ts.tally.packets, count.ts.tally.out_of_sync, count.ts.tally.continuity_errors) == (700, 0, 0)


def test_what_is_no_stream_is_foreign_and_harms_nothing() -> None:
    junk = [b"", b"\x80", b"G", b"\x90" + bytes(11) + b"\xff" * 4, b"\xbf" * 20, bytes(1316), b"\x9f" * 1500]
    count = StreamCount()
    count.take(batch_of([(n, one) for n, one in enumerate(junk)]))
    count.finish()
    assert count.datagrams == 7
    assert count.foreign >= 3
