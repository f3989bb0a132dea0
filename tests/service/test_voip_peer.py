"""A registration at a real registrar."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import cast

import pytest

from linetest.model.codes import Hint
from linetest.model.reading import Measurement, Reading
from linetest.service import voip
from linetest.service.access import Access
from linetest.service.path import IpPath
from linetest.service.restore import Restore
from linetest.service.settings import ServiceSettings
from linetest.service.voip_settings import VoipSettings
from tests.peers import kamailio
from tests.service.media_paths import Loopback

pytestmark = pytest.mark.peer


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    if kamailio.PROGRAM is None:
        yield 0
        return
    with kamailio.running(tmp_path_factory.mktemp("kamailio")) as found:
        yield found


@pytest.fixture
def register(
    port: int, tmp_path: Path, need: Callable[[bool, str], None]
) -> Callable[..., tuple[Measurement, Restore]]:
    need(port != 0, "kamailio is missing")

    def with_password(password: str, user: str = kamailio.USER) -> tuple[Measurement, Restore]:
        secret = tmp_path / "sip"
        secret.write_text(password)
        secret.chmod(0o600)
        access = Access(
            address="lo",
            servers={"sip": f"sip:{user}@127.0.0.1:{port}"},
            secrets={"sip": f"file:{secret}"},
            device="van",
        )
        restore = Restore()
        settings = ServiceSettings(voip=VoipSettings(echoes=20, realm=kamailio.REALM))
        return voip.measure(access, cast(IpPath, Loopback()), settings, restore), restore

    return with_password


def reading(measurement: Measurement, metric: str) -> Reading:
    (found,) = [one for one in measurement.readings if one.metric == f"service.{metric}"]
    return found


def test_the_right_password(register: Callable[..., tuple[Measurement, Restore]]) -> None:
    result, restore = register(kamailio.PASSWORD)
    assert reading(result, "sip_registered_count").value == 1.0
    challenge, done = reading(result, "sip_challenge_ms").value, reading(result, "sip_register_ms").value
    assert challenge is not None
    assert done is not None
    assert 0.0 < challenge < done
    assert reading(result, "sip_expires_s").value == 120
    assert result.details["voip"]["realm"] == kamailio.REALM
    assert [step.state for step in restore.steps] == ["restored"]
    talk = result.evidence[0].body.decode()
    assert "Expires: 0" in talk
    assert talk.count("SIP/2.0 200 OK") == 2
    mos = reading(result, "voip_mos").value
    assert mos is not None
    assert mos > 4.3


def test_a_wrong_password_stays_401(register: Callable[..., tuple[Measurement, Restore]]) -> None:
    result, _restore = register("wrong")
    found = reading(result, "sip_registered_count")
    assert (found.value, found.hint) == (0.0, Hint.WRONG_PASSWORD)
    assert result.details["voip"]["status"] == 401
    assert result.evidence[0].body.decode().count("SIP/2.0 401") == 2


def test_an_unknown_user(register: Callable[..., tuple[Measurement, Restore]]) -> None:
    result, _restore = register(kamailio.PASSWORD, user="1002")
    found = reading(result, "sip_registered_count")
    assert (found.value, found.hint) == (0.0, Hint.UNKNOWN_USER)
