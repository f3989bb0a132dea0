"""Bringing an ONU into service and taking it back: wanted against found, steps, apply, verify, undo."""
