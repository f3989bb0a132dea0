"""The shipped profiles of fibres: readable, with sources, and none of their guesses in force."""

import re

import msgspec
import pytest

from linetest.acceptance.measure import check_profile
from linetest.catalog import load_profile, profile_for_access, read_profile
from linetest.errors import BadFile
from linetest.model.codes import Reason, Verdict
from linetest.model.judge import judge_all, overall
from linetest.model.reading import Reading
from linetest.otdr.settings import OtdrSettings, settings_of

NAMES = ["ftth-drop", "ftth-feeder", "p2p-fibre", "tia-568-sm", "exfo-defaults", "ftth-accept"]
AT_1550 = {"wavelength_nm": 1550.0}


def reading(metric: str, value: float | None, unit: str = "dB", reason: str | None = None) -> Reading:
    return Reading(metric=f"otdr.{metric}", value=value, unit=unit, where=AT_1550, reason=reason)


@pytest.mark.parametrize("name", NAMES)
def test_a_profile_shows_every_setting_with_the_default_in_force(name: str) -> None:
    loaded = load_profile(name)
    check_profile(loaded)
    step = next(step for step in loaded.profile.step if step.room == "otdr")
    off = set(re.findall(r"^# (\w+) = ", loaded.text, re.MULTILINE))
    assert set(step.settings) | off == {field.name for field in msgspec.structs.fields(OtdrSettings)}
    assert settings_of(loaded) == OtdrSettings()


@pytest.mark.parametrize("name", NAMES)
def test_a_link_whose_end_was_not_found_never_passes(name: str) -> None:
    limits = [limit for limit in load_profile(name).profile.limit if limit.room == "otdr"]
    lost = [reading("link_loss_db", None, reason=Reason.END_NOT_FOUND), reading("orl_db", 40.0)]
    lost.append(reading("length_m", None, "m", Reason.END_NOT_FOUND))
    assert overall(judge_all(limits, lost)) is Verdict.INCONCLUSIVE
    assert overall(judge_all(limits, [])) is Verdict.INCONCLUSIVE


@pytest.mark.parametrize("name", NAMES)
def test_a_good_link_without_any_joint_passes_and_a_bad_one_of_each_kind_fails(name: str) -> None:
    limits = [limit for limit in load_profile(name).profile.limit if limit.room == "otdr"]
    good = [reading("link_loss_db", 1.2), reading("orl_db", 40.0), reading("length_m", 4000.0, "m")]
    assert overall(judge_all(limits, good)) is Verdict.PASS
    bad = [("splice_loss_db", 0.6), ("connector_loss_db", 1.1), ("reflectance_db", -20.0)]
    for metric, value in bad:
        assert overall(judge_all(limits, [*good, reading(metric, value)])) is Verdict.FAIL, metric


@pytest.mark.parametrize("name", [name for name in NAMES if name != "ftth-feeder"])
def test_a_loss_as_of_a_splitter_fails_where_none_belongs(name: str) -> None:
    limits = [limit for limit in load_profile(name).profile.limit if limit.room == "otdr"]
    good = [reading("link_loss_db", 1.2), reading("orl_db", 40.0), reading("length_m", 400.0, "m")]
    assert overall(judge_all(limits, [*good, reading("splitter_loss_db", 3.0)])) is Verdict.FAIL


@pytest.mark.parametrize("name", ["ftth-drop", "ftth-accept"])
def test_a_drop_whose_end_reflects_nothing_never_passes(name: str) -> None:
    limits = [limit for limit in load_profile(name).profile.limit if limit.room == "otdr"]
    good = [reading("link_loss_db", 1.2), reading("length_m", 400.0, "m")]
    dark = reading("end_reflectance_db", None, reason=Reason.NO_REFLECTION)
    assert overall(judge_all(limits, [*good, dark])) is Verdict.INCONCLUSIVE
    assert overall(judge_all(limits, [*good, reading("end_reflectance_db", -55.0)])) is Verdict.PASS


def test_a_splice_at_the_limit_and_above_it() -> None:
    limits = [limit for limit in load_profile("ftth-drop").profile.limit if limit.id == "SPLICE"]
    assert [overall(judge_all(limits, [reading("splice_loss_db", value)])) for value in (0.3, 0.31)] == [
        Verdict.PASS,
        Verdict.FAIL,
    ]


@pytest.mark.parametrize("name", NAMES)
def test_a_number_that_no_document_was_seen_for_never_fails_a_line_that_has_no_other_fault(name: str) -> None:
    for limit in load_profile(name).profile.limit:
        if "no document" in limit.source or "not seen" in limit.source:
            assert not limit.required
            assert not limit.source_read
            assert limit.on_breach == "warn"


def test_the_profile_for_an_order_stays_unambiguous() -> None:
    for access in ("ftth-epon", "ftth-gpon"):
        assert profile_for_access(access).profile.name == "ftth-light"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("launch = 3.0", "there is no key 'launch'"),
        ("launch_m = -3.0", "launch_m must lie between"),
        ("receive_m = 1e9", "receive_m must lie between"),
        ("macrobend_db = -0.1", "must not be below zero"),
        ("macrobend_db = nan", "must not be below zero"),
        ('pulses = "some"', "not one of the words"),
    ],
)
def test_settings_are_read_strictly(line: str, said: str) -> None:
    text = f'name = "mine"\nkind = "limits"\n[[step]]\nroom = "otdr"\n[step.settings]\n{line}\n'
    with pytest.raises(BadFile) as caught:
        check_profile(read_profile(text, "mine.toml"))
    assert "mine.toml: [[step]] 1 settings" in caught.value.what
    assert said in caught.value.what
