"""The teacher's desk: the progress files of a class as one table and one page, and exit tickets for a learning platform."""

from __future__ import annotations

from tltutor.lessons.desk.files import Group, Learner, read_class
from tltutor.lessons.desk.found import Found, find
from tltutor.lessons.desk.qti import write_tickets
from tltutor.lessons.desk.table import page, table

__all__ = ["Found", "Group", "Learner", "find", "page", "read_class", "table", "write_tickets"]
