"""A telephone at the bench's registrar, from the first REGISTER to the registration taken back."""

from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linetest.bench.media_registrar import Registrar, answering
from linetest.errors import UsageError
from linetest.model.codes import Hint, Reason
from linetest.model.reading import Measurement, Reading
from linetest.service import voip
from linetest.service.access import Access
from linetest.service.path import IpPath
from linetest.service.restore import Restore
from linetest.service.settings import ServiceSettings
from linetest.service.sip_message import Account, challenge_of, new_dialogue, read_answer
from linetest.service.voip_settings import VoipSettings
from tests.service.media_paths import Loopback

PASSWORD = "canary-7tQ"


@pytest.fixture
def password_file(tmp_path: Path) -> str:
    path = tmp_path / "sip"
    path.write_text(PASSWORD)
    path.chmod(0o600)
    return f"file:{path}"


def measured(
    registrar: Registrar,
    secret: str | None,
    user: str = "1001",
    restore: Restore | None = None,
    **settings: Any,
) -> Measurement:
    with answering(registrar) as port:
        access = Access(
            address="lo",
            servers={"sip": f"sip:{user}@127.0.0.1:{port}"},
            secrets={"sip": secret} if secret else {},
            device="van",
        )
        wanted = ServiceSettings(tests=["voip"], voip=VoipSettings(echoes=5, **{"timeout_s": 2.0, **settings}))
        return voip.measure(access, cast(IpPath, Loopback()), wanted, restore or Restore())


def reading(measurement: Measurement, metric: str) -> Reading:
    (found,) = [one for one in measurement.readings if one.metric == f"service.{metric}"]
    return found


def registrar(**faults: Any) -> Registrar:
    return Registrar(accounts={"1001": PASSWORD}, **faults)


def test_a_registration_is_timed_and_taken_back(password_file: str) -> None:
    peer, restore = registrar(delay_s=0.02), Restore()
    result = measured(peer, password_file, restore=restore)
    assert reading(result, "sip_registered_count").value == 1.0
    challenge, done = reading(result, "sip_challenge_ms").value, reading(result, "sip_register_ms").value
    assert challenge is not None
    assert done is not None
    assert 20.0 <= challenge < done
    assert reading(result, "sip_expires_s").value == 120
    assert reading(result, "voip_mos").value == pytest.approx(4.41, abs=0.01)
    assert peer.contacts == {}
    assert [(step.name, step.state) for step in restore.steps] == [("registration", "restored")]


def test_the_password_and_what_could_be_guessed_from_stand_nowhere(password_file: str) -> None:
    result = measured(registrar(), password_file)
    said = b"".join(file.body for file in result.evidence).decode() + str(result.details)
    assert "Authorization: Digest" in said
    assert 'response="***"' in said
    assert PASSWORD not in said
    assert said.count("nonce=") == said.count('nonce="***"') > 2


@pytest.mark.parametrize(
    ("faults", "user", "value", "hint", "reason"),
    [
        ({}, "1002", 0.0, Hint.UNKNOWN_USER, None),
        ({"accounts": {"1001": "another"}}, "1001", 0.0, Hint.WRONG_PASSWORD, None),
        ({"refuse": 403}, "1001", 0.0, Hint.LOGIN_REFUSED, None),
        ({"refuse": 404}, "1001", 0.0, Hint.UNKNOWN_USER, None),
        ({"refuse": 503}, "1001", 0.0, Hint.REGISTRAR_FAILS, None),
        ({"refuse": 500}, "1001", 0.0, Hint.REGISTRAR_FAILS, None),
        ({"refuse": 408}, "1001", None, None, Reason.TIMEOUT),
        ({"lose": 99}, "1001", None, None, Reason.TIMEOUT),
    ],
)
def test_why_it_fails(
    faults: dict[str, Any], user: str, value: float | None, hint: str | None, reason: str | None, password_file: str
) -> None:
    result = measured(Registrar(**{"accounts": {"1001": PASSWORD}, **faults}), password_file, user)
    found = reading(result, "sip_registered_count")
    assert (found.value, found.hint, found.reason) == (value, hint, reason)
    assert reading(result, "sip_register_ms").value is None


def test_another_realm_gets_no_proof(password_file: str) -> None:
    peer = registrar(realm="evil.invalid")
    result = measured(peer, password_file, realm="bench.invalid")
    assert reading(result, "sip_registered_count").hint == Hint.WRONG_REALM
    assert b"Authorization" not in result.evidence[0].body.replace(b"WWW-Authenticate", b"")
    assert peer.contacts == {}


def test_without_a_password_nothing_is_said_of_the_line() -> None:
    result = measured(registrar(), None)
    assert reading(result, "sip_registered_count").reason == Reason.NOT_MEASURED
    assert reading(result, "sip_challenge_ms").value is not None
    assert "secrets.sip" in result.trouble


def test_what_was_lost_is_sent_again_and_an_old_nonce_is_replaced(password_file: str) -> None:
    result = measured(registrar(lose=1, stale_once=True), password_file)
    assert reading(result, "sip_registered_count").value == 1.0
    assert result.details["voip"]["repeats"] >= 1


@pytest.mark.parametrize("text", ["1001@x", "sip:@x", "sip:1001@x:0", "sip:1001@x:99999", "sip:a\r\nb@x", "sip:1@x y"])
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="no address of a telephone"):
        voip.account_of(text)


@given(st.binary(max_size=300))
def test_any_octets_are_an_answer_or_none(octets: bytes) -> None:
    dialogue = new_dialogue(Account("1001", "x", 5060), "127.0.0.1", 5060)
    heads = b"Call-ID: " + dialogue.call_id.encode() + b"\r\nCSeq: 1 REGISTER\r\nWWW-Authenticate: Digest "
    for whole in (octets, b"SIP/2.0 401 x\r\n" + heads + octets):
        answer = read_answer(whole, dialogue, 1)
        challenge = answer and challenge_of(answer)
        if challenge:
            assert challenge.realm.isprintable()
            assert challenge.nonce.isprintable()


def test_a_challenge_cannot_put_lines_into_our_proof() -> None:
    dialogue = new_dialogue(Account("1001", "x", 5060), "127.0.0.1", 5060)
    heads = f"Call-ID: {dialogue.call_id}\r\nCSeq: 1 REGISTER\r\n"
    for evil in (
        'realm="a\rb", nonce="1"',
        'realm="a\\"b", nonce="1"',
        'realm="a"',
        'realm="a", nonce="1", algorithm=X',
    ):
        octets = f"SIP/2.0 401 x\r\n{heads}WWW-Authenticate: Digest {evil}\r\n\r\n".encode()
        answer = read_answer(octets, dialogue, 1)
        assert answer is not None
        assert challenge_of(answer) is None
