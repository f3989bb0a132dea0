"""`copper check` and `copper tones` with a report beside what they print."""

from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from linetest.bench.binder import binder_file
from linetest.bench.faults import BinderFault

Run = Callable[..., CompletedProcess[str]]
BROADCOM = Path(__file__).parents[1] / "recordings" / "broadcom_xdsl"


def binder(folder: Path, fault: BinderFault | None = None) -> Path:
    ending, text = binder_file(fault=fault)
    path = folder / f"{fault}.{ending}"
    path.write_text(text)
    return path


@pytest.mark.slow
def test_a_report_of_a_binder_has_its_pictures_and_names_both_pairs(call: Run, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    done = call("copper", "check", binder(tmp_path, "split-pair"), "--report", page)
    assert done.returncode == 1
    assert "pairs 1 and 3 stand out together" in " ".join(done.stdout.split())
    text = page.read_text(encoding="utf-8")
    assert text.count("<img ") == 5  # NEXT, FEXT, insertion loss, and two maps
    assert "margin of each two pairs" in text
    assert "ANSI T1.417" in text


def test_reports_of_several_files_are_numbered(call: Run, tmp_path: Path) -> None:
    files = [binder(tmp_path), binder(tmp_path, "narrow")]
    done = call("copper", "check", *files, "--json", "--report", tmp_path / "all.csv")
    assert done.returncode == 3
    assert sorted(path.name for path in tmp_path.glob("*.csv")) == ["all-1.csv", "all-2.csv"]


def test_a_report_of_a_modem(call: Run, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    texts = [BROADCOM / name for name in ("stats.txt", "qln.txt", "bits.txt")]
    assert call("copper", "tones", *texts, "--report", page).returncode == 0
    text = page.read_text(encoding="utf-8")
    assert text.count("<img ") == 2
    assert "Solid: downstream; dashed: upstream" in text


@pytest.mark.parametrize("name", ["page.doc", "nowhere/page.html"])
@pytest.mark.parametrize("command", ["check", "tones"])
def test_a_report_that_cannot_be_is_refused_before_anything_is_measured(
    call: Run, tmp_path: Path, command: str, name: str
) -> None:
    done = call("copper", command, tmp_path / "missing.txt", "--report", tmp_path / name)
    assert (done.returncode, done.stdout) == (2, "")
    assert name.partition("/")[0] in done.stderr
    assert "missing.txt" not in done.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
def test_a_result_is_told_where_its_report_cannot_be_written(call: Run, tmp_path: Path) -> None:
    (tmp_path / "page.html").symlink_to("/dev/full")
    done = call("copper", "tones", BROADCOM / "stats.txt", "--report", tmp_path / "page.html")
    assert done.returncode == 2
    assert "PASS" in done.stdout
    assert "The report is not written" in done.stderr
