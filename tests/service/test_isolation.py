"""Whose fault it is: the table of paired observations, and that nobody is blamed without the evidence."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from linetest.model.codes import Hint, Reason, Verdict, Whose
from linetest.model.record import Check
from linetest.service.isolation import TABLE, isolate

CUSTOMERS = (Whose.CUSTOMER_ROUTER, Whose.CUSTOMER_LAN, Whose.TERMINAL)
METRICS = sorted({metric for row in TABLE for metric in row.metrics})
POINTS = ("direct", "behind-cpe")


def check(metric: str, point: str, works: bool | None) -> Check:
    """Return a check; None stands for what could not be measured."""
    verdict = {True: Verdict.PASS, False: Verdict.FAIL, None: Verdict.INCONCLUSIVE}[works]
    value = None if works is None else 1.0
    return Check(metric=metric, verdict=verdict, value=value, unit="", limit={}, where={"point": point})


def held_back(metric: str, point: str) -> Check:
    """Return the check of a rate that the laptop's own connection held back."""
    made = check(metric, point, None)
    return msgspec.structs.replace(made, value=40.0, reason=Reason.LAPTOP_LIMIT, hint=Hint.SLOW_PORT)


def seen(**states: str) -> list[Check]:
    """Return checks from ``rate="+-"``: works on the line, fails behind the router.

    ``?`` could not be measured, ``w`` was held back by the laptop's own connection.
    """
    marks = {"+": True, "-": False, "?": None}
    return [
        held_back(f"service.{name}", point) if mark == "w" else check(f"service.{name}", point, marks[mark])
        for name, both in states.items()
        for point, mark in zip(POINTS, both, strict=True)
        if mark != "."
    ]


@pytest.mark.parametrize(
    ("states", "whose", "fault"),
    [
        ({"concentrator_count": "-."}, Whose.OPERATOR_LINE, "no-answer"),
        ({"concentrator_count": "+.", "login_refused_count": "-."}, Whose.OPERATOR_SERVICE, "login-refused"),
        ({"dns_working_count": "-."}, Whose.OPERATOR_SERVICE, "no-names"),
        ({"dns_working_count": "+-"}, Whose.CUSTOMER_ROUTER, "no-names"),
        ({"mtu_black_hole_count": "--"}, Whose.OPERATOR_SERVICE, "mtu-black-hole"),
        ({"mtu_black_hole_count": "+-"}, Whose.CUSTOMER_ROUTER, "mtu-black-hole"),
        ({"rogue_dhcp_count": "+-"}, Whose.CUSTOMER_LAN, "rogue-dhcp"),
        ({"home_router_count": "+-"}, Whose.CUSTOMER_ROUTER, "double-nat"),
        ({"downstream_share_percent": "+-"}, Whose.CUSTOMER_ROUTER, "low-rate"),
        ({"downstream_share_percent": "+w"}, Whose.CUSTOMER_LAN, "low-rate"),
        ({"duplicate_address_count": "+-"}, Whose.CUSTOMER_LAN, "duplicate-address"),
        ({"concentrator_count": "+.", "duplicate_address_count": ".-"}, Whose.CUSTOMER_LAN, "duplicate-address"),
        ({"mru_octets": "-."}, Whose.OPERATOR_SERVICE, "small-mru"),
        ({"channel_count": "--"}, Whose.OPERATOR_SERVICE, "no-channel"),
        ({"loss_percent": "--", "downstream_share_percent": "--"}, Whose.OPERATOR_LINE, "loss"),
    ],
)
def test_a_fault_is_put_in_its_class(states: dict[str, str], whose: Whose, fault: str) -> None:
    answer = isolate(seen(**states))
    assert (answer.whose, answer.fault) == (whose, fault)
    assert answer.because
    assert not answer.missing


@pytest.mark.parametrize(
    "states",
    [
        {"downstream_share_percent": ".-"},
        {"rogue_dhcp_count": ".-"},
        {"concentrator_count": "?.", "rogue_dhcp_count": ".-"},
        {"downstream_share_percent": "?-"},
        {"downstream_share_percent": "w."},
        {"downstream_share_percent": "w-"},
        {"downstream_share_percent": ".w"},
        {"dns_working_count": ".-", "home_router_count": "+-"},
    ],
)
def test_without_the_evidence_nobody_is_blamed(states: dict[str, str]) -> None:
    answer = isolate(seen(**states))
    assert answer.whose is Whose.UNDETERMINED
    assert answer.missing


def test_for_a_channel_with_other_tags_nobody_is_blamed() -> None:
    came = msgspec.structs.replace(check("service.channel_count", "direct", False), hint=Hint.CHANNEL_TAGS)
    answer = isolate([came])
    assert (answer.whose, answer.fault, answer.because) == (Whose.UNDETERMINED, None, [])
    assert "no-channel@direct" in answer.missing


def test_a_limit_that_only_warns_counts_as_an_observation() -> None:
    extra = Check(
        metric="service.home_router_count",
        verdict=Verdict.PASS,
        value=1.0,
        unit="",
        limit={},
        margin=-1.0,
        marginal=True,
        where={"point": "direct"},
    )
    answer = isolate([*seen(dns_working_count="-."), extra])
    assert (answer.whose, answer.because) == (Whose.UNDETERMINED, ["double-nat@direct"])  # not the line alone


def test_the_customers_device_needs_a_person_and_both_points() -> None:
    good = seen(dns_working_count="++", downstream_share_percent="++")
    assert isolate(good).whose is Whose.UNDETERMINED
    assert isolate(good, device_fails=True).whose is Whose.TERMINAL
    assert isolate(seen(dns_working_count="+."), device_fails=True).whose is Whose.UNDETERMINED
    assert isolate([], device_fails=True).whose is Whose.UNDETERMINED


states = st.dictionaries(
    st.tuples(st.sampled_from(METRICS), st.sampled_from(POINTS)), st.sampled_from([True, False, None])
)


@given(states, st.booleans())
def test_the_customer_is_named_only_where_the_line_was_seen_to_work(
    found: dict[tuple[str, str], bool | None], device_fails: bool
) -> None:
    answer = isolate(
        (check(metric, point, works) for (metric, point), works in found.items()), device_fails=device_fails
    )
    if answer.whose not in CUSTOMERS:
        return
    proofs = [one for one in answer.observations if one.id in answer.because]
    assert all(one.works is not None for one in proofs)
    assert any(one.point == "direct" and one.works for one in proofs)
    assert not any(one.works is False and one.point == "direct" for one in answer.observations)
