"""Finds drivers and profiles: in the user's folder, inside the wheel, or beside the checkout.

A driver is a folder ``drivers/<vendor>_<model>/driver.toml``; a profile is a file ``profiles/<name>.toml``. What lies
in the user's configuration folder comes first, so that a technician can mend a driver without touching the program.
"""

import hashlib
import os
import re
from functools import cache
from pathlib import Path

import click

from linetest.errors import BadFile, FileError, UsageError, nearest
from linetest.model.limit import Limit
from linetest.model.profile import LoadedProfile, Profile, Step
from linetest.model.toml import convert, convert_tables, parse_toml
from linetest.words.text import _

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
_LARGEST_FILE = 1_000_000  # bytes: nothing that a person writes is longer


def user_folder() -> Path:
    """Return the user's configuration folder; it need not exist."""
    return Path(os.environ.get("LINETEST_CONFIG") or click.get_app_dir("linetest", force_posix=False))


@cache
def shipped(folder: str) -> Path:
    """Return ``drivers`` or ``profiles``: inside the wheel, else beside the checkout."""
    package = Path(__file__).resolve().parent
    inside = package / f"_{folder}"
    return inside if inside.is_dir() else package.parent / folder


def places(folder: str) -> list[Path]:
    """Return the folders that are searched, first one first."""
    return [place for place in (user_folder() / folder, shipped(folder)) if place.is_dir()]


def driver_names() -> list[str]:
    """Return the names of all drivers."""
    return sorted({path.parent.name for place in places("drivers") for path in place.glob("*/driver.toml")})


def driver_folder(name: str) -> Path:
    """Return the folder of the driver `name`, or say which drivers there are."""
    if _NAME.fullmatch(name):
        for place in places("drivers"):
            folder = place / name
            if (folder / "driver.toml").is_file() and _inside(folder, place):
                return folder
    raise UsageError(
        _("there is no driver {name!r}; nearest: {names}").format(name=name, names=nearest(name, driver_names())),
        _("`linetest driver list` shows all drivers"),
    )


def profile_names() -> list[str]:
    """Return the names of all profiles."""
    return sorted({path.stem for place in places("profiles") for path in place.glob("*.toml")})


def load_profile(name_or_file: str) -> LoadedProfile:
    """Return the profile of that name, or from that file when the name has a folder or ends in ``.toml``."""
    if name_or_file.endswith(".toml") or os.sep in name_or_file:
        return read_profile(read_text(Path(name_or_file)), name_or_file)
    if _NAME.fullmatch(name_or_file):
        for place in places("profiles"):
            path = place / f"{name_or_file}.toml"
            if path.is_file() and _inside(path, place):
                return read_profile(read_text(path), str(path))
    raise UsageError(
        _("there is no profile {name!r}; nearest: {names}").format(
            name=name_or_file, names=nearest(name_or_file, profile_names())
        ),
        _("`linetest profile list` shows all profiles"),
    )


def read_profile(text: str, path: str) -> LoadedProfile:
    """Return the profile that `text` holds; `path` names it in errors."""
    document = parse_toml(text, path)
    convert_tables(document, {"step": Step, "limit": Limit}, path)
    profile = convert(document, Profile, path)
    return LoadedProfile(profile=profile, text=text, sha256=hashlib.sha256(text.encode()).hexdigest(), path=path)


def readable_profiles() -> tuple[list[LoadedProfile], list[FileError]]:
    """Return all profiles that can be read, and why the others cannot: one bad file does not hide the rest."""
    loaded: list[LoadedProfile] = []
    unreadable: list[FileError] = []
    for name in profile_names():
        try:
            loaded.append(load_profile(name))
        except FileError as error:
            unreadable.append(error)
    return loaded, unreadable


def profile_for_access(access: str) -> LoadedProfile:
    """Return the acceptance profile for a kind of line such as ``adsl``."""
    loaded, unreadable = readable_profiles()
    fitting = [one for one in loaded if access in one.profile.access]
    if not fitting and unreadable:
        raise unreadable[0]  # the wanted one may be the one that cannot be read
    if not fitting:
        raise UsageError(
            _("no profile says that it is for access {access!r}").format(access=access),
            _("name one with --profile; `linetest profile list` shows all profiles"),
        )
    if len(fitting) > 1:
        names = ", ".join(one.profile.name for one in fitting)
        raise UsageError(
            _("several profiles are for access {access!r}: {names}").format(access=access, names=names),
            _("name one with --profile"),
        )
    return fitting[0]


def read_text(path: Path) -> str:
    """Return the text of a file that a person wrote: UTF-8, with or without a byte order mark."""
    try:
        if path.stat().st_size > _LARGEST_FILE:
            raise BadFile(_("{file}: larger than {size} bytes").format(file=path, size=_LARGEST_FILE))
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadFile(
            _("{file}: byte {offset} is not UTF-8 text").format(file=path, offset=error.start), _("save it as UTF-8")
        ) from error
    except OSError as error:
        raise FileError(_("{file}: cannot be read: {fault}").format(file=path, fault=error.strerror)) from error


def _inside(path: Path, place: Path) -> bool:
    """Tell whether `path`, links resolved, still lies under `place`."""
    return path.resolve().is_relative_to(place.resolve())
