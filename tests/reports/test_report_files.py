"""Writing reports as files."""

from collections.abc import Callable
from pathlib import Path

import pytest

from linetest.errors import FileError, UnknownFormat
from linetest.model.record import Record
from linetest.reports.files import check_names, render_for_path, write_report

Make = Callable[..., Record]


@pytest.mark.parametrize(
    ("name", "start"),
    [
        ("a.html", "<!DOCTYPE html>"),
        ("a.XML", "<?xml"),
        ("a.csv", '\ufeff"record"'),
        ("a.json", "{\n"),
        ("a.txt", "*** SIMULATED"),
    ],
)
def test_the_ending_says_which_format(light_record: Make, name: str, start: str) -> None:
    text = render_for_path(light_record(), Path(name))
    assert text.startswith(start)
    assert text.endswith("\n")


@pytest.mark.parametrize("name", ["a.pdf", "a", ".html"])
def test_an_unknown_ending_is_answered_with_those_there_are(light_record: Make, name: str) -> None:
    with pytest.raises(UnknownFormat) as refused:
        check_names([Path("a.html"), Path(name)])
    assert name in refused.value.what
    assert ".html, .xml, .csv, .json, .txt" in refused.value.hint
    with pytest.raises(UnknownFormat):
        render_for_path(light_record(), Path(name))


def test_what_is_written_is_what_was_given(tmp_path: Path) -> None:
    path = tmp_path / "中文 name.csv"
    write_report(path, "\ufeffa\r\nb\n")
    assert path.read_bytes() == b"\xef\xbb\xbfa\r\nb\n"
    write_report(path, "new")
    assert path.read_text() == "new"
    assert list(tmp_path.glob("*")) == [path]


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "real.txt").write_text("old")
    (tmp_path / "link.txt").symlink_to("real.txt")
    write_report(tmp_path / "link.txt", "new")
    assert (tmp_path / "link.txt").is_symlink()
    assert (tmp_path / "real.txt").read_text() == "new"


def test_a_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileError):
        write_report(tmp_path, "x")


def test_a_full_disk_keeps_the_old_file(tmp_path: Path) -> None:
    resource = pytest.importorskip("resource", reason="this system cannot limit the size of files")
    import signal

    path = tmp_path / "report.html"
    write_report(path, "old")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (1000, before[1]))
        with pytest.raises(FileError) as refused:
            write_report(path, "x" * 100_000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, ignored)
    assert str(path) in refused.value.what
    assert path.read_text() == "old"
    assert [file.name for file in tmp_path.iterdir()] == ["report.html"]
