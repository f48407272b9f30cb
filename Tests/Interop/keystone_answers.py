# SPDX-License-Identifier: Apache-2.0
"""The same requests to a real Keystone and to `falsework keystone`; every difference is told.

    keystone_answers.py REAL FAKE [SECTION ...]

Both are URLs without `/v3`. Status line, the fields that Keystone sets, and the body are compared,
but for what must differ: ids, times, tokens, the address. The order of rows in a list is not
compared. Sections are the functions of `answers_*.py` in this directory whose name begins with
`check_`. Exit code 1 if something differs that is not in `KNOWN` of its file.
"""
import difflib
import glob
import http.client
import importlib
import json
import os
import re
import sys
from urllib.parse import urlsplit

IGNORED = {
    "date", "server", "connection", "keep-alive", "content-length", "transfer-encoding",
    "x-openstack-request-id", "x-subject-token", "openstack-auth-receipt"}
PRESENT = ("x-openstack-request-id", "x-subject-token", "openstack-auth-receipt")


class Side:
    """One of the two servers, with what a test has learnt of it."""

    def __init__(self, name, url):
        self.name, self.url, self.known = name, url, {}

    def ask(self, method, path, headers, body):
        parts = urlsplit(self.url)
        connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=60)
        try:
            connection.request(method, path, body=body, headers=headers)
            answer = connection.getresponse()
            return Answer(self, answer, answer.read())
        finally:
            connection.close()


