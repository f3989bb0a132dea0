"""A report of a provisioning run lists what was sent, masked, and what became of it."""

from collections.abc import Callable

import pytest

from linetest.bench.olt_config_faults import ConfigFault, ConfigFaultKind
from linetest.reports.html import render_html
from linetest.reports.text import render_text
from tests.provisioning.desk import ORDERS, Desk

CODE, LOID = "chk000240", "2026BENCH000240"
ORDER = ORDERS["huawei-gpon"].replace('serial = "BNCH0B1E00F0"', f'loid = "{LOID}"\ncheckcode = "env:LOID_CODE"')


def test_steps_in_both_reports(desk: Callable[..., Desk], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOID_CODE", CODE)
    one = desk(order=ORDER)
    one.olt.fault = ConfigFault(ConfigFaultKind.CUT_BEFORE, at=2)
    record = one.do().record
    assert record is not None
    text, page = render_text(record), render_html(record)
    assert max(map(len, text.splitlines())) <= 80
    flat = " ".join(text.split())
    assert "1. ont add 0 0 loid-auth 20…40 checkcode-auth «secret» always-on" in flat
    assert "desc WO-7: done, taken back: done" in flat
    assert "tx-cttr 10: not sent" in flat
    assert '<td data-label="command">ont add 0 0 loid-auth 20…40 checkcode-auth «secret» always-on' in page
    for secret in (CODE, LOID):
        assert secret not in text + page
