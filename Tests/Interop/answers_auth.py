# SPDX-License-Identifier: Apache-2.0
"""Discovery, the error surface, every method of authentication, and what is done with tokens."""

# Differences that are known, by section and title, each with its reason.
KNOWN = {
    **{f"framework: {method} /v3/users/x/password of nobody":
       "a path that cannot be read refuses GET by itself, but Werkzeug names GET to the others"
       for method in ("PUT", "PATCH", "DELETE", "OPTIONS", "BREW")},
    "framework: POST /v3/users/x/password of nobody":
        "of a password's schema only the first line of the complaint is told",
    "bodies: {'auth': {'identity': {'methods': ['application_credential'], "
    "'application_credential': None}}}": "the page of a container is the container's own",
}


def password(user="admin", domain=None, word="secret", **more):
    return {"methods": ["password"], "password": {"user": {
        "name": user, "domain": domain or {"name": "Default"}, "password": word, **more}}}


def auth(identity, scope=None):
    body = {"auth": {"identity": identity}}
    if scope is not None:
        body["auth"]["scope"] = scope
    return body


PROJECT = {"project": {"name": "admin", "domain": {"name": "Default"}}}
SYSTEM = {"system": {"all": True}}
TOKENS = "/v3/auth/tokens"


def prepare(bench):
    """Brings the real one to where `falsework keystone` starts."""
    real = bench.sides[0]
    bench.login("admin", keep="admin")
    headers = {"X-Auth-Token": real.known["admin"], "Content-Type": "application/json"}

    def create(path, kind, **row):
        import json
        answer = real.ask("POST", f"/v3/{path}", headers, json.dumps({kind: row}).encode())
        assert answer.status in (201, 409), answer.body
        return answer.json[kind]["id"] if answer.status == 201 else None

    import json
    project = create("projects", "project", name="demo", domain_id="default")
    if project:
        user = create("users", "user", name="demo", domain_id="default", password="secret")
        roles = real.ask("GET", "/v3/roles?name=member", headers, None).json["roles"]
        real.ask(
            "PUT", f"/v3/projects/{project}/users/{user}/roles/{roles[0]['id']}", headers, None)
        for name, kind, url in (
                ("nova", "compute", "http://127.0.0.1:8774/v2.1"),
                ("glance", "image", "http://127.0.0.1:9292"),
                ("neutron", "network", "http://127.0.0.1:9696")):
            service = create("services", "service", name=name, type=kind)
            for interface in ("public", "internal", "admin"):
                create(
                    "endpoints", "endpoint", service_id=service, interface=interface, url=url,
                    region_id="RegionOne")
    for side in bench.sides:
        answer = side.ask("GET", TOKENS, {
            "X-Auth-Token": side.known["admin"], "X-Subject-Token": side.known["admin"]}, None)
        side.known["admin_id"] = answer.json["token"]["user"]["id"]
        side.known["project_id"] = answer.json["token"]["project"]["id"]
    bench.login("demo", user="demo", keep="demo")
    bench.login(None, scope=None, keep="unscoped")
    bench.login(None, scope=SYSTEM, keep="system")


def check_discovery(bench):
    for path in ("/", "/v3", "/v3/", "/healthcheck", "/v2.0", "/v3/nothing", "/nothing", "/v3/auth"):
        for method in ("GET", "HEAD", "POST", "OPTIONS"):
            bench.ask(f"{method} {path}", method, path)
        bench.ask(f"{path} as json-home", "GET", path, headers={"Accept": "application/json-home"})
        bench.ask(f"{path} with a bad token", "GET", path, token="bad")
        bench.ask(f"{path} with a token", "GET", path, token="{admin}")
    for name, value in (
            ("X-Forwarded-Proto", "https"), ("X-Forwarded-Host", "example.org"),
            ("X-Forwarded-Port", "8443"), ("X-Forwarded-Prefix", "/identity"),
            ("Forwarded", "proto=https;host=example.org"), ("Host", "example.org"),
            ("Host", "example.org:80"), ("Host", "example.org:443")):
        bench.ask(f"{name}: {value}", "GET", "/", headers={name: value})
        bench.ask(f"401 with {name}: {value}", "GET", "/v3/users", headers={name: value})


