# SPDX-License-Identifier: Apache-2.0
"""Each resource of an identity service by openstacksdk, and those that people use by the command."""

import json
import os
import subprocess
import sys

import openstack

URL, COMMAND = sys.argv[1:3]
failures = []


def check(what, holds, told=""):
    print(("ok      " if holds else "FAILED  ") + what + ("" if holds else f": {told}"))
    if not holds:
        failures.append(what)


def connection():
    return openstack.connect(
        auth_url=URL, username="admin", password="secret", project_name="admin",
        user_domain_name="Default", project_domain_name="Default", region_name="RegionOne",
        load_yaml_config=False, load_envvars=False,
    )


def round_trip(identity, name, made, change, plural=None):
    """create, get, list, update, delete; then it is gone."""
    plural = plural or name + "s"
    try:
        row = getattr(identity, f"create_{name}")(**made)
        same = getattr(identity, f"get_{name}")(row.id)
        listed = [other.id for other in getattr(identity, plural)()]
        changed = getattr(identity, f"update_{name}")(row, **change) if change else row
        fresh = getattr(identity, f"get_{name}")(row.id)
        kept = all(getattr(fresh, key) == value for key, value in change.items())
        getattr(identity, f"delete_{name}")(row, ignore_missing=False)
        gone = row.id not in [other.id for other in getattr(identity, plural)()]
        check(name, same.id == row.id == changed.id and row.id in listed and kept and gone, fresh)
    except Exception as error:  # Whatever a client raises is a finding.
        check(name, False, repr(error))


def resources(identity):
    service = identity.create_service(type="t", name="n")
    region = identity.create_region(id="R")
    project = identity.find_project("admin")
    user = identity.find_user("admin")
    round_trip(identity, "domain", {"name": "d", "is_enabled": False}, {"description": "x"})
    round_trip(identity, "project", {"name": "p"}, {"description": "x"})
    round_trip(identity, "user", {"name": "u", "password": "p"}, {"email": "e@x"})
    round_trip(identity, "group", {"name": "g"}, {"description": "x"})
    round_trip(identity, "role", {"name": "r"}, {"description": "x"})
    round_trip(identity, "service", {"type": "s", "name": "m"}, {"description": "x"})
    round_trip(identity, "region", {"id": "S"}, {"description": "x"})
    round_trip(
        identity, "endpoint",
        {"service_id": service.id, "interface": "public", "url": "http://x"}, {"url": "http://y"},
    )
    round_trip(
        identity, "credential",
        {"type": "cert", "blob": "b", "user_id": user.id, "project_id": project.id}, {"blob": "c"},
    )
    round_trip(identity, "policy", {"type": "t", "blob": "b"}, {"blob": "c"}, "policies")
    round_trip(
        identity, "registered_limit",
        {"service_id": service.id, "resource_name": "v", "default_limit": 1}, {"default_limit": 2},
    )
    identity.create_registered_limit(service_id=service.id, resource_name="w", default_limit=1)
    round_trip(
        identity, "limit",
        {"service_id": service.id, "resource_name": "w", "resource_limit": 1,
         "project_id": project.id},
        {"resource_limit": 2},
    )
    round_trip(identity, "identity_provider", {"id": "i"}, {"description": "x"})
    round_trip(
        identity, "mapping",
        {"id": "m", "rules": [{"local": [{"user": {"name": "{0}"}}], "remote": [{"type": "U"}]}]},
        {},
    )
    round_trip(
        identity, "service_provider",
        {"id": "s", "auth_url": "http://a", "sp_url": "http://b"}, {"description": "x"},
    )
    identity.delete_region(region)


def relations(identity):
    user = identity.create_user(name="member-of", password="p")
    group = identity.create_group(name="members")
    project = identity.create_project(name="granted")
    role = identity.find_role("member")
    identity.add_user_to_group(user, group)
    check("a member is found", identity.check_user_in_group(user, group))
    identity.assign_project_role_to_user(project, user, role)
    identity.assign_project_role_to_group(project, group, role)
    identity.assign_system_role_to_user(user, role, "all")
    check("a grant is found", identity.validate_user_has_project_role(project, user, role))
    rows = list(identity.role_assignments(user_id=user.id))
    check("assignments are listed", len(rows) == 2, rows)
    identity.unassign_project_role_from_user(project, user, role)
    check("a grant is taken back", not identity.validate_user_has_project_role(project, user, role))
    identity.remove_user_from_group(user, group)
    check("a member is taken out", not identity.check_user_in_group(user, group))
    own = identity.get_user(identity.session.get_user_id())
    credential = identity.create_application_credential(own, "app", roles=[{"name": "member"}])
    check("an application credential tells its secret", bool(credential.secret))
    names = [row.name for row in identity.application_credentials(own)]
    check("application credentials are listed", names == ["app"], names)
    identity.delete_application_credential(own, credential)
    trust = identity.create_trust(
        trustor_user_id=own.id, trustee_user_id=user.id, impersonation=True,
        project_id=identity.find_project("admin").id, roles=[{"name": "member"}],
    )
    check("a trust is listed", trust.id in [row.id for row in identity.trusts()])
    identity.delete_trust(trust)


def command(*words):
    environment = dict(
        os.environ, OS_AUTH_URL=URL, OS_USERNAME="admin", OS_PASSWORD="secret",
        OS_PROJECT_NAME="admin", OS_USER_DOMAIN_NAME="Default", OS_PROJECT_DOMAIN_NAME="Default",
        OS_IDENTITY_API_VERSION="3", OS_REGION_NAME="RegionOne",
    )
    done = subprocess.run(
        [COMMAND, *words], env=environment, capture_output=True, text=True, check=False)
    check("openstack " + " ".join(words), done.returncode == 0, done.stderr.strip())
    return done.stdout


def commands():
    command("project", "create", "shell", "--tag", "t")
    command("user", "create", "shell-user", "--password", "p", "--project", "shell")
    command("role", "add", "--user", "shell-user", "--project", "shell", "member")
    shown = command(
        "role", "assignment", "list", "--user", "shell-user", "--names", "-f", "json")
    check("names are told", "member" in shown and "shell@Default" in shown, shown)
    command("user", "set", "shell-user", "--disable")
    shown = json.loads(command("user", "show", "shell-user", "-f", "json") or "{}")
    check("the user is disabled", shown.get("enabled") is False, shown)
    command("user", "delete", "shell-user")
    command("project", "delete", "shell")
    command("implied", "role", "list")
    command("domain", "create", "shell-domain")
    command("domain", "set", "shell-domain", "--disable")
    command("domain", "delete", "shell-domain")
    command("ec2", "credentials", "create")
    command("endpoint", "list")
    command("limit", "list")


identity = connection().identity
resources(identity)
relations(identity)
commands()
sys.exit(1 if failures else 0)
