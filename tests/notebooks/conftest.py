"""Every rule runs on every notebook."""

import pytest
from notebook_pages import NOTEBOOKS, Page, read


@pytest.fixture(params=NOTEBOOKS, ids=lambda path: path.stem)
def page(request) -> Page:
    return read(request.param)
