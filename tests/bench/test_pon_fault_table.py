"""The table of a simulated PON's faults: complete, and honest about consequences."""

import pytest

from linetest.bench.pon_capture import make_capture
from linetest.bench.pon_faults import PON_FAULTS
from linetest.errors import UsageError

JUDGED = {
    f"{group}-{number}"
    for group, numbers in {
        "PRE": "1234",
        "LLID": "134567",
        "REG": "123456",
        "TS": "123",
        "GRT": "123456",
        "RPT": "12345",
        "OAM": "1234",
        "CTC": "1234",
        "ISO": "1234",
        "ENC": "1",
    }.items()
    for number in numbers
}
"""The checks that judge; the others list or count."""


def test_every_check_that_judges_has_a_fault() -> None:
    assert {fault.check for fault in PON_FAULTS.values()} == JUDGED
    assert len(PON_FAULTS) >= 45


def test_a_fault_has_few_consequences_and_is_none_of_them() -> None:
    for name, fault in PON_FAULTS.items():
        assert fault.name == name
        assert fault.check not in fault.consequences
        assert len(set(fault.consequences)) == len(fault.consequences) <= 3
        assert set(fault.consequences) <= JUDGED
        assert fault.sentence.endswith(".")


def test_a_fault_can_have_two_culprits() -> None:
    expected = make_capture("wrong-echo").truth.expected
    assert expected
    assert expected.check == "REG-4"
    assert [culprit.mac for culprit in expected.culprits] == ["00:25:9e:30:00:01", "00:25:9e:30:00:04"]
    assert all(len(culprit.frames) == 1 for culprit in expected.culprits)


def test_an_unknown_fault_is_answered_with_those_that_are_there() -> None:
    with pytest.raises(UsageError, match="duplicate-llid"):
        make_capture("duplicat-llid")


def test_a_fault_needs_the_whole_story() -> None:
    with pytest.raises(UsageError, match="at least 4"):
        make_capture("crc8-errors", seconds=1.0)
    with pytest.raises(UsageError, match="at least 4"):
        make_capture("crc8-errors", onus=3)
