"""Run linetest as ``python -m linetest``."""

from linetest.cli.main import main

if __name__ == "__main__":
    main()
