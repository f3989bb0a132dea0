"""Light levels from power meters."""
