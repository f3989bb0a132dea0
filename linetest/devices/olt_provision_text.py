r"""Templates of commands filled in: exactly the one line that the driver shows, or a refusal.

Every value goes through `check_field` here, wherever it came from; what is filled in is never cleaned.
"""

import re
from collections.abc import Mapping
from typing import NamedTuple

from linetest.errors import UsageError
from linetest.model.onu import mask_loid
from linetest.model.onu_fields import PERSONAL_FIELDS, check_field
from linetest.secrets import Secret
from linetest.words.text import _

Value = int | str | Secret
_FIELD = re.compile(r"\{(?P<name>\w+)(?::(?P<form>\w+))?\}")
_OPTIONAL = re.compile(r"\[(?P<part>[^\[\]]*)\]")
_LONGEST = 400  # characters: Huawei's line editor takes 512
_HIDDEN = "«secret»"


class Line(NamedTuple):
    """One line for the device, and what may be shown of it."""

    text: str
    shown: str

    def __repr__(self) -> str:
        return f"Line({self.shown!r})"


def fields_of(template: str) -> set[str]:
    """Return the names of the fields in a template."""
    return {found["name"] for found in _FIELD.finditer(template)}


def needed_fields(template: str) -> set[str]:
    """Return the fields without which the template cannot be filled in."""
    return fields_of(_OPTIONAL.sub("", template))


def used_fields(template: str, values: Mapping[str, Value]) -> set[str]:
    """Return the fields that stand in the line when it is filled in with `values`."""
    return fields_of(_chosen(template, values))


def filled(template: str, values: Mapping[str, Value], narrower: Mapping[str, str] | None = None) -> Line:
    """Return the line of a template.

    Args:
        template: As a driver has it.
        values: By field.
        narrower: What the maker takes in a field, where it is less than the list of all fields lets through.

    Raises:
        UsageError: a value may not stand in its field, or one is missing; a value is never repeated.
    """
    template = _chosen(template, values)
    for name in fields_of(template):
        if name not in values:
            raise UsageError(
                _("the order's [line.service] does not say {field}, which this OLT wants").format(field=name),
                _("write {field} = ... into it").format(field=name),
            )
        _refuse_wrong(name, values[name], (narrower or {}).get(name))
    text = _FIELD.sub(lambda found: _spelled(values[found["name"]], found["form"]), template)
    shown = _FIELD.sub(lambda found: shown_value(found["name"], values[found["name"]], found["form"]), template)
    if len(text) > _LONGEST or not text.isascii() or not text.isprintable():
        raise UsageError(_("the command {command!r} is not one plain line").format(command=shown[:_LONGEST]))
    return Line(text, shown)


def shown_value(name: str, value: Value, form: str | None = None) -> str:
    """Return what may be shown of a field's value."""
    if isinstance(value, Secret):
        return _HIDDEN
    return mask_loid(str(value)) if name in PERSONAL_FIELDS else _spelled(value, form)


def _chosen(template: str, values: Mapping[str, Value]) -> str:
    """Return the template without the brackets, and without what stands in them where a field is not wanted."""
    return _OPTIONAL.sub(lambda found: found["part"] if fields_of(found["part"]) <= values.keys() else "", template)


def _refuse_wrong(name: str, value: Value, narrower: str | None) -> None:
    plain = value.reveal() if isinstance(value, Secret) else value
    try:
        check_field(name, plain)
    except ValueError as error:
        raise UsageError(str(error), _("nothing was sent; correct the order")) from None
    if narrower is not None and not re.fullmatch(narrower, str(plain)):
        raise UsageError(
            _("{field}: this OLT takes {pattern} there").format(field=name, pattern=narrower),
            _("nothing was sent; correct the order"),
        )


def _spelled(value: Value, form: str | None) -> str:
    text = value.reveal() if isinstance(value, Secret) else str(value)
    digits = text.replace(":", "")
    match form:
        case None:
            return text
        case "hex":  # a serial as 16 digits: the maker's four letters by their codes
            return text[:4].encode().hex().upper() + text[4:]
        case "dots":  # 00d1.9a01.03e7
            return ".".join(digits[at : at + 4] for at in (0, 4, 8))
        case "dashes":  # 00D1-9A01-03E7
            return "-".join(digits[at : at + 4] for at in (0, 4, 8)).upper()
        case "colon":  # HWTC:01020304
            return f"{text[:4]}:{text[4:]}"
    raise UsageError(_("there is no spelling {form!r} of a field").format(form=form))
