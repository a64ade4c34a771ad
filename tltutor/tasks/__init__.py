"""What a label is: the head that predicts it, its loss, the prediction and its score; today a class, later a number or a box."""

from tltutor.tasks.classification import CLASSIFICATION, Classification
from tltutor.tasks.task import Task

__all__ = ["CLASSIFICATION", "Classification", "Task"]
