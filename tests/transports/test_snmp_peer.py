"""The SNMP session against a real agent: net-snmp's, started by the test on a port of its own."""

import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from linetest.errors import CommandRefused, DeviceError, Timeout
from linetest.secrets import Secret
from linetest.transports import snmp_fast
from linetest.transports.snmp import open_snmp
from linetest.transports.snmp_target import AuthProtocol, PrivProtocol, SnmpTarget

pytestmark = pytest.mark.peer

SNMPD = shutil.which("snmpd") or shutil.which("snmpd", path="/usr/sbin:/usr/local/sbin:/sbin")
DESCR = "1.3.6.1.2.1.1.1.0"
SYSTEM = "1.3.6.1.2.1.1"
AUTH, PRIV = Secret("signing-key-1"), Secret("hiding-key-22")
USERS: list[tuple[AuthProtocol, str, PrivProtocol, str]] = [
    ("md5", "MD5", "des", "DES"),
    ("sha", "SHA", "aes", "AES"),
    ("sha224", "SHA-224", "aes", "AES"),
    ("sha256", "SHA-256", "aes", "AES"),
    ("sha384", "SHA-384", "aes192", "AES-192"),
    ("sha512", "SHA-512", "aes256", "AES-256"),
]
CONF = """agentaddress udp:127.0.0.1:{port}
rocommunity public
sysDescr an agent of the test
"""


@pytest.fixture(params=["gufo-snmp", "pysnmp"], autouse=True)
def engine(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Hold both engines to the same contract."""
    if request.param == "gufo-snmp":
        pytest.importorskip("gufo.snmp")
    else:
        monkeypatch.setattr(snmp_fast, "is_fast", lambda _target: False)


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """Run the agent; a port of 0 says that this machine has none."""
    if SNMPD is None:
        yield 0
        return
    folder = tmp_path_factory.mktemp("snmpd")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
        free.bind(("127.0.0.1", 0))
        number = int(free.getsockname()[1])
    users = "".join(
        f'createUser {auth} {auth_name} "{AUTH.reveal()}" {priv_name} "{PRIV.reveal()}"\nrouser {auth} priv\n'
        for auth, auth_name, _priv, priv_name in USERS
    )
    conf = folder / "snmpd.conf"
    conf.write_text(CONF.format(port=number) + users)
    agent = subprocess.Popen(
        [SNMPD, "-f", "-C", "-c", str(conf), "-Lf", str(folder / "log")],
        env={"SNMP_PERSISTENT_DIR": str(folder / "state"), "SNMPCONFPATH": str(folder), "MIBS": ""},
    )
    try:
        wait_for_agent(number, folder)
        yield number
    finally:
        agent.terminate()
        agent.wait(10)


def wait_for_agent(port: int, folder: Path) -> None:
    end = time.monotonic() + 20
    target = SnmpTarget(host="127.0.0.1", port=port, community=Secret("public"))
    while True:
        try:
            with open_snmp(target, deadline_s=2) as session:
                session.get([DESCR])
            return
        except DeviceError:
            assert time.monotonic() < end, (folder / "log").read_text()
            time.sleep(0.1)


@pytest.fixture
def agent(port: int, need: Callable[[bool, str], None]) -> int:
    need(port != 0, "snmpd of net-snmp is not installed")
    return port


def user(port: int, name: str = "sha256", **changed: Any) -> SnmpTarget:
    auth, _auth_name, priv, _priv_name = next(one for one in USERS if one[0] == name)
    given = {"user": name, "auth_protocol": auth, "auth_key": AUTH, "priv_protocol": priv, "priv_key": PRIV, **changed}
    return SnmpTarget(host="127.0.0.1", port=port, version="3", **given)


def test_version_2c(agent: int) -> None:
    with open_snmp(SnmpTarget(host="127.0.0.1", port=agent, community=Secret("public")), deadline_s=5) as session:
        assert session.get([DESCR, "1.3.6.1.2.1.1.77.0"]) == {DESCR: b"an agent of the test"}
        rows = session.walk(SYSTEM)
        assert rows[0] == (DESCR, b"an agent of the test")
        assert len(rows) > 10
        assert session.walk("1.3.6.1.4.1.99999") == []
        assert session.walk("1.9") == []


@pytest.mark.parametrize("name", [auth for auth, *_rest in USERS])
def test_version_3_signed_and_hidden(agent: int, name: str) -> None:
    with open_snmp(user(agent, name), deadline_s=5) as session:
        assert session.get([DESCR]) == {DESCR: b"an agent of the test"}
        assert session.walk(SYSTEM)[0] == (DESCR, b"an agent of the test")


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"user": "stranger"}, "does not know the SNMP user 'stranger'"),
        ({"auth_key": Secret("wrong-key-1")}, "authentication key of the SNMP user 'sha256' is wrong"),
        ({"auth_protocol": "sha512"}, "authentication key of the SNMP user 'sha256' is wrong"),
        ({"priv_key": None}, "does not let us read"),
    ],
)
def test_a_wrong_user_or_key_is_refused_at_once(agent: int, changed: dict[str, Any], said: str) -> None:
    began = time.monotonic()
    with (
        open_snmp(user(agent, **changed), deadline_s=20) as session,
        pytest.raises(CommandRefused, match=said) as refused,
    ):
        session.get([DESCR])
    assert time.monotonic() - began < 5
    assert refused.value.reason == "no-permission"
    assert "wrong-key" not in str(refused.value) + refused.value.hint


@pytest.mark.parametrize("changed", [{"priv_key": Secret("wrong-key-2")}, {"priv_protocol": "des"}])
def test_silence_after_the_discovery_is_probably_the_privacy_key(agent: int, changed: dict[str, Any]) -> None:
    with open_snmp(user(agent, **changed), deadline_s=1.0) as session, pytest.raises(Timeout) as silent:
        session.get([DESCR])
    assert "the privacy key of 'sha256' is probably wrong" in silent.value.what


def test_a_wrong_community_is_silence(agent: int) -> None:
    target = SnmpTarget(host="127.0.0.1", port=agent, community=Secret("private-word"))
    with open_snmp(target, deadline_s=0.5) as session, pytest.raises(Timeout) as silent:
        session.get([DESCR])
    assert "community" in silent.value.hint
    assert "private-word" not in str(silent.value) + silent.value.hint
