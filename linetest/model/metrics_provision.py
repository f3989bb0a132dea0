"""The metric of bringing a line into service."""

from linetest.model.codes import Hint
from linetest.model.metric import Metric
from linetest.words.text import N_

PROVISION = (
    Metric(
        name="provision.as_planned_count",
        unit="",
        title=N_("On the OLT as planned"),
        meaning=N_("1 when the OLT is as the agreed plan wanted it, verified and saved; 0 when it is as it was before"),
        lowest=0.0,
        highest=1.0,
        hint_low=Hint.NOT_AS_PLANNED,
    ),
)
