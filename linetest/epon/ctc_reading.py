"""Reads CTC's extended OAM out of octets (layouts: see `linetest.epon.ctc`)."""

from collections.abc import Callable

from linetest.epon.ctc import (
    CTC_OUI,
    LOID_OCTETS,
    PASSWORD_OCTETS,
    Alarm,
    AlarmSetting,
    AlarmSettings,
    Authentication,
    AuthenticationCode,
    AuthenticationType,
    Churning,
    ChurningCode,
    CtcOpcode,
    CtcPdu,
    Dba,
    DbaCode,
    EventSubtype,
    ExtendedDiscovery,
    Instance,
    QueueSet,
    Variable,
    Variables,
)
from linetest.epon.ctc_names import EXTENDED_ACTION, OPEN_LEAVES, STANDARD_ACTION
from linetest.epon.octets import Garbled, Octets, Short, oui_text

INSTANCE_WIDTHS = {0x36: 1, 0x37: 4}
"""Branch of an instance TLV up to 2.0 and from 2.1, and the width of its value."""
INDICATION = 0x80
"""From here on, a width is an indication."""
_END = 0  # branch
_LONGEST_VALUE = 128  # a width of 0
_QUEUES = 8
_MOST_QUEUE_SETS = 3

Reader = Callable[[Octets], Variables | Authentication | Churning | Dba | AlarmSettings]


def read_ctc(data: bytes) -> CtcPdu | Garbled:
    """Return the CTC PDU in `data`, which starts with CTC's identifier; a content that cannot be read is `Garbled`."""
    if len(data) <= len(CTC_OUI):
        return Garbled("CTC OAMPDU")
    opcode = data[3]
    reader = _READERS.get(opcode)
    if reader is None:
        return CtcPdu(opcode=opcode, content=None)
    try:
        return CtcPdu(opcode=opcode, content=reader(Octets(data[4:])))
    except Short:
        return CtcPdu(opcode=opcode, content=Garbled(f"CTC {CtcOpcode(opcode).name}"))


def read_extended_discovery(value: bytes) -> ExtendedDiscovery:
    """Return the extended discovery TLV behind type and length.

    Raises:
        Short: the list of versions ends inside of an entry.
    """
    octets = Octets(value)
    octets.take(len(CTC_OUI))
    supported = octets.number(1)
    version = octets.number(1)
    offers = []
    while octets.left:
        offers.append((oui_text(octets.take(3)), octets.number(1)))
    return ExtendedDiscovery(supported=supported, version=version, offers=tuple(offers))


def read_alarm(value: bytes) -> Alarm:
    """Return the alarm of an organization specific event TLV, behind type and length.

    Raises:
        Short: it ends too early.
    """
    octets = Octets(value)
    octets.take(len(CTC_OUI))
    return Alarm(
        object_type=octets.number(2),
        object_instance=octets.number(4),
        number=octets.number(2),
        timestamp=octets.number(2),
        is_raised=octets.number(1) == 0,
    )


def _variables(octets: Octets, has_values: bool) -> Variables:
    found: list[Variable] = []
    instance: Instance | None = None
    while octets.left and (branch := octets.number(1)) != _END:
        leaf = octets.number(2)
        if branch in INSTANCE_WIDTHS:
            if octets.number(1) != INSTANCE_WIDTHS[branch]:
                raise Short
            instance = Instance(leaf=leaf, value=octets.number(INSTANCE_WIDTHS[branch]))
            continue
        indication, value = _value(octets, branch, leaf) if has_values else (None, None)
        found.append(Variable(branch=branch, leaf=leaf, instance=instance, indication=indication, value=value))
    return Variables(variables=tuple(found))


def value_octets(width: int, branch: int) -> int:
    """Return how many octets of value follow a container's width octet.

    A width of 0 means 128 octets (clause 57.6), longer values go on in a second container of the same variable; but
    an action has no value at all and says 0, too.
    """
    if width >= INDICATION:
        return 0
    if width == 0 and branch not in (STANDARD_ACTION, EXTENDED_ACTION):
        return _LONGEST_VALUE
    return width


