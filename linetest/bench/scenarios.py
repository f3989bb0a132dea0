"""The table of scenarios: what is wrong on the bench, and how the day's work then ends."""

from functools import partial

from linetest.bench.faults import Fault
from linetest.bench.fibres import ftth_drop
from linetest.bench.scenario import GOOD_CAPTURE, GOOD_LINE, Scenario
from linetest.errors import UsageError, nearest
from linetest.model.codes import Hint, Reason
from linetest.words.text import N_, _

DEFAULT = "all-good"

_LOW_DBM = {1490.0: -29.60, 1550.0: -28.90}
_HIGH_DBM = {1490.0: -5.20, 1550.0: -4.40}
_BLINDING_DBM = {1490.0: 14.00, 1550.0: 14.50}
_DARK_DBM = {1490.0: -95.0, 1550.0: -95.0}


_ALL = (
    Scenario(name=DEFAULT, sentence=N_("Everything works; both lines pass."), exit_code=0),
    Scenario(
        name="low-light",
        sentence=N_("The fibre brings too little light: a dirty connector or a bend."),
        exit_code=1,
        code=Hint.LOW_LIGHT,
        driver="newport_1830c",
        levels_dbm=_LOW_DBM,
    ),
    Scenario(
        name="too-much-light",
        sentence=N_("The fibre brings more light than the customer's device bears."),
        exit_code=1,
        code=Hint.TOO_MUCH_LIGHT,
        driver="thorlabs_pm100",
        levels_dbm=_HIGH_DBM,
    ),
    Scenario(
        name="no-light",
        sentence=N_("The fibre is dark; the meter prints letters instead of a level."),
        exit_code=3,
        code=Reason.UNDER_RANGE,
        driver="optokon_pm212",
        levels_dbm=_DARK_DBM,
    ),
    Scenario(
        name="blinding-light",
        sentence=N_("The light is above the meter's range; it shows a number that only its status byte denies."),
        exit_code=3,
        code=Reason.OVER_RANGE,
        driver="newport_1830c",
        levels_dbm=_BLINDING_DBM,
    ),
    Scenario(
        name="meter-silent",
        sentence=N_("The meter is connected and never answers."),
        exit_code=3,
        code=Reason.TIMEOUT,
        driver="santec_mpm210",
        fault=Fault.SILENT,
    ),
    Scenario(
        name="meter-garbles",
        sentence=N_("The meter's answers arrive as noise: a bad cable."),
        exit_code=3,
        code=Reason.GARBLED,
        driver="keysight_816x",
        fault=Fault.GARBLES,
    ),
    Scenario(
        name="meter-in-watts",
        sentence=N_("The meter ignores the unit command and stays in watts: its front panel is locked."),
        exit_code=3,
        code=Reason.WRONG_UNIT,
        driver="thorlabs_pm100",
        fault=Fault.IN_WATTS,
    ),
    Scenario(
        name="meter-wrong-wavelength",
        sentence=N_("The meter ignores the wavelength command and shows a plausible wrong level."),
        exit_code=3,
        code=Reason.WRONG_WAVELENGTH,
        driver="santec_mpm210",
        fault=Fault.WRONG_WAVELENGTH,
    ),
    Scenario(
        name="meter-not-ready",
        sentence=N_("The meter stays busy; its display shows an old value."),
        exit_code=3,
        code=Reason.NOT_READY,
        driver="newport_1830c",
        fault=Fault.NOT_READY,
        ready_after_s=3600.0,
    ),
    Scenario(
        name="meter-unplugged",
        sentence=N_("The meter's cable comes out in the middle of a reading."),
        exit_code=3,
        code=Reason.OFFLINE,
        fault=Fault.UNPLUGGED,
    ),
    Scenario(
        name="next-too-high",
        sentence=N_("Pair 1 hears its neighbours at the near end: untwisted or wet wires."),
        exit_code=1,
        code=Hint.NEAR_END_CROSSTALK,
        binder_fault="next",
    ),
    Scenario(
        name="fext-too-high",
        sentence=N_("Pair 1 hears its neighbours at the far end."),
        exit_code=1,
        code=Hint.FAR_END_CROSSTALK,
        binder_fault="fext",
    ),
    Scenario(
        name="split-pair",
        sentence=N_("Pairs 1 and 3 have exchanged a wire."),
        exit_code=1,
        code=Hint.SPLIT_PAIR,
        binder_fault="split-pair",
    ),
    Scenario(
        name="sweep-too-narrow",
        sentence=N_("The sweep covers only half of the band."),
        exit_code=3,
        code=Reason.BAND_NOT_COVERED,
        binder_fault="narrow",
    ),
    Scenario(
        name="sweep-without-fext",
        sentence=N_("Only the near ends of the pairs were connected, so far-end crosstalk is not measured."),
        exit_code=3,
        code=Reason.NOT_MEASURED,
        binder_fault="no-fext",
    ),
    Scenario(
        name="ticket-down",
        sentence=N_("Both lines pass; the ticket system cannot be reached, so the results wait in the outbox."),
        exit_code=5,
        code="pending",
        ticket_down=True,
    ),
    Scenario(
        name="tmf-good",
        sentence=N_("Both lines pass; the results go to a ticket system with TM Forum's open APIs."),
        exit_code=0,
        tmf=True,
    ),
    Scenario(
        name="tmf-answers-lost",
        sentence=N_("Both lines pass; TM Forum's system does what it is asked, and its first answers are lost."),
        exit_code=0,
        tmf=True,
        lost_answers=2,
    ),
    Scenario(
        name="trace-good",
        sentence=N_("A subscriber's fibre with light and an OTDR trace; all is good."),
        exit_code=0,
        traced=ftth_drop,
    ),
    Scenario(
        name="trace-bad-splice",
        sentence=N_("The light is good; the trace shows a splice with too much loss."),
        exit_code=1,
        code=Hint.BAD_SPLICE,
        traced=partial(ftth_drop, splice_db=0.8),
    ),
    Scenario(
        name="trace-broken",
        sentence=N_("The fibre is dark; the trace shows where it is broken."),
        exit_code=3,
        code=Reason.UNDER_RANGE,
        driver="optokon_pm212",
        levels_dbm=_DARK_DBM,
        traced=partial(ftth_drop, broken_at_m=83.0),
    ),
    Scenario(
        name="pon-good",
        sentence=N_("A subscriber's light and what the OLT tells of the ONU; all is good."),
        exit_code=0,
        olt="huawei-gpon",
    ),
    Scenario(
        name="pon-los",
        sentence=N_(
            "The light at the socket is good; the OLT has lost the light of the ONU: its patch cord is broken."
        ),
        exit_code=1,
        code=Hint.FIBRE_CUT,
        olt="huawei-gpon",
        pon="los",
    ),
    Scenario(
        name="pon-dying-gasp",
        sentence=N_("The light at the socket is good; the last that the ONU said is that its power went."),
        exit_code=1,
        code=Hint.POWER_CUT,
        olt="huawei-gpon",
        pon="dying-gasp",
    ),
    Scenario(
        name="pon-weak-light",
        sentence=N_("The light at the socket is good, at the ONU too weak: a dirty or bent patch cord."),
        exit_code=1,
        code=Hint.LOW_LIGHT,
        olt="huawei-gpon",
        pon="weak-light",
    ),
    Scenario(
        name="pon-duplicate-llid",
        sentence=N_("The light is good; another ONU of the port has the same LLID."),
        exit_code=1,
        code=Hint.SAME_LLID,
        olt="bdcom-epon",
        pon="duplicate-llid",
    ),
    Scenario(
        name="epon-good",
        sentence=N_("A subscriber's ONU in the capture of its PON; all is good."),
        exit_code=0,
        captured=GOOD_CAPTURE,
    ),
    Scenario(
        name="epon-duplicate-llid",
        sentence=N_("The capture shows that the ONU got an LLID that another one has."),
        exit_code=1,
        code=Hint.SAME_LLID,
        captured="duplicate-llid",
    ),
    Scenario(
        name="epon-lost-onu",
        sentence=N_("The capture shows that the ONU fell silent until the OLT gave it up."),
        exit_code=1,
        code=Hint.LOST_ONU,
        captured="lost-onu",
    ),
    Scenario(
        name="epon-loid-refused",
        sentence=N_("The capture shows that the OLT does not know the ONU's LOID."),
        exit_code=1,
        code=Hint.NOT_ACCEPTED,
        captured="loid-refused",
    ),
    Scenario(
        name="service-good",
        sentence=N_("The light is good, and the service works at the line and behind the customer's router."),
        exit_code=0,
        access=GOOD_LINE,
    ),
    Scenario(
        name="service-login-refused",
        sentence=N_("The light is good; the operator's concentrator refuses the log-in."),
        exit_code=1,
        code=Hint.LOGIN_REFUSED,
        access="login-refused",
    ),
    Scenario(
        name="service-router-slow",
        sentence=N_("The line keeps its contract; the customer's router lets only a part of it pass."),
        exit_code=1,
        code=Hint.SLOW_RATE,
        access="router-limits-rate",
    ),
)

SCENARIOS: dict[str, Scenario] = {scenario.name: scenario for scenario in _ALL}


def find_scenario(name: str) -> Scenario:
    """Return the scenario of that name, or say which there are."""
    if name in SCENARIOS:
        return SCENARIOS[name]
    raise UsageError(
        _("there is no scenario {name!r}; nearest: {names}").format(name=name, names=nearest(name, list(SCENARIOS))),
        _("`linetest bench scenarios` shows all scenarios"),
    )
