"""What takes minutes to hours to measure, a file and a command each; results go to docs/, and no other room imports this one."""
