"""The language of a text, and how well it speaks of things, from -1 to 1; null where nothing is known."""

import re
from functools import cache

from lingua import IsoCode639_1, LanguageDetector, LanguageDetectorBuilder
from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

LANGUAGES = "ar de en es fr hi id it ja ko nl pl pt ru sv th tr uk vi zh".split()
NO_WORDS = re.compile(r"https?://\S+|www\.\S+|\S+@\S+\.\S+|[@#][\w.\-]+|\b[\w\-]+\.(?:com|ru|org|net|io)\S*")


def language(text: str) -> str | None:
    """Null below eight letters once tags, mentions and addresses are taken out."""
    words = NO_WORDS.sub(" ", text)
    if sum(char.isalpha() for char in words) < 8:
        return None
    found = detector().detect_language_of(words)
    return found.iso_code_639_1.name.lower() if found else None


def sentiment(text: str, lang: str | None) -> float | None:
    return round(vader().polarity_scores(text)["compound"], 3) if lang == "en" else None


@cache
def detector() -> LanguageDetector:
    codes = [getattr(IsoCode639_1, code.upper()) for code in LANGUAGES]
    return LanguageDetectorBuilder.from_iso_codes_639_1(*codes).with_low_accuracy_mode().build()


@cache
def vader() -> SentimentIntensityAnalyzer:
    return SentimentIntensityAnalyzer()


def mentions(text: str) -> list[str]:
    return re.findall(r"(?<![\w.@/])@([\w.\-]{2,})", text)
