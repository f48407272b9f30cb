# SPDX-License-Identifier: Apache-2.0
"""What real clients make of a node: python-openstackclient and keystoneauth1.

    keystone_clients.py URL RELEASE PATH-OF-OPENSTACK

One line a check; exit code 1 if one failed.
"""
import base64
import hmac
import json
import os
import struct
import subprocess
import sys
import time

from keystoneauth1 import exceptions, session
from keystoneauth1.identity import generic, v3

url, release, openstack = sys.argv[1:]
bare = url[: -len("/v3")]
failed = False

ADMIN = dict(
    username="admin", password="secret", user_domain_name="Default",
    project_name="admin", project_domain_name="Default")


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


def client(*arguments, auth_url=url, password="secret", json_output=True):
    environment = dict(os.environ)
    for name in [name for name in environment if name.startswith("OS_")]:
        del environment[name]
    environment.update(
        OS_AUTH_URL=auth_url, OS_USERNAME="admin", OS_PASSWORD=password,
        OS_USER_DOMAIN_NAME="Default", OS_PROJECT_NAME="admin",
        OS_PROJECT_DOMAIN_NAME="Default", OS_IDENTITY_API_VERSION="3")
    command = [openstack, *arguments] + (["-f", "json"] if json_output else [])
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120)


def answer(*arguments, **options):
    done = client(*arguments, **options)
    expect(done.returncode == 0, done.stderr.strip())
    return json.loads(done.stdout)


def names(*arguments):
    return sorted(row["Name"] for row in answer(*arguments))


def token_issue(auth_url):
    issued = answer("token", "issue", auth_url=auth_url)
    expect(issued["id"].startswith("gAAAAA") and issued["project_id"], issued)


def catalog():
    rows = answer("catalog", "list")
    identity = [row for row in rows if row["Type"] == "identity"]
    expect(len(identity) == 1 and url in json.dumps(identity), rows)


def project_show():
    shown = answer("project", "show", "admin")
    expect(shown["name"] == "admin" and shown["domain_id"] == "default", shown)


def endpoints():
    rows = answer("endpoint", "list")
    expect(any(row["Service Type"] == "identity" for row in rows), rows)


def versions():
    rows = answer("versions", "show")
    expect(any(row["Service Type"] == "identity" for row in rows), rows)


def wrong_password():
    done = client("token", "issue", password="wrong")
    expect(done.returncode == 1 and "requires authentication" in done.stderr, done.stderr)
    expect("Request-ID: req-" in done.stderr, done.stderr)


def revoke():
    token = answer("token", "issue")["id"]
    done = client("token", "revoke", token, json_output=False)
    expect(done.returncode == 0, done.stderr)


def identity_session(auth=None):
    return session.Session(auth=auth or v3.Password(auth_url=url, **ADMIN))


def validate(caller, token):
    return caller.get(
        "/auth/tokens", endpoint_filter={"service_type": "identity"},
        headers={"X-Subject-Token": token}, raise_exc=False)


def password_and_validate():
    caller = identity_session()
    found = validate(caller, caller.get_token())
    expect(found.status_code == 200, found.text)
    token = found.json()["token"]
    expect(token["user"]["name"] == "admin" and token["project"]["name"] == "admin", token)
    expect(found.headers["X-Subject-Token"] == caller.get_token(), found.headers)


def token_for_token():
    first = identity_session().get_token()
    second = identity_session(
        v3.Token(
            auth_url=url, token=first, project_name="admin", project_domain_name="Default")
    ).get_token()
    expect(second != first, second)


def generic_password(auth_url):
    caller = identity_session(generic.Password(auth_url=auth_url, **ADMIN))
    expect(caller.get_token().startswith("gAAAAA"), caller.get_token())
    expect(caller.get_project_id(), "a scoped token has a project")


def unscoped():
    auth = v3.Password(
        auth_url=url, username="demo", password="secret", user_domain_name="Default",
        unscoped=True)
    access = auth.get_access(session.Session())
    expect(access.project_id is None and access.username == "demo", access)


def endpoint_data():
    data = identity_session().auth.get_endpoint_data(
        session.Session(), service_type="identity", interface="public")
    expect(data.api_version[0] == 3, data.api_version)


def revoked_is_unknown():
    admin = identity_session()
    victim = identity_session()
    token = victim.get_token()
    expect(validate(admin, token).status_code == 200, "a fresh token is valid")
    gone = admin.delete(
        "/auth/tokens", endpoint_filter={"service_type": "identity"},
        headers={"X-Subject-Token": token})
    expect(gone.status_code == 204, gone.status_code)
    expect(validate(admin, token).status_code == 404, "a revoked token is not found")


def refused():
    auth = v3.Password(auth_url=url, **{**ADMIN, "password": "wrong"})
    try:
        auth.get_access(session.Session())
    except exceptions.Unauthorized as error:
        expect(error.http_status == 401, error)
    else:
        raise AssertionError("a wrong password was taken")


def application_credential():
    row = identity_session().post(
        f"/users/{identity_session().get_user_id()}/application_credentials",
        endpoint_filter={"service_type": "identity"},
        json={"application_credential": {"name": "app"}}).json()["application_credential"]
    for more in (
            {"application_credential_id": row["id"]},
            {"application_credential_name": "app", "username": "admin",
             "user_domain_name": "Default"}):
        access = v3.ApplicationCredential(
            auth_url=url, application_credential_secret=row["secret"], **more,
        ).get_access(session.Session())
        expect(access.project_name == "admin", access)


