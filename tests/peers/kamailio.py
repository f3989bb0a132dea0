"""Kamailio, a real SIP registrar, on the loopback interface."""

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PROGRAM = shutil.which("kamailio", path="/usr/sbin:/usr/local/sbin:/usr/bin")
REALM, USER, PASSWORD = "peer.invalid", "1001", "right"
_CONFIG = Path(__file__).with_name("kamailio.cfg")
_START_S = 20.0
_PROBE = "\r\n".join(
    (
        "OPTIONS sip:x SIP/2.0",
        "Via: SIP/2.0/UDP 127.0.0.1;branch=z9hG4bKp;rport",
        "From: <sip:p@x>;tag=1",
        "To: <sip:p@x>",
        "Call-ID: p",
        "CSeq: 1 OPTIONS",
        "Content-Length: 0",
        "",
        "",
    )
).encode()


@contextmanager
def running(folder: Path) -> Iterator[int]:
    """Run it in the foreground while the context is open; yield its port."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    log = folder / "kamailio.log"
    with log.open("wb") as output:
        words = [str(PROGRAM), "-f", str(_CONFIG), "-l", f"udp:127.0.0.1:{port}", "-DD", "-E", "-Y", str(folder)]
        process = subprocess.Popen(words, stdout=output, stderr=output, cwd=folder)
    try:
        _wait(port, log)
        yield port
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait(port: int, log: Path) -> None:
    """Ask until it says that it knows no such method."""
    end_s = time.monotonic() + _START_S
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
        line.connect(("127.0.0.1", port))
        line.settimeout(0.2)
        while time.monotonic() < end_s:
            try:
                line.send(_PROBE)
                if line.recv(2000).startswith(b"SIP/2.0 405"):
                    return
            except (ConnectionRefusedError, TimeoutError):
                time.sleep(0.05)
    raise RuntimeError(log.read_text(errors="replace")[-2000:])
