"""Where the system's name servers come from."""

import sys
from pathlib import Path

import pytest

from linetest.service import system_names

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads what Linux has")


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The resolver's files and the folder of programs are those of a folder of the test."""
    monkeypatch.setattr(system_names, "_RESOLVER", tmp_path / "resolv.conf")
    monkeypatch.setattr(system_names, "_RESOLVER_OF_SYSTEMD", tmp_path / "systemd.conf")
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    (tmp_path / "bin").mkdir()
    (tmp_path / "systemd.conf").write_text("nameserver 192.0.2.9\n")
    return tmp_path


def resolvectl(files: Path, script: str) -> None:
    program = files / "bin" / "resolvectl"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)


def test_those_of_the_interface_where_systemd_tells_them(files: Path) -> None:
    (files / "resolv.conf").write_text("# stub\nnameserver 127.0.0.53\noptions edns0\n")
    resolvectl(files, 'echo "Link 2 ($3): 198.51.100.1 2001:db8::1 198.51.100.2#dns.example 198.51.100.3%$3"')
    found = system_names.name_servers("eth9", "10.0.0.2")
    assert found.addresses == ["198.51.100.1", "198.51.100.2", "198.51.100.3"]
    assert (found.source, found.elsewhere) == ("resolvectl dns eth9", frozenset())


@pytest.mark.parametrize("script", [None, "exit 1", 'echo "Link 2 (eth9):"', "printf '\\377\\376): 1.2.3.4.5 x'"])
def test_those_behind_the_stub_where_systemd_tells_none(files: Path, script: str | None) -> None:
    (files / "resolv.conf").write_text("nameserver 127.0.0.53\n")
    if script is not None:
        resolvectl(files, script)
    found = system_names.name_servers("eth9", "10.0.0.2")
    assert (found.addresses, found.source) == (["192.0.2.9"], str(files / "systemd.conf"))


def test_one_that_is_reached_from_another_address_is_elsewhere(files: Path) -> None:
    (files / "resolv.conf").write_text("nameserver 127.0.0.1\nnameserver ::1\nnameserver nonsense\n")
    assert system_names.name_servers("lo", "127.0.0.1") == (["127.0.0.1"], str(files / "resolv.conf"), frozenset())
    assert system_names.name_servers("eth9", "10.0.0.2").elsewhere == {"127.0.0.1"}


def test_without_a_file_there_are_none(files: Path) -> None:
    assert system_names.name_servers("eth9", "10.0.0.2").addresses == []
