"""What was not expected stops the work: other words than those of success, and a prompt of another mode."""

from collections.abc import Callable

import pytest

from linetest import catalog
from tests.provisioning.desk import Desk

Desks = Callable[..., Desk]


def edited(desk: Desks, *changes: tuple[str, str]) -> Desk:
    """Return a desk whose driver expects something that the OLT does not say."""
    one = desk()
    path = catalog.user_folder() / "drivers" / "huawei_smartax" / "driver.toml"
    text = path.read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    path.write_text(text, encoding="utf-8")
    return one


def test_other_words_than_those_of_success(desk: Desks) -> None:
    one = edited(desk, ("ONTs that can be added: 1, success: 1", "ONTs added: 1"))
    outcome = one.do().outcome
    assert (outcome.result, one.olt.configuration, one.olt.saved) == ("undone", one.before, one.before)
    assert "neither success nor a refusal" in outcome.why
    assert [line.split()[1] for line in one.changing] == ["add", "delete"]


def test_a_reply_where_none_is_expected(desk: Desks) -> None:
    """The line takes effect and is answered with something: that is no success either."""
    one = edited(desk, ("success = '(?i)saved (?:successfully|completely)'", "success = 'saved for ever'"))
    path = catalog.user_folder() / "drivers" / "huawei_smartax" / "driver.toml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("file had been saved successfully", "saved for ever"), encoding="utf-8")
    outcome = one.do().outcome
    assert outcome.result == "unknown"
    assert "is the configuration saved?" in outcome.look_at[0]


@pytest.mark.parametrize("mode", ["interface", "config"])
def test_the_prompt_of_another_mode(desk: Desks, mode: str) -> None:
    """The command is not sent where it does not belong."""
    prompts = {"interface": r"\(config-if-gpon-{rack}/{slot}\)#", "config": r"\(config\)#"}
    one = edited(desk, (f"prompt = '[\\w.-]+{prompts[mode]}'", "prompt = 'elsewhere#'"))
    outcome = one.do().outcome
    assert outcome.result in ("refused", "undone")
    assert "this is not where the command belongs" in outcome.why
    assert one.olt.configuration == one.olt.saved == one.before
    sent = [line.split()[0] for line in one.changing]
    assert "service-port" not in sent
    assert ("ont" in sent) is (mode == "config")
