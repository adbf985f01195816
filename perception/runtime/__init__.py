"""From a frame to detections: model cards, sessions, decoding, timings (docs/perception.md)."""
