"""An ML provider that social-sync can use, as small as it gets: jobs of kind `text`, kept in memory, done at once."""
import json, threading, uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from sys import argv

jobs, keys = {}, {}


def look(text):  # Put your model here.
    words = text.lower().split()
    score = sum(word.strip("!,.") in ("great", "good", "love") for word in words) / max(1, len(words))
    return {"status": "ok", "sentiment": min(1, score), "brands": [
        {"brand": "Nike", "score": 0.9, "evidence": "text"}] if "nike" in text.lower() else []}


def work(job, text):
    job.update(status="done", state="succeeded", result={"items": [look(text)]})


class Provider(BaseHTTPRequestHandler):
    def answer(self, status, body):
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers.get("Content-Length", 0))) or "{}")
        text = body.get("input", {}).get("text")
        if self.path != "/jobs":
            return self.answer(404, {"error": {"code": "not_found"}})
        if body.get("type") != "text" or not text:
            return self.answer(400, {"error": {"code": "invalid_input"}})
        key = self.headers.get("Idempotency-Key") or str(uuid.uuid4())
        if key not in keys:  # The same key is the same job: it is paid for once.
            job = {"job_id": str(uuid.uuid4()), "status": "pending", "model": "words@1"}
            keys[key] = jobs[job["job_id"]] = job
            threading.Thread(target=work, args=(job, text)).start()
        self.answer(202, keys[key])

    def do_GET(self):
        job = jobs.get(self.path.removeprefix("/jobs/"))
        self.answer(200, job) if job else self.answer(404, {"error": {"code": "job_unknown"}})


ThreadingHTTPServer(("127.0.0.1", int(argv[1]) if len(argv) > 1 else 8090), Provider).serve_forever()
