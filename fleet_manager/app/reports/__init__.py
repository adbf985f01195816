"""Figures of a past period for reports: patrols, coverage, inspections, responses, robots."""
