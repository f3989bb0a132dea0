"""linetest: test a telecom line, bring it into service and report it."""
