"""Whether an ONU's frames go encrypted once it has sent a key. Nothing is decrypted here."""

from dataclasses import dataclass, field

import numpy as np

from linetest.epon.constants import KEY_BIT
from linetest.epon.finding import MOST_FRAMES
from linetest.epon.frames import Bools, Frames


@dataclass(slots=True)
class KeyUse:
    """One LLID's frames to its ONU since it sent its first key."""

    key_ns: int
    first_encrypted_ns: int | None = None
    clear_before: int = 0
    """Clear frames between the key and the first encrypted one."""
    clear_after: int = 0
    clear_frames: list[int] = field(default_factory=list)
    encrypted: int = 0
    key_changes: int = 0
    last_key: int | None = None

    @property
    def clear_share_percent(self) -> float | None:
        """Return the share in clear since encryption began; since the key where it never did; None without frames."""
        clear = self.clear_before if self.first_encrypted_ns is None else self.clear_after
        frames = clear + self.encrypted
        return 100.0 * clear / frames if frames else None


@dataclass(slots=True)
class Encryption:
    """The LLIDs whose ONU has sent a key, and those with encrypted frames."""

    llids: dict[int, KeyUse] = field(default_factory=dict)

    def key_sent(self, llid: int, time_ns: int) -> None:
        """Take that the ONU of an LLID sent a key."""
        self.llids.setdefault(llid, KeyUse(key_ns=time_ns))

    def take(self, frames: Frames, clear: Bools, encrypted: Bools) -> None:
        """Take a block: its user frames to one ONU in clear, and its encrypted frames."""
        for llid in np.unique(frames.llid[encrypted]).tolist():
            rows = np.flatnonzero(encrypted & (frames.llid == llid))
            use = self.llids.setdefault(llid, KeyUse(key_ns=int(frames.time_ns[rows[0]])))
            keys = frames.security[rows] & KEY_BIT
            use.encrypted += len(rows)
            use.key_changes += int((np.diff(keys) != 0).sum()) + (use.last_key not in (None, int(keys[0])))
            use.last_key = int(keys[-1])
            if use.first_encrypted_ns is None:
                use.first_encrypted_ns = int(frames.time_ns[rows[0]])
        for llid, use in self.llids.items():
            rows = np.flatnonzero(clear & (frames.llid == llid) & (frames.time_ns > use.key_ns))
            if use.first_encrypted_ns is None:
                use.clear_before += len(rows)
            else:
                late = rows[frames.time_ns[rows] > use.first_encrypted_ns]
                use.clear_before += len(rows) - len(late)
                use.clear_after += len(late)
                rows = late
            use.clear_frames += frames.number[rows][: MOST_FRAMES - len(use.clear_frames)].tolist()
