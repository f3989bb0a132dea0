"""The metrics of one link seen from several sides."""

from linetest.model.codes import Hint
from linetest.model.metric import Metric
from linetest.words.text import N_

RECONCILE = (
    Metric(
        name="optical.disagreeing_count",
        unit="",
        title=N_("Readings that do not fit"),
        meaning=N_("0 when meter, ONU, OLT and OTDR tell the same loss of a link; 1 when one of them does not fit"),
        lowest=0.0,
        highest=1.0,
    ),
    Metric(
        name="optical.residual_db",
        unit="dB",
        title=N_("Loss beside the others"),
        meaning=N_("Loss of a link as one side tells it, less the loss by all other sides"),
        lowest=-80.0,
        highest=80.0,
    ),
    Metric(
        name="optical.link_loss_db",
        unit="dB",
        title=N_("Loss from OLT to socket"),
        meaning=N_("Loss at 1490 nm from the OLT to the socket, by all readings that fit one another"),
        lowest=-5.0,
        highest=80.0,
        hint_high=Hint.LOW_LIGHT,
    ),
    Metric(
        name="optical.excess_loss_db",
        unit="dB",
        title=N_("Loss from OLT to socket beyond the plan"),
        meaning=N_("Loss from the OLT to the socket, by all readings that fit one another, less that of the plan"),
        lowest=-80.0,
        highest=80.0,
        hint_high=Hint.WRONG_SPLITTER_PORT,
    ),
)
MEASURED = frozenset(metric.name for metric in RECONCILE)
"""What the step ``reconcile`` measures; all other optical metrics are the power meter's."""
