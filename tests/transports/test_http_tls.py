"""Certificates: a real TLS server, and an authority of the site's own, made here."""

import ipaddress
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from linetest.errors import Offline, Paused, UsageError
from linetest.secrets import Secret
from linetest.transports.http import HttpTransport
from tests.transports.talking import OK, answering, listening

NOW = datetime.now(UTC)
Serve = Callable[..., Iterator[int]]


class Authority:
    """A certificate authority with its own file."""

    def __init__(self, folder: Path, name: str) -> None:
        self.folder = folder
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        certificate = self.builder(self.name, self.key, NOW - timedelta(days=30), NOW + timedelta(days=30))
        certificate = certificate.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        self.file = folder / f"{name}.pem"
        self.file.write_bytes(certificate.sign(self.key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))

    def builder(
        self, subject: x509.Name, key: ec.EllipticCurvePrivateKey, begins: datetime, ends: datetime
    ) -> x509.CertificateBuilder:
        builder = x509.CertificateBuilder().subject_name(subject).issuer_name(self.name).public_key(key.public_key())
        builder = builder.serial_number(x509.random_serial_number())
        return builder.not_valid_before(begins).not_valid_after(ends)

    def server(self, host: str, begins_days: float = -1, ends_days: float = 1) -> ssl.SSLContext:
        """Return what a server of that name speaks TLS with."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
        builder = self.builder(subject, key, NOW + timedelta(days=begins_days), NOW + timedelta(days=ends_days))
        try:
            name: x509.GeneralName = x509.IPAddress(ipaddress.ip_address(host))
        except ValueError:
            name = x509.DNSName(host)
        builder = builder.add_extension(x509.SubjectAlternativeName([name]), critical=False)
        private = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        both = self.folder / f"{host}-both.pem"
        certificate = builder.sign(self.key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
        both.write_bytes(private + certificate)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(both)
        return context


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path, "site-authority")


@contextmanager
def no_request_comes(context: ssl.SSLContext) -> Iterator[int]:
    """Listen, and fail when a byte of a request gets through."""
    seen: list[bytes] = []
    with listening(lambda wire: seen.append(wire.recv(65536)), context) as port:
        yield port
    assert not any(seen)


def refusal(port: int, ca_file: Path | None, host: str = "localhost") -> Paused:
    transport = HttpTransport(f"https://{host}:{port}", token=Secret("canary"), ca_file=ca_file)
    with pytest.raises(Paused) as caught:
        transport.request("POST", body={}, deadline_s=5)
    return caught.value


def test_the_authority_in_the_file_is_trusted(authority: Authority) -> None:
    with listening(answering(OK), authority.server("localhost")) as port:
        transport = HttpTransport(f"https://localhost:{port}", token=Secret("canary"), ca_file=authority.file)
        assert transport.request("GET", deadline_s=5).status == 200


def test_an_address_may_be_in_the_certificate(authority: Authority) -> None:
    with listening(answering(OK), authority.server("127.0.0.1")) as port:
        assert HttpTransport(f"https://127.0.0.1:{port}", ca_file=authority.file).request("GET").status == 200


def test_without_the_file_nothing_is_sent(authority: Authority) -> None:
    with no_request_comes(authority.server("localhost")) as port:
        error = refusal(port, None)
    assert error.what == "localhost: its certificate is of an unknown authority"
    assert "ca_file" in error.hint


def test_another_authority_of_the_same_name_is_not_trusted(authority: Authority, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    other = Authority(tmp_path / "other", "site-authority")
    with no_request_comes(other.server("localhost")) as port:
        assert "certificate" in refusal(port, authority.file).what


def test_an_expired_certificate_is_refused(authority: Authority) -> None:
    with no_request_comes(authority.server("localhost", -3, -1)) as port:
        error = refusal(port, authority.file)
    assert error.what == "localhost: its certificate has expired"
    assert "clock" in error.hint


def test_a_certificate_of_tomorrow_points_at_the_clock(authority: Authority) -> None:
    with no_request_comes(authority.server("localhost", 1, 3)) as port:
        error = refusal(port, authority.file)
    assert (error.what, error.hint) == (
        "localhost: its certificate is not valid yet",
        "check this computer's clock",
    )


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
def test_a_certificate_of_another_host_is_refused(host: str, authority: Authority) -> None:
    with no_request_comes(authority.server("tickets.example.net")) as port:
        error = refusal(port, authority.file, host)
    assert error.what == f"{host}: its certificate is for another name"
    assert "name that the certificate has" in error.hint


def test_a_server_that_does_not_encrypt(authority: Authority) -> None:
    with listening(answering(b"SSH-2.0-OpenSSH_9.2\r\n")) as port:
        assert "no encrypted connection" in refusal(port, authority.file).what


def test_a_handshake_that_never_ends_is_offline(authority: Authority) -> None:
    with listening(lambda _wire: time.sleep(1)) as port, pytest.raises(Offline):
        HttpTransport(f"https://localhost:{port}", ca_file=authority.file).request("GET", deadline_s=0.3)


def test_a_file_without_certificates(tmp_path: Path) -> None:
    (tmp_path / "empty.pem").write_text("")
    with pytest.raises(UsageError, match=r"empty\.pem: no certificates"):
        HttpTransport("https://localhost", ca_file=tmp_path / "empty.pem")