def check_framework(bench):
    for method in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "BREW"):
        for path in (TOKENS, "/v3/auth/catalog", "/v3/users/x/password", "/v3/nothing", "/v3/users"):
            bench.ask(f"{method} {path} of nobody", method, path)
    for kind, data in (
            ("application/json", "{"), ("application/json", "[]"), ("application/json", "7"),
            ("application/json", "null"), ("text/plain", "{}"), ("", "{}"), ("", "x"),
            ("application/json; charset=utf-8", "{}"), ("application/vnd.api+json", "{}"),
            ("application/x-www-form-urlencoded", "a=b")):
        for path in (TOKENS, "/v3/nothing", "/v3/users", "/"):
            bench.ask(
                f"{data} as {kind or 'nothing'} to {path}", "POST", path, raw=data,
                headers={"Content-Type": kind})


def check_bodies(bench):
    """What is wrong with the body of a login."""
    user = {"name": "admin", "domain": {"name": "Default"}, "password": "secret"}
    bodies = [
        {}, {"auth": None}, {"auth": {}}, {"auth": []}, {"auth": "x"}, {"x": 1},
        {"auth": {"identity": {}}}, {"auth": {"identity": None}}, {"auth": {"identity": []}},
        {"auth": {"scope": {}}},
        auth({"methods": "password"}), auth({"methods": [1]}), auth({"methods": []}),
        auth({"methods": ["password"]}), auth({"methods": ["nothing"]}),
        auth({"methods": ["nothing"], "nothing": {}}),
        auth({"methods": ["password", "totp"], "password": {"user": user}}),
        auth({"methods": ["password"], "password": None}),
        auth({"methods": ["password"], "password": {}}),
        auth({"methods": ["password"], "password": {"user": {}}}),
        auth({"methods": ["password"], "password": {"user": {"name": 7}}}),
        auth({"methods": ["password"], "password": {"user": {"name": "admin"}}}),
        auth({"methods": ["password"], "password": {"user": {"name": "", "id": ""}}}),
        auth({"methods": ["password"], "password": {"user": {"id": "x", "domain": {}}}}),
        auth({"methods": ["password"], "password": {"user": {"name": "admin", "domain": {}}}}),
        auth({"methods": ["password"], "password": {"user": {"name": "admin", "domain": {"id": 7}}}}),
        auth({"methods": ["password"], "password": {"user": {
            "name": "admin", "domain": {"name": "Default"}}}}),
        auth({"methods": ["password"], "password": {"user": {
            "name": "admin", "domain": {"name": "Default"}, "password": 7}}}),
        auth({"methods": ["password"], "password": {"user": {
            "name": "admin", "domain": {"name": "Default"}, "password": None}}}),
        auth({"methods": ["token"], "token": {}}), auth({"methods": ["token"], "token": {"id": 7}}),
        auth({"methods": ["token"], "token": {"id": ""}}),
        auth({"methods": ["token"], "token": None}),
        auth({"methods": ["token", "token"], "token": {"id": "x"}}),
    ]
    for scope in (
            {}, [], 7, None, "x", "unscoped", {"unscoped": {}}, {"x": 1}, {"project": {}},
            {"project": None}, {"project": "x"}, {"project": {"name": "admin"}},
            {"project": {"id": 7}}, {"project": {"id": "x"}}, {"project": {"name": "admin", "domain": {}}},
            {"project": {"name": "x", "domain": {"name": "Default"}}},
            {"project": {"name": "admin", "domain": {"name": "x"}}}, {"project": {"id": ""}},
            {"domain": {}}, {"domain": {"id": 7}}, {"domain": {"id": "x"}}, {"domain": {"name": "x"}},
            {"domain": {"id": "default"}}, {"system": {}}, {"system": {"all": "x"}}, {"system": 7},
            {"system": {"all": False}}, {"system": {"all": True}},
            {"project": {"id": "x"}, "domain": {"id": "x"}},
            {"OS-TRUST:trust": {}}, {"OS-TRUST:trust": {"id": "x"}}, {"OS-TRUST:trust": {"id": 7}}):
        bodies.append(auth(password(), scope) if scope is not None
                      else {"auth": {"identity": password(), "scope": None}})
    for method in ("totp", "application_credential", "oauth1", "mapped", "external"):
        for data in ({}, None, {"id": "x"}, {"user": {}}, {"user": {"name": "admin"}},
                     {"user": {"id": "x"}}, {"name": "x"}, {"name": "x", "user": {"id": "{admin_id}"}}):
            bodies.append(auth({"methods": [method], method: data}))
    for body in bodies:
        bench.ask(str(body), "POST", TOKENS, body)


