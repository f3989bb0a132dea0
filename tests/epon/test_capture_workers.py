"""Several processes give what one gives; when one dies, that is said; and none is left behind."""

import multiprocessing
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest

from linetest.epon.capture import open_capture
from linetest.epon.frames import Block
from linetest.errors import FileError
from tests.epon.capture_files import CLOCK_NS, OLT, ONU, Record, mpcpdu, pcap, pcapng, preamble, with_fcs

FRAMES = 6_000


def records() -> Iterator[Record]:
    for number in range(FRAMES):
        if number % 3:
            frame = ONU + OLT + b"\x08\x00" + number.to_bytes(4, "big") + bytes(number % 200 + 50)
        else:
            frame = mpcpdu(3, b"\x01\x01\x00\x10", timestamp=number)
        yield Record(preamble(number % 64, lead=6 + number % 3) + with_fcs(frame), CLOCK_NS + number * 1000)


@pytest.fixture(params=[pcap, pcapng])
def path(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A capture of many small blocks, which counts as a large one."""
    for module in ("pcap", "pcapng"):
        monkeypatch.setattr(f"linetest.epon.{module}.MOST_FRAMES", 100)
    monkeypatch.setattr("linetest.epon.capture.WORTH_A_PROCESS", 0)
    path = tmp_path / "large.pcap"
    path.write_bytes(request.param(list(records())) + b"cut")
    return path


def test_the_same_blocks_in_the_same_order(path: Path) -> None:
    alone, together = open_capture(path), open_capture(path)
    wanted = list(alone.blocks())
    got = list(together.blocks(workers=2))
    assert len(got) == len(wanted) >= FRAMES // 100
    assert together.cut_at == alone.cut_at == path.stat().st_size - 3
    for now, then in zip(got, wanted, strict=True):
        assert_equal(now, then)
    assert not multiprocessing.active_children()


def assert_equal(got: Block, wanted: Block) -> None:
    assert got.oam == wanted.oam
    for part in ("frames", "mpcp"):
        for field in fields(getattr(wanted, part)):
            now, then = getattr(getattr(got, part), field.name), getattr(getattr(wanted, part), field.name)
            assert now.dtype == then.dtype
            assert np.array_equal(now, then), field.name


def test_a_process_that_dies(path: Path) -> None:
    with closing(open_capture(path).blocks(workers=2)) as blocks:
        next(blocks)
        (child,) = multiprocessing.active_children()
        assert child.pid is not None
        os.kill(child.pid, signal.SIGKILL)
        with pytest.raises(FileError, match=r"large\.pcap: a process that read it ended unexpectedly"):
            for _block in blocks:
                time.sleep(0.05)
    assert not multiprocessing.active_children()


def test_who_stops_reading_leaves_no_process(path: Path) -> None:
    with closing(open_capture(path).blocks(workers=3)) as blocks:
        next(blocks)
        assert len(multiprocessing.active_children()) in (1, 2)
    assert not multiprocessing.active_children()


def test_a_small_capture_is_read_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "small.pcap"
    path.write_bytes(pcap(list(records())[:1000]))

    def never(_count: int) -> None:
        raise AssertionError("a process for a small capture")

    monkeypatch.setattr("linetest.epon.parallel.start_workers", never)
    assert sum(block.frames.number.size for block in open_capture(path).blocks(workers=2)) == 1000


SCRIPT = """
import sys, time, multiprocessing
from pathlib import Path
import linetest.epon.capture as capture, linetest.epon.pcap as pcap
if __name__ == "__main__":
    pcap.MOST_FRAMES, capture.WORTH_A_PROCESS = 100, 0
    try:
        for block in capture.open_capture(Path(sys.argv[1])).blocks(workers=2):
            print(*(child.pid for child in multiprocessing.active_children()), flush=True)
            time.sleep(30)
    except KeyboardInterrupt:
        print("stopped", flush=True)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_ctrl_c_ends_all(path: Path, tmp_path: Path) -> None:
    script = tmp_path / "read.py"
    script.write_text(SCRIPT)
    with subprocess.Popen(
        [sys.executable, str(script), str(path)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        assert process.stdout is not None
        children = [int(pid) for pid in process.stdout.readline().split()]
        os.killpg(process.pid, signal.SIGINT)
        out, err = process.communicate(timeout=20)
    assert (out, err) == ("stopped\n", "")
    assert children
    for pid in children:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)
