"""The tables of a profile of kind ``check-list``: stages of a job, with the tests that belong to each."""

import msgspec


class Stage(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """One ``[[stage]]``, in the order of the work."""

    title: str
    title_zh: str
    metrics: list[str] = []
    """What is measured at this stage: a metric, or all that begin so: ``pon.`` or ``optical.power_dbm``."""
    tests: str = ""
    """The same in words."""
    tests_zh: str = ""
    event: str | None = None
    """The event that shows that the stage is done where no test does, such as ``booked`` or ``sent``."""
    source: str