def check_password(bench):
    for title, identity in (
            ("by name", password()), ("by id", {"methods": ["password"], "password": {"user": {
                "id": "{admin_id}", "password": "secret"}}}),
            ("domain by id", password(domain={"id": "default"})),
            ("wrong password", password(word="x")), ("empty password", password(word="")),
            ("nobody", password(user="x")), ("no domain", password(domain={"name": "x"})),
            ("both", password(id="x"))):
        for name, scope in (
                ("unstated", None), ("unscoped", "unscoped"), ("project", PROJECT),
                ("project by id", {"project": {"id": "{project_id}"}}), ("system", SYSTEM),
                ("domain", {"domain": {"id": "default"}}),
                ("project without a role", {"project": {
                    "name": "demo", "domain": {"id": "default"}}})):
            bench.ask(f"{title}, {name}", "POST", TOKENS, auth(identity, scope))
    bench.ask("no catalog", "POST", TOKENS + "?nocatalog", auth(password(), PROJECT))
    bench.ask("with a bad X-Auth-Token", "POST", TOKENS, auth(password(), PROJECT), token="bad")
    bench.ask("demo", "POST", TOKENS, auth(password(user="demo"), {
        "project": {"name": "demo", "domain": {"name": "Default"}}}))
    bench.ask("demo on the system", "POST", TOKENS, auth(password(user="demo"), SYSTEM))


def check_token(bench):
    for kind in ("admin", "unscoped", "system", "demo"):
        for name, scope in (
                ("unstated", None), ("unscoped", "unscoped"), ("project", PROJECT),
                ("system", SYSTEM), ("domain", {"domain": {"id": "default"}})):
            bench.ask(
                f"{kind} to {name}", "POST", TOKENS,
                auth({"methods": ["token"], "token": {"id": "{%s}" % kind}}, scope))
    bench.ask("bad", "POST", TOKENS, auth({"methods": ["token"], "token": {"id": "bad"}}))
    bench.ask("both methods", "POST", TOKENS, auth(
        {**password(), "methods": ["password", "token"], "token": {"id": "{unscoped}"}}, PROJECT))
    bench.ask("somebody else's", "POST", TOKENS, auth(
        {**password(), "methods": ["password", "token"], "token": {"id": "{demo}"}}, PROJECT))


def check_operations(bench):
    for caller in ("admin", "demo", "system", "unscoped", "bad", None):
        token = None if caller is None else "{%s}" % caller
        for subject in ("admin", "demo", "system", "unscoped", "bad", None):
            named = None if subject is None else "{%s}" % subject
            for method in ("GET", "HEAD"):
                bench.ask(
                    f"{method} {subject} by {caller}", method, TOKENS, token=token, subject=named)
        for path in ("/v3/auth/catalog", "/v3/auth/projects", "/v3/auth/domains", "/v3/auth/system",
                     "/v3/OS-FEDERATION/projects", "/v3/auth/tokens/OS-PKI/revoked",
                     "/v3/OS-REVOKE/events", "/v3/OS-SIMPLE-CERT/ca",
                     "/v3/OS-SIMPLE-CERT/certificates"):
            bench.ask(f"{path} by {caller}", "GET", path, token=token)
            bench.ask(f"HEAD {path} by {caller}", "HEAD", path, token=token)
    bench.ask("no catalog", "GET", TOKENS + "?nocatalog", token="{admin}", subject="{demo}")
    bench.ask("allow expired", "GET", TOKENS + "?allow_expired=1", token="{admin}", subject="{demo}")
    bench.login("demo", user="demo", keep="gone")
    bench.ask("by another", "DELETE", TOKENS, token="{demo}", subject="{admin}")
    bench.ask("without a subject", "DELETE", TOKENS, token="{admin}")
    bench.ask("bad", "DELETE", TOKENS, token="{admin}", subject="bad")
    bench.ask("revoke", "DELETE", TOKENS, token="{demo}", subject="{gone}")
    bench.ask("revoked", "GET", TOKENS, token="{admin}", subject="{gone}")
    bench.ask("caller revoked", "GET", TOKENS, token="{gone}", subject="{demo}")
    bench.ask("revoke again", "DELETE", TOKENS, token="{admin}", subject="{gone}")
    bench.ask("events", "GET", "/v3/OS-REVOKE/events", token="{admin}", compare=False)


