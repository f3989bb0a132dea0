"""Orders about the limits in time, just inside, at and just outside: T3, T5, T9 to T15. Worked out by hand."""

from typing import Any

from linetest.model.case import Event
from linetest.model.order import WorkType
from tests.workorders.month import Row, e, row

# work, customer, received, due, then (done, kept) three times: a second before the limit, at it, a second after it.
# Seconds: 24 h = 86 400, 48 h = 172 800, 72 h = 259 200.
_COMPLETION: list[tuple[str, WorkType, str, str, str, int, tuple[str, str, str]]] = [
    ("T9V", "fault", "urban vip", "02 09:00:00", "03 09:00:00", 86400, ("03 08:59:59", "03 09:00:00", "03 09:00:01")),
    ("T9U", "fault", "urban", "07 23:30:00", "08 23:30:00", 86400, ("08 23:29:59", "08 23:30:00", "08 23:30:01")),
    ("T9R", "fault", "rural", "06 18:00:00", "08 18:00:00", 172800, ("08 17:59:59", "08 18:00:00", "08 18:00:01")),
    # A VIP in the country has the VIP's limit.
    ("T9X", "fault", "rural vip", "09 00:00:00", "10 00:00:00", 86400, ("09 23:59:59", "10 00:00:00", "10 00:00:01")),
    ("T10V", "install", "vip", "02 10:00:00", "04 10:00:00", 172800, ("04 09:59:59", "04 10:00:00", "04 10:00:01")),
    ("T10U", "install", "urban", "03 22:15:00", "05 22:15:00", 172800, ("05 22:14:59", "05 22:15:00", "05 22:15:01")),
    ("T10R", "install", "rural", "13 17:00:00", "16 17:00:00", 259200, ("16 16:59:59", "16 17:00:00", "16 17:00:01")),
    ("T10MV", "move", "vip", "09 11:00:00", "11 11:00:00", 172800, ("11 10:59:59", "11 11:00:00", "11 11:00:01")),
    ("T10MU", "move", "urban", "14 08:00:00", "16 08:00:00", 172800, ("16 07:59:59", "16 08:00:00", "16 08:00:01")),
    ("T10MR", "move", "rural", "20 08:00:00", "23 08:00:00", 259200, ("23 07:59:59", "23 08:00:00", "23 08:00:01")),
]
# What the public promise of 48 h says of the installs among them, and what is paid. In the country the limit of 72 h
# lies a day behind the promise: a second before it 23:59:59 are late, at it exactly a day, after it a second day began.
_PROMISED: dict[str, tuple[str, tuple[int, str] | None]] = {
    "T10Va": ("04 10:00:00 kept", None),
    "T10Vb": ("04 10:00:00 kept", None),
    "T10Vc": ("04 10:00:00 broken", (1, "2.00")),
    "T10Ua": ("05 22:15:00 kept", None),
    "T10Ub": ("05 22:15:00 kept", None),
    "T10Uc": ("05 22:15:00 broken", (1, "2.00")),
    "T10Ra": ("15 17:00:00 broken", (1, "2.00")),
    "T10Rb": ("15 17:00:00 broken", (1, "2.00")),
    "T10Rc": ("15 17:00:00 broken", (2, "4.00")),
}


def completion() -> list[Row]:
    """T9 and T10: three orders at each limit. The faults were answered at once, so that T3 is kept."""
    rows = []
    for name, work, customer, received, due, limit_s, (before, exactly, after) in _COMPLETION:
        for suffix, done, seconds, state in (
            ("a", before, limit_s - 1, "kept"),
            ("b", exactly, limit_s, "kept"),
            ("c", after, limit_s + 1, "broken"),
        ):
            good = 1 if state == "kept" else 0
            extra: list[Event] = []
            clocks, paid = f"completion {due} {state}", None
            more: dict[str, Any] = {}
            if work == "fault":
                extra = [e(received, "first-reply", reached=True)]
                counts = f"K6.ordinary 0/1, K7.ordinary {seconds}/1, K8.ordinary 1/0, K9 1/0, K10.repair {good}/1"
                counts += ", K10.complaint 0/1"
            else:
                counts = f"K2 0/1, K4.{work} {seconds}/1, K10.install {good}/1"
                paid = None if good else (1, "2.00")
            if work == "install":  # accepted when it was received, replied when it was done
                extra, more = [e(done, "replied", channel="wap")], {"accepted_at": received}
                promised, paid = _PROMISED[name + suffix]
                clocks += f", promise {promised}"
            rows.append(
                row(
                    name + suffix,
                    work,
                    customer,
                    f"{work} of {customer}: limit {limit_s // 3600} h",
                    received,
                    e(done, "done"),
                    *extra,
                    counts=counts,
                    clocks=clocks,
                    paid=paid,
                    **more,
                )
            )
    return rows


