"""DSL modems over telnet: the drivers' prompts and commands against a server that answers as such a modem does."""

import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from linetest.devices.dsl_open import read_modem
from linetest.devices.station import DeviceEntry
from linetest.errors import CommandRefused

RECORDINGS = Path(__file__).parents[1] / "recordings"
Serve = Callable[[str, str, dict[str, str]], int]


def _talk(connection: socket.socket, ask: str, prompt: str, replies: dict[str, str], heard: list[str]) -> None:
    """Ask for what `ask` names, then answer commands; every line is echoed as telnet servers do."""
    with connection, connection.makefile("rw", newline="", encoding="utf-8") as stream:
        for question in ask.split("|"):
            stream.write(question)
            stream.flush()
            heard.append(stream.readline().strip())
        stream.write("\r\n\r\n" + prompt)
        stream.flush()
        for line in stream:
            command = line.strip()
            heard.append(command)
            if command == "exit":
                return
            reply = replies.get(command, f"{command}: not found\n").replace("\n", "\r\n")
            stream.write(f"{command}\r\n{reply}{prompt}")
            stream.flush()


@pytest.fixture
def heard() -> list[str]:
    """Return the list of all lines that the server was sent."""
    return []


@pytest.fixture
def serve(heard: list[str]) -> Iterator[Serve]:
    """Return a function that starts a server for one client and returns its port."""
    servers: list[socket.socket] = []
    threads: list[threading.Thread] = []

    def start(ask: str, prompt: str, replies: dict[str, str]) -> int:
        server = socket.create_server(("127.0.0.1", 0))
        servers.append(server)

        def one_client() -> None:
            connection, _address = server.accept()
            _talk(connection, ask, prompt, replies, heard)

        threads.append(threading.Thread(target=one_client, daemon=True))
        threads[-1].start()
        return int(server.getsockname()[1])

    yield start
    for server in servers:
        server.close()
    for thread in threads:
        thread.join(5.0)


def modem(driver: str, user: str, port: int, folder: Path) -> DeviceEntry:
    secret = folder / "password"
    secret.write_text("s3cret\n")
    secret.chmod(0o600)
    return DeviceEntry(
        name="modem",
        driver=driver,
        shell=f"telnet://{user}127.0.0.1:{port}",
        secrets={"password": f"file:{secret}"},
    )


def test_a_broadcom_over_telnet(serve: Serve, heard: list[str], tmp_path: Path) -> None:
    texts = {"--stats": "stats.txt", "--pbParams": "pbparams.txt", "--QLN": "qln.txt", "--Bits": "bits.txt"}
    folder = RECORDINGS / "broadcom_xdsl"
    replies = {f"xdslctl info {option}": (folder / name).read_text() for option, name in texts.items()}
    told = read_modem(modem("broadcom_xdsl", "admin@", serve("Login: |Password: ", "# ", replies), tmp_path))
    assert told.line.down.snr_margin_db == 9.5
    assert {(one.quantity, one.direction) for one in told.line.curves} >= {("qln_dbm_hz", "down"), ("bits", "up")}
    assert heard[:2] == ["admin", "s3cret"]
    assert "xdslctl info --Hlog" in heard  # asked, refused, and passed over
    assert b"s3cret" not in told.evidence[0].body
    assert (told.device, told.simulated) == ("modem", False)


def test_a_trendchip_asks_for_a_password_only(serve: Serve, heard: list[str], tmp_path: Path) -> None:
    replies = {"wan adsl status": "current modem status: up\n"}
    replies["wan adsl l n"] = (RECORDINGS / "trendchip_adsl" / "near.txt").read_text()
    told = read_modem(modem("trendchip_adsl", "", serve("Password: ", "ras> ", replies), tmp_path))
    assert (told.line.in_sync, told.line.down.snr_margin_db, told.line.down.line_attenuation_db) == (True, 7.0, 44.0)
    assert heard[0] == "s3cret"


def test_a_box_that_knows_no_command_is_refused(serve: Serve, tmp_path: Path) -> None:
    port = serve("Login: |Password: ", "$ ", {})
    with pytest.raises(CommandRefused, match="xdslctl"):
        read_modem(modem("broadcom_xdsl", "admin@", port, tmp_path))
