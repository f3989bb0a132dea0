"""pysnmp's engine, made from the byte code that Python keeps.

pysnmp runs the source of its own MIB modules for each engine, and compiles each twice: a fifth of a second of a fast
computer for every device of a sweep. What they run to stays the engine's own: its counters are among it.
"""

from functools import cache
from importlib.abc import InspectLoader
from importlib.util import find_spec
from types import CodeType
from typing import Any

from pysnmp.entity.engine import SnmpEngine
from pysnmp.proto.rfc3412 import MsgAndPduDispatcher
from pysnmp.smi.builder import MibBuilder
from pysnmp.smi.instrum import MibInstrumController

_PACKAGES = ("pysnmp.smi.mibs", "pysnmp.smi.mibs.instances")


def new_engine() -> Any:
    """Return an engine of pysnmp that shares nothing with another."""
    return SnmpEngine(msgAndPduDsp=MsgAndPduDispatcher(MibInstrumController(_Builder())))


class _Builder(MibBuilder):  # type: ignore[misc]
    """Runs a MIB module once, as pysnmp's own does."""

    def __init__(self) -> None:
        super().__init__()
        self._has_run: set[str] = set()

    def load_module(self, modName: str, **context: Any) -> MibBuilder:  # noqa: N803 (pysnmp's name)
        code = _code_of(modName)
        if code is None:
            return super().load_module(modName, **context)
        if modName not in self._has_run:
            self._has_run.add(modName)
            exec(code, {"mibBuilder": self, "userCtx": context})
        return self


@cache
def _code_of(name: str) -> CodeType | None:
    for package in _PACKAGES:
        spec = find_spec(f"{package}.{name}")
        if spec is not None and isinstance(spec.loader, InspectLoader):
            return spec.loader.get_code(spec.name)
    return None
