"""The device that the tests of the command line talk to."""

from collections.abc import Iterator

import pytest

from linetest.transports.host_keys import offered_key, trust
from tests.transports.shell_device import Device, running, serve_ssh


@pytest.fixture
def device() -> Iterator[Device]:
    """Give a device that runs with SSH and whose key is trusted."""
    device = Device()
    with running(device, serve_ssh):
        trust("127.0.0.1", device.port, offered_key("127.0.0.1", device.port, deadline_s=5))
        yield device
