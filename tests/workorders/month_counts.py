"""Orders about what is counted: appointments, call-backs, returns, repeats, hotels, the month's ends. By hand."""

from linetest.model.order import WorkType
from tests.workorders.month import Row, at, booked, e, row

_FAULT = "K6.ordinary 0/1, K8.ordinary 1/0, K9 1/0, K10.complaint 0/1"
_BRAND = "K6.brand 0/1, K8.brand 1/0, K9 1/0, K10.complaint 0/1"
_AGAIN = "K6.brand 1/1, K8.brand 1/0, K9 1/0, K10.complaint 0/1"


def _visit(number: str, what: str, arrived: str, share: str, half: str = "morning") -> Row:
    """Return an install booked for a half day of the 3rd, done at 23:00 of that day: 38 h after its receipt."""
    return row(
        number, "install", "urban", what, "02 09:00:00",
        booked("02 10:00:00", "03", half),  # type: ignore[arg-type]
        e(arrived, "arrived"), e("03 23:00:00", "done"),
        counts=f"K2 0/1, K4.install 136800/1, K10.install 1/1, K3 {share}, K5 {share}",
        clocks="completion 04 09:00:00 kept",
    )  # fmt: skip


def half_days() -> list[Row]:
    """K3 and K5: a morning against 14:00 of the booked day, an afternoon against 22:00."""
    return [
        _visit("HDa", "a morning, a second before 14:00", "03 13:59:59", "1/1"),
        _visit("HDb", "a morning, at 14:00 exactly", "03 14:00:00", "1/1"),
        _visit("HDc", "a morning, a second after 14:00", "03 14:00:01", "0/1"),
        _visit("HDd", "an afternoon, a second before 22:00", "03 21:59:59", "1/1", "afternoon"),
        _visit("HDe", "an afternoon, at 22:00 exactly", "03 22:00:00", "1/1", "afternoon"),
        _visit("HDf", "an afternoon, a second after 22:00", "03 22:00:01", "0/1", "afternoon"),
    ]


