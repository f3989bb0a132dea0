"""What people type: one file per command group, options in, one call, words out."""
