"""Loads pages of YouTube videos by dlt: posts merged by their id, and a row of numbers for each sighting.

Arguments: URL of the database, a file with one page a line, and how: `items` as the answers have them, which dlt takes apart;
`rows` mapped to columns like ours; `tuned`, the same with its fastest settings. Pages are in memory before the time begins.
Prints seconds, CPU seconds of this process and its children, and the peak of memory in MB.
"""
import json
import os
import resource
import sys
import tempfile
import time
from datetime import datetime, timezone

url, pages_file, how = sys.argv[1:4]
os.environ.update({
    "RUNTIME__DLTHUB_TELEMETRY": "false",
    "RUNTIME__LOG_LEVEL": "ERROR",
    "DESTINATION__POSTGRES__CREDENTIALS": url,
})
if how == "tuned":
    # More processes to normalise, rows by COPY, and lists as JSON in place of tables of their own.
    os.environ.update({
        "NORMALIZE__WORKERS": "2",
        "LOAD__WORKERS": "4",
        "DATA_WRITER__BUFFER_MAX_ITEMS": "20000",
        "NORMALIZE__DATA_WRITER__FILE_MAX_ITEMS": "25000",
        "EXTRACT__DATA_WRITER__FILE_MAX_ITEMS": "25000",
    })

import dlt  # noqa: E402

with open(pages_file, encoding="utf-8") as file:
    pages = file.readlines()
observed_at = datetime.now(timezone.utc)


def count(video, name):
    text = video.get("statistics", {}).get(name)
    return None if text is None else int(text)


def numbers(video):
    return {name: count(video, key) for name, key in
            (("views", "viewCount"), ("likes", "likeCount"), ("comments", "commentCount"))}


def cover(thumbnails):
    for size in ("maxres", "standard", "high", "medium", "default"):
        if size in thumbnails:
            return thumbnails[size]
    return {}


def post(video):
    snippet, status = video["snippet"], video.get("status", {})
    picture = cover(snippet.get("thumbnails", {}))
    return {
        "id": video["id"],
        "channel_id": snippet.get("channelId"),
        "title": snippet.get("title"),
        "body": snippet.get("description"),
        "published_at": snippet.get("publishedAt"),
        "lang": snippet.get("defaultLanguage"),
        "duration": video.get("contentDetails", {}).get("duration"),
        "tags": snippet.get("tags"),
        "visibility": status.get("privacyStatus"),
        "made_for_kids": status.get("madeForKids"),
        "cover_url": picture.get("url"),
        "cover_width": picture.get("width"),
        "cover_height": picture.get("height"),
        "observed_at": observed_at,
        **numbers(video),
    }


@dlt.resource(name="posts", primary_key="id", write_disposition="merge",
              max_table_nesting=0 if how == "tuned" else None)
def posts():
    for page in pages:
        items = json.loads(page)["items"]
        yield items if how == "items" else [post(video) for video in items]


@dlt.resource(name="post_metrics", write_disposition="append")
def post_metrics():
    for page in pages:
        yield [{"post_id": video["id"], "observed_at": observed_at, **numbers(video)}
               for video in json.loads(page)["items"]]


def main():
    since, cpu = time.monotonic(), os.times()
    with tempfile.TemporaryDirectory() as folder:
        pipeline = dlt.pipeline(pipeline_name="bench", destination="postgres", dataset_name="peer", pipelines_dir=folder)
        options = {"loader_file_format": "csv"} if how == "tuned" else {}
        pipeline.run([posts(), post_metrics()], **options)
        seconds = time.monotonic() - since
    used = os.times()
    peak = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    print(json.dumps({
        "seconds": seconds,
        "cpu": sum(used[:4]) - sum(cpu[:4]),
        "peakMb": peak / 1024,
    }))


if __name__ == "__main__":
    main()
