# SPDX-License-Identifier: Apache-2.0
"""A service whose clients show tokens: keystonemiddleware before a small application.

    keystone_middleware.py URL RELEASE

One line a check; exit code 1 if one failed.
"""
import json
import logging
import sys

from keystoneauth1 import session
from keystoneauth1.identity import v3
from keystonemiddleware import auth_token
import webob

url, release = sys.argv[1:]
failed = False
logging.disable(logging.CRITICAL)


def check(name, body):
    global failed
    try:
        body()
        print(f"{release}: ok      {name}")
    except Exception as error:  # Whatever a client raises is a finding.
        failed = True
        print(f"{release}: FAILED  {name}: {type(error).__name__}: {error}")


def expect(condition, found):
    if not condition:
        raise AssertionError(found)


def application(environ, start_response):
    """Tells whom the middleware took the caller for."""
    body = json.dumps({
        name: value for name, value in environ.items()
        if name.startswith("HTTP_X_") and isinstance(value, str)})
    start_response("200 OK", [("Content-Type", "application/json")])
    return [body.encode()]


def service(**options):
    return auth_token.AuthProtocol(application, {
        "auth_type": "password", "auth_url": url, "username": "admin", "password": "secret",
        "user_domain_name": "Default", "project_name": "admin", "project_domain_name": "Default",
        "www_authenticate_uri": url, "http_request_max_retries": "0", **options})


def login(name, **scope):
    scope = scope or dict(project_name=name, project_domain_name="Default")
    return session.Session(auth=v3.Password(
        auth_url=url, username=name, password="secret", user_domain_name="Default", **scope))


def call(app, token=None, path="/v2.1/servers", method="GET", **headers):
    request = webob.Request.blank(path, method=method)
    if token is not None:
        request.headers["X-Auth-Token"] = token
    request.headers.update(headers)
    return request.get_response(app)


app = service()


def good():
    token = login("demo").get_token()
    answer = call(app, token)
    expect(answer.status_int == 200, answer.body)
    seen = answer.json
    expect(seen["HTTP_X_IDENTITY_STATUS"] == "Confirmed", seen)
    expect(seen["HTTP_X_USER_NAME"] == "demo" and seen["HTTP_X_PROJECT_NAME"] == "demo", seen)
    expect("member" in seen["HTTP_X_ROLES"].split(","), seen)
    expect("HTTP_X_SERVICE_CATALOG" in seen, seen)


def bad():
    for token in (None, "bad", "gAAAAABk" + "x" * 175):
        answer = call(app, token)
        expect(answer.status_int == 401, (token, answer.status))
        expect(answer.headers["WWW-Authenticate"] == f'Keystone uri="{url[:-3]}"'
               or url[:-3] in answer.headers["WWW-Authenticate"], answer.headers)


def delayed():
    answer = call(service(delay_auth_decision="true"), "bad")
    expect(answer.status_int == 200, answer.status)
    expect(answer.json["HTTP_X_IDENTITY_STATUS"] == "Invalid", answer.json)


def revoked():
    # Otherwise the middleware remembers for 300 seconds what it was told.
    forgetful = service(token_cache_time="-1")
    owner = login("demo")
    token = owner.get_token()
    expect(call(forgetful, token).status_int == 200, "before")
    owner.delete(url + "/auth/tokens", headers={"X-Subject-Token": token})
    expect(call(forgetful, token).status_int == 401, "after")


def service_token():
    answer = call(
        service(), login("demo").get_token(), **{"X-Service-Token": login("admin").get_token()})
    expect(answer.status_int == 401, "admin has not the role service: " + answer.status)
    answer = call(
        service(service_token_roles="admin"), login("demo").get_token(),
        **{"X-Service-Token": login("admin").get_token()})
    expect(answer.status_int == 200, answer.status)
    expect(answer.json["HTTP_X_SERVICE_USER_NAME"] == "admin", answer.json)


def unscoped():
    answer = call(app, login("demo", unscoped=True).get_token())
    expect(answer.status_int == 200 and "HTTP_X_PROJECT_ID" not in answer.json, answer.status)


def rules():
    owner = login("demo")
    user = owner.get_user_id()
    made = owner.post(
        f"{url}/users/{user}/application_credentials", json={"application_credential": {
            "name": "reads", "access_rules": [
                {"service": "compute", "method": "GET", "path": "/v2.1/servers"}]}})
    row = made.json()["application_credential"]
    token = session.Session(auth=v3.ApplicationCredential(
        auth_url=url, application_credential_id=row["id"],
        application_credential_secret=row["secret"])).get_token()
    compute = service(service_type="compute")
    expect(call(compute, token).status_int == 200, "what the rule allows")
    expect(call(compute, token, method="POST").status_int == 401, "another method")
    expect(call(compute, token, path="/v2.1/flavors").status_int == 401, "another path")


check("a token is confirmed, with user, project, roles and catalog", good)
check("no token and bad tokens are 401", bad)
check("a bad token is left to the application that wants it", delayed)
check("a revoked token is refused", revoked)
check("a service shows a token of its own", service_token)
check("an unscoped token has no project", unscoped)
if release not in ("newton", "queens"):
    check("an application credential's access rules are heeded", rules)
sys.exit(failed)
