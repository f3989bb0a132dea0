"""SQLite: records, the journal of runs, and the rows of the outbox."""