def _promised(
    number: str, customer: str, done: str, replied: str, state: str, paid: tuple[int, str] | None, **more: str
) -> Row:
    """Return an install accepted in the CRM on the 2nd at 08:00 and received at 09:00; promised by the 4th, 08:00."""
    return row(
        number,
        "install",
        customer,
        "the public promise: 48 h from the CRM to the completion reply, whatever the class; 2 yuan a day late",
        "02 09:00:00",
        e(done, "done"),
        e(replied, "replied", channel="wap"),
        accepted_at="02 08:00:00",
        wired_resource=True,
        counts=more["counts"],
        clocks=f"promise 04 08:00:00 {state}, completion {more['completion']}",
        paid=paid,
    )


def promise() -> list[Row]:
    """T11, T12 and T14: the clock of the reply, not of the work; days late by each started day."""
    town = "04 09:00:00 kept"
    country = "05 09:00:00 kept"
    in_time = "K2 0/1, K4.install 160200/1, K10.install 1/1"  # done on the 4th, 04:30: 44 h 30 min after the CRM
    early = {"counts": in_time, "completion": town}
    late = "K2 0/1, K4.install 196200/1, K10.install 0/1"  # done on the 4th, 14:30: 54 h 30 min
    rows = [
        _promised("T11a", "urban", "04 04:30:00", "04 07:59:59", "kept", None, **early),
        _promised("T11b", "urban", "04 04:30:00", "04 08:00:00", "kept", None, **early),
        # The work was done in time; the reply was sent a second late, and a started day is a day.
        _promised("T11c", "urban", "04 04:30:00", "04 08:00:01", "broken", (1, "2.00"), **early),
        # Exactly 24 h late is one day; a second more is a second one.
        _promised("T14a", "urban", "04 04:30:00", "05 08:00:00", "broken", (1, "2.00"), **early),
        _promised("T14b", "urban", "04 04:30:00", "05 08:00:01", "broken", (2, "4.00"), **early),
        # Two and a half days late: three started days.
        _promised("T14c", "urban", "04 04:30:00", "06 20:00:00", "broken", (3, "6.00"), **early),
        _promised("T14d", "urban", "04 04:30:00", "14 08:00:00", "broken", (10, "20.00"), **early),
        # In the country 72 h are allowed [I] and 48 h are promised [I]: kept and broken at once.
        _promised(
            "T11r", "rural", "04 14:30:00", "04 15:00:00", "broken", (1, "2.00"),
            counts="K2 0/1, K4.install 196200/1, K10.install 1/1", completion=country,
        ),
        _promised(
            "T11u", "urban", "04 14:30:00", "04 15:00:00", "broken", (1, "2.00"),
            counts=late, completion="04 09:00:00 broken",
        ),
    ]  # fmt: skip
    for suffix, replied, state, paid in (
        ("a", "18 07:59:59", "kept", None),
        ("b", "18 08:00:00", "kept", None),
        ("c", "18 08:00:01", "broken", (1, "2.00")),
    ):
        rows.append(
            row(
                f"T12{suffix}", "install", "rural", "no wired resource: 15 days, and T10 runs beside it", "03 09:00:00",
                e("18 07:00:00", "done"), e(replied, "replied"), accepted_at="03 08:00:00", wired_resource=False,
                # 14 days 23 h after the CRM
                counts="K2 0/1, K4.install 1292400/1, K10.install 0/1",
                clocks=f"promise 18 08:00:00 {state}, completion 06 09:00:00 broken",
                paid=paid,
            )
        )  # fmt: skip
    return rows


