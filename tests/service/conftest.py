"""What several tests of services share: the real concentrators, started once."""

from collections.abc import Callable, Iterator

import pytest

from tests.service.real_bng import Concentrators, concentrators


@pytest.fixture(scope="session")
def started_bng(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Concentrators | str]:
    with concentrators(tmp_path_factory.mktemp("bng")) as made:
        yield made


@pytest.fixture
def real(started_bng: Concentrators | str, need: Callable[[bool, str], None]) -> Concentrators:
    need(not isinstance(started_bng, str), started_bng if isinstance(started_bng, str) else "")
    assert isinstance(started_bng, Concentrators)
    return started_bng
