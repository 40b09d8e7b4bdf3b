"""Identity numbers of 18 digits (公民身份号码, GB 11643): check digit, date of birth, age."""

import datetime

WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECK_DIGITS = "10X98765432"
CHILD = 14


def is_right(number: str) -> bool:
    """Seventeen digits with a date of birth that was, and the check digit that belongs to them."""
    if len(number) != 18 or not (number[:17].isascii() and number[:17].isdigit()) or number[0] == "0":
        return False
    total = sum(int(digit) * weight for digit, weight in zip(number[:17], WEIGHTS, strict=True))
    return CHECK_DIGITS[total % 11] == number[17].upper() and born(number) is not None


def born(number: str) -> datetime.date | None:
    """The date of birth; None if there is no such day."""
    try:
        return datetime.date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return None


def is_child(number: str, today: datetime.date) -> bool:
    """Under 14 (不满十四周岁, PIPL article 31): a year of age is full on the day after the birthday."""
    birth = born(number)
    return (today.year - birth.year, today.month, today.day) <= (CHILD, birth.month, birth.day)