def check_totp(bench):
    secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
    bench.ask("credential", "POST", "/v3/credentials", {"credential": {
        "type": "totp", "blob": secret, "user_id": "{admin_id}"}}, token="{admin}")
    bench.set("code", lambda side: totp(secret, 0))
    bench.set("old", lambda side: totp(secret, -1))
    bench.set("older", lambda side: totp(secret, -3))
    for name in ("code", "old", "older"):
        for scope in (None, PROJECT):
            bench.ask(f"{name} {scope}", "POST", TOKENS, auth({"methods": ["totp"], "totp": {
                "user": {"id": "{admin_id}", "passcode": "{%s}" % name}}}, scope))
    bench.ask("none", "POST", TOKENS, auth({"methods": ["totp"], "totp": {
        "user": {"id": "{admin_id}"}}}))
    bench.ask("with a password", "POST", TOKENS, auth({
        **password(), "methods": ["password", "totp"], "totp": {
            "user": {"id": "{admin_id}", "passcode": "{code}"}}}, PROJECT))


def totp(secret, window):
    import base64
    import hmac
    import struct
    import time
    counter = int(time.time()) // 30 + window
    code = hmac.digest(base64.b32decode(secret), struct.pack(">Q", counter), "sha1")
    offset = code[-1] & 15
    return "%06d" % ((struct.unpack(">I", code[offset:offset + 4])[0] & 0x7FFFFFFF) % 1000000)