def rebooked() -> list[Row]:
    """K3 asks for the first agreed time, K5 for the last one; a time that nobody agreed to is none."""
    done = "K2 0/1, K4.install 180000/1, K10.install 0/1"  # the 4th, 11:00: 50 h
    late = "K2 0/1, K4.install 216000/1, K10.install 0/1"  # the 4th, 21:00: 60 h
    first, again = booked("02 10:00:00", "03", "morning"), booked("03 08:00:00", "04", "morning", call_id="R-7")
    after_a_visit = booked("03 10:05:00", "04", "morning")
    common: tuple[WorkType, str] = ("install", "urban")
    due = "completion 04 09:00:00 broken"
    return [
        row("RBa", *common, "moved with consent, and the new time kept", "02 09:00:00", first, again,
            e("04 10:00:00", "arrived"), e("04 11:00:00", "done"), counts=f"{done}, K3 0/1, K5 1/1", clocks=due,
            paid=None),
        row("RBb", *common, "moved without consent: the first time stays", "02 09:00:00", first,
            booked("03 08:00:00", "04", "morning", agreed=False),
            e("04 10:00:00", "arrived"), e("04 11:00:00", "done"), counts=f"{done}, K3 0/1, K5 0/1", clocks=due),
        row("RBc", *common, "moved with consent, and missed again by a second", "02 09:00:00", first, again,
            e("04 14:00:01", "arrived"), e("04 21:00:00", "done"), counts=f"{late}, K3 0/1, K5 0/1", clocks=due),
        row("RBd", *common, "came in time, nobody at home; moved with consent; the second visit too late",
            "02 09:00:00", first, e("03 10:00:00", "arrived"), after_a_visit,
            e("04 15:00:00", "arrived"), e("04 21:00:00", "done"), counts=f"{late}, K3 1/1, K5 0/1", clocks=due),
        row("RBe", *common, "came in time, nobody at home; moved with consent; the second visit in time",
            "02 09:00:00", first, e("03 10:00:00", "arrived"), after_a_visit,
            e("04 14:00:00", "arrived"), e("04 21:00:00", "done"), counts=f"{late}, K3 1/1, K5 1/1", clocks=due),
        row("RBf", *common, "the first time was not agreed to, the second was", "02 09:00:00",
            booked("02 10:00:00", "02", "afternoon", agreed=False), booked("02 11:00:00", "04", "morning"),
            e("04 10:00:00", "arrived"), e("04 11:00:00", "done"), counts=f"{done}, K3 1/1, K5 1/1", clocks=due),
        row("RBg", *common, "only a time that nobody agreed to", "02 09:00:00",
            booked("02 10:00:00", "04", "morning", agreed=False), e("04 10:00:00", "arrived"),
            e("04 11:00:00", "done"), counts=done, left="K3 not-agreed, K5 not-agreed", clocks=due),
        row("RBh", *common, "three times agreed on, the last one kept at night", "02 09:00:00", first, again,
            booked("04 08:00:00", "04", "afternoon"), e("04 20:00:00", "arrived"), e("04 21:00:00", "done"),
            counts=f"{late}, K3 0/1, K5 1/1", clocks=due),
        row("RBi", "remove", "urban", "a removal has an appointment and no limit", "02 09:00:00", first,
            e("03 09:00:00", "arrived"), e("03 09:30:00", "done"), counts="K3 1/1, K5 1/1"),
        row("RBj", "remove", "urban", "nobody ever came", "02 09:00:00", first, counts="K3 0/1, K5 0/1"),
        row("RBk", "remove", "urban", "came after midnight", "02 09:00:00", booked("02 10:00:00", "03", "afternoon"),
            e("04 00:30:00", "arrived"), e("04 01:00:00", "done"), counts="K3 0/1, K5 0/1"),
        row("RBl", "remove", "urban", "the last half day of the month", "29 09:00:00",
            booked("29 10:00:00", "30", "afternoon"), e("30 21:59:59", "arrived"), counts="K3 1/1, K5 1/1"),
        row("RBm", "remove", "urban", "the first half day of the next month", "29 09:00:00",
            booked("29 10:00:00", "12-01", "morning"), e("12-01 09:00:00", "arrived")),
        row("RBn", "remove", "urban", "moved into the next month: K3 here, K5 there", "29 09:00:00",
            booked("29 10:00:00", "30", "morning"), booked("30 08:00:00", "12-01", "morning"),
            e("12-01 09:00:00", "arrived"), counts="K3 0/1"),
        row("RBo", "remove", "urban", "moved from the month before: K5 here, K3 there", "10-30 09:00:00",
            booked("10-30 10:00:00", "10-31", "morning"), booked("10-31 08:00:00", "01", "morning"),
            e("01 09:00:00", "arrived"), counts="K5 1/1"),
    ]  # fmt: skip


def call_backs() -> list[Row]:
    """K1: satisfied orders over those whose call-back reached the customer; install, move and repair only."""
    received, done = "02 09:00:00", e("02 21:00:00", "done")
    base = "K2 0/1, K4.move 43200/1, K10.install 1/1"  # 12 h
    common: tuple[WorkType, str] = ("move", "urban brand")
    return [
        row("CBa", *common, "satisfied", received, done, e("05 10:00:00", "call-back", reached=True, agreed=True),
            counts=f"{base}, K1 1/1"),
        row("CBb", *common, "not satisfied", received, done,
            e("05 10:00:00", "call-back", reached=True, agreed=False), counts=f"{base}, K1 0/1"),
        row("CBc", *common, "not reached", received, done, e("05 10:00:00", "call-back", reached=False), counts=base,
            left="K1 not-reached"),
        row("CBd", *common, "not reached, then satisfied", received, done,
            e("05 10:00:00", "call-back", reached=False), e("06 10:00:00", "call-back", reached=True, agreed=True),
            counts=f"{base}, K1 1/1"),
        row("CBe", *common, "reached, and the answer was not noted", received, done,
            e("05 10:00:00", "call-back", reached=True), counts=base, left="K1 no-answer"),
        row("CBf", *common, "the month's last second", received, done,
            e("30 23:59:59", "call-back", reached=True, agreed=True), counts=f"{base}, K1 1/1"),
        row("CBg", *common, "the next month's first second", received, done,
            e("12-01 00:00:00", "call-back", reached=True, agreed=False), counts=base),
        row("CBh", "remove", "urban", "a removal does not count", received, done,
            e("05 10:00:00", "call-back", reached=True, agreed=False)),
        row("CBi", "fault", "urban", "a repair counts; satisfied on site, not at the call-back", received,
            e("02 10:00:00", "done"), e("02 10:01:00", "satisfaction", agreed=True),
            e("03 10:00:00", "call-back", reached=True, agreed=False),
            counts=f"{_FAULT}, K7.ordinary 3600/1, K10.repair 1/1, K1 0/1, K10.on-site 1/1"),
        row("CBj", "fault", "urban", "an answer on site that was no", received, e("02 10:00:00", "done"),
            e("02 10:01:00", "satisfaction", agreed=False),
            counts=f"{_FAULT}, K7.ordinary 3600/1, K10.repair 1/1, K10.on-site 0/1"),
    ]  # fmt: skip


