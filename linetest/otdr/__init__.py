"""OTDR traces: SOR files, the events of a fibre, both directions, and what changed since."""
