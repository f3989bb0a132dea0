"""The test of television: each channel is joined, counted and left, one after the other, as a viewer changes them.

The moments are defined as testers of access networks do: the join delay ends with the first packet of the group, the
leave delay with its last, and the overlap is what still comes of the old channel after the first packet of the new one.
"""

from contextlib import ExitStack
from typing import Any

from linetest.errors import UsageError
from linetest.model.codes import Reason
from linetest.model.metrics import METRICS
from linetest.model.reading import EvidenceFile, Measurement, Reading
from linetest.service.access import Access
from linetest.service.igmp import opened_igmp
from linetest.service.iptv_channel import Viewing, listen, opened, view, wait_for_silence
from linetest.service.iptv_count import StreamCount
from linetest.service.iptv_readings import readings_of
from linetest.service.laptop import port_of
from linetest.service.path import IpPath
from linetest.service.restore import Restore
from linetest.service.settings import ServiceSettings
from linetest.transports.address import BENCH
from linetest.transports.frames import UNTAGGED, Tag, read_tags, tags_code
from linetest.transports.multicast import Channel, host_drops, parse_channel
from linetest.words.text import _

_NO_ADDRESS = "0.0.0.0"  # of a report from where this laptop has no address: RFC 3376 section 4.2.13
_MOST_CHANNELS = 20
_ALWAYS = ("service.channel_count", "service.iptv_join_ms", "service.iptv_loss_ppm")


def measure(access: Access, path: IpPath, settings: ServiceSettings, restore: Restore) -> Measurement:
    """Return what came of the channels that the station names.

    Over the system's own connection the system joins them; with tags, and over a lease or a session of linetest's own,
    frames do. They go beside a session, not through it. Beside a session, and with other tags than those of the lease,
    this laptop has no address in the channels' network: reports then come from 0.0.0.0. A channel that does not come
    beside a session says something of the line only where a person named the tags of television.

    A channel is left when the test ends, after an error and on Ctrl-C, as a recorded step. No payload is kept.

    Raises:
        UsageError: the station's ``iptv`` is no list of channels, or its ``iptv_vlans`` no tags.
        DeviceError: the interface is not there, or is down.
    """
    named = access.server("iptv")
    if named is None:
        return _without(Reason.NO_SERVER)
    channels = channels_of(named)
    tags = tags_of(access)
    interface = access.address
    wanted = settings.iptv
    wireless = not interface.startswith(BENCH) and port_of(interface).wireless
    dropped = host_drops(interface)
    with ExitStack() as stack:
        host = None
        if tags or path.how != "system":
            has_address = path.how == "dhcp" and tags == read_tags(access.tags)
            host = stack.enter_context(opened_igmp(interface, tags, path.address if has_address else _NO_ADDRESS))
        viewings = [stack.enter_context(opened(interface, channel, tags, host)) for channel in channels]
        listen(viewings[0], wanted)
        before: Viewing | None = None
        for viewing in viewings:
            view(viewing, before, wanted, restore)
            before = viewing
        wait_for_silence(viewings[-1], wanted)
        lost_here = host_drops(interface) - dropped
        is_sure = path.how != "pppoe" or access.server("iptv_vlans") is not None
        pairs = list(zip(viewings, [None, *viewings], strict=False))
        return Measurement(
            readings=[
                reading
                for viewing, old in pairs
                for reading in readings_of(
                    viewing, old, wanted, host_drops=lost_here, wireless=wireless, is_sure_of_tags=is_sure
                )
            ],
            details={
                "iptv": {
                    "interface": interface,
                    "tags": tags_code(tags),
                    "querier": None if host is None else host.querier,
                    "channels": [_details(viewing) for viewing in viewings],
                }
            },
            evidence=[_seconds(viewing) for viewing in viewings if viewing.count.seconds],
            simulated=path.simulated,
        )


def channels_of(text: str) -> list[Channel]:
    """Return the channels in ``GROUP:PORT, SOURCE@GROUP:PORT``.

    Raises:
        UsageError: one is none, or there are too many.
    """
    parts = text.split(",")
    if len(parts) > _MOST_CHANNELS:
        raise UsageError(_("iptv: more than {most} channels").format(most=_MOST_CHANNELS))
    channels = []
    for part in parts:
        try:
            channels.append(parse_channel(part))
        except (ValueError, OSError) as error:
            raise UsageError(
                _("iptv: {text!r} is no channel").format(text=part.strip()),
                _("write GROUP:PORT or SOURCE@GROUP:PORT, as in 239.1.1.1:5000"),
            ) from error
    return channels


def tags_of(access: Access) -> tuple[Tag, ...]:
    """Return the tags of television: those of the station's ``iptv_vlans``, else those of the test point.

    Raises:
        UsageError: they are none.
    """
    named = access.server("iptv_vlans")
    return read_tags(access.tags) if named is None else read_vlans(named)


def read_vlans(text: str) -> tuple[Tag, ...]:
    """Return the tags in ``802.1ad:10, 41``, the outer one first; ``untagged`` for none.

    Raises:
        UsageError: one is none.
    """
    return () if text.strip() == UNTAGGED else read_tags([part.strip() for part in text.split(",")])


def _without(reason: str) -> Measurement:
    return Measurement(
        readings=[Reading(metric=name, value=None, unit=METRICS[name].unit, reason=reason) for name in _ALWAYS]
    )


def _details(viewing: Viewing) -> dict[str, Any]:
    count: StreamCount = viewing.count
    rtp, ts = count.rtp.tally, count.ts.tally
    return {
        "channel": str(viewing.channel),
        "igmp": viewing.group.igmp,
        "watched": viewing.watch is not None,
        "before_join": viewing.before,
        "with_other_tags": {} if viewing.watch is None else dict(viewing.watch.strays),
        "datagrams": count.datagrams,
        "octets": count.octets,
        "without_rtp": count.plain,
        "foreign": count.foreign,
        "rtp": {
            name: getattr(rtp, name)
            for name in (
                "received", "expected", "lost", "duplicates", "reordered", "outside", "restarts", "ssrc_changes",
                "strangers",
            )
        },
        "ts": {
            name: getattr(ts, name)
            for name in (
                "packets", "nulls", "continuity_errors", "discontinuities", "duplicates", "transport_errors",
                "out_of_sync", "scrambled",
            )
        },
        "own_drops": viewing.group.dropped,
    }  # fmt: skip


def _seconds(viewing: Viewing) -> EvidenceFile:
    """Return what each second was, as a table: no payload."""
    lines = ["second,packets,octets,missing_or_late,delay_factor_ms"]
    for number, second in enumerate(viewing.count.seconds):
        factor = "" if second.delay_factor_ms is None else f"{second.delay_factor_ms:.3f}"
        lines.append(f"{number},{second.packets},{second.octets},{second.missing_or_late},{factor}")
    name = f"iptv-{viewing.channel.group}-{viewing.channel.port}.csv"
    return EvidenceFile(name=name, media_type="text/csv", body=("\n".join(lines) + "\n").encode("ascii"))