def _value(octets: Octets, branch: int, leaf: int) -> tuple[int | None, bytes | None]:
    width = octets.number(1)
    if width >= INDICATION:
        return width, None
    value = octets.take(value_octets(width, branch))
    return None, value if (branch, leaf) in OPEN_LEAVES else None


def _descriptors(octets: Octets) -> Variables:
    return _variables(octets, has_values=False)


def _containers(octets: Octets) -> Variables:
    return _variables(octets, has_values=True)


def _authentication(octets: Octets) -> Authentication:
    code = octets.number(1)
    data = Octets(octets.take(octets.number(2)))
    if code == AuthenticationCode.FAILURE:
        return Authentication(code=code, type=None, failure=data.number(1))
    if code not in (AuthenticationCode.REQUEST, AuthenticationCode.RESPONSE):
        return Authentication(code=code, type=None)
    kind = data.number(1)
    if code == AuthenticationCode.RESPONSE and kind == AuthenticationType.NAK:
        return Authentication(code=code, type=kind, wanted_type=data.number(1))
    if code == AuthenticationCode.RESPONSE and kind == AuthenticationType.LOID_AND_PASSWORD:
        # NULs stand before the text in one maker's software, behind it in another's.
        loid = data.take(LOID_OCTETS).strip(b"\0").decode("ascii", "backslashreplace")
        length = len(data.take(PASSWORD_OCTETS).strip(b"\0"))
        return Authentication(code=code, type=kind, loid=loid, password_length=length)
    return Authentication(code=code, type=kind)


def _churning(octets: Octets) -> Churning:
    code = octets.number(1) & 3
    index = octets.number(1)
    if code == ChurningCode.NEW_KEY and octets.left < 1:  # three octets; other lengths occur with triple churning
        raise Short
    return Churning(code=code, key_index=index)


def _dba(octets: Octets) -> Dba:
    code = octets.number(1) & 3
    if code == DbaCode.GET_REQUEST:
        return Dba(code=code, accepted=None, queue_sets=())
    accepted = bool(octets.number(1) & 1) if code == DbaCode.SET_RESPONSE else None
    count = octets.number(1)
    if count > _MOST_QUEUE_SETS:
        raise Short
    return Dba(code=code, accepted=accepted, queue_sets=tuple(_queue_set(octets) for _set in range(count)))


def _queue_set(octets: Octets) -> QueueSet:
    bitmap = octets.number(1)
    return QueueSet(thresholds_tq=tuple((queue, octets.number(2)) for queue in range(_QUEUES) if bitmap >> queue & 1))


def _alarm_settings(octets: Octets) -> AlarmSettings:
    subtype = octets.number(1)
    count = octets.number(2)
    return AlarmSettings(subtype=subtype, settings=tuple(_alarm_setting(octets, subtype) for _entry in range(count)))


def _alarm_setting(octets: Octets, subtype: int) -> AlarmSetting:
    has_status = subtype in (EventSubtype.STATUS_SET, EventSubtype.STATUS_RESPONSE)
    has_thresholds = subtype in (EventSubtype.THRESHOLD_SET, EventSubtype.THRESHOLD_RESPONSE)
    return AlarmSetting(
        object_type=octets.number(2),
        object_instance=octets.number(4),
        alarm=octets.number(2),
        enabled=octets.number(4) == 1 if has_status else None,
        set_at=octets.number(4) if has_thresholds else None,
        clear_at=octets.number(4) if has_thresholds else None,
    )


_READERS: dict[int, Reader] = {
    CtcOpcode.GET_REQUEST: _descriptors,
    CtcOpcode.GET_RESPONSE: _containers,
    CtcOpcode.SET_REQUEST: _containers,
    CtcOpcode.SET_RESPONSE: _containers,
    CtcOpcode.AUTHENTICATION: _authentication,
    CtcOpcode.CHURNING: _churning,
    CtcOpcode.DBA: _dba,
    CtcOpcode.EVENT: _alarm_settings,
}