def client_credentials():
    row = identity_session().post(
        f"/users/{identity_session().get_user_id()}/application_credentials",
        endpoint_filter={"service_type": "identity"},
        json={"application_credential": {"name": "client"}}).json()["application_credential"]
    auth = v3.OAuth2ClientCredential(
        auth_url=url, oauth2_endpoint=url + "/OS-OAUTH2/token",
        oauth2_client_id=row["id"], oauth2_client_secret=row["secret"])
    fields = auth.get_headers(session.Session())
    expect(fields["Authorization"].startswith("Bearer "), fields)


def trust():
    demo = session.Session(auth=v3.Password(
        auth_url=url, username="demo", password="secret", user_domain_name="Default",
        project_name="demo", project_domain_name="Default"))
    made = demo.post("/OS-TRUST/trusts", endpoint_filter={"service_type": "identity"}, json={
        "trust": {
            "trustor_user_id": demo.get_user_id(), "project_id": demo.get_project_id(),
            "trustee_user_id": identity_session().get_user_id(), "impersonation": True,
            "roles": [{"name": "member"}]}}).json()["trust"]
    access = v3.Password(
        auth_url=url, username="admin", password="secret", user_domain_name="Default",
        trust_id=made["id"]).get_access(session.Session())
    expect(access.trust_scoped and access.username == "demo", access)


SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"


def passcode():
    counter = struct.pack(">Q", int(time.time()) // 30)
    code = hmac.digest(base64.b32decode(SECRET), counter, "sha1")
    offset = code[-1] & 15
    return "%06d" % ((struct.unpack(">I", code[offset:offset + 4])[0] & 0x7FFFFFFF) % 1000000)


def one_time_password():
    admin = identity_session()
    admin.post("/credentials", endpoint_filter={"service_type": "identity"}, json={
        "credential": {"type": "totp", "blob": SECRET, "user_id": admin.get_user_id()}})
    access = v3.TOTP(
        auth_url=url, username="admin", passcode=passcode(), user_domain_name="Default",
        project_name="admin", project_domain_name="Default").get_access(session.Session())
    expect(access.project_name == "admin", access)


def more_than_one_factor():
    admin = identity_session()
    where = {"service_type": "identity"}
    user = admin.post("/users", endpoint_filter=where, json={"user": {
        "name": "careful", "password": "secret", "options": {
            "multi_factor_auth_enabled": True,
            "multi_factor_auth_rules": [["password", "totp"]]}}}).json()["user"]
    admin.post("/credentials", endpoint_filter=where, json={"credential": {
        "type": "totp", "blob": SECRET, "user_id": user["id"]}})
    one = v3.Password(auth_url=url, user_id=user["id"], password="secret", unscoped=True)
    try:
        one.get_access(session.Session())
        raise AssertionError("one factor was enough")
    except exceptions.MissingAuthMethods as error:
        expect(error.required_auth_methods == [["password", "totp"]]
               or sorted(error.required_auth_methods[0]) == ["password", "totp"],
               error.required_auth_methods)
        one.add_method(v3.TOTPMethod(user_id=user["id"], passcode=passcode()))
    both = v3.MultiFactor(
        auth_url=url, auth_methods=["v3password", "v3totp"], user_id=user["id"],
        password="secret", passcode=passcode())
    expect(both.get_access(session.Session()).user_id == user["id"], "both factors")


check("openstack token issue", lambda: token_issue(url))
check("openstack token issue, URL without version", lambda: token_issue(bare))
check("openstack token issue, URL with a slash", lambda: token_issue(url + "/"))
check("openstack catalog list", catalog)
check("openstack user list", lambda: expect(names("user", "list") == ["admin", "demo"], "users"))
check("openstack project list", lambda: expect("admin" in names("project", "list"), "projects"))
check("openstack project show", project_show)
check("openstack endpoint list", endpoints)
check("openstack versions show", versions)
check("openstack token issue, wrong password", wrong_password)
check("openstack token revoke", revoke)
check("keystoneauth1 v3.Password, then validate", password_and_validate)
check("keystoneauth1 v3.Token", token_for_token)
check("keystoneauth1 generic.Password", lambda: generic_password(url))
check("keystoneauth1 generic.Password, URL without version", lambda: generic_password(bare))
check("keystoneauth1 v3.Password, unscoped", unscoped)
check("keystoneauth1 endpoint data", endpoint_data)
check("keystoneauth1 revoke, then validate", revoked_is_unknown)
check("keystoneauth1 wrong password", refused)
check("keystoneauth1 v3.Password with a trust", trust)
check("keystoneauth1 v3.TOTP", one_time_password)
if release not in ("newton", "ocata"):
    check("keystoneauth1 v3.ApplicationCredential", application_credential)
if release in ("antelope", "hibiscus"):
    check("keystoneauth1 v3.OAuth2ClientCredential", client_credentials)
    check("keystoneauth1 v3.MultiFactor, after a receipt", more_than_one_factor)
sys.exit(failed)
