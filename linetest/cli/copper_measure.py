"""One sweep file measured, with what in it contradicts itself said."""

from pathlib import Path
from typing import TYPE_CHECKING

from linetest.cli.options import say
from linetest.safe import safe_text
from linetest.words.text import _

if TYPE_CHECKING:
    from linetest.copper.sweep import SweepOptions
    from linetest.model.profile import LoadedProfile
    from linetest.model.reading import Measurement


def measure_path(path: Path, options: "SweepOptions", loaded: "LoadedProfile") -> "Measurement":
    """Return what one file holds."""
    from linetest.copper.crosstalk import measure
    from linetest.copper.manifest import load_sweep
    from linetest.copper.settings import settings_of

    settings = settings_of(loaded)
    sweep = load_sweep(path, options, settings)
    for one in sweep.contradictions:
        say(
            _("pair {pair}: its loss in {file} and in {other} differs by {difference:.1f} dB").format(
                pair=safe_text(one.pair), file=one.files[0], other=one.files[1], difference=one.difference_db
            )
        )
    return measure(sweep, loaded.profile.limit, settings)
