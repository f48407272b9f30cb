# SPDX-License-Identifier: Apache-2.0
"""What keystone-manage.sh does with a real Keystone's own code.

    keystone_manage.py credential-make|credential-read keystone.conf
    keystone_manage.py tokens keystone.conf URL directory-of-a-key-pair
"""
import datetime
import json
import pathlib
import sys
import urllib.error
import urllib.request


def configured(path):
    import keystone.conf
    from keystone.common import sql

    keystone.conf.configure()
    sql.initialize()
    keystone.conf.CONF(args=[], project="keystone", default_config_files=[path])
    return keystone.conf.CONF


def credentials(path):
    configured(path)
    from keystone.server import backends

    return backends.load_backends()["credential_api"]


def make(path):
    user = "8e8068beaa2748938b55b195905fbc8f"
    credentials(path).create_credential(
        "c1", {"id": "c1", "user_id": user, "type": "cert", "blob": "a secret"})


def read(path):
    print(credentials(path).get_credential("c1")["blob"])


def check(name, good):
    print(("ok    " if good else "WRONG ") + name)
    return good


def call(url, headers, body=None):
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(
        url, data, {"Content-Type": "application/json", **headers})
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.status, answer.headers, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, error.headers, None


def tokens(path, url, pair):
    configured(path)
    import jwt
    from keystone.token import token_formatters

    formatter = token_formatters.TokenFormatter()
    user = {"name": "admin", "domain": {"name": "Default"}, "password": "secret"}
    scope = {"project": {"name": "admin", "domain": {"name": "Default"}}}
    identity = {"methods": ["password"], "password": {"user": user}}
    status, headers, body = call(
        url + "/auth/tokens", {}, {"auth": {"identity": identity, "scope": scope}})
    token = headers["X-Subject-Token"]
    good = check("a node makes a token with the real repository", status == 201)
    read = formatter.validate_token(token)
    good &= check(
        "the real formatter reads it", read[0] == body["token"]["user"]["id"])
    soon = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(hours=1)
    theirs = formatter.create_token(
        body["token"]["user"]["id"], soon.strftime("%Y-%m-%dT%H:%M:%S.000000Z"),
        ["AAECAwQFBgcICQoLDA0ODw"], token_formatters.ProjectScopedPayload,
        methods=["password"], project_id=body["token"]["project"]["id"])
    status, _, _ = call(url + "/auth/tokens", {"X-Auth-Token": token, "X-Subject-Token": theirs})
    good &= check("the node reads the real formatter's token", status == 200)
    directory = pathlib.Path(pair)
    private = (directory / "private.pem").read_text()
    public = (directory / "public.pem").read_text()
    signed = jwt.encode({"sub": "x"}, private, algorithm="ES256")
    claims = jwt.decode(signed, public, algorithms=["ES256"])
    good &= check("PyJWT signs and verifies with our key pair", claims == {"sub": "x"})
    return good


if __name__ == "__main__":
    command, arguments = sys.argv[1], sys.argv[2:]
    if command == "credential-make":
        make(*arguments)
    elif command == "credential-read":
        read(*arguments)
    elif not tokens(*arguments):
        sys.exit(1)
