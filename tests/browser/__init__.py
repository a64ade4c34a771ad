"""The tests in a real browser; a package, so that its fixtures of that scope end with its last test."""
