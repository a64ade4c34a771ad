"""Benchmarks that take minutes to hours, one file and one command each; results go to docs/. No other room imports this one."""
