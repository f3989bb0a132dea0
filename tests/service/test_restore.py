"""What was changed is put back, however the test ends, and each restoration is told."""

import pytest

from linetest.errors import DeviceError
from linetest.service.restore import Restore


def test_a_change_is_put_back_at_the_end() -> None:
    restore, done = Restore(), list[str]()
    with restore.changed("group", lambda: done.append("left")):
        assert done == []
    assert done == ["left"]
    assert [(step.name, step.state) for step in restore.steps] == [("group", "restored")]


@pytest.mark.parametrize("end", [KeyboardInterrupt, ValueError])
def test_also_after_an_error_and_on_ctrl_c(end: type[BaseException]) -> None:
    restore, done = Restore(), list[str]()
    outer = restore.changed("outer", lambda: done.append("outer"))
    with pytest.raises(end), outer, restore.changed("inner", lambda: done.append("inner")):
        raise end
    assert done == ["inner", "outer"]
    assert [step.state for step in restore.steps] == ["restored", "restored"]


def test_what_cannot_be_put_back_is_told_and_hides_nothing() -> None:
    restore = Restore()

    def gone() -> None:
        raise DeviceError("the port is gone")

    with pytest.raises(ValueError, match="first"), restore.changed("session", gone):
        raise ValueError("first")
    assert [step.state for step in restore.steps] == ["failed"]


def test_ctrl_c_while_it_is_put_back_puts_it_back_all_the_same() -> None:
    restore, calls = Restore(), list[int]()

    def slow() -> None:
        calls.append(len(calls))
        if len(calls) == 1:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), restore.changed("session", slow):
        pass
    assert calls == [0, 1]
    assert [step.state for step in restore.steps] == ["restored"]
