"""A list of steps with a journal: it resumes after a crash and has one total deadline."""
