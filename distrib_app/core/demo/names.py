"""Words from which the demo's companies and people get their names, Chinese with their English side."""

from collections.abc import Iterator
from itertools import product
from random import Random

# Two characters make a firm's name: 恒泰 Hengtai, 瑞丰 Ruifeng …
_FIRST = (
    "恒Heng 瑞Rui 嘉Jia 鑫Xin 永Yong 华Hua 金Jin 佳Jia 盛Sheng 万Wan 宏Hong 荣Rong 德De 美Mei 凯Kai 百Bai"
)
_SECOND = "泰tai 丰feng 达da 通tong 源yuan 顺shun 隆long 昌chang 和he 信xin 发fa 联lian 捷jie 诚cheng 安an"
# What goes behind the province's own character: 粤海 Yuehai.
_PROVINCE_WORDS = "海hai 兴xing 信xin"
_TRADES = (("家电", "Appliances"), ("电器", "Electrical"), ("商贸", "Trading"))
_SURNAMES = "王李张刘陈杨黄赵周吴徐孙马朱胡林郭何高罗"
_GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超霞平刚桂英建华文辉玉兰志红"
SHOP = ("远山电器专卖店", "Farhill Store")
CARRIERS = ("德邦物流", "京东物流", "顺丰快运", "安能物流", "中铁物流")
RETURN_REASONS = ("运输破损", "外观瑕疵", "型号发错", "终端退换", "质量问题")


def _words(text: str) -> list[tuple[str, str]]:
    return [(word[0], word[1:]) for word in text.split()]


def firm_words() -> list[tuple[str, str]]:
    """All two-character firm names with their pinyin."""
    return [(a + b, x + y) for (a, x), (b, y) in product(_words(_FIRST), _words(_SECOND))]


def province_firm(letter: str, pinyin: str, ordinal: int) -> tuple[str, str]:
    """The name of a provincial agent: 粤海家电, Yuehai Appliances."""
    word, sound = _words(_PROVINCE_WORDS)[ordinal]
    return f"{letter}{word}家电", f"{pinyin}{sound} Appliances"


def local_firm(rng: Random, place: str, place_en: str) -> Iterator[tuple[str, str]]:
    """Endless proposals for the name of a firm at a place: 佛山恒泰电器, Foshan Hengtai Electrical."""
    words = firm_words()
    while True:
        word, sound = rng.choice(words)
        trade, trade_en = rng.choice(_TRADES)
        yield f"{place}{word}{trade}", f"{place_en} {sound} {trade_en}"


def person(rng: Random) -> str:
    """A person's name."""
    return rng.choice(_SURNAMES) + "".join(rng.choice(_GIVEN) for _ in range(rng.randrange(1, 3)))
