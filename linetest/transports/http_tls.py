"""Certificates: whom a connection trusts, and what to say where one is refused."""

import ssl
from pathlib import Path

from linetest.errors import Paused, UsageError
from linetest.words.text import N_, _

# X509_V_ERR codes of OpenSSL, as x509_vfy.h names them.
_NOT_YET_VALID, _EXPIRED, _OTHER_NAME, _OTHER_ADDRESS = 9, 10, 62, 64
_UNKNOWN_ISSUER = (18, 19, 20, 21)

_YOUR_AUTHORITY = N_("name the certificate of your authority with ca_file in the station file")
_REFUSED = {
    _EXPIRED: (
        N_("{host}: its certificate has expired"),
        N_("if this computer's clock is right, tell those who run the ticket system"),
    ),
    _NOT_YET_VALID: (
        N_("{host}: its certificate is not valid yet"),
        N_("check this computer's clock"),
    ),
    **dict.fromkeys(
        (_OTHER_NAME, _OTHER_ADDRESS),
        (
            N_("{host}: its certificate is for another name"),
            N_("write the address in the station file with the name that the certificate has"),
        ),
    ),
    **dict.fromkeys(_UNKNOWN_ISSUER, (N_("{host}: its certificate is of an unknown authority"), _YOUR_AUTHORITY)),
}


def tls_context(ca_file: Path | None) -> ssl.SSLContext:
    """Return a context that verifies, with the system's authorities or those of a file.

    Raises:
        UsageError: the file holds none.
    """
    try:
        return ssl.create_default_context(cafile=None if ca_file is None else str(ca_file))
    except (OSError, ssl.SSLError) as error:
        raise UsageError(
            _("{file}: no certificates can be read from it: {fault}").format(file=ca_file, fault=error)
        ) from error


def refused(error: ssl.SSLError, host: str) -> Paused:
    """Return what is wrong with a server's certificate or encryption, and what to do."""
    if isinstance(error, ssl.SSLCertVerificationError):
        what, hint = _REFUSED.get(
            error.verify_code, (N_("{host}: its certificate is refused: {fault}"), _YOUR_AUTHORITY)
        )
        return Paused(_(what).format(host=host, fault=error.verify_message), _(hint))
    return Paused(
        _("{host}: no encrypted connection: {fault}").format(host=host, fault=error.reason or "TLS"),
        _("check that the address in the station file is that of an https server"),
    )
