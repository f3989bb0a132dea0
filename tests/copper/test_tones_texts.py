"""What DSL modems print, read by their drivers: real texts where they are at hand, own ones for what goes wrong."""

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linetest.devices.driver_file import load_driver, read_driver
from linetest.devices.dsl_driver import DslDriver, DslTones
from linetest.devices.dsl_json import read_json
from linetest.devices.dsl_open import DslReading, read_saved
from linetest.devices.dsl_text import read_text
from linetest.errors import BadFile, BadReply, UnknownFormat, UsageError
from linetest.model.dsl import ToneCurve

RECORDINGS = Path(__file__).parents[1] / "recordings"
Shared = Callable[[str], Path]


def read(*paths: Path, driver: str | None = None) -> DslReading:
    return read_saved([(str(path), path.read_bytes()) for path in paths], driver)


def curve(told: DslReading, quantity: str, direction: str | None) -> ToneCurve:
    (found,) = [one for one in told.line.curves if (one.quantity, one.direction) == (quantity, direction)]
    return found


@pytest.mark.parametrize(
    ("name", "standard", "down", "up"),
    [
        ("bcmstats_adsl.txt", "ADSL2+ Annex A", (10.7, 11.7, 13.9, 15123, 18123), (15.2, 2.0, -2.2, 1123, 2123)),
        ("bcmstats_vdsl.txt", "VDSL2 Annex B", (4.1, 5.1, 12.3, 29624, 32148), (5.7, 3.2, 6.3, 5795, 5654)),
        ("bcmstats_vdsl3.txt", "VDSL2 Annex B", (10.6, 12.8, 0.3, 63404, 95624), (12.9, 0.0, 0.3, 20000, 30956)),
        ("trendchip_diag.txt", "ADSL2+", (12.0, 39.0, 19.0, 11000, 13764), (8.0, 24.0, 11.0, 831, 831)),
    ],
)
def test_real_texts(
    shared_data: Shared, name: str, standard: str, down: tuple[float, ...], up: tuple[float, ...]
) -> None:
    line = read(shared_data("dsl") / "modem-cli" / name).line
    assert (line.standard, line.in_sync) == (standard, True)
    for side, wanted in ((line.down, down), (line.up, up)):
        told = (side.snr_margin_db, side.line_attenuation_db, side.tx_power_dbm, side.rate_kbps, side.attainable_kbps)
        assert told == wanted


def test_tenths_that_are_printed_as_decibels(shared_data: Shared) -> None:
    """``SNRMds = 85 dB`` is 8.5 dB, ``ACTATPds = 163 dBm`` is 16.3 dBm."""
    folder = shared_data("dsl") / "modem-cli"
    line = read(folder / "trendchip_rparams.txt", folder / "trendchip_cparams.txt").line
    assert (line.down.snr_margin_db, line.down.line_attenuation_db, line.down.signal_attenuation_db) == (
        8.5,
        39.0,
        34.2,
    )
    assert (line.down.tx_power_dbm, line.up.tx_power_dbm) == (16.3, 12.0)
    assert (line.up.snr_margin_db, line.up.line_attenuation_db) == (6.1, 24.5)
    assert "snr_margin_db" in line.down.tenths


def test_two_tables_of_bits_name_the_same_tones(shared_data: Shared) -> None:
    """One counts its tones from 0 in hexadecimal digits, the other from 1 in numbers."""
    folder = shared_data("dsl") / "modem-cli"
    digits = curve(read(folder / "trendchip_linedata_near.txt"), "bits", "down").values
    numbers = curve(read(folder / "trendchip_rparams.txt"), "bits", "down").values
    assert (len(digits), len(numbers), numbers[0]) == (512, 512, None)
    assert digits[64:66] == [4.0, 4.0]
    assert digits[1:] == numbers[1:]
    upstream = curve(read(folder / "trendchip_linedata_far.txt"), "bits", "up").values
    assert [tone for tone, bits in enumerate(upstream) if bits][::23] == [33, 56]


