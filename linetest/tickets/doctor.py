"""What `ticket doctor` says of every ticket system alike."""

from linetest.tickets.system import Finding
from linetest.transports.http_answer import Answer
from linetest.words.text import _

_LARGEST_SKEW_S = 60.0


def fine(what: str) -> Finding:
    """Return that something is as it has to be."""
    return Finding(state="ok", what=what)


def clock_findings(answer: Answer) -> list[Finding]:
    """Return whether this computer's clock agrees with the server's; nothing where the server told no time."""
    if answer.skew_s is None:
        return []
    skew_s = round(answer.skew_s)
    if abs(skew_s) <= _LARGEST_SKEW_S:
        return [fine(_("the clocks agree within {seconds} s").format(seconds=abs(skew_s)))]
    return [
        Finding(
            state="wrong",
            what=_("this computer's clock is {seconds} s off the ticket system's").format(seconds=skew_s),
            hint=_("set the clock: the times of results count for the deadlines of orders"),
        )
    ]
