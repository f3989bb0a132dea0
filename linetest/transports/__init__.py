"""The wires: each real, recording and replaying."""