def test_a_modem_that_trains_has_no_values(shared_data: Shared) -> None:
    line = read(shared_data("dsl") / "modem-cli" / "bcmstats_training.txt").line
    assert (line.in_sync, line.down.snr_margin_db, line.status) == (False, None, "G.994 Training")


def test_errors_stand_beside_the_margin(shared_data: Shared) -> None:
    line = read(shared_data("dsl") / "modem-cli" / "bcmstats_adsl.txt").line
    assert (line.down.counts["FEC"], line.up.counts["CRC"], line.up.counts["ES"]) == (77, 69, 62)
    assert line.down.counted_since == "link"


def test_several_texts_of_a_broadcom_are_one_line() -> None:
    folder = RECORDINGS / "broadcom_xdsl"
    told = read(folder / "stats.txt", folder / "qln.txt", folder / "bits.txt")
    assert told.drivers == ["broadcom_xdsl"]
    assert (told.line.down.snr_margin_db, told.line.up.rate_kbps) == (9.5, 1024)
    noise = curve(told, "qln_dbm_hz", "down").values
    assert (noise[31], noise[40], noise[41], noise[119]) == (None, -120.0, -120.5, None)  # up; values; not measured
    assert curve(told, "qln_dbm_hz", "up").values[6:9] == [None, -121.5, -120.0]
    assert sum(bool(bits) for bits in curve(told, "bits", "up").values) == 25


def test_the_final_band_plan_tells_the_directions_apart() -> None:
    folder = RECORDINGS / "broadcom_xdsl"
    told = read(folder / "pbparams.txt", folder / "qln.txt")
    assert told.line.down_bands[0] == (108, 859)
    assert told.line.up_bands == [(6, 95), (880, 1195), (1984, 2771)]
    assert curve(told, "qln_dbm_hz", "up").values[95:97] == [-121.5, None]


def test_without_a_band_plan_one_list_is_of_both_directions() -> None:
    told = read(RECORDINGS / "broadcom_xdsl" / "qln.txt")
    assert len(curve(told, "qln_dbm_hz", None).values) == 512


def test_a_saved_spectrum_page() -> None:
    told = read(RECORDINGS / "fritzbox_dsl" / "spectrum.json")
    down, up = curve(told, "snr_db", "down"), curve(told, "snr_db", "up")
    assert (down.group, down.values[10], down.values[5], up.values[5], up.values[0]) == (4, 42.5, None, 35.0, None)
    assert curve(told, "bits", "down").values[10:12] == [10.0, 10.0]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b'{"ACT_SNR_VALUES": [1, 2', "this is not JSON"),
        (b'{"page": "\\"ACT_SNR_VALUES\\""}', "none of the lists"),
        (b"[" * 5000 + b'"ACT_SNR_VALUES"', "this is not JSON"),
    ],
)
def test_a_page_that_is_none_is_refused(body: bytes, said: str) -> None:
    with pytest.raises(BadFile, match=said) as caught:
        read_saved([("page.json", body)], "fritzbox_dsl")
    assert caught.value.what.startswith("page.json: ")


def test_a_text_that_nobody_knows_is_refused() -> None:
    with pytest.raises(UnknownFormat, match=r"letter\.txt"):
        read_saved([("letter.txt", b"Dear Sir\n")])
    with pytest.raises(UsageError, match="is not of a DSL modem"):
        read_saved([("letter.txt", b"Dear Sir\n")], "joinwit_jw8103a")


def test_a_row_that_lost_characters_is_named_and_the_others_are_read() -> None:
    text = (RECORDINGS / "trendchip_adsl" / "near.txt").read_text().replace("tone  64- 95: aa ", "tone  64- 95: ")
    told = read_saved([("near.txt", text.encode())])
    values = curve(told, "bits", "down").values
    assert [line[:14] for line in told.line.unread] == ["tone  64- 95: "]
    assert (values[63], values[64], values[95], values[96]) == (10.0, None, None, 10.0)


