"""What the person at the analyser is told: the work ahead, each cabling, and what came of it."""

from typing import TYPE_CHECKING

import click

from linetest.cli.options import say
from linetest.safe import safe_text
from linetest.words.text import N_, _

if TYPE_CHECKING:
    from linetest.acceptance.guided import Answer, GuidedPlan, Taken
    from linetest.copper.two_ports import Combination, Place
    from linetest.devices.station import DeviceEntry
    from linetest.model.profile import LoadedProfile

_PLACES = {"near": N_("pair {number}, near end"), "far": N_("pair {number}, far end")}
_ANSWERS: dict[str, "Answer"] = {"": "measure", "b": "back", "x": "leave-out"}


def say_preface(plan: "GuidedPlan", loaded: "LoadedProfile") -> float:
    """Say what the work is and what it takes; return what every end that has no lead is closed with, in ohm."""
    from linetest.acceptance.guided import band_of
    from linetest.devices.driver_file import load_driver
    from linetest.model.values import frequency_words

    entry, wanted = plan.entry(), band_of(loaded)
    analyser = load_driver(entry.driver).analyser
    ohm = analyser.reference_ohm if analyser else 100.0
    count = len(plan.combinations())
    say(
        _("{pairs} pairs, {count} cablings; both leads must reach both ends of the cable.").format(
            pairs=plan.pairs, count=count
        )
    )
    say(_("Each lead ends in a balun to {ohm:g} ohm.").format(ohm=ohm))
    low, high = frequency_words(wanted.start_hz), frequency_words(wanted.stop_hz)
    say(_("Calibrate the analyser behind the baluns, from {low} to {high}.").format(low=low, high=high))
    say_reach(entry, loaded)
    return ohm


def say_reach(entry: "DeviceEntry", loaded: "LoadedProfile") -> None:
    """Tell before the work that this analyser cannot reach the whole band, and what that means."""
    from linetest.acceptance.guided import band_of
    from linetest.copper.settings import settings_of
    from linetest.devices.driver_file import load_driver
    from linetest.model.values import frequency_words

    wanted, tolerance_hz = band_of(loaded), settings_of(loaded).edge_tolerance_hz
    analyser = load_driver(entry.driver).analyser
    if analyser is None:
        return
    if analyser.lowest_hz > wanted.start_hz + tolerance_hz or analyser.highest_hz < wanted.stop_hz - tolerance_hz:
        say(
            _("Note: {name} goes from {low} to {high}, which is not the whole band:").format(
                name=safe_text(entry.name),
                low=frequency_words(analyser.lowest_hz),
                high=frequency_words(analyser.highest_hz),
            )
        )
        say(_("it can find a pair that fails, and never pass one."))


def ask(ohm: float, one: "Combination", connected: "Combination | None", number: int, count: int) -> "Answer":
    """Say what to connect where, and wait until the person says that it is."""
    say("")
    say(_("Cabling {number} of {count}").format(number=number, count=count))
    for port, place in enumerate(one, start=1):
        moves = connected is None or connected[port - 1] != place
        words = _("port {port}: {place}").format(port=port, place=_place_words(place))
        say(f"  {words:<28}" + _("<- connect") if moves else f"  {words}")
    say("  " + _("all other ends: {ohm:g} ohm").format(ohm=ohm))
    question = _("Enter measures, x leaves this one out:")
    if number > 1:
        question = _("Enter measures, b repeats the one before, x leaves this one out:")
    while True:
        said = click.prompt(question, default="", show_default=False, prompt_suffix=" ", err=True)
        answer = _ANSWERS.get(said.strip().lower())
        if answer is not None and (answer != "back" or number > 1):
            return answer


def _place_words(place: "Place") -> str:
    return _(_PLACES[place.end]).format(number=place.pair)


def say_taken(taken: "Taken") -> None:
    """Tell what was measured: enough to see that the leads were where they should be."""
    from linetest.model.values import frequency_words

    say(
        "  "
        + _("measured: {points} points from {first}, highest {gain:.1f} dB at {frequency}").format(
            points=taken.points,
            first=frequency_words(taken.first_hz),
            gain=taken.highest_db,
            frequency=frequency_words(taken.highest_hz),
        )
    )


def say_kept(one: "Combination") -> None:
    """Tell that a cabling was measured before the interruption."""
    say(_("{name}: measured before").format(name=one.name))


def say_trouble(words: str, reason: str, hint: str = "") -> None:
    """Tell why nothing was measured, and what to try next."""
    from linetest.model.sentences import reason_advice, reason_words

    say(safe_text(_("Not measured: {reason}: {words}").format(reason=reason_words(reason), words=words)))
    say(_("Try: {hint}").format(hint=safe_text(hint or reason_advice(reason))))
