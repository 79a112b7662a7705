"""Amounts in words for Chinese documents (人民币大写): what cannot be altered by a stroke of the pen."""

DIGITS = "零壹贰叁肆伍陆柒捌玖"
_PLACES = ("", "拾", "佰", "仟")
MOST = 10**16  # 99 万亿 and beyond that nobody writes a document


def amount_in_words(amount: int) -> str:
    """Minor units of the yuan in words: 100105 is 壹仟零壹元零伍分, 30 is 叁角整.

    A run of zeros is read once, 整 closes an amount without 分, a negative one begins with 负. Raises
    `ValueError` beyond what the words reach.
    """
    if abs(amount) >= MOST:
        raise ValueError(f"{amount} is beyond the words for amounts")
    yuan, rest = divmod(abs(amount), 100)
    jiao, fen = divmod(rest, 10)
    words = "负" if amount < 0 else ""
    if yuan or not rest:
        words += (_whole(yuan) or DIGITS[0]) + "元"
    if jiao:
        words += f"{DIGITS[jiao]}角"
    elif yuan and fen:
        words += DIGITS[0]
    return words + (f"{DIGITS[fen]}分" if fen else "整")


def _whole(value: int) -> str:
    """A whole number; nothing for zero. 亿 joins two numbers below it, 万 two groups of four digits."""
    for size, name in ((10**8, "亿"), (10**4, "万")):
        if value >= size:
            high, low = divmod(value, size)
            gap = DIGITS[0] if 0 < low < size // 10 else ""
            return _whole(high) + name + gap + _whole(low)
    return _group(value)


def _group(value: int) -> str:
    """Four digits, a run of zeros among them read once."""
    words, is_gap = "", False
    for place in range(3, -1, -1):
        digit = value // 10**place % 10
        if digit:
            words += (DIGITS[0] if is_gap and words else "") + DIGITS[digit] + _PLACES[place]
        is_gap = not digit
    return words
