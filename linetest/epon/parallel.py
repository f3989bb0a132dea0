"""Blocks of a large plain capture, decoded by several processes; this one finds the records and keeps the order.

Blocks come back in files of a private folder: through a pipe they would come in a hundred pieces, and for each of
them the thread that receives has to wait until the one that audits lets it run.
"""

import pickle
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from linetest.epon.decode import decode
from linetest.epon.frames import Block
from linetest.epon.records import Records
from linetest.epon.window import PADDING
from linetest.errors import FileError
from linetest.words.text import _
from linetest.workers import start_workers

_NOTHING = np.empty(0, np.uint8)
_WAITING = 2
"""Blocks for each other process, so that it always finds the next one."""
_MOST_KEPT = 12
"""Blocks in memory."""


def decode_in_order(
    path: Path, reading: Iterator[tuple[Records, int]], *, has_fcs: bool, workers: int
) -> Iterator[Block]:
    """Yield the blocks that records make, in their order; while the other processes start or are busy, decode here.

    Args:
        path: The capture, not packed.
        reading: The records with the number of their first frame.
        has_fcs: Frames end with their FCS.
        workers: Processes, with this one.

    Raises:
        FileError: the file cannot be read, or a process died.
    """
    kept: deque[Future[Path] | Block] = deque()
    with TemporaryDirectory(prefix="linetest-") as folder, start_workers(workers - 1) as executor:
        try:
            started = executor.submit(int)
            for records, number in reading:
                waiting = sum(not _is_done(one) for one in kept)
                if started.done() and waiting < _WAITING * (workers - 1):
                    result = Path(folder) / str(number)
                    kept.append(_submit(executor, result, path, records, has_fcs, number))
                else:
                    kept.append(decode(records, has_fcs=has_fcs, first_number=number))
                while kept and (len(kept) >= _MOST_KEPT or _is_done(kept[0])):
                    yield _result(kept.popleft())
            while kept:
                yield _result(kept.popleft())
        except BrokenProcessPool as error:
            raise FileError(
                _("{file}: a process that read it ended unexpectedly").format(file=path),
                _("try again; close other programs if memory is short"),
            ) from error


def _submit(
    executor: ProcessPoolExecutor, result: Path, path: Path, records: Records, has_fcs: bool, number: int
) -> Future[Path]:
    begin = int(records.at[0])
    size = int(records.at[-1] + records.captured[-1]) - begin
    alone = replace(records, buffer=_NOTHING, at=records.at - begin, offset=records.offset + begin)
    return executor.submit(_decode_to_file, result, path, alone, size, has_fcs, number)


def _decode_to_file(result: Path, path: Path, records: Records, size: int, has_fcs: bool, first_number: int) -> Path:
    block = decode_from_file(path, records, size, has_fcs, first_number)
    with result.open("wb") as stream:
        pickle.dump(block, stream, pickle.HIGHEST_PROTOCOL)
    return result


def decode_from_file(path: Path, records: Records, size: int, has_fcs: bool, first_number: int) -> Block:
    """Return the block that records make whose frames are still in the file.

    Args:
        path: The capture, not packed.
        records: Without a buffer; what it would hold begins at their offset in the file.
        size: Octets to read there.
        has_fcs: Frames end with their FCS.
        first_number: Number of the first frame in the capture.

    Raises:
        FileError: the file cannot be read, or is shorter than it was.
    """
    buffer = np.empty(size + PADDING, np.uint8)
    try:
        with path.open("rb") as stream, buffer.data as view:
            stream.seek(records.offset)
            taken = stream.readinto(view[:size])
    except OSError as error:
        raise FileError(
            _("{file}: cannot be read: {fault}").format(file=path, fault=error.strerror), _("check name and rights")
        ) from error
    if taken < size:
        raise FileError(
            _("{file}: byte {offset}: the file was cut while it was read").format(
                file=path, offset=records.offset + taken
            ),
            _("read it once it is whole"),
        )
    return decode(replace(records, buffer=buffer), has_fcs=has_fcs, first_number=first_number)


def _is_done(one: Future[Path] | Block) -> bool:
    return isinstance(one, Block) or one.done()


def _result(one: Future[Path] | Block) -> Block:
    if isinstance(one, Block):
        return one
    result = one.result()
    with result.open("rb") as stream:
        block: Block = pickle.load(stream)
    result.unlink()
    return block