def returned() -> list[Row]:
    """K2: install and move only. A returned order has no duration, and no limit that it could miss."""
    left = "K4.install returned, K10.install returned"
    return [
        row("RTa", "install", "urban", "sent back: no resource", "05 09:00:00",
            e("05 15:00:00", "returned", reason="no-resource"), counts="K2 1/1", left=left),
        row("RTb", "move", "rural", "sent back: the customer cancels", "05 09:00:00",
            e("06 15:00:00", "returned", reason="customer-cancels"), counts="K2 1/1",
            left="K4.move returned, K10.install returned"),
        row("RTc", "install", "urban", "sent back in the next month: the order is this month's", "30 09:00:00",
            e("12-02 08:00:00", "returned", reason="customer-absent"), counts="K2 1/1", left="K4.install not-done"),
        row("RTd", "fault", "urban", "a fault that is sent back is no returned order", "05 09:00:00",
            e("05 15:00:00", "returned", reason="wrong-order"), counts=_FAULT,
            left="K7.ordinary returned, K10.repair returned"),
        row("RTe", "remove", "urban", "nor is a removal", "05 09:00:00",
            e("05 15:00:00", "returned", reason="wrong-order")),
    ]  # fmt: skip


def repeats() -> list[Row]:
    """K6: reported again after the clearing, within one month; N reports count N-1."""
    hour = "K7.brand 3600/1, K10.repair 1/1"
    rows = []
    # Cleared on the 5th of October at noon: one month ends on the 5th of November at noon.
    for name, again, cleared, share in (
        ("a", "05 11:59:59", "05 12:59:59", _AGAIN),
        ("b", "05 12:00:00", "05 13:00:00", _AGAIN),
        ("c", "05 12:00:01", "05 13:00:01", _BRAND),
    ):
        rows += [
            row(f"RP{name}0", "fault", "urban brand", "last month's fault", "10-05 09:00:00",
                e("10-05 12:00:00", "done"), lines=(f"RP-{name}",)),
            row(f"RP{name}1", "fault", "urban brand", "again, a month after the clearing", again, e(cleared, "done"),
                lines=(f"RP-{name}",), counts=f"{share}, {hour}"),
        ]  # fmt: skip
    # Cleared on the 31st of October: November has no 31st, so that its last day ends the month, at that time of day.
    for name, again, cleared, share in (
        ("d", "30 10:00:00", "30 11:00:00", _AGAIN),
        ("e", "30 10:00:01", "30 11:00:01", _BRAND),
    ):
        rows += [
            row(f"RP{name}0", "fault", "urban brand", "last month's last day; its limit is this month's first day",
                "10-31 09:00:00", e("10-31 10:00:00", "done"), lines=(f"RP-{name}",), counts="K10.repair 1/1"),
            row(f"RP{name}1", "fault", "urban brand", "again at the end of a shorter month", again,
                e(cleared, "done"), lines=(f"RP-{name}",),
                counts=f"{share}, K7.brand 3600/1" + ("" if again > "30" else ", K10.repair 1/1")),
        ]  # fmt: skip
    # Three reports, each after the clearing of the one before: N = 3 counts 2.
    for number, received, cleared, share in (
        ("RPf1", "08 09:00:00", "08 10:00:00", _BRAND),
        ("RPf2", "09 09:00:00", "09 10:00:00", _AGAIN),
        ("RPf3", "10 09:00:00", "10 10:00:00", _AGAIN),
    ):
        rows.append(
            row(number, "fault", "urban brand", "three reports of a line count two repeats", received,
                e(cleared, "done"), lines=("RP-f",), counts=f"{share}, {hour}")
        )  # fmt: skip
    # The second report came while the first was open: it is no repeat. The third came after both were cleared.
    rows += [
        row("RPg1", "fault", "urban brand", "reported once", "15 09:00:00", e("15 12:00:00", "done"), lines=("RP-g",),
            counts=f"{_BRAND}, K7.brand 10800/1, K10.repair 1/1"),
        row("RPg2", "fault", "urban brand", "reported again before the clearing", "15 11:00:00",
            e("15 12:00:00", "done"), lines=("RP-g",), counts=f"{_BRAND}, {hour}", left="K6.brand before-clearing"),
        row("RPg3", "fault", "urban brand", "reported again after it", "15 12:00:01", e("15 13:00:01", "done"),
            lines=("RP-g",), counts=f"{_AGAIN}, {hour}"),
        row("RPh1", "fault", "urban", "urged twice: no new report, but a repeated complaint", "16 09:00:00",
            e("16 10:00:00", "chaser"), e("16 11:00:00", "chaser"), e("16 12:00:00", "done"),
            counts="K6.ordinary 0/1, K8.ordinary 1/0, K9 1/0, K10.complaint 1/1, K7.ordinary 10800/1, K10.repair 1/1"),
        row("RPh2", "fault", "urban", "urged once", "16 09:00:00", e("16 10:00:00", "chaser"),
            e("16 12:00:00", "done"), counts=f"{_FAULT}, K7.ordinary 10800/1, K10.repair 1/1"),
    ]  # fmt: skip
    return rows


