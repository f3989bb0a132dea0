"""A simulated OLT while it is switched on: its plant, its configuration, and who talks to it.

One object is behind all sessions and the SNMP agent. Each command is carried out alone; beyond that two sessions race,
as no source shows a lock.
"""

import threading
import time
from collections.abc import Callable
from typing import Any, Literal

from linetest.bench.olt_bound import seen
from linetest.bench.olt_config import Change, Configuration, snapshot
from linetest.bench.olt_config_faults import ConfigFault, ConfigFaultKind
from linetest.bench.olt_plant import Plant
from linetest.errors import UsageError
from linetest.words.text import _

ONLINE_AFTER_S = 0.3
"""How long an ONU takes from the moment that it is bound, and the OLT from a reboot, if a test says nothing else."""


class Olt:
    """A switched-on OLT with one PON port."""

    def __init__(
        self,
        plant: Plant,
        configuration: Configuration,
        *,
        technology: Literal["gpon", "epon"],
        has_alarms: bool,
        online_after_s: float = ONLINE_AFTER_S,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Switch it on with a configuration that is saved; its ONUs have been up for long.

        Args:
            plant: its port, its ONUs and those that wait.
            configuration: what is bound, and what there is.
            technology: what the port is.
            has_alarms: whether a source shows how it prints alarms.
            online_after_s: how long an ONU takes to come up after it was bound.
            clock: tells the seconds.
        """
        self.technology = technology
        self.received: list[list[str]] = []
        """The lines of every session in the order in which they came, answers to questions included."""
        self.boots = 0
        """How often it has rebooted; a session that began before the last time is cut."""
        self.lock = threading.RLock()
        self._base = plant
        self._clock = clock
        self._online_after_s = online_after_s
        self._running = configuration
        self._saved = self._running
        self._bound_at = dict.fromkeys(self._running.onus, float("-inf"))
        self._back_at = float("-inf")
        self._has_alarms = has_alarms
        self._fault: ConfigFault | None = None
        self._commands = 0
        self._known = (self._running, set(self._bound_at))
        self._seen = seen(plant, *self._known)

    @property
    def configuration(self) -> dict[str, Any]:
        """Return the running configuration as plain data; secrets are in it."""
        return snapshot(self._running)

    @property
    def saved(self) -> dict[str, Any]:
        """Return what a reboot would bring back, as `configuration`."""
        return snapshot(self._saved)

    @property
    def running(self) -> Configuration:
        """Return the running configuration."""
        return self._running

    @property
    def fault(self) -> ConfigFault | None:
        """Return the fault that is still to come; to set one counts the commands from the first again.

        Raises:
            UsageError: it is an alarm, and no source shows those of this OLT.
        """
        return self._fault

    @fault.setter
    def fault(self, fault: ConfigFault | None) -> None:
        if fault and fault.kind is ConfigFaultKind.ALARM and not self._has_alarms:
            raise UsageError(_("no public source shows an alarm of this simulated OLT"))
        with self.lock:
            self._fault, self._commands = fault, 0

    @property
    def plant(self) -> Plant:
        """Return the port as the OLT knows it now; the same object until something has changed."""
        with self.lock:
            known = (self._running, self._up_numbers())
            if known != self._known:
                self._known, self._seen = known, seen(self._base, *known)
            return self._seen

    def is_up(self, number: int) -> bool:
        """Tell whether an ONU is bound, registered and working."""
        onu = self.plant.find(number)
        return onu is not None and onu.is_up

    def change(self, change: Change) -> Configuration:
        """Change the running configuration and return what it was; what is `Refused` leaves it."""
        with self.lock:
            before = self._running
            self._running = change(before)
            self._note_bound(before)
            return before

    def save(self) -> None:
        """Make the running configuration the one that a reboot brings back."""
        with self.lock:
            self._saved = self._running

    def reboot(self) -> None:
        """Lose what is not saved and every session; the ONUs come up again after their time."""
        with self.lock:
            self.boots += 1
            self._running = self._saved
            self._back_at = self._clock() + self._online_after_s
            self._bound_at = dict.fromkeys(self._running.onus, self._back_at)

    def is_away(self) -> bool:
        """Tell whether it is rebooting and answers nobody."""
        return self._clock() < self._back_at

    def next_fault(self) -> ConfigFault | None:
        """Count a command that changes the configuration; return the fault that it is to suffer."""
        with self.lock:
            self._commands += 1
            if self._fault is None or self._commands != self._fault.at:
                return None
            fault, self._fault = self._fault, None
            return fault

    def _note_bound(self, before: Configuration) -> None:
        now = self._clock()
        stays = {
            number
            for number, onu in self._running.onus.items()
            if number in before.onus and before.onus[number].identity == onu.identity
        }
        self._bound_at = {number: self._bound_at[number] if number in stays else now for number in self._running.onus}

    def _up_numbers(self) -> set[int]:
        """Return the ONUs that have had time to come up."""
        latest = self._clock() - self._online_after_s
        return {number for number, at in self._bound_at.items() if at <= latest}
