"""The layout of the standard blocks of a SOR file; where they lie is the matter of `sor_map`.

Everything is little endian, texts end with a zero byte. Layout 1 lacks some fields of layout 2. Each function takes
a block without its name and raises ValueError or struct.error when the block is too short for its fields; bytes
behind the last field are allowed, as some makers add their own.

Texts are given as Latin-1, which keeps every byte; `text` says what they really are.

Sources: Telcordia SR-4731 for the blocks and their fields; their bytes are public through
https://github.com/sid5432/pyOTDR and https://github.com/JamesHarrison/otdrs and agree with every maker's files.
"""

from struct import Struct
from typing import NamedTuple

from linetest.otdr.trace import LIGHT_M_PER_S, FileEvent, FileSummary, Fixed, General, Supplier, Table

_FIXED_HEAD = {1: Struct("<I2sHiH"), 2: Struct("<I2sHiiH")}
_FIXED_TAIL = {1: Struct("<IHIIiHhHHHH"), 2: Struct("<IHIHIiiHhHHHH2s4i")}
_COUNT = Struct("<H")
_EVENT = {1: Struct("<Hihhi8x"), 2: Struct("<Hihhi8x5i")}  # the eight are code and method
_CODE_AT, _METHOD_AT, _MARKERS_AT = 14, 20, 22
_SUMMARY = Struct("<iiiHii")

_NOT_SET = (0, 65535)
_NO_REFLECTANCE = (0, -(2**31), 1 - 2**31, 2**31 - 1, -100_000)  # mdB; nothing sends all light back
_TENTHS_ABOVE = 3000  # no fibre carries a wavelength of 3000 nm, nor an OTDR 300.0 nm


class GeneralParts(NamedTuple):
    """GenParams cut at its texts; the texts without their zero bytes."""

    language: bytes
    cable_id: bytes
    fibre_id: bytes
    numbers: bytes
    """Fibre type (version 2) and wavelength."""
    location_a: bytes
    location_b: bytes
    cable_code: bytes
    condition_and_offsets: bytes
    operator: bytes
    comment: bytes


def split_general(data: bytes, layout: int) -> GeneralParts:
    """Return GenParams (without the block's name) cut at its texts; raises ValueError when it is too short."""
    numbers, offsets = (2, 6) if layout == 1 else (4, 10)
    cable, fibre, rest = data[2:].split(b"\0", 2)
    location_a, location_b, code, tail = rest[numbers:].split(b"\0", 3)
    operator, comment, _rest = tail[offsets:].split(b"\0", 2)
    return GeneralParts(
        data[:2], cable, fibre, rest[:numbers], location_a, location_b, code, tail[:offsets], operator, comment
    )


def read_general(data: bytes, layout: int) -> General:
    """Return GenParams; raises ValueError when it is too short."""
    parts = split_general(data, layout)
    offsets = parts.condition_and_offsets
    return General(
        language=_fixed_text(parts.language),
        cable_id=parts.cable_id.decode("latin-1"),
        fibre_id=parts.fibre_id.decode("latin-1"),
        fibre_type=int.from_bytes(parts.numbers[:2], "little") if layout == 2 else None,
        wavelength_nm=_wavelength_nm(int.from_bytes(parts.numbers[-2:], "little")) or None,
        location_a=parts.location_a.decode("latin-1"),
        location_b=parts.location_b.decode("latin-1"),
        cable_code=parts.cable_code.decode("latin-1"),
        build_condition=_fixed_text(offsets[:2]),
        user_offset=int.from_bytes(offsets[2:6], "little", signed=True),
        user_offset_distance=int.from_bytes(offsets[6:], "little", signed=True) if layout == 2 else None,
        operator=parts.operator.decode("latin-1"),
        comment=parts.comment.decode("latin-1"),
    )


def read_supplier(data: bytes, _layout: int) -> Supplier:
    """Return SupParams; raises ValueError when it is too short."""
    supplier, otdr, otdr_serial, module, module_serial, software, other, _rest = data.decode("latin-1").split("\0", 7)
    return Supplier(
        supplier=supplier,
        otdr=otdr,
        otdr_serial=otdr_serial,
        module=module,
        module_serial=module_serial,
        software=software,
        other=other,
    )


