"""The loop over cases tries them all, and tells which failed."""

import pytest
from cases import for_each


def test_all_cases_are_tried_and_those_that_fail_are_named():
    tried = []

    def check(case):
        tried.append(case)
        assert case != 2
        if case == 3:
            with pytest.raises(ValueError, match="never"):
                pass
        if case == 4:
            raise ZeroDivisionError

    with pytest.raises(BaseExceptionGroup, match="3 of 5 cases failed") as caught:
        for_each([1, 2, 3, 4, 5], check)
    assert tried == [1, 2, 3, 4, 5]
    assert [fault.__notes__ for fault in caught.value.exceptions] == [
        ["case: 2"],
        ["case: 3"],
        ["case: 4"],
    ]


def test_cases_that_all_hold_are_silent_and_none_at_all_is_a_fault():
    for_each("ab", str.isalpha)
    with pytest.raises(AssertionError, match="no case"):
        for_each([], str.isalpha)
