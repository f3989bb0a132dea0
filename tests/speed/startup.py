"""How long a person waits for `linetest --help`, against a bare Python; exit 1 when the goal is missed.

Goal: at most 6 times ``python -c pass``, and none of the heavy libraries imported.
"""

import os
import subprocess
import sys
import time
from statistics import median

GOAL = 6.0
RUNS = 15
HEAVY = ("numpy", "scapy", "netmiko", "pysnmp", "matplotlib", "httpx")
_HELP = "from linetest.cli.main import main; main(['--help'])"
_WHAT_IS_LOADED = """
import sys
from linetest.cli.main import main
try:
    main(["--help"])
except SystemExit:
    print("LOADED", *sorted(m for m in {heavy!r} if m in sys.modules), file=sys.stderr)
"""

# As on a person's machine, where the first run leaves compiled files behind.
_ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def seconds(code: str) -> float:
    """Return the wall time of one Python process that runs `code`."""
    begun = time.perf_counter()
    subprocess.run([sys.executable, "-c", code], check=True, stdout=subprocess.DEVNULL, env=_ENVIRONMENT)
    return time.perf_counter() - begun


def main() -> int:
    """Measure in turn, so that a slow moment hits both sides."""
    seconds(_HELP)
    pairs = [(seconds("pass"), seconds(_HELP)) for _ in range(RUNS)]
    bare, with_help = median(pair[0] for pair in pairs), median(pair[1] for pair in pairs)
    ratio = median(pair[1] / pair[0] for pair in pairs)
    loaded = subprocess.run(
        [sys.executable, "-c", _WHAT_IS_LOADED.format(heavy=HEAVY)],
        capture_output=True,
        text=True,
        check=True,
    ).stderr.split()[1:]
    print(f"python -c pass {bare * 1e3:.1f} ms, linetest --help {with_help * 1e3:.1f} ms")
    print(f"ratio {ratio:.2f} (goal: at most {GOAL:g}); heavy imports: {', '.join(loaded) or 'none'}")
    return 0 if ratio <= GOAL and not loaded else 1


if __name__ == "__main__":
    sys.exit(main())
