"""What works on a machine (doctor), and how fast (bench)."""