def check_application_credential(bench):
    def keep(side, answer):
        row = answer.json["application_credential"]
        return {"app": row["id"], "secret": row["secret"]}

    users = "/v3/users/{admin_id}/application_credentials"
    bench.ask("create", "POST", users, {"application_credential": {
        "name": "app", "roles": [{"name": "member"}]}}, token="{admin}", keep=keep)
    by_id = {"id": "{app}", "secret": "{secret}"}
    for name, data in (
            ("by id", by_id), ("by name", {
                "name": "app", "secret": "{secret}", "user": {"id": "{admin_id}"}}),
            ("by names", {"name": "app", "secret": "{secret}", "user": {
                "name": "admin", "domain": {"name": "Default"}}}),
            ("wrong", {"id": "{app}", "secret": "x"}), ("no secret", {"id": "{app}"}),
            ("unknown", {"id": "x", "secret": "x"}),
            ("unknown name", {"name": "x", "secret": "x", "user": {"id": "{admin_id}"}}),
            ("nobody's", {"name": "app", "secret": "x", "user": {"id": "x"}}),
            ("no user", {"name": "app", "secret": "x"}), ("nothing", {})):
        identity = {"methods": ["application_credential"], "application_credential": data}
        bench.ask(name, "POST", TOKENS, auth(identity))
        bench.ask(f"{name}, scoped", "POST", TOKENS, auth(identity, PROJECT))
    identity = {"methods": ["application_credential"], "application_credential": by_id}
    bench.ask("log in", "POST", TOKENS, auth(identity), keep=lambda side, answer: {
        "app_token": answer.headers["x-subject-token"]})
    for caller in ("admin", "app_token"):
        bench.ask(f"read by {caller}", "GET", TOKENS, token="{%s}" % caller, subject="{app_token}")
    for scope in (None, "unscoped", PROJECT, SYSTEM):
        bench.ask(f"exchange {scope}", "POST", TOKENS, auth(
            {"methods": ["token"], "token": {"id": "{app_token}"}}, scope))
    bench.ask("another by a restricted one", "POST", users, {"application_credential": {
        "name": "more"}}, token="{app_token}")
    bench.ask("with rules", "POST", users, {"application_credential": {
        "name": "ruled", "access_rules": [
            {"service": "compute", "method": "GET", "path": "/v2.1/servers"}]}},
        token="{admin}", keep=keep)
    bench.ask("log in with rules", "POST", TOKENS, auth(identity), keep=lambda side, answer: {
        "ruled": answer.headers["x-subject-token"]})
    for title, headers in (
            ("unaware", None), ("aware", {"OpenStack-Identity-Access-Rules": "1.0"})):
        for caller in ("admin", "ruled"):
            bench.ask(
                f"{title} {caller}", "GET", TOKENS, token="{%s}" % caller, subject="{ruled}",
                headers=headers)
    bench.ask("oauth2", "POST", "/v3/OS-OAUTH2/token", raw="grant_type=client_credentials"
              "&client_id={app}&client_secret=x", headers={
                  "Content-Type": "application/x-www-form-urlencoded"})
    for form in ("", "grant_type=x", "grant_type=client_credentials",
                 "grant_type=client_credentials&client_id=x",
                 "grant_type=client_credentials&client_id=x&client_secret=x"):
        bench.ask(f"oauth2 {form}", "POST", "/v3/OS-OAUTH2/token", raw=form, headers={
            "Content-Type": "application/x-www-form-urlencoded"})
    bench.ask("oauth2 GET", "GET", "/v3/OS-OAUTH2/token")


def check_trust(bench):
    bench.ask("demo's id", "GET", TOKENS, token="{demo}", subject="{demo}", keep=lambda s, a: {
        "demo_id": a.json["token"]["user"]["id"],
        "demo_project": a.json["token"]["project"]["id"]})
    for name, impersonation in (("lent", False), ("played", True)):
        bench.ask(f"create {name}", "POST", "/v3/OS-TRUST/trusts", {"trust": {
            "trustor_user_id": "{demo_id}", "trustee_user_id": "{admin_id}",
            "project_id": "{demo_project}", "impersonation": impersonation,
            "roles": [{"name": "member"}], "remaining_uses": 2}}, token="{demo}",
            keep=lambda side, answer: {name: answer.json["trust"]["id"]})
        trust = {"OS-TRUST:trust": {"id": "{%s}" % name}}
        bench.ask(f"{name} by another", "POST", TOKENS, auth(
            password(user="demo"), trust))
        bench.ask(f"{name} first", "POST", TOKENS, auth(password(), trust),
                  keep=lambda side, answer: {"trusted": answer.headers["x-subject-token"]})
        bench.ask(f"{name} read", "GET", TOKENS, token="{admin}", subject="{trusted}")
        bench.ask(f"{name} itself", "GET", TOKENS, token="{trusted}", subject="{trusted}")
        bench.ask(f"{name} exchanged", "POST", TOKENS, auth(
            {"methods": ["token"], "token": {"id": "{trusted}"}}, "unscoped"))
        bench.ask(f"{name} projects", "GET", "/v3/auth/projects", token="{trusted}")
        bench.ask(f"{name} catalog", "GET", "/v3/auth/catalog", token="{trusted}")
        bench.ask(f"{name} second", "POST", TOKENS, auth(password(), trust))
        bench.ask(f"{name} third", "POST", TOKENS, auth(password(), trust))
        bench.ask(f"{name} gone", "DELETE", "/v3/OS-TRUST/trusts/{%s}" % name, token="{demo}")
        bench.ask(f"{name} read after", "GET", TOKENS, token="{admin}", subject="{trusted}")
        bench.ask(f"{name} called after", "GET", "/v3/regions", token="{trusted}")


