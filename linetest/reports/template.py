"""The templates of the pages: everything that is printed goes through `safe_text` and the engine's escaping."""

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from linetest.safe import safe_text

if TYPE_CHECKING:
    import jinja2


@cache
def template(name: str) -> "jinja2.Template":
    """Return a page of this folder; whatever it prints is made safe, then escaped."""
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        finalize=_safe,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    return environment.get_template(name)


def _safe(value: object) -> object:
    """Make text safe before it is escaped; what a macro of the page returned is both already."""
    return safe_text(value) if isinstance(value, str) and not hasattr(value, "__html__") else value
