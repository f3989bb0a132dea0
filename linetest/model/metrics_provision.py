"""The metric of bringing a line into service."""

from linetest.model.codes import Hint
from linetest.model.metric import Metric
from linetest.words.text import N_

PROVISION = (
    Metric(
        name="provision.in_service_count",
        unit="",
        title=N_("In service"),
        meaning=N_("1 when all that the order wants is on the OLT, verified and saved; 0 when it was taken back"),
        lowest=0.0,
        highest=1.0,
        hint_low=Hint.NOT_IN_SERVICE,
    ),
)
