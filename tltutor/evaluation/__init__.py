"""Studies that run sessions: compare a method over seeds, tabulate the results, record one run."""
