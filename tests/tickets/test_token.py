"""The token of the ticket system: found from where the station file lies, and quoted by no error."""

import os
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from linetest.bench.ticket_server import TicketServer
from linetest.devices.station import load_station
from linetest.errors import UsageError
from linetest.secrets import read_secret

Run = Callable[..., CompletedProcess[str]]


@pytest.fixture
def station(tmp_path: Path, server: TicketServer) -> Path:
    """Return a station file in a folder of its own, whose token lies beside it."""
    folder = tmp_path / "van"
    folder.mkdir()
    (folder / "token").write_text(f"{server.token}\n")
    (folder / "token").chmod(0o600)
    text = f'name = "van"\n[ticket]\nsystem = "rt"\nurl = "{server.url}"\nqueue = "Field"\ntoken = "file:token"\n'
    (folder / "station.toml").write_text(text)
    return folder / "station.toml"


def test_a_token_file_lies_where_the_station_file_says(run: Run, station: Path, server: TicketServer) -> None:
    """The command runs in another folder than the station file's."""
    entry = load_station(station).ticket
    assert entry is not None
    assert entry.token == f"file:{station.parent / 'token'}"
    server.new_ticket()
    checked = run("ticket", "doctor", "--station", station)
    assert checked.returncode == 0, checked.stdout + checked.stderr


@pytest.mark.parametrize("token", ["env:RT_TOKEN", "fd:3", "keyring:rt"])
def test_other_places_of_a_token_are_left_as_they_are(token: str, station: Path) -> None:
    station.write_text(station.read_text().replace("file:token", token))
    entry = load_station(station).ticket
    assert entry is not None
    assert entry.token == token


def test_a_token_file_that_is_no_text_is_refused_without_its_content(tmp_path: Path) -> None:
    path = tmp_path / "token"
    path.write_bytes(b"canary\xe9canary")
    path.chmod(0o600)
    reading, writing = os.pipe()
    os.write(writing, path.read_bytes())
    os.close(writing)
    for source in (f"file:{path}", f"fd:{reading}"):
        with pytest.raises(UsageError) as caught:
            read_secret(source, "[ticket] token")
        said = f"{caught.value.what} {caught.value.hint} {caught.value.__cause__!r}"
        assert "[ticket] token" in said
        assert not any(sign in said for sign in ("canary", "xe9", "é"))


def test_a_person_is_told_which_token_file_it_is(run: Run, station: Path) -> None:
    (station.parent / "token").write_bytes(b"canary\xe9")
    refused = run("ticket", "doctor", "--station", station, "-vv")
    assert refused.returncode == 2
    assert f"{station.parent / 'token'}: this is not text in UTF-8" in refused.stderr
    assert "xe9" not in refused.stderr
