"""What a label is: the head that predicts it, its loss, the prediction and its score: a class, or boxes."""

from tltutor.tasks.classification import CLASSIFICATION, Classification
from tltutor.tasks.detection import Detection
from tltutor.tasks.task import Task

__all__ = ["CLASSIFICATION", "Classification", "Detection", "Task"]
