"""The account label that is stuck on the modem, as a page for an A4 sheet of labels.

A password that is handed in goes into the page that is returned, and nowhere else.
"""

from pathlib import Path

from linetest.model.order import Order
from linetest.safe import safe_text
from linetest.secrets import Secret
from linetest.words.text import _, language


def render_labels(order: Order, lines: list[str], phone: str | None, password: Secret | None) -> str:
    """Return the page, one label for each of `lines`.

    Args:
        order: names the accounts.
        lines: the ids of the lines that get a label.
        phone: the technician's mobile number, left out when None.
        password: of the only line; the label has an empty space for it when None.
    """
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        finalize=lambda value: safe_text(value) if isinstance(value, str) else value,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("label.html.j2").render(
        language=language(),
        title=_("Labels for order {number}").format(number=order.number),
        labels=[line for line in order.line if line.id in lines],
        words={
            "account": _("Broadband account"),
            "password": _("Password"),
            "phone": _("Your technician"),
        },
        phone=phone,
        password=password.reveal() if password is not None else None,
    )