def hotels() -> list[Row]:
    """One order with many lines is one order, done when its last line is."""
    rooms = ("501", "502", "503")
    return [
        row("HTa", "install", "urban hotel", "three rooms; the last one is done a second late", "10 09:00:00",
            e("12 08:50:00", "done", line="501"), e("12 09:00:01", "done", line="502"),
            e("12 08:55:00", "done", line="503"), lines=rooms,
            counts="K2 0/1, K4.install 172801/1, K10.install 0/1", clocks="completion 12 09:00:00 broken"),
        row("HTb", "install", "urban hotel", "one room of three was never done", "10 09:00:00",
            e("11 08:50:00", "done", line="501"), e("11 09:00:00", "done", line="502"), lines=rooms,
            counts="K2 0/1, K10.install 0/1", left="K4.install not-done", clocks="completion 12 09:00:00 late"),
        row("HTc", "install", "urban hotel brand", "the whole order done at once, by the hotel's last booking",
            "10 09:00:00", booked("10 09:30:00", "11", "morning", coordinator="Ms Li"),
            booked("10 20:00:00", "11", "afternoon", coordinator="Ms Li"), e("11 15:00:00", "arrived"),
            e("11 21:00:00", "done"), lines=rooms,
            counts="K2 0/1, K4.install 129600/1, K10.install 1/1, K3 0/1, K5 1/1",
            clocks="completion 12 09:00:00 kept"),
    ]  # fmt: skip


def ends_of_the_month() -> list[Row]:
    """November on Chinese clocks: from 16:00 UTC of the 31st of October to 16:00 UTC of the 30th of November."""
    hour = "K7.ordinary 3600/1"
    return [
        row("ME1", "fault", "urban", "the second before the month", at("10-31 23:59:59"),
            e("01 00:59:59", "done"), counts="K10.repair 1/1"),  # its limit lies in the month
        row("ME2", "fault", "urban", "the first second", at("01 00:00:00"), e("01 01:00:00", "done"),
            counts=f"{_FAULT}, {hour}, K10.repair 1/1"),
        row("ME3", "fault", "urban", "the last second; its limit lies in the next month", at("30 23:59:59"),
            e("12-01 00:59:59", "done"), counts=f"{_FAULT}, {hour}"),
        row("ME4", "fault", "urban", "the second after the month", at("12-01 00:00:00"), e("12-01 01:00:00", "done")),
        row("ME5", "install", "urban", "done in the month's last second", "30 12:00:00", e("30 23:59:59", "done"),
            counts="K2 0/1, K4.install 43199/1"),
        row("ME6", "install", "urban", "done in the next month's first second", "30 12:00:00",
            e("12-01 00:00:00", "done"), counts="K2 0/1", left="K4.install not-done"),
        row("ME7", "install", "urban", "last month's order, done in this one: 3 h", "10-31 22:00:00",
            e("01 01:00:00", "done"), counts="K4.install 10800/1, K10.install 1/1"),
    ]  # fmt: skip


COUNTED = [*half_days(), *rebooked(), *call_backs(), *returned(), *repeats(), *hotels(), *ends_of_the_month()]
