"""What `linetest accept` shows and asks before a run that changes an OLT: the plan of each line."""

from typing import TYPE_CHECKING

from linetest.cli.options import say
from linetest.cli.provision import agree
from linetest.words.text import _

if TYPE_CHECKING:
    from linetest.acceptance.plan import Plan
    from linetest.devices.station import Station


def with_agreement(plan: "Plan", station: "Station", hashes: tuple[str, ...]) -> "Plan":
    """Return the plan with what was agreed to, for lines whose profile brings them into service.

    Raises:
        LinetestError: a plan cannot be made, or the person does not agree: nothing was changed.
    """
    import msgspec

    from linetest.acceptance.accept import line_name
    from linetest.acceptance.plan import lines_of
    from linetest.acceptance.provision import plan_line

    agreed: dict[str, str] = {}
    for job in plan.jobs:
        if any(step.room == "provision" for step in job.loaded().profile.step):
            for line in lines_of(plan, job):
                planned = plan_line(job.order, line, station)
                if planned.todo:
                    given = next((one for one in hashes if one == planned.hash), hashes[0] if hashes else None)
                    agree(planned, None, given)
                else:
                    say(_("{olt}: nothing to do for line {line}").format(olt=planned.olt, line=line.id))
                agreed[line_name(job.order, line)] = planned.hash
    return msgspec.structs.replace(plan, agreed=agreed)
