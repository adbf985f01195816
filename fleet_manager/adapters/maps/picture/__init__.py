"""Pictures of a campus: one scene of plain shapes, drawn as SVG or as PNG."""
