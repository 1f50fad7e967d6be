"""Numbers in the words of a language."""

from planner import written


def test_numbers_follow_the_language():
    assert written.number(1234567.0, "vi") == "1.234.567"
    assert written.number(1234567.0, "en") == "1,234,567"
    assert written.share(0.0035, "vi") == "0,35 %"
    assert written.decimal(1.4, "vi") == "1,4"
    assert written.decimal(30.0, "en") == "30"
    assert written.decimal(12_345_678.5, "vi") == "12.345.678,5"
    assert written.decimal(0.1 + 0.2, "en") == "0.3"
    assert written.decimal(1e15, "en") == "1,000,000,000,000,000"
