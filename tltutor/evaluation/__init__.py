"""Studies that run sessions: a method compared over seeds, its table, and a recording of one run."""
