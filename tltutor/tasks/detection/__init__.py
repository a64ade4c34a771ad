"""What a label is where it is boxes: their form, the losses of a detector without anchors, and average precision."""

from tltutor.tasks.detection.average_precision import average_precision, mean_average_precision
from tltutor.tasks.detection.detection import Detection

__all__ = ["Detection", "average_precision", "mean_average_precision"]
