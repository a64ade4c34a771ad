"""What each lesson's exercises are held to: oracles, cases, and known wrong functions; the words are in texts/."""
