"""What every room speaks: frozen types and the one judge, without I/O."""
