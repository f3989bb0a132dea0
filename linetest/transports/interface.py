"""What can be wrong with a network interface, said once for all who open one."""

import errno
import sys
from pathlib import Path

from linetest.errors import DeviceError, Unreachable, nearest
from linetest.model.codes import Reason
from linetest.words.text import _

_DOWN = (errno.ENETDOWN, errno.ENODEV, errno.ENXIO, errno.EBADF)


def no_such_interface(interface: str, known: list[str]) -> DeviceError:
    """Return the error for an interface that is not one of `known`."""
    return DeviceError(
        _("{interface}: there is no such interface; here are: {names}").format(
            interface=interface, names=nearest(interface, known)
        ),
        _("ip link shows all of them"),
        reason=Reason.NO_SUCH_OBJECT,
    )


def no_right(interface: str) -> DeviceError:
    """Return the error for a user who may not open raw sockets; its hint says how to grant the right."""
    return DeviceError(
        _("{interface}: this user may not capture: the capability CAP_NET_RAW is missing").format(interface=interface),
        _("sudo setcap cap_net_raw+ep {python}, or use sudo").format(python=Path(sys.executable).resolve()),
        reason=Reason.NO_PERMISSION,
    )


def no_ethernet(interface: str) -> DeviceError:
    """Return the error for an interface of another kind."""
    return DeviceError(
        _("{interface}: delivers no Ethernet frames").format(interface=interface),
        _("name the card that the cable is plugged into"),
        reason=Reason.UNREADABLE,
    )


def not_usable(interface: str, error: Exception) -> Unreachable:
    """Return the error for an interface that the system does not open, or that went away."""
    if isinstance(error, OSError) and error.errno in _DOWN:
        return Unreachable(
            _("{interface}: the interface is down").format(interface=interface),
            _("ip link set {interface} up").format(interface=interface),
        )
    return Unreachable(
        _("{interface}: cannot be read: {fault}").format(interface=interface, fault=error),
        _("check cable and driver"),
    )


def no_carrier(interface: str) -> Unreachable:
    """Return the error for an interface that is down, or has no cable, while it is tested."""
    return Unreachable(
        _("{interface}: the interface is down, or its cable is out").format(interface=interface),
        _("check the cable; ip link set {interface} up").format(interface=interface),
    )