def read_fixed(data: bytes, layout: int) -> Fixed:
    """Return FxdParams; raises struct.error when it is too short."""
    head = _FIXED_HEAD[layout]
    taken_at, unit, wavelength, offset, *offset_distance, pulses = head.unpack_from(data)
    lists = Struct(f"<{pulses}H{2 * pulses}I")
    numbers = lists.unpack_from(data, head.size)
    tail = _FIXED_TAIL[layout].unpack_from(data, head.size + lists.size)
    if layout == 1:
        (index, backscatter, averages, reach, panel, noise, noise_scale, power, loss, reflectance, end) = tail
        averaging_time = range_distance = trace_type = window = None
    else:
        (index, backscatter, averages, averaging_time, reach, range_distance, panel, *more) = tail
        noise, noise_scale, power, loss, reflectance, end, trace_type, *window = more
    return Fixed(
        taken_at=taken_at,
        distance_unit=_fixed_text(unit),
        wavelength_nm=_wavelength_nm(wavelength),
        acquisition_offset=offset,
        acquisition_offset_distance=offset_distance[0] if offset_distance else None,
        pulse_widths_ns=list(numbers[:pulses]),
        spacings=list(numbers[pulses : 2 * pulses]),
        point_counts=list(numbers[2 * pulses :]),
        group_index=index / 1e5,
        backscatter_db=_backscatter_db(backscatter),
        averages=averages,
        averaging_time_s=None if averaging_time is None else averaging_time / 10,
        range=reach,
        range_distance=range_distance,
        front_panel_offset=panel,
        noise_floor=noise,
        noise_floor_scale=noise_scale,
        power_offset=power,
        loss_threshold_db=None if loss in _NOT_SET else loss / 1e3,
        reflectance_threshold_db=None if reflectance in _NOT_SET else -reflectance / 1e3,
        end_threshold_db=None if end in _NOT_SET else end / 1e3,
        trace_type=None if trace_type is None else _fixed_text(trace_type),
        window=None if window is None else (window[0], window[1], window[2], window[3]),
    )


def read_table(data: bytes, layout: int, group_index: float) -> tuple[Table, bool]:
    """Return KeyEvents with the rows that are there, and whether all of it is; raises struct.error if nothing is."""
    count = _COUNT.unpack_from(data)[0]
    metres = metres_per_unit(group_index)
    row, at, last = _EVENT[layout], _COUNT.size, len(data)
    text = data.decode("latin-1")
    events: list[FileEvent] = []
    while len(events) < count and (end := text.find("\0", at + row.size)) >= 0:
        number, time, slope, loss, reflectance, *markers = row.unpack_from(data, at)
        events.append(
            FileEvent(
                number=number,
                time=time,
                distance_m=time * metres,
                section_db_per_km=slope / 1e3,
                loss_db=loss / 1e3,
                reflectance_db=None if reflectance in _NO_REFLECTANCE else reflectance / 1e3,
                code=text[at + _CODE_AT : at + _METHOD_AT],
                loss_method=text[at + _METHOD_AT : at + _MARKERS_AT],
                markers=tuple(markers) if markers else None,
                comment=text[at + row.size : end],
            )
        )
        at = end + 1
    if len(events) < count or at + _SUMMARY.size > last:
        return Table(events=events, summary=None), False
    total, start, stop, orl, orl_start, orl_stop = _SUMMARY.unpack_from(data, at)
    summary = FileSummary(
        total_loss_db=total / 1e3,
        loss_start_m=start * metres,
        loss_end_m=stop * metres,
        orl_db=None if orl in _NOT_SET else orl / 1e3,
        orl_start_m=orl_start * metres,
        orl_end_m=orl_stop * metres,
    )
    return Table(events=events, summary=summary), True


def read_checksum(data: bytes, _layout: int) -> int:
    """Return what Cksum holds; `checksum` says what it is worth."""
    number: int = _COUNT.unpack_from(data)[0]
    return number


def metres_per_unit(group_index: float) -> float:
    """Return the way, one way, that light takes in 0.1 ns: the file's unit of time."""
    return 1e-10 * LIGHT_M_PER_S / group_index


def _wavelength_nm(number: int) -> float:
    """Return a wavelength that some makers write in nm and most in 0.1 nm."""
    return number / 10 if number > _TENTHS_ABOVE else float(number)


def _backscatter_db(number: int) -> float | None:
    """Return the backscatter of 1 ns, None where it is not set; it is written without its sign, or as a signed -800."""
    tenths = number if number < 1 << 15 else (1 << 16) - number
    return -tenths / 10 if tenths > 1 else None


def _fixed_text(two: bytes) -> str:
    return two.decode("latin-1").rstrip("\0 ")
