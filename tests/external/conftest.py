"""Reference data beside the checkout; tests that need it say so where it is not."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def reference_data(root: Path) -> Path:
    """The folder of reference data, `../shared/data`; of a git worktree, one folder further up."""
    for folder in (root.parent, root.parent.parent):
        if (folder / "shared" / "data").is_dir():
            return folder / "shared" / "data"
    pytest.skip("no reference data at ../shared/data beside the checkout")
