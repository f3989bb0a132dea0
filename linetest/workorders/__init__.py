"""Orders in the field: what is next, what is late, what the rules ask, and the indicators; reads the store only."""
