"""What several test modules of this folder use."""

from __future__ import annotations

import pytest

from stepahead.report.page.wording import WORDING

from ..pages import page_of, sine_result


@pytest.fixture(scope="module")
def result():
    return sine_result()


@pytest.fixture(scope="module")
def texts(result):
    return {language: page_of(result, language) for language in WORDING}
