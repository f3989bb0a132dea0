"""Why an ONU is down, as far as the OLT can know: its power went away, or its light."""

from linetest.model.codes import Hint
from linetest.model.onu import DOWN, OnuState
from linetest.words.text import N_, _

_CAUSES = {
    Hint.POWER_CUT: N_("power cut: the ONU told with its last breath that its power went away"),
    Hint.FIBRE_CUT: N_("fibre cut or unplugged: its light went away without a word"),
    Hint.NOT_ACCEPTED: N_("not accepted: the OLT sees it, but serial, MAC or LOID are not the ones it knows"),
}
_POWER = frozenset({"dying-gasp"})
_LIGHT = frozenset({"los", "lof", "signal-fail"})
_REFUSED = frozenset({"auth-failed"})


def why_down(state: OnuState) -> Hint | None:
    """Return the cause as a hint; None for an ONU that is up, or whose cause the OLT does not tell.

    The state itself counts before the last cause, which may be of an earlier time.
    """
    if state.run_state not in DOWN:
        return None
    for told in (state.run_state, state.last_down_cause):
        if told in _POWER:
            return Hint.POWER_CUT
        if told in _LIGHT:
            return Hint.FIBRE_CUT
        if told in _REFUSED:
            return Hint.NOT_ACCEPTED
    return None


def why_down_words(state: OnuState) -> str:
    """Return one sentence about an ONU that is down; empty for one that is not."""
    if state.run_state not in DOWN:
        return ""
    hint = why_down(state)
    if hint is not None:
        return _(_CAUSES[hint])
    if state.run_state == "disabled":
        return _("switched off at the OLT")
    if state.last_down_cause is not None:
        return _("down; the OLT gives {cause!r} as the last cause").format(cause=state.last_down_cause)
    return _("down; the OLT does not tell why")
