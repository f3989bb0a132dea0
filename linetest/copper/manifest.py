"""What a person names as a sweep: one file, a folder whose files make a cable together, or a manifest of such files."""

from pathlib import Path

import msgspec

from linetest.copper.binder import MOST_PAIRS, read_binder
from linetest.copper.files import SWEEP_NAME, load_body, read_sweep
from linetest.copper.settings import CopperSettings
from linetest.copper.sweep import Sweep, SweepFile, SweepOptions
from linetest.errors import BadFile, FileError, UsageError
from linetest.load import load_bounded
from linetest.model.toml import convert, convert_tables, parse_toml
from linetest.words.text import _

NAME = "binder.toml"
"""The manifest that a folder is read by, where it holds one."""
_LARGEST_MANIFEST = 1_000_000
_MOST_FILES = 5000  # all combinations of 50 pairs by four ports are 1,225 files, by two ports 4,950
_LARGEST_BINDER = 512_000_000  # bytes of all files together: 300 files of 25 pairs are 330 million


class ManifestSweep(SweepOptions, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One ``[[sweep]]``: a file, and what it does not say itself."""

    file: str
    """Beside the manifest or in a folder below."""


class Manifest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A manifest: which files make a cable, and what their ports are."""

    sweep: list[ManifestSweep]
    pairs: list[str] | None = None
    """The labels of all pairs in their order: one that no file has is missed."""

    def __post_init__(self) -> None:
        """Refuse a list of pairs that cannot be meant."""
        if self.pairs is not None and not 1 <= len(set(self.pairs)) == len(self.pairs) <= MOST_PAIRS:
            raise ValueError(_("pairs needs 1 to {most} labels, each once").format(most=MOST_PAIRS))


def load_sweep(path: Path, options: SweepOptions, settings: CopperSettings) -> Sweep:
    """Return the sweep that a file holds, or that the files of a folder or of a manifest make together.

    Args:
        path: A Touchstone or CSV file, a folder of such files, or a manifest, which ends in ``.toml``.
        options: What the person says about one file; of many each says it itself, or their manifest.
        settings: What decides whether files contradict one another.

    Raises:
        FileError: when one cannot be read or used; it is named.
        UsageError: for options with a folder or manifest.
    """
    manifest = path / NAME if path.is_dir() else path
    if not path.is_dir() and path.suffix.lower() != ".toml":
        return read_sweep(str(path), load_body(path), options)
    if options != SweepOptions():
        raise UsageError(
            _("{file}: --ports, --sign, --pair, --disturber and --assume-ghz speak of one file").format(file=path),
            _("of many each says it in its [[sweep]] of a manifest; see `linetest copper check --help`"),
        )
    if manifest == path or manifest.is_file():
        return _read_manifest(str(path), manifest, settings)
    found = _sweep_files(path)
    return read_binder(str(path), _load([(file, options) for file in found], 0), settings)


def _sweep_files(folder: Path) -> list[Path]:
    try:
        found = sorted(path for path in folder.iterdir() if SWEEP_NAME.fullmatch(path.name) and path.is_file())
    except OSError as error:
        raise FileError(_("{file}: cannot be read: {fault}").format(file=folder, fault=error.strerror)) from error
    if not found:
        raise BadFile(
            _("{file}: there is no sweep file in this folder").format(file=folder),
            _("Touchstone files end in .s2p or .s4p, CSV sweeps in .csv; a manifest is called {name}").format(
                name=NAME
            ),
        )
    return found


def _read_manifest(name: str, path: Path, settings: CopperSettings) -> Sweep:
    body = load_bounded(path, _LARGEST_MANIFEST)
    document = parse_toml(body.decode(errors="backslashreplace"), str(path))
    convert_tables(document, {"sweep": ManifestSweep}, str(path))
    manifest = convert(document, Manifest, str(path))
    parts = [(_beside(path, number, entry.file), _options(entry)) for number, entry in enumerate(manifest.sweep, 1)]
    files = [SweepFile(name=str(path), body=body, options=None), *_load(parts, len(body))]
    return read_binder(name, files, settings, manifest.pairs)


def _options(entry: ManifestSweep) -> SweepOptions:
    said = msgspec.to_builtins(entry)
    del said["file"]
    return msgspec.convert(said, SweepOptions)


def _beside(manifest: Path, number: int, file: str) -> Path:
    """Return the path of a file of the manifest, which may not lie outside its folder."""
    path = Path(file)
    if path.is_absolute() or ".." in path.parts or not SWEEP_NAME.fullmatch(path.name):
        raise BadFile(
            _("{file}: [[sweep]] {number}: {name!r} is not a sweep file beside the manifest").format(
                file=manifest, number=number, name=file[:80]
            ),
            _("Touchstone files end in .s2p or .s4p, CSV sweeps in .csv"),
        )
    return manifest.parent / path


def _load(parts: list[tuple[Path, SweepOptions]], size: int) -> list[SweepFile]:
    """Return the files with their bytes; `size` bytes are there already."""
    if len(parts) > _MOST_FILES:
        raise BadFile(
            _("{file}: more than {most} sweep files").format(file=parts[0][0].parent, most=_MOST_FILES),
            _("judge a part of the pairs at a time"),
        )
    files = []
    for path, options in parts:
        body = load_body(path)
        size += len(body)
        if size > _LARGEST_BINDER:
            raise BadFile(
                _("{file}: with it all files are larger than {size} bytes").format(file=path, size=_LARGEST_BINDER),
                _("judge a part of the pairs at a time"),
            )
        files.append(SweepFile(name=str(path), body=body, options=options))
    return files
