# SPDX-License-Identifier: Apache-2.0
"""Tokens of two Keystones with the same keys and ids, each shown to the other.

    keystone_tokens.py ids FAKE DATABASE     the database takes over the fake's ids
    keystone_tokens.py tokens FAKE REAL      every kind of token, both ways
"""
import json
import sqlite3
import sys
import urllib.error
import urllib.request

PROJECT = {"project": {"name": "admin", "domain": {"id": "default"}}}
SYSTEM = {"system": {"all": True}}


def ask(url, method="GET", body=None, **fields):
    """Status, fields and JSON of an answer."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data=data, method=method)
    request.add_header("Content-Type", "application/json")
    for name, value in fields.items():
        request.add_header(name.replace("_", "-"), value)
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, answer.headers, json.loads(answer.read() or b"{}")
    except urllib.error.HTTPError as error:
        text = error.read()
        try:
            return error.code, error.headers, json.loads(text)
        except ValueError:
            return error.code, error.headers, {"text": text.decode(errors="replace")}


def login(base, scope):
    user = {"name": "admin", "domain": {"id": "default"}, "password": "secret"}
    auth = {"identity": {"methods": ["password"], "password": {"user": user}}, "scope": scope}
    return issued(base, auth)


def rescope(base, token, scope):
    return issued(base, {"identity": {"methods": ["token"], "token": {"id": token}}, "scope": scope})


def issued(base, auth):
    status, fields, body = ask(base + "/v3/auth/tokens", "POST", {"auth": auth})
    if status != 201:
        sys.exit(f"{base} does not authenticate: {status} {body}")
    return fields["X-Subject-Token"], body["token"]


def take_over_ids(fake, database):
    _, token = login(fake, PROJECT)
    wanted = {"user": token["user"]["id"], "project": token["project"]["id"]}
    connection = sqlite3.connect(database)
    connection.execute("PRAGMA foreign_keys = OFF")
    connection.execute("PRAGMA journal_mode = WAL")
    own = {
        "user": connection.execute("SELECT user_id FROM local_user WHERE name = 'admin'").fetchone()[0],
        "project": connection.execute(
            "SELECT id FROM project WHERE name = 'admin' AND is_domain = 0").fetchone()[0],
    }
    tables = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    for kind, new in wanted.items():
        for table in tables:
            for column in connection.execute(f'PRAGMA table_info("{table}")').fetchall():
                connection.execute(
                    f'UPDATE "{table}" SET "{column[1]}" = ? WHERE "{column[1]}" = ?', (new, own[kind]))
    connection.commit()


def said(token):
    """What two Keystones must say alike of a token; names and the catalog are each one's own."""
    return {
        "methods": sorted(token["methods"]), "user": token["user"]["id"],
        "project": token.get("project", {}).get("id"), "system": token.get("system"),
        "audit_ids": token["audit_ids"], "expires_at": token["expires_at"],
        "issued_at": token["issued_at"],
    }


def main_tokens(fake, real):
    failures = checks = 0
    for maker, reader, way in [(fake, real, "fake's on the real"), (real, fake, "real's on the fake")]:
        project, project_body = login(maker, PROJECT)
        kinds = [
            ("project", project, project_body), ("unscoped", *login(maker, "unscoped")),
            ("system", *login(maker, SYSTEM)),
            ("rescoped", *rescope(maker, project, PROJECT)),
            ("rescoped to none", *rescope(maker, project, "unscoped")),
        ]
        own, _ = login(reader, PROJECT)
        for kind, token, body in kinds:
            for caller, path in [(own, "subject"), (token, "caller")]:
                status, fields, answer = ask(
                    reader + "/v3/auth/tokens", X_Auth_Token=caller, X_Subject_Token=token)
                checks += 1
                seen = said(answer["token"]) if status == 200 else f"{status} {answer}"
                if seen != said(body) or fields["X-Subject-Token"] != token:
                    failures += 1
                    print(f"FAIL {way}, {kind}, as {path}: {seen}, not {said(body)}")
        # A token of the other side makes a new one here.
        made, body = rescope(reader, project, PROJECT)
        status, _, answer = ask(maker + "/v3/auth/tokens", X_Auth_Token=project, X_Subject_Token=made)
        checks += 1
        if status != 200 or answer["token"]["audit_ids"][1] != project_body["audit_ids"][0]:
            failures += 1
            print(f"FAIL {way}, and back again: {status} {answer}")
        # Changed on the way: no token at all.
        broken = project[:60] + ("A" if project[60] != "A" else "B") + project[61:]
        status, _, answer = ask(reader + "/v3/auth/tokens", X_Auth_Token=own, X_Subject_Token=broken)
        checks += 1
        if status != 404 or answer["error"]["message"] != "Could not recognize Fernet token":
            failures += 1
            print(f"FAIL {way}, changed: {status} {answer}")
    print(f"{checks - failures} of {checks} tokens are read as they should be")
    return failures


if sys.argv[1] == "ids":
    take_over_ids(*sys.argv[2:])
else:
    sys.exit(1 if main_tokens(*sys.argv[2:]) else 0)
