"""Numbers in the words of a language."""

from planner import written


def test_numbers_follow_the_language():
    assert written.number(1234567.0, "vi") == "1.234.567"
    assert written.number(1234567.0, "en") == "1,234,567"
    assert written.share(0.0035, "vi") == "0,35 %"
    assert written.decimal(1.4, "vi") == "1,4"
    assert written.decimal(30.0, "en") == "30"
