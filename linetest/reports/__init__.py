"""One file per format; each takes a record and nothing else."""
