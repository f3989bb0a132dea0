"""The version of this software, as it is written into every record."""

__version__ = "0.2.0"
SOFTWARE = f"linetest {__version__}"
