"""ZTE with EPON: refused by the name of what no source shows; complete with a driver of one's own that knows it."""

from collections.abc import Callable

import pytest

from linetest import catalog
from linetest.catalog import read_profile
from linetest.errors import UsageError
from tests.provisioning.desk import Desk

ORDER = """
number = "WO-7"
access = "ftth-epon"
[[line]]
id = "LINE-1"
olt = "olt7"
onu = "1/2/1:13"
[line.service]
mac = "02:d1:9a:01:00:f0"
onu_type = "ZTE-F400"
[[line.service.ethernet]]
port = 1
vlan = 100
[[line.service.port]]
vlan = 100
"""
QINQ = ORDER.replace("vlan = 100\n", "vlan = 2064\ninner_vlan = 2013\n").replace("2064\ninner_vlan = 2013", "100", 1)
UNKNOWN = '"read.state" = '


def test_the_light_that_nobody_shows(desk: Callable[..., Desk]) -> None:
    one = desk("zte-epon", ORDER)
    with pytest.raises(UsageError, match=r"drivers/zte_c300: \[provision.epon\] read.state is not known"):
        one.do()
    assert one.olt.received == []


@pytest.mark.slow
@pytest.mark.parametrize(
    ("order", "line"),
    [
        (ORDER, "switchport vlan 100 tag vport 1"),
        (QINQ, "service-port 1 vport 1 user-vlan 2013 to 2013 svlan 2064"),
    ],
)
def test_with_a_driver_and_a_profile_of_ones_own(desk: Callable[..., Desk], order: str, line: str) -> None:
    one = desk("zte-epon", order)
    path = catalog.user_folder() / "drivers" / "zte_c300" / "driver.toml"
    lines = path.read_text(encoding="utf-8").splitlines()
    path.write_text("\n".join(text for text in lines if not text.startswith(UNKNOWN)), encoding="utf-8")
    text = one.loaded.text.replace('metric = "pon.onu_rx_dbm"', 'metric = "pon.onu_rx_dbm"\nrequired = false')
    one.loaded = read_profile(text, "mine.toml")
    done = one.do()
    assert done.outcome.result == "verified", (done.outcome.why, one.told)
    changing = [text for session in one.olt.received for text in session if not text.startswith(("show", "exit"))]
    assert line in changing
    assert "auto-config" in changing
    assert one.olt.saved == one.olt.configuration != one.before
    assert one.do().outcome.result is None
    assert one.do("undo").outcome.result == "undone"
    assert one.olt.saved == one.olt.configuration == one.before