def check_users(bench):
    """Passwords and default projects."""
    bench.ask("create", "POST", "/v3/users", {"user": {
        "name": "eve", "password": "first", "default_project_id": "{project_id}"}},
        token="{admin}", keep=lambda side, answer: {"eve": answer.json["user"]["id"]})
    eve = {"methods": ["password"], "password": {"user": {"id": "{eve}", "password": "first"}}}
    bench.ask("no role on the default project", "POST", TOKENS, auth(eve))
    bench.ask("roles", "GET", "/v3/roles?name=reader", token="{admin}", compare=False,
              keep=lambda side, answer: {"reader": answer.json["roles"][0]["id"]})
    bench.ask("grant", "PUT", "/v3/projects/{project_id}/users/{eve}/roles/{reader}",
              token="{admin}")
    bench.ask("default project", "POST", TOKENS, auth(eve))
    bench.ask("unscoped", "POST", TOKENS, auth(eve, "unscoped"))
    for body in (
            {"user": {"password": "x", "original_password": "wrong"}},
            {"user": {"password": "second", "original_password": "first"}}):
        bench.ask(str(body), "POST", "/v3/users/{eve}/password", body)
    bench.ask("old password", "POST", TOKENS, auth(eve))
    eve = {"methods": ["password"], "password": {"user": {"id": "{eve}", "password": "second"}}}
    bench.ask("new password", "POST", TOKENS, auth(eve))
    bench.ask("disable", "PATCH", "/v3/users/{eve}", {"user": {"enabled": False}}, token="{admin}")
    bench.ask("disabled", "POST", TOKENS, auth(eve))
    bench.ask("enable", "PATCH", "/v3/users/{eve}", {"user": {"enabled": True}}, token="{admin}")
    bench.ask("rules", "PATCH", "/v3/users/{eve}", {"user": {"options": {
        "multi_factor_auth_rules": [["password", "totp"], ["password", "nothing", "external"]],
        "multi_factor_auth_enabled": True}}}, token="{admin}")
    bench.ask("one of two", "POST", TOKENS, auth(eve), keep=None)
    receipts = [
        side.ask("POST", TOKENS, {"Content-Type": "application/json"}, __import__("json").dumps(
            bench.fill(side, auth(eve))).encode()).headers.get("openstack-auth-receipt")
        for side in bench.sides]
    for side, receipt in zip(bench.sides, receipts):
        side.known["receipt"] = receipt
    secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
    bench.ask("credential", "POST", "/v3/credentials", {"credential": {
        "type": "totp", "blob": secret, "user_id": "{eve}"}}, token="{admin}")
    bench.set("code", lambda side: totp(secret, 0))
    second = auth({"methods": ["totp"], "totp": {"user": {"id": "{eve}", "passcode": "{code}"}}})
    bench.ask("the other alone", "POST", TOKENS, second)
    bench.ask("with a receipt", "POST", TOKENS, second, headers={
        "Openstack-Auth-Receipt": "{receipt}"})
    bench.ask("with a bad receipt", "POST", TOKENS, second, headers={
        "Openstack-Auth-Receipt": "bad"})
    bench.ask("with somebody's receipt", "POST", TOKENS, auth(password()), headers={
        "Openstack-Auth-Receipt": "{receipt}"})
    bench.ask("receipt as a token", "GET", TOKENS, token="{admin}", subject="{receipt}")


def check_environment(bench):
    for name, headers in (
            ("user", {"X-Environment-REMOTE_USER": "admin"}),
            ("nobody", {"X-Environment-REMOTE_USER": "x"}),
            ("empty", {"X-Environment-REMOTE_USER": ""})):
        for scope in (None, PROJECT):
            bench.ask(f"{name}, {scope}", "POST", TOKENS, auth(
                {"methods": ["external"], "external": {}}, scope), headers=headers)
            bench.ask(f"{name} beside a password, {scope}", "POST", TOKENS, auth(
                password(), scope), headers=headers)
            bench.ask(f"{name} without methods, {scope}", "POST", TOKENS, auth(
                {"methods": []}, scope), headers=headers)
