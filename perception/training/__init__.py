"""Trains detectors on rendered scenes and exports them with their cards.

`python -m perception.training render | train | export | evaluate`; docs/perception-training.md.
It alone needs PyTorch (requirements/training.txt).
"""
