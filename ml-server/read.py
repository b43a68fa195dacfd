"""Reads the text in a picture: Latin and CJK by rapidocr, Russian by Tesseract on the lines that rapidocr detects."""

import re
import subprocess
from collections.abc import Iterator
from functools import cache
from os import environ
from shutil import which
from typing import TypedDict

import cv2
import numpy as np
from rapidocr import RapidOCR

Line = TypedDict("Line", {"text": str, "lang": str | None, "score": float, "box": list[float]})
Found = tuple[str, float]

THREADS = 1
SURE = 0.98  # a score of rapidocr
LONGEST_SIDE = 1280  # pixels; the time of detection grows with the area
SCRIPTS = {"ru": "[а-яё]", "en": "[a-zà-ÿ]", "ja": "[ぁ-ヿ]", "zh": "[一-鿿]"}
TESSERACT = ["tesseract", "stdin", "stdout", "-l", "rus+eng", "--psm", "7", "tsv"]


@cache
def reads_russian() -> bool:
    """Whether Tesseract and its Russian data are installed on this machine."""
    if which("tesseract") is None:
        return False
    listed = subprocess.run(["tesseract", "--list-langs"], capture_output=True, check=False)
    return "rus" in listed.stdout.decode().split()


@cache
def engine() -> RapidOCR:
    threads = {f"EngineConfig.onnxruntime.{kind}_op_num_threads": THREADS for kind in ("intra", "inter")}
    small = {"Det.limit_type": "max", "Det.limit_side_len": 960}  # instead of enlarging: half the time and memory
    quiet = {"Global.log_level": "error", "Global.use_cls": False, "Global.use_rec": False}
    return RapidOCR(params={**quiet, **small, **threads})


def read(picture: bytes) -> list[Line]:
    """The lines of text in a JPEG, PNG or WebP, from top to bottom; their boxes as fractions of the picture."""
    image = shrink(cv2.imdecode(np.frombuffer(picture, np.uint8), cv2.IMREAD_COLOR) if picture else None)
    boxes = engine()(image).boxes
    boxes = [] if boxes is None else [box for box in boxes if is_line(box, image.shape[0])]
    if not boxes:
        return []
    crops = engine().crop_text_regions(image, np.array(boxes, np.float32))
    latin = engine().recognize_txt(crops)
    lines = []
    for box, crop, text, score in zip(boxes, crops, latin.txts, latin.scores, strict=True):
        text, score = read_line(crop, text.strip(), float(score))
        if text:
            lines.append(Line(text=text, lang=language(text), score=round(score, 3), box=fractions(box, image)))
    return lines


def shrink(image: np.ndarray | None) -> np.ndarray:
    if image is None:
        raise ValueError("not a picture")
    scale = LONGEST_SIDE / max(image.shape[:2])
    return image if scale >= 1 else cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)


def is_line(box: np.ndarray, height: int) -> bool:
    """Specks, and the whole of a busy picture, are detected as text too."""
    return 0.02 < np.ptp(box[:, 1]) / height < 0.6


def read_line(crop: np.ndarray, text: str, score: float) -> Found:
    """Cyrillic makes rapidocr leave out letters, however sure of the others, or answer lookalikes that it is less sure of."""
    if score >= SURE and not is_short(text, crop) and "  " not in text:
        return text, score
    russian, confidence = read_russian(crop) if reads_russian() else ("", 0.0)
    if confidence >= 0.6 and not is_short(russian, crop):
        return russian, confidence
    return ("", 0.0) if is_short(text, crop) or score < 0.8 else (text, score)


def is_short(text: str, crop: np.ndarray) -> bool:
    return len(text.replace(" ", "")) < crop.shape[1] / crop.shape[0]


def read_russian(crop: np.ndarray) -> Found:
    best: Found = ("", 0.0)
    for ink in inks(crop):
        text, confidence = tesseract(ink)
        if language(text) == "ru" and confidence > best[1]:
            best = text, confidence
        if confidence >= 0.85:
            break
    return best


def inks(crop: np.ndarray, height: int = 64) -> Iterator[np.ndarray]:
    """Which pixels may be letters: those unlike the edge; of outlined letters, the lightest or the darkest."""
    grey = cv2.cvtColor(crop, cv2.COLOR_BGR2GRAY)
    grey = cv2.resize(grey, (max(1, round(grey.shape[1] * height / grey.shape[0])), height), interpolation=cv2.INTER_AREA)
    light = grey > otsu(grey)
    edge = np.concatenate([light[0], light[-1], light[:, 0], light[:, -1]])
    yield ~light if edge.mean() > 0.5 else light
    yield without_edge(grey > otsu(grey[light]))
    yield without_edge(grey <= otsu(grey[~light]))


def otsu(grey: np.ndarray) -> float:
    return cv2.threshold(grey.reshape(1, -1), 0, 255, cv2.THRESH_OTSU)[0] if grey.size else 0.0


def without_edge(ink: np.ndarray) -> np.ndarray:
    """The ink without the blots that touch the edge: no letters, since the detector leaves room around those."""
    _, labels, stats, _ = cv2.connectedComponentsWithStats(ink.astype(np.uint8))
    left, top, width, height = stats[:, :4].T
    keep = (left > 0) & (top > 0) & (left + width < ink.shape[1]) & (top + height < ink.shape[0])
    keep[0] = False
    return keep[labels]


def tesseract(ink: np.ndarray) -> Found:
    page = cv2.copyMakeBorder(np.where(ink, 0, 255).astype(np.uint8), 10, 10, 10, 10, cv2.BORDER_CONSTANT, value=255)
    run = subprocess.run(
        TESSERACT,
        input=cv2.imencode(".bmp", page)[1].tobytes(),
        capture_output=True,
        timeout=10,
        check=True,
        env={**environ, "OMP_THREAD_LIMIT": str(THREADS)},
    )
    rows = [row.split("\t") for row in run.stdout.decode().splitlines()[1:]]
    words = [(row[11], float(row[10])) for row in rows if len(row) == 12 and row[11].strip()]
    if not words:
        return "", 0.0
    return " ".join(word for word, _ in words), sum(sure for _, sure in words) / len(words) / 100


def language(text: str) -> str | None:
    """By most of the letters' script."""
    counts = {lang: len(re.findall(script, text, re.IGNORECASE)) for lang, script in SCRIPTS.items()}
    lang = max(counts, key=lambda key: counts[key])
    return lang if counts[lang] else None


def fractions(box: np.ndarray, image: np.ndarray) -> list[float]:
    height, width = image.shape[:2]
    (left, top), (right, bottom) = box.min(axis=0), box.max(axis=0)
    return [round(float(part), 4) for part in (left / width, top / height, (right - left) / width, (bottom - top) / height)]
