"""The version of this software, as it is written into every record."""

__version__ = "0.5.0"
SOFTWARE = f"linetest {__version__}"