def contact() -> list[Row]:
    """T3, T4 and T5: the customer really reached within 8 h, a cutover fault handed on within 4 h, nights included."""
    same = "K6.ordinary 0/1, K8.ordinary 1/0, K9 1/0, K10.complaint 0/1"
    six_pm = f"{same}, K7.ordinary 36000/1, K10.repair 1/1"  # 10 h
    rows = []
    for number, received, reply, done, due, state in (
        ("T3a", "10 08:00:00", "10 15:59:59", "10 18:00:00", "10 16:00:00", "kept"),
        ("T3b", "10 08:00:00", "10 16:00:00", "10 18:00:00", "10 16:00:00", "kept"),
        ("T3c", "10 08:00:00", "10 16:00:01", "10 18:00:00", "10 16:00:00", "broken"),
        # The 8 hours run through the night.
        ("T3n", "10 23:30:00", "11 07:30:00", "11 09:30:00", "11 07:30:00", "kept"),
        ("T3o", "10 23:30:00", "11 08:30:00", "11 09:30:00", "11 07:30:00", "broken"),
    ):
        rows.append(
            row(
                number, "fault", "urban", "first reply within 8 h", received,
                e(reply, "first-reply", reached=True), e(done, "done"), counts=six_pm, fault_class="last-drop",
                clocks=f"contact {due} {state}",
            )
        )  # fmt: skip
    rows.append(
        row(
            "T3u", "fault", "urban", "a call that nobody answered is no reply", "10 08:00:00",
            e("10 09:00:00", "called", reached=False), e("10 16:30:00", "called", reached=True),
            e("10 18:00:00", "done"), counts=six_pm, clocks="contact 10 16:00:00 broken",
        )
    )  # fmt: skip
    for number, handed, reached, state in (
        ("T5a", "12 12:59:59", True, "kept"),
        ("T5b", "12 13:00:00", True, "kept"),
        ("T5c", "12 13:00:01", True, "broken"),
        ("T5u", "12 10:00:00", False, "late"),  # T6: the customer must really be reached
    ):
        rows.append(
            row(
                number, "fault", "urban", "a cutover fault is handed on within 4 h", "12 09:00:00",
                e("12 09:05:00", "first-reply", reached=True), e(handed, "redispatched", reached=reached),
                counts=same if reached else f"{same}, K10.repair 0/1",  # never done, and never handed on
                left="K7.ordinary not-done" + (", K10.repair redispatched" if reached else ""), fault_class="cutover",
                clocks=f"redispatch 12 13:00:00 {state}, contact 12 17:00:00 kept",
            )
        )  # fmt: skip
    return rows


def exempted() -> list[Row]:
    """T13 and T15: force majeure; a reason that was reported inside the limit, at it, and after it."""
    rows = []
    for number, told, state, install in (
        ("T15a", "19 08:59:59", "exempt", ""),
        ("T15b", "19 09:00:00", "exempt", ""),
        ("T15c", "19 09:00:01", "broken", ", K10.install 0/1"),
    ):
        rows.append(
            row(
                number, "move", "urban", "the reason for being late is told inside the limit", "17 09:00:00",
                e(told, "delay", reason="customer-postpones"), e("20 09:00:00", "done"),
                paid=(1, "2.00") if install else None,
                counts=f"K2 0/1, K4.move 259200/1{install}", left="" if install else "K10.install exempt",
                clocks=f"completion 19 09:00:00 {state}",
            )
        )  # fmt: skip
    rows.append(
        row(
            "T13a", "install", "urban", "a typhoon: neither limit nor promise nor yuan", "17 09:00:00",
            e("18 09:00:00", "delay", reason="force-majeure"), e("22 09:00:00", "done"), e("22 10:00:00", "replied"),
            accepted_at="17 08:00:00", counts="K2 0/1, K4.install 435600/1", left="K10.install exempt",  # 121 h
            clocks="completion 19 09:00:00 exempt, promise 19 08:00:00 exempt",
        )
    )  # fmt: skip
    rows.append(
        row(
            "T13b", "fault", "urban brand", "a reason that was told, and the limit kept all the same", "17 09:00:00",
            e("17 10:00:00", "delay", reason="hard-fault"), e("17 11:00:00", "done"),
            counts="K6.brand 0/1, K7.brand 7200/1, K8.brand 1/0, K9 1/0, K10.repair 1/1, K10.complaint 0/1",
            clocks="completion 18 09:00:00 kept",
        )
    )  # fmt: skip
    return rows


LIMITS = [*completion(), *promise(), *contact(), *exempted()]
