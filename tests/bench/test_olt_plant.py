"""The simulated plant: its physics, and each maker's indices and scales held against what real boxes show."""

from dataclasses import replace

import pytest

from linetest.bench.olt import OLTS
from linetest.bench.olt_agent_ber import NO_SUCH_INSTANCE, Oid, integer, octets, parse_oid
from linetest.bench.olt_agent_mib import Mib
from linetest.bench.olt_agent_tables import TABLES
from linetest.bench.olt_plant import CUSTOMER, Case, Plant, PlantOnu, made_plant

HUAWEI = "1.3.6.1.4.1.2011.6.128.1.1.2"
ZTE = "1.3.6.1.4.1.3902"
BDCOM = "1.3.6.1.4.1.3320.101"
VSOL = "1.3.6.1.4.1.37950.1.1.5.12"


def customer(plant: Plant) -> PlantOnu:
    onu = plant.find(CUSTOMER)
    assert onu is not None
    return onu


def told(mib: Mib, name: str, *more: int) -> bytes:
    return mib.get((*parse_oid(name), *more))[1]


def test_distance_and_round_trip_as_a_v1600d_showed_them() -> None:
    onu = customer(made_plant())
    assert (onu.length_m, onu.rtt_tq) == (2080.0, 1365)


def test_light_and_loss_agree() -> None:
    plant = made_plant()
    onu = customer(plant)
    down_db = plant.olt_tx_dbm - plant.rx_dbm(onu)
    up_db = onu.tx_dbm - plant.olt_rx_dbm(onu)
    assert plant.rx_dbm(onu) == pytest.approx(-18.40, abs=0.01)  # what the bench's meters see at the socket
    assert up_db - down_db == pytest.approx(2.080 * (0.35 - 0.22))
    assert all(-28.0 < plant.rx_dbm(one) < -8.0 for one in plant.onus), "class B+ but for the cases"


@pytest.mark.parametrize(
    ("case", "state"), [("good", "online"), ("los", "los"), ("dying-gasp", "dying-gasp"), ("loid-elsewhere", "offline")]
)
def test_the_state_of_the_case(case: Case, state: str) -> None:
    assert customer(made_plant(case)).state == state


def test_what_is_wrong_in_the_other_cases() -> None:
    weak = made_plant("weak-light")
    assert weak.rx_dbm(customer(weak)) == pytest.approx(-29.40, abs=0.01)
    doubled = made_plant("duplicate-llid")
    assert [onu.number for onu in doubled.onus if onu.llid == customer(doubled).llid] == [5, 6]
    stolen = made_plant("loid-elsewhere")
    thief = next(onu for onu in stolen.onus if onu.loid == customer(stolen).loid and onu.is_up)
    assert (thief.number, stolen.waiting[0].mac) == (6, customer(stolen).mac)
    good = made_plant(rows=700)
    for names in ([onu.llid for onu in good.onus], [onu.loid for onu in good.onus], [onu.mac for onu in good.onus]):
        assert len(set(names)) == 708


def test_huawei_counts_and_scales() -> None:
    mib = TABLES["huawei-gpon"](made_plant())
    port = 4194312192  # an MA5603T calls this interface GPON 0/1/0
    assert told(mib, "1.3.6.1.2.1.31.1.1.1.1", port) == octets("GPON 0/1/0")
    assert told(mib, f"{HUAWEI}.51.1.4", port, 5) == integer(-1840)
    assert told(mib, f"{HUAWEI}.51.1.6", port, 5) == integer(10_000 - 2087)
    assert told(mib, f"{HUAWEI}.51.1.4", port, 3) == integer(2147483647)
    assert told(mib, f"{HUAWEI}.43.1.3", port, 5) == octets(b"BNCH\x0b\x1e\x00\x05")
    assert [told(mib, f"{HUAWEI}.46.1.24", port, onu) for onu in (3, 4)] == [integer(13), integer(1)]
    epon = TABLES["huawei-epon"](made_plant())
    assert told(epon, f"{HUAWEI}.104.1.1", 0xFB002000, 5) == integer(10_000 - 2087), "the OLT's own comes first"


def test_zte_counts_and_scales() -> None:
    plant = made_plant(rack=1, slot=1, port=1)
    mib = TABLES["zte-gpon"](plant)
    assert told(mib, "1.3.6.1.2.1.31.1.1.1.1", 268435456) == octets("gpon_1/1/1")
    port = 268501248  # the same port in the maker's tables
    raw = told(mib, f"{ZTE}.1012.3.50.12.1.1.10", port, 5, 1)
    assert raw == integer(round((plant.rx_dbm(customer(plant)) + 30) / 0.002))
    assert told(mib, f"{ZTE}.1012.3.50.12.1.1.10", port, 4, 1) == integer(65535)
    assert told(mib, f"{ZTE}.1015.1010.11.2.1.2", port, 4) == NO_SUCH_INSTANCE
    weak = replace(plant, onus=(replace(customer(plant), drop_db=13.0),))
    (raw_dbm,) = (weak.rx_dbm(onu) for onu in weak.onus)
    below = int.from_bytes(told(TABLES["zte-gpon"](weak), f"{ZTE}.1012.3.50.12.1.1.10", port, 5, 1)[2:], "big")
    assert (below - 65536) * 0.002 - 30 == pytest.approx(raw_dbm, abs=0.002)


def test_bdcom_joins_its_tables_by_the_mac() -> None:
    plant = OLTS["bdcom-epon"].plant("duplicate-llid")
    mib = TABLES["bdcom-epon"](plant)
    interface = 1105
    assert told(mib, "1.3.6.1.2.1.2.2.1.2", interface) == octets("EPON0/1:5")
    mac = bytes.fromhex("02d19a010005")
    assert told(mib, f"{BDCOM}.10.1.1.3", interface) == octets(mac)
    assert told(mib, f"{BDCOM}.10.5.1.5", interface) == integer(-184)
    assert told(mib, f"{BDCOM}.11.1.1.2", 11, *mac) == told(mib, f"{BDCOM}.11.1.1.2", 11, *mac[:5], 6)


def test_vsol_tells_two_units() -> None:
    mib = TABLES["vsol-epon"](OLTS["vsol-epon"].plant())
    assert told(mib, f"{VSOL}.2.1.8.1.7", 1, 5) == octets("0.01 mW (-18.40 dBm)")
    assert told(mib, f"{VSOL}.2.1.8.1.6", 1, 10) == octets("2.66 mW (4.25 dBm)")
    assert told(mib, f"{VSOL}.1.25.1.15", 1, 3) == integer(1)


LIT = {"huawei-gpon": f"{HUAWEI}.51.1.4", "huawei-epon": f"{HUAWEI}.104.1.5", "vsol-epon": f"{VSOL}.2.1.8.1.7"}


@pytest.mark.parametrize("tables", LIT)
def test_an_onu_that_is_down_tells_no_light(tables: str) -> None:
    plant = made_plant(rack=0, slot=1, port=1)
    rows = walk(TABLES[tables](plant), parse_oid(LIT[tables]))
    lit = {name[-1] for name, value in rows.items() if value != integer(2147483647)}
    assert lit == {onu.number for onu in plant.onus if onu.is_up}


def walk(mib: Mib, column: Oid) -> dict[Oid, bytes]:
    rows: dict[Oid, bytes] = {}
    name = column
    while True:
        name, value = mib.get_next(name)
        if name[: len(column)] != column or name in rows:
            return rows
        rows[name] = value
