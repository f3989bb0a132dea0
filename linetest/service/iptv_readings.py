"""The readings of television: what was counted and timed, and what this laptop cannot tell."""

from typing import Any

from linetest.model.codes import Hint, Reason
from linetest.model.metrics import METRICS
from linetest.model.reading import Bound, Reading
from linetest.service.iptv_channel import Viewing
from linetest.service.iptv_settings import IptvSettings
from linetest.service.proportion import proved
from linetest.transports.frames import UNTAGGED

_TS_OF_RTP = 7  # transport packets in a datagram, RFC 2250


def readings_of(
    viewing: Viewing,
    before: Viewing | None,
    settings: IptvSettings,
    *,
    host_drops: int,
    wireless: bool,
    is_sure_of_tags: bool = True,
) -> list[Reading]:
    """Return the readings of one channel.

    Args:
        viewing: what was seen of it.
        before: the channel that was left for it; None where there was none.
        settings: how long was waited.
        host_drops: frames that this computer threw away meanwhile.
        wireless: they came over Wi-Fi.
        is_sure_of_tags: the channel has to come with the tags it was asked for with, if it comes at all.
    """
    where: dict[str, Any] = {"channel": str(viewing.channel)}
    if viewing.first_ns is None:
        return _without(viewing, settings, where, is_sure_of_tags=is_sure_of_tags)
    if viewing.before and before is None:
        join = _reading("iptv_join_ms", None, where, reason=Reason.SENT_BEFORE)
    else:
        join = _reading("iptv_join_ms", _passed_ms(viewing.joined_ns, viewing.first_ns), where)
    return [
        _reading("channel_count", 1.0, where),
        join,
        *_change(viewing, before, where),
        _leave(viewing, settings, where),
        *_tables(viewing, where),
        *_loss(viewing, where, host_drops=host_drops, wireless=wireless),
        *_stream(viewing, where),
    ]


def _without(
    viewing: Viewing, settings: IptvSettings, where: dict[str, Any], *, is_sure_of_tags: bool
) -> list[Reading]:
    """Return what is told of a channel that never came to this program.

    It did not come at all where the interface was watched. Without that right, or where it came and the laptop itself
    threw it away, nothing is said of the line.
    """
    waited_ms = settings.join_timeout_s * 1000.0
    if viewing.watch is not None and not viewing.raw:
        hint = Hint.NO_CHANNEL
        if viewing.watch.strays:
            where, hint = {**where, **_strays(list(viewing.watch.strays))}, Hint.CHANNEL_TAGS
        if not is_sure_of_tags:
            return _unknown(where, Reason.NO_IPTV_TAGS)
        return [
            _reading("channel_count", 0.0, where, hint=hint),
            _reading("iptv_join_ms", waited_ms, where, bound="at-least", hint=hint),
            _reading("iptv_loss_ppm", None, where, reason=Reason.SAMPLE_TOO_SMALL),
        ]
    reason = Reason.OWN_LOSS if viewing.raw or viewing.group.hides_strangers else Reason.NO_PERMISSION
    return _unknown(where, reason)


def _unknown(where: dict[str, Any], reason: Reason) -> list[Reading]:
    return [_reading(name, None, where, reason=reason) for name in ("channel_count", "iptv_join_ms", "iptv_loss_ppm")]


def _strays(stacks: list[str]) -> dict[str, Any]:
    """Return with which tags a channel came instead of those it was asked for with."""
    tagged = [one for one in stacks if one != UNTAGGED]
    return {**({"came": UNTAGGED} if UNTAGGED in stacks else {}), **({"came_with": tagged} if tagged else {})}


def _change(viewing: Viewing, before: Viewing | None, where: dict[str, Any]) -> list[Reading]:
    if before is None or before.first_ns is None or viewing.first_ns is None:
        return []
    where = {**where, "from_channel": str(before.channel)}
    change = _reading("iptv_change_ms", _passed_ms(before.left_ns, viewing.first_ns), where)
    if before.watch is None:
        return [change, _reading("iptv_overlap_count", None, where, reason=Reason.NO_PERMISSION)]
    overlap = sum(moment > viewing.first_ns for moment in before.after_leave_ns)
    return [change, _reading("iptv_overlap_count", float(overlap), where)]


