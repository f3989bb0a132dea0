"""Simulated devices with faults; shares no code with the drivers and parsers it is used to test."""
