"""The exercises of each lesson: oracles, cases, and known wrong functions; their words are in texts/."""
