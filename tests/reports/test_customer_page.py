"""The customer's page: plain words, every sample, nobody blamed without proof, nothing personal."""

import re

import pytest

from linetest.acceptance.records import build_record
from linetest.catalog import load_profile
from linetest.model.metrics import METRICS
from linetest.model.reading import Measurement, Reading
from linetest.model.record import Record
from linetest.reports.customer_page import render_customer_page
from linetest.reports.text import render_text
from linetest.words.text import use_language


def reading(metric: str, value: float, point: str) -> Reading:
    return Reading(metric=metric, value=value, unit=METRICS[metric].unit, where={"point": point})


def record(**points: dict[str, float]) -> Record:
    """Return a record with readings by point; ``behind_cpe`` stands for ``behind-cpe``."""
    named = {point.replace("_", "-"): values for point, values in points.items()}
    ways = [{"direction": "down", "samples": [{"mbps": 187.0}, {"mbps": 193.5}, {"mbps": None}]}]
    measured = Measurement(
        readings=[
            reading(f"service.{name}", value, point)
            for point, values in named.items()
            for name, value in values.items()
        ],
        details={"service": [{"point": point, "rate": {"directions": ways}} for point in named]},
    )
    return build_record("service", [measured], load_profile("broadband-90"), started_at="2026-11-22T10:00:00+08:00")


GOOD = {"downstream_mbps": 190.2, "downstream_share_percent": 95.1, "loss_percent": 0.0, "dns_working_count": 2.0}
SLOW = {"downstream_mbps": 40.0, "downstream_share_percent": 20.0, "loss_percent": 0.0, "dns_working_count": 2.0}


def words(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<style>.*?</style>|<[^>]+>", " ", page, flags=re.DOTALL))


def test_a_router_that_limits_the_rate_is_named_with_both_measurements() -> None:
    shown = words(render_customer_page(record(direct=GOOD, behind_cpe=SLOW)))
    assert "The router should be set up again or replaced" in shown
    assert "190.2 Mbit/s" in shown
    assert "40 Mbit/s" in shown
    assert "187 Mbit/s · 193.5 Mbit/s" in shown
    assert "The rate is below the contract behind your router" in shown


def test_without_the_line_s_own_test_the_fault_counts_as_ours() -> None:
    shown = words(render_customer_page(record(behind_cpe=SLOW)))
    assert "We cannot say yet where the fault is" in shown
    assert "the line with your router taken off" in shown
    assert "router should be" not in shown


def test_a_good_line_needs_no_more_words() -> None:
    page = render_customer_page(record(direct=GOOD))
    assert "Your line works as it should." in page
    assert 'class="answer good"' in page
    assert "fault" not in words(page)


def test_the_operator_is_not_on_the_page_and_nothing_is_loaded() -> None:
    page = render_customer_page(record(direct=GOOD))
    assert "default-src 'none'" in page
    assert not re.search(r"https?://|<script|@import|url\(", page)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_text_report_says_whose_fault_in_80_columns(language: str) -> None:
    use_language(language)
    try:
        text = render_text(record(direct=GOOD, behind_cpe=SLOW))
        import wcwidth

        assert max(wcwidth.wcswidth(line) for line in text.splitlines()) <= 80
        if language == "en":
            assert "Whose fault: the customer's router" in text
    finally:
        use_language("en")


def test_hostile_words_stay_words() -> None:
    made = record(direct=SLOW)
    made.details["isolation"]["observations"].append({"row": "<script>", "works": False, "point": "<b>"})
    made.details["service"][0]["rate"]["directions"].append({"direction": "<img src=x>", "samples": [{"mbps": 1.0}]})
    page = render_customer_page(made)
    assert "<script" not in page
    assert "<img" not in page
