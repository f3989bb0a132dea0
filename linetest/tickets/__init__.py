"""The outbox, and one file per ticket system."""
