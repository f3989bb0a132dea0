"""The simulated meters by the name of the driver that is made for each."""

from linetest.bench.joinwit import JoinwitJW8103A
from linetest.bench.keysight import Keysight816x
from linetest.bench.meter import Meter
from linetest.bench.newport import Newport1830C
from linetest.bench.optokon import OptokonPM212
from linetest.bench.santec import SantecMPM210
from linetest.bench.thorlabs import ThorlabsPM100

METERS: dict[str, type[Meter]] = {
    meter.driver: meter
    for meter in (JoinwitJW8103A, Keysight816x, Newport1830C, OptokonPM212, SantecMPM210, ThorlabsPM100)
}