def _leave(viewing: Viewing, settings: IptvSettings, where: dict[str, Any]) -> Reading:
    if viewing.watch is None or viewing.left_ns is None:
        return _reading("iptv_leave_ms", None, where, reason=Reason.NO_PERMISSION)
    if not viewing.after_leave_ns:
        return _reading("iptv_leave_ms", 0.0, where)
    took_ms = _passed_ms(viewing.left_ns, viewing.after_leave_ns[-1]) or 0.0
    ended = took_ms < settings.leave_timeout_s * 1000.0
    return _reading("iptv_leave_ms", took_ms, where, bound=None if ended else "at-least")


def _tables(viewing: Viewing, where: dict[str, Any]) -> list[Reading]:
    tables = viewing.count.ts.tables
    moments = {
        "iptv_pat_ms": tables.pat_ns,
        "iptv_pmt_ms": tables.pmt_ns,
        "iptv_random_access_ms": tables.random_access_ns,
    }
    return [
        _reading(name, _passed_ms(viewing.joined_ns, moment), where, reason=None if moment else Reason.NOT_IN_STREAM)
        for name, moment in moments.items()
    ]


def _loss(viewing: Viewing, where: dict[str, Any], *, host_drops: int, wireless: bool) -> list[Reading]:
    """Return the loss of the line: what this program dropped is taken off; what cannot be told apart is not told."""
    tally, own = viewing.count.rtp.tally, viewing.group.dropped
    if not tally.expected:
        return [_reading(name, None, where, reason=Reason.NO_NUMBERS) for name in ("iptv_loss_ppm", "iptv_lost_count")]
    lost = max(tally.lost - own, 0)
    of = max(tally.expected - min(own, tally.lost), 1)
    own_drop = _reading("iptv_own_drop_count", float(own), where)
    if lost and (host_drops or wireless):
        reason = Reason.OWN_LOSS if host_drops else Reason.OVER_WIRELESS
        return [
            _reading("iptv_loss_ppm", None, where, reason=reason),
            _reading("iptv_lost_count", None, where, reason=reason),
            own_drop,
        ]
    low, high = (share * 1e6 for share in proved(lost, of))
    return [
        Reading(
            metric="service.iptv_loss_ppm",
            value=lost / of * 1e6,
            unit=METRICS["service.iptv_loss_ppm"].unit,
            where=where,
            interval=(low, high),
        ),
        _reading("iptv_lost_count", float(lost), where),
        _reading("iptv_expected_count", float(of), where),
        own_drop,
    ]


def _stream(viewing: Viewing, where: dict[str, Any]) -> list[Reading]:
    count = viewing.count
    tally = count.rtp.tally
    factors = [second.delay_factor_ms for second in count.seconds if second.delay_factor_ms is not None]
    own = Reason.OWN_LOSS if viewing.group.dropped else None
    errors = None if own else float(count.ts.tally.continuity_errors)
    worst = None if own else float(_TS_OF_RTP * max((second.missing_or_late for second in count.seconds), default=0))
    jitter_ms = count.ts.clock_jitter_ms()
    return [
        _reading("iptv_reordered_count", float(tally.reordered), where),
        _reading("iptv_duplicate_count", float(tally.duplicates), where),
        _reading("iptv_ssrc_change_count", float(tally.ssrc_changes), where),
        _reading("iptv_continuity_error_count", errors, where, reason=own),
        _reading("iptv_media_loss_rate", worst, where, reason=own),
        _reading(
            "iptv_delay_factor_ms", max(factors, default=None), where, reason=None if factors else Reason.NOT_IN_STREAM
        ),
        _reading("iptv_pcr_jitter_ms", jitter_ms, where, reason=Reason.NOT_IN_STREAM if jitter_ms is None else None),
    ]


def _passed_ms(since_ns: int | None, until_ns: int | None) -> float | None:
    return None if since_ns is None or until_ns is None else max(until_ns - since_ns, 0) / 1e6


def _reading(
    name: str,
    value: float | None,
    where: dict[str, Any],
    *,
    reason: str | None = None,
    hint: str | None = None,
    bound: Bound | None = None,
) -> Reading:
    metric = f"service.{name}"
    return Reading(
        metric=metric, value=value, unit=METRICS[metric].unit, where=where, reason=reason, hint=hint, bound=bound
    )