def test_other_line_ends_and_a_byte_order_mark_read_the_same() -> None:
    body = (RECORDINGS / "trendchip_adsl" / "params.txt").read_bytes()
    same = b"\xef\xbb\xbf" + body.replace(b"\n", b"\r\n")
    assert read_saved([("a", same)]).line == read_saved([("a", body)]).line
    line = read_saved([("a", body)]).line
    assert (line.down.snr_margin_db, line.down.attainable_kbps, line.curves[0].values[31:36]) == (
        7.1,
        9000,
        [0.0, 4.0, 5.0, 6.0, 7.0],
    )


@pytest.mark.parametrize("word", ["", "-", "N/A", "nan", "inf", "1e400", "--3", "3.3.3", "0x12"])
def test_a_word_that_is_no_number_is_no_value(word: str) -> None:
    text = f"Status: Showtime\nSNR (dB): {word} 6.4\n"
    assert read_text(dsl_driver("broadcom_xdsl"), text).down.snr_margin_db is None


HOSTILE = st.text(alphabet="tone 0123456789-:abf\n% ~SNRMds=dB.()", max_size=400)


@cache
def dsl_driver(name: str) -> DslDriver:
    dsl = load_driver(name).dsl
    assert dsl is not None
    return dsl


@pytest.mark.parametrize("name", ["broadcom_xdsl", "trendchip_adsl"])
@given(before=HOSTILE, after=HOSTILE, any_text=st.text(max_size=60))
def test_hostile_texts_end_in_values_or_in_none(name: str, before: str, after: str, any_text: str) -> None:
    start = "attenuation downstream: 3 db\n" if name == "trendchip_adsl" else "Tone number      QLN\n"
    line = read_text(dsl_driver(name), before + start + after + any_text)
    assert all(len(one.values) <= 8192 for one in line.curves)
    assert len(line.unread) <= 20


@pytest.mark.slow
@given(
    st.recursive(
        st.none() | st.integers() | st.text(max_size=5),
        lambda one: (
            st.lists(one)
            | st.dictionaries(
                st.sampled_from(["ACT_SNR_VALUES", "TONES_PER_SNR_VALUE", "BIT_BANDCONFIG", "FIRST", "LAST", "x"]), one
            )
        ),
    )
)
def test_hostile_pages_are_read_or_refused(page: object) -> None:
    dsl = dsl_driver("fritzbox_dsl")
    assert dsl.json is not None
    try:
        line = read_json(dsl, dsl.json, json.dumps(page).encode())
    except BadReply:
        return
    assert all(len(one.values) * one.group <= 8192 for one in line.curves)


def test_a_table_without_end_is_cut() -> None:
    table = DslTones(quantity="bits", start="^go$", row=r"(?P<values>(?:\d )*\d)", example="go\n1")
    told = read_text(DslDriver(tones=[table]), "go\n" + ("1 " * 99 + "1\n") * 200)
    assert len(told.curves[0].values) == 8100
    assert len(told.unread) == 20


def test_a_drivers_pattern_is_held_against_its_example(tmp_path: Path) -> None:
    folder = tmp_path / "my_modem"
    folder.mkdir()
    good = (
        'name = "my_modem"\nkind = "dsl-modem"\nmake = "M"\nmodel = "m"\nsource = "my own notes about it"\n[dsl]\n'
        '[[dsl.value]]\nfield = "snr_margin_db"\npattern = "^SNR (?P<down>[0-9]+)$"\nexample = "SNR 7"\n'
    )
    (folder / "driver.toml").write_text(good)
    assert read_driver(folder).dsl is not None
    for old, new, said in (
        ("SNR 7", "SNB 7", "does not find its example"),
        ("?P<down>", "?:", "does not find its example"),
        ("[0-9]+)", "[0-9]+", "snr_margin_db|unterminated|missing"),
        ("snr_margin_db", "snr_margin", "no field is called 'snr_margin'"),
        ('kind = "dsl-modem"', 'kind = "sweep-file"', "belong together"),
    ):
        (folder / "driver.toml").write_text(good.replace(old, new))
        with pytest.raises(BadFile, match=said):
            read_driver(folder)
