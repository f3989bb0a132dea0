"""What the counter of television counts are plain numbers, as a record keeps them."""

import msgspec
import numpy as np

from linetest.service.iptv_rtp import RtpCount


def test_a_tally_is_plain_numbers_after_restarts_and_new_senders() -> None:
    count = RtpCount()
    for number, ssrc, at_s in (([1, 2], [1, 1], 0.0), ([40_000, 40_001], [1, 1], 9.0), ([7, 8], [2, 3], 20.0)):
        at_ns = np.full(2, at_s * 1e9, np.int64)
        count.take(np.array(number), np.array(ssrc), at_ns)
    tally = count.tally
    plain = {name: getattr(tally, name) for name in dir(tally) if not name.startswith("_")}
    counts = {name: value for name, value in plain.items() if not callable(value)}
    assert counts
    msgspec.json.encode(counts)