class Answer:
    def __init__(self, side, answer, body):
        self.side, self.status, self.reason = side, answer.status, answer.reason
        self.headers = {name.lower(): value for name, value in answer.getheaders()}
        self.body = body

    @property
    def json(self):
        return json.loads(self.body)

    def plain(self, text):
        text = text.replace(self.side.url, "<url>").replace(urlsplit(self.side.url).netloc, "<host>")
        text = re.sub(r"gAAAAA[\w=-]{20,}", "<token>", text)
        text = re.sub(r"[0-9a-f]{64}", "<id64>", text)
        text = re.sub(r"\b[\w-]{86}(?![\w-])", "<secret>", text)
        text = re.sub(r"[0-9a-f]{32}", "<id>", text)
        text = re.sub(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", "<time>", text)
        return text

    def lines(self):
        """What is compared, one fact a line."""
        yield f"{self.status} {self.reason}"
        for name in sorted(self.headers):
            if name not in IGNORED:
                value = self.plain(self.headers[name])
                if name == "allow":
                    value = ", ".join(sorted(value.split(", ")))
                yield f"{name}: {value}"
        for name in PRESENT:
            if name in self.headers:
                yield f"{name} is there"
        yield from self.body_lines()

    def body_lines(self):
        text = self.body.decode("utf-8", "replace")
        try:
            value = json.loads(text)
        except ValueError:
            yield self.plain(text)
            return
        yield "compact" if '":"' in text or '":{' in text or '":[' in text else "spaced"
        yield "line feed" if text.endswith("\n") else "no line feed"
        yield json.dumps(self.ordered(value), indent=1)

    def ordered(self, value, name=None):
        if isinstance(value, dict):
            if name == "href-vars":
                value = dict(sorted(value.items()))
            return {self.plain(k): self.ordered(v, k) for k, v in value.items()}
        if isinstance(value, list):
            items = [self.ordered(item, name) for item in value]
            if name in ("methods",):
                return sorted(items)
            return sorted(items, key=json.dumps) if all(
                isinstance(item, dict) for item in items) else items
        if isinstance(value, str):
            if name == "audit_ids":
                return "<audit>"
            return self.plain(value)
        return value


class Bench:
    """Both servers, asked alike."""

    def __init__(self, real, fake):
        self.sides = [Side("real", real), Side("fake", fake)]
        self.section, self.known_differences = "", {}
        self.asked = self.same = self.excused = 0
        self.different = []

    def set(self, name, value):
        """A value that `{name}` stands for, the same on both sides or a function of the side."""
        for side in self.sides:
            side.known[name] = value(side) if callable(value) else value

    def fill(self, side, value):
        if isinstance(value, str):
            return re.sub(r"\{(\w+)\}", lambda m: str(side.known.get(m[1], m[0])), value)
        if isinstance(value, dict):
            return {k: self.fill(side, v) for k, v in value.items()}
        if isinstance(value, list):
            return [self.fill(side, v) for v in value]
        return value

    def ask(
            self, title, method, path, body=None, token=None, subject=None, headers=None, raw=None,
            keep=None, compare=True):
        """Sends a request to both and compares the answers.

        `body` is sent as JSON, `raw` as it is. `keep` gets each answer to store what later
        requests need: `keep=lambda side, answer: {"user": answer.json["user"]["id"]}`.
        """
        answers = []
        for side in self.sides:
            fields = {} if headers is None else self.fill(side, headers)
            data = None
            if body is not None:
                data = json.dumps(self.fill(side, body)).encode()
                fields.setdefault("Content-Type", "application/json")
            elif raw is not None:
                data = self.fill(side, raw).encode() if isinstance(raw, str) else raw
            if token is not None:
                fields["X-Auth-Token"] = self.fill(side, token)
            if subject is not None:
                fields["X-Subject-Token"] = self.fill(side, subject)
            answer = side.ask(method, self.fill(side, path), fields, data)
            if "x-subject-token" in answer.headers:
                side.known["last"] = answer.headers["x-subject-token"]
            if keep is not None and answer.status < 400:
                side.known.update(keep(side, answer))
            answers.append(answer)
        if compare:
            self.compare(f"{self.section}: {title}", *answers)
        return answers

    def compare(self, title, real, fake):
        self.asked += 1
        left, right = list(real.lines()), list(fake.lines())
        if left == right:
            self.same += 1
            return
        if title in self.known_differences:
            self.excused += 1
            return
        self.different.append(title)
        print(f"--- {title}")
        for line in self.difference(left, right):
            print("  " + line)

    @staticmethod
    def difference(left, right):
        """What only one says: `-` the real one, `+` the fake."""
        left, right = "\n".join(left).split("\n"), "\n".join(right).split("\n")
        lines = [
            line for line in difflib.unified_diff(left, right, n=1, lineterm="")
            if not line.startswith(("---", "+++", "@@"))]
        return lines[:40] + (["…"] if len(lines) > 40 else [])

    def login(self, name, user="admin", password="secret", scope="project", keep="token"):
        """Logs in on both sides; `{token}` is the token from then on."""
        body = {"auth": {"identity": {"methods": ["password"], "password": {"user": {
            "name": user, "domain": {"name": "Default"}, "password": password}}}}}
        if scope == "project":
            body["auth"]["scope"] = {"project": {"name": name, "domain": {"name": "Default"}}}
        elif scope is not None:
            body["auth"]["scope"] = scope
        self.ask(
            f"{user} logs in", "POST", "/v3/auth/tokens", body, compare=False,
            keep=lambda side, answer: {keep: answer.headers["x-subject-token"]})


def main():
    directory = os.path.dirname(os.path.abspath(__file__))
    sys.path.insert(0, directory)
    bench = Bench(*sys.argv[1:3])
    wanted = sys.argv[3:]
    for path in sorted(glob.glob(os.path.join(directory, "answers_*.py"))):
        module = importlib.import_module(os.path.basename(path)[:-3])
        bench.known_differences = getattr(module, "KNOWN", {})
        if hasattr(module, "prepare"):
            module.prepare(bench)
        for name, check in vars(module).items():
            if not name.startswith("check_"):
                continue
            bench.section = name[len("check_"):]
            if wanted and bench.section not in wanted:
                continue
            check(bench)
    print(
        f"{bench.asked} requests, {bench.same} answered alike, {bench.excused} known to differ, "
        f"{len(bench.different)} different")
    sys.exit(1 if bench.different else 0)


if __name__ == "__main__":
    main()
