"""What several tests of services share: the real concentrators, started once, and a segment with DHCP servers."""

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.service.net_namespaces import can_have_namespaces
from tests.service.real_bng import Concentrators, concentrators
from tests.service.segment import Segment


@pytest.fixture(scope="session")
def started_bng(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Concentrators | str]:
    with concentrators(tmp_path_factory.mktemp("bng")) as made:
        yield made


@pytest.fixture
def real(started_bng: Concentrators | str, need: Callable[[bool, str], None]) -> Concentrators:
    need(not isinstance(started_bng, str), started_bng if isinstance(started_bng, str) else "")
    assert isinstance(started_bng, Concentrators)
    return started_bng


@pytest.fixture
def segment(need: Callable[[bool, str], None], tmp_path: Path) -> Iterator[Segment]:
    need(can_have_namespaces("dnsmasq", "ss"), "namespaces need root on Linux, ip, nft, ss and dnsmasq")
    with ExitStack() as stack:
        yield Segment(f"ld{os.getpid() % 100_000}", tmp_path, stack)
