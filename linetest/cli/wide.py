"""Help pages for languages whose characters take two columns: click counts characters."""

from collections.abc import Iterable

import click
from wcwidth import ljust, wcswidth

from linetest.words.wrap import wrapped


class WideFormatter(click.HelpFormatter):
    """click's layout, measured in columns of the terminal."""

    def write_text(self, text: str) -> None:
        r"""Write paragraphs, each wrapped; one that begins with \b stays as it is."""
        indent = " " * self.current_indent
        for number, paragraph in enumerate(text.split("\n\n")):
            self.write("\n" if number else "")
            if paragraph.startswith("\b"):
                self.write("".join(f"{indent}{line}".rstrip() + "\n" for line in paragraph.splitlines()[1:]))
            else:
                self._write_lines(" ".join(paragraph.split()), indent, indent)

    def write_dl(self, rows: Iterable[tuple[str, str]], col_max: int = 30, col_spacing: int = 2) -> None:
        """Write names and what they mean, in two columns."""
        pairs = list(rows)
        first = min(max((wcswidth(name) for name, _meaning in pairs), default=0), col_max) + col_spacing
        indent = " " * self.current_indent
        for name, meaning in pairs:
            head = indent + ljust(name, first)
            if wcswidth(name) > first - col_spacing:  # a long name has its own line
                self.write(f"{indent}{name}\n")
                head = indent + " " * first
            self._write_lines(meaning, head, indent + " " * first)

    def _write_lines(self, text: str, head: str, below: str) -> None:
        for line in wrapped(text, max(self.width, wcswidth(below) + 20), head, below):
            self.write(line.rstrip() + "\n")
