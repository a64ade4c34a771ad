"""Render lesson folders: notebooks, slides, homework, answer keys, tables of figures, the list of lessons."""
