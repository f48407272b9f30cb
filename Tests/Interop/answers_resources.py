# SPDX-License-Identifier: Apache-2.0
"""The resources: each made, shown, listed, changed and deleted, and what is wrong with requests.

A section is a text, a line a request: method, path after /v3, perhaps a body, perhaps `>name kind`,
which keeps the id of what was made. `as name` changes whose token is sent.
"""
import json

# Differences that are known, by section and title, each with its reason.
KNOWN = {}


def run(bench, text):
    token = "{admin}"
    for line in text.strip().splitlines():
        line = line.strip()
        if not line or line.startswith("#"):
            continue
        if line.startswith("as "):
            token = None if line == "as nobody" else "{" + line[3:] + "}"
            continue
        keep = None
        if " >" in line:
            line, kept = line.rsplit(" >", 1)
            name, path = kept.split(" ")
            keep = keeper(name, path)
        words = line.split(" ", 2)
        body = json.loads(words[2]) if len(words) > 2 else None
        bench.ask(line[:110], words[0], "/v3" + words[1], body, token=token, keep=keep)


def keeper(name, path):
    def keep(side, answer):
        value = answer.json
        for step in path.split("."):
            value = value[int(step)] if isinstance(value, list) else value[step]
        return {name: value}
    return keep


def check_users(bench):
    run(bench, """
      POST /users {"user": {"name": "a-u", "password": "x", "email": "e", "default_project_id": "{project_id}"}} >u user.id
      GET /users/{u}
      PATCH /users/{u} {"user": {"email": "f", "foo": 1}}
      PATCH /users/{u} {"user": {"options": {"lock_password": true}}}
      PATCH /users/{u} {"user": {"options": {"lock_password": null}}}
      PATCH /users/{u} {"user": {"id": "x"}}
      PATCH /users/{u} {"user": {"domain_id": "x"}}
      PATCH /users/{u} {"user": {"default_project_id": "default"}}
      PATCH /users/{u} {"user": {}}
      GET /users?name=a-u
      GET /users?name__contains=-u
      GET /users?name__istartswith=A-
      GET /users?enabled=zzz
      GET /users?password_expires_at=zz:2030-01-01T00:00:00Z
      GET /users?marker=nope
      GET /users/nope
      GET /users/nope/projects
      POST /users {"user": {"name": "a-u"}}
      POST /users {"user": {"name": ""}}
      POST /users {"user": {"name": 1}}
      POST /users {"user": {}}
      POST /users {}
      POST /users {"user": {"name": "q", "domain_id": "nope"}}
      POST /users {"user": {"name": "q", "options": {"x": 1}}}
      GET /users/{u}/password
      PUT /users
      as demo
      GET /users
      GET /users/{u}
      as nobody
      POST /users {"user": {}}
      POST /users {"user": {"name": "q"}}
      POST /users/{u}/password {"user": {"password": "a", "original_password": "b"}}
      as admin
      DELETE /users/{u}
      DELETE /users/{u}
    """)


def check_groups(bench):
    run(bench, """
      POST /users {"user": {"name": "a-m"}} >m user.id
      POST /groups {"group": {"name": "a-g", "x": "y"}} >g group.id
      POST /groups {"group": {"name": "a-g"}}
      GET /groups/{g}
      GET /groups?name=a-g
      PATCH /groups/{g} {"group": {"description": "d"}}
      PATCH /groups/{g} {"group": {"domain_id": "x"}}
      GET /groups/{g}/users/{m}
      PUT /groups/{g}/users/nope
      PUT /groups/{g}/users/{m}
      HEAD /groups/{g}/users/{m}
      GET /groups/{g}/users
      GET /users/{m}/groups
      DELETE /groups/{g}/users/{m}
      DELETE /groups/{g}/users/{m}
      DELETE /groups/{g}
      GET /groups/{g}
      DELETE /users/{m}
    """)


def check_projects(bench):
    run(bench, """
      POST /projects {"project": {"name": "a-p", "foo": "bar"}} >p project.id
      POST /projects {"project": {"name": "a-q", "parent_id": "{p}"}} >q project.id
      POST /projects {"project": {"name": "a-p"}}
      PATCH /projects/{p} {"project": {"description": "z", "baz": 2}}
      PATCH /projects/{p} {"project": {"parent_id": "x"}}
      PATCH /projects/{p} {"project": {"is_domain": true}}
      PATCH /projects/{p} {"project": {"domain_id": "x"}}
      GET /projects/{q}?parents_as_ids
      GET /projects/{p}?subtree_as_ids
      GET /projects/{q}?parents_as_list
      GET /projects/{p}?subtree_as_list
      GET /projects/{p}?subtree_as_list&subtree_as_ids
      DELETE /projects/{p}
      PATCH /projects/{p} {"project": {"enabled": false}}
      POST /projects {"project": {"name": "x", "domain_id": "nope"}}
      POST /projects {"project": {"name": "x", "parent_id": "nope"}}
      POST /projects {"project": {"name": "x", "is_domain": true, "parent_id": "{p}"}}
      GET /projects?name=a-p
      GET /projects?limit=1&name=a-p
      GET /projects?parent_id=default
      GET /projects?parent_id={p}
      PUT /projects/{p}/tags/t1
      PUT /projects/{p}/tags/t1
      GET /projects/{p}/tags
      GET /projects/{p}/tags/t1
      GET /projects/{p}/tags/t2
      PUT /projects/{p}/tags {"tags": ["b", "a"]}
      GET /projects?tags=a,b
      GET /projects?tags=a,c
      DELETE /projects/{p}/tags/t2
      DELETE /projects/{p}/tags
      DELETE /projects/{q}
      PATCH /projects/{p} {"project": {"options": {"immutable": true}}}
      DELETE /projects/{p}
      PATCH /projects/{p} {"project": {"name": "r"}}
      PATCH /projects/{p} {"project": {"options": {"immutable": false}}}
      DELETE /projects/{p}
      GET /projects/{p}
    """)


def check_domains(bench):
    run(bench, """
      POST /domains {"domain": {"name": "a-d", "foo": 1}} >d domain.id
      POST /domains {"domain": {"name": "a-d"}}
      POST /domains {"domain": {"name": "e", "explicit_domain_id": "x"}}
      GET /domains/{d}
      GET /projects/{d}
      GET /domains?name=a-d
      PATCH /domains/{d} {"domain": {"description": "x"}}
      DELETE /domains/{d}
      GET /domains/{d}/config
      PUT /domains/{d}/config {"config": {"identity": {"driver": "ldap"}, "ldap": {"url": "u", "password": "p"}}}
      GET /domains/{d}/config
      GET /domains/{d}/config/ldap
      GET /domains/{d}/config/ldap/url
      PATCH /domains/{d}/config/ldap {"config": {"ldap": {"url": "w"}}}
      PATCH /domains/{d}/config/ldap/url {"config": {"url": "x"}}
      PATCH /domains/{d}/config/ldap/user {"config": {"user": "x"}}
      PUT /domains/{d}/config {"config": {"foo": {"x": 1}}}
      PUT /domains/{d}/config {"config": {"ldap": {"nope": 1}}}
      PUT /domains/{d}/config {"config": {}}
      DELETE /domains/{d}/config/ldap/url
      DELETE /domains/{d}/config
      GET /domains/config/default
      GET /domains/config/ldap/default
      GET /domains/config/ldap/url/default
      GET /domains/config/ldap/nope/default
      PATCH /domains/{d} {"domain": {"enabled": false}}
      DELETE /domains/{d}
      GET /domains/{d}
    """)


def check_roles(bench):
    run(bench, """
      POST /roles {"role": {"name": "a-r"}} >r role.id
      POST /roles {"role": {"name": "a-s", "description": "x"}} >s role.id
      POST /roles {"role": {"name": "a-r"}}
      PATCH /roles/{r} {"role": {"name": "a-t"}}
      PATCH /roles/{r} {"role": {"domain_id": "default"}}
      GET /roles?name=admin >a roles.0.id
      DELETE /roles/{a}
      PATCH /roles/{a} {"role": {"name": "x"}}
      PUT /roles/{r}/implies/{s}
      PUT /roles/{r}/implies/{s}
      PUT /roles/{r}/implies/{a}
      GET /roles/{r}/implies/{s}
      HEAD /roles/{r}/implies/{s}
      GET /roles/{r}/implies
      DELETE /roles/{r}/implies/{s}
      DELETE /roles/{r}/implies/{s}
      POST /projects {"project": {"name": "a-gp"}} >p project.id
      POST /users {"user": {"name": "a-gu"}} >u user.id
      POST /groups {"group": {"name": "a-gg"}} >g group.id
      PUT /groups/{g}/users/{u}
      PUT /projects/{p}/users/{u}/roles/{r}
      HEAD /projects/{p}/users/{u}/roles/{r}
      GET /projects/{p}/users/{u}/roles
      GET /projects/{p}/users/{u}/roles/{s}
      DELETE /projects/{p}/users/{u}/roles/{s}
      PUT /projects/{p}/users/nope/roles/{r}
      PUT /projects/nope/users/{u}/roles/{r}
      PUT /projects/{p}/groups/{g}/roles/{s}
      PUT /domains/default/groups/{g}/roles/{r}
      GET /domains/default/groups/{g}/roles
      PUT /OS-INHERIT/projects/{p}/users/{u}/roles/{s}/inherited_to_projects
      PUT /system/users/{u}/roles/{r}
      GET /system/users/{u}/roles
      DELETE /system/users/{u}/roles/{s}
      GET /role_assignments?user.id={u}
      GET /role_assignments?user.id={u}&include_names
      GET /role_assignments?group.id={g}&include_names
      GET /role_assignments?effective&user.id={u}&scope.project.id={p}
      GET /role_assignments?scope.project.id={p}&include_subtree=1
      GET /role_assignments?user.id={u}&scope.OS-INHERIT:inherited_to=projects
      GET /role_assignments?user.id={u}&group.id={g}
      GET /role_assignments?include_subtree=1
      GET /role_assignments?effective&group.id={g}
      DELETE /groups/{g}
      DELETE /users/{u}
      DELETE /projects/{p}
      DELETE /roles/{r}
      DELETE /roles/{s}
    """)


def check_catalog(bench):
    run(bench, """
      POST /services {"service": {"type": "t", "name": "n", "foo": 1}} >s service.id
      POST /services {"service": {"name": "x"}}
      PATCH /services/{s} {"service": {"description": "d"}}
      GET /services/{s}
      GET /services?type=t
      POST /regions {"region": {"id": "A1", "foo": 1}}
      POST /regions {"region": {"id": "A1"}}
      PUT /regions/A2 {"region": {"parent_region_id": "A1"}}
      PUT /regions/A3 {"region": {"id": "A4"}}
      POST /regions {"region": {"parent_region_id": "nope"}}
      PATCH /regions/A1 {"region": {"parent_region_id": "A2"}}
      GET /regions?parent_region_id=A1
      GET /regions?foo=1
      POST /endpoints {"endpoint": {"interface": "public", "service_id": "{s}", "url": "http://x/%(tenant_id)s", "region": "A2"}} >e endpoint.id
      PATCH /endpoints/{e} {"endpoint": {"name": "q"}}
      GET /endpoints?service_id={s}
      POST /endpoints {"endpoint": {"interface": "bad", "service_id": "{s}", "url": "http://x"}}
      POST /endpoints {"endpoint": {"interface": "public", "service_id": "nope", "url": "http://x"}}
      POST /endpoints {"endpoint": {"interface": "public", "service_id": "{s}", "url": "http://x", "region_id": "nope"}}
      POST /endpoints {"endpoint": {"interface": "public", "service_id": "{s}", "url": "http://x/%(foo)s"}}
      DELETE /regions/A1
      POST /OS-EP-FILTER/endpoint_groups {"endpoint_group": {"name": "g", "filters": {"service_id": "{s}"}}} >g endpoint_group.id
      GET /OS-EP-FILTER/endpoint_groups/{g}
      PATCH /OS-EP-FILTER/endpoint_groups/{g} {"endpoint_group": {"name": "h"}}
      GET /OS-EP-FILTER/endpoint_groups/{g}/projects/{project_id}
      PUT /OS-EP-FILTER/endpoint_groups/{g}/projects/{project_id}
      GET /OS-EP-FILTER/endpoint_groups/{g}/projects/{project_id}
      GET /OS-EP-FILTER/endpoint_groups/{g}/projects
      GET /OS-EP-FILTER/endpoint_groups/{g}/endpoints
      GET /OS-EP-FILTER/projects/{project_id}/endpoint_groups
      DELETE /OS-EP-FILTER/endpoint_groups/{g}/projects/{project_id}
      DELETE /OS-EP-FILTER/endpoint_groups/{g}
      GET /OS-EP-FILTER/endpoint_groups/{g}
      PUT /OS-EP-FILTER/projects/{project_id}/endpoints/{e}
      HEAD /OS-EP-FILTER/projects/{project_id}/endpoints/{e}
      GET /OS-EP-FILTER/projects/{project_id}/endpoints
      GET /OS-EP-FILTER/endpoints/{e}/projects
      DELETE /OS-EP-FILTER/projects/{project_id}/endpoints/{e}
      GET /OS-EP-FILTER/projects/{project_id}/endpoints/{e}
      POST /policies {"policy": {"type": "t", "blob": "b", "foo": 1}} >p policy.id
      PATCH /policies/{p} {"policy": {"blob": "c"}}
      GET /policies
      PUT /policies/{p}/OS-ENDPOINT-POLICY/endpoints/{e}
      GET /policies/{p}/OS-ENDPOINT-POLICY/endpoints
      GET /endpoints/{e}/OS-ENDPOINT-POLICY/policy
      DELETE /policies/{p}/OS-ENDPOINT-POLICY/endpoints/{e}
      GET /policies/{p}/OS-ENDPOINT-POLICY/endpoints/{e}
      GET /endpoints/{e}/OS-ENDPOINT-POLICY/policy
      DELETE /policies/{p}
      GET /policies/{p}
      POST /registered_limits {"registered_limits": [{"service_id": "{s}", "resource_name": "v", "default_limit": 10}]} >r registered_limits.0.id
      POST /registered_limits {"registered_limits": [{"service_id": "{s}", "resource_name": "v", "default_limit": 10}]}
      PATCH /registered_limits/{r} {"registered_limit": {"default_limit": 12}}
      POST /limits {"limits": [{"service_id": "{s}", "resource_name": "v", "resource_limit": 5, "project_id": "{project_id}"}]} >l limits.0.id
      POST /limits {"limits": [{"service_id": "{s}", "resource_name": "x", "resource_limit": 5, "project_id": "{project_id}"}]}
      GET /limits/{l}
      PATCH /limits/{l} {"limit": {"resource_limit": 6}}
      GET /limits/model
      DELETE /registered_limits/{r}
      DELETE /limits/{l}
      GET /limits/{l}
      DELETE /registered_limits/{r}
      GET /registered_limits/{r}
      DELETE /services/{s}
      GET /endpoints/{e}
      DELETE /regions/A1
    """)


def check_delegation(bench):
    run(bench, """
      POST /credentials {"credential": {"type": "cert", "blob": "b", "user_id": "{admin_id}"}} >c credential.id
      PATCH /credentials/{c} {"credential": {"blob": "z"}}
      GET /credentials?user_id={admin_id}
      POST /credentials {"credential": {"type": "ec2", "blob": "b", "user_id": "{admin_id}", "project_id": "{project_id}"}}
      POST /credentials {"credential": {"type": "ec2", "blob": "{}", "user_id": "{admin_id}"}}
      DELETE /credentials/{c}
      GET /credentials/{c}
      POST /users/{admin_id}/credentials/OS-EC2 {"tenant_id": "{project_id}"} >a credential.access
      GET /users/{admin_id}/credentials/OS-EC2/{a}
      GET /users/{admin_id}/credentials/OS-EC2
      POST /users/{admin_id}/credentials/OS-EC2 {"tenant_id": "nope"}
      DELETE /users/{admin_id}/credentials/OS-EC2/{a}
      POST /users/{admin_id}/application_credentials {"application_credential": {"name": "a-1", "secret": "s", "roles": [{"name": "reader"}], "access_rules": [{"path": "/v2", "method": "GET", "service": "compute"}], "expires_at": "2030-01-01T00:00:00Z"}} >ac application_credential.id
      GET /users/{admin_id}/application_credentials/{ac}
      GET /users/{admin_id}/access_rules >ar access_rules.0.id
      DELETE /users/{admin_id}/access_rules/{ar}
      POST /users/{admin_id}/application_credentials {"application_credential": {"name": "a-1"}}
      POST /users/{admin_id}/application_credentials {"application_credential": {"name": "a-2", "roles": [{"name": "nope"}]}}
      POST /users/{admin_id}/application_credentials {"application_credential": {"name": "a-2", "roles": [{"name": "service"}]}}
      POST /users/{admin_id}/application_credentials {"application_credential": {"name": "a-2", "expires_at": "x"}}
      DELETE /users/{admin_id}/application_credentials/{ac}
      DELETE /users/{admin_id}/access_rules/{ar}
      GET /users/{admin_id}/access_rules/{ar}
      POST /users {"user": {"name": "a-trustee", "password": "x"}} >t user.id
      POST /OS-TRUST/trusts {"trust": {"trustor_user_id": "{admin_id}", "trustee_user_id": "{t}", "impersonation": true, "project_id": "{project_id}", "roles": [{"name": "member"}]}} >tr trust.id
      GET /OS-TRUST/trusts/{tr}
      GET /OS-TRUST/trusts
      GET /OS-TRUST/trusts?trustor_user_id={admin_id}
      GET /OS-TRUST/trusts/{tr}/roles
      GET /OS-TRUST/trusts/{tr}/roles/nope
      POST /OS-TRUST/trusts {"trust": {"trustor_user_id": "{admin_id}", "trustee_user_id": "{t}", "impersonation": true, "project_id": "{project_id}"}}
      POST /OS-TRUST/trusts {"trust": {"trustor_user_id": "{t}", "trustee_user_id": "{admin_id}", "impersonation": true}}
      POST /OS-TRUST/trusts {"trust": {"trustor_user_id": "{admin_id}", "trustee_user_id": "{t}", "impersonation": true, "project_id": "{project_id}", "roles": [{"name": "member"}], "expires_at": "bad"}}
      DELETE /OS-TRUST/trusts/{tr}
      GET /OS-TRUST/trusts/{tr}
      DELETE /users/{t}
      POST /OS-OAUTH1/consumers {"consumer": {"description": "d"}} >co consumer.id
      GET /OS-OAUTH1/consumers/{co}
      PATCH /OS-OAUTH1/consumers/{co} {"consumer": {"description": "e"}}
      DELETE /OS-OAUTH1/consumers/{co}
      GET /OS-OAUTH1/consumers/{co}
      GET /users/{admin_id}/OS-OAUTH1/access_tokens
    """)


def check_federation(bench):
    run(bench, """
      PUT /OS-FEDERATION/identity_providers/i {"identity_provider": {"remote_ids": ["r"], "enabled": true}}
      PUT /OS-FEDERATION/identity_providers/i {"identity_provider": {}}
      GET /OS-FEDERATION/identity_providers
      PATCH /OS-FEDERATION/identity_providers/i {"identity_provider": {"description": "x"}}
      GET /OS-FEDERATION/identity_providers/nope
      PUT /OS-FEDERATION/identity_providers/j {"identity_provider": {"remote_ids": ["r"]}}
      PUT /OS-FEDERATION/mappings/m {"mapping": {"rules": [{"local": [{"user": {"name": "{0}"}}], "remote": [{"type": "U"}]}]}}
      PUT /OS-FEDERATION/mappings/m {"mapping": {"rules": [{"local": [{"user": {"name": "{0}"}}], "remote": [{"type": "U"}]}]}}
      PUT /OS-FEDERATION/mappings/n {"mapping": {"rules": []}}
      GET /OS-FEDERATION/mappings
      PUT /OS-FEDERATION/identity_providers/i/protocols/saml2 {"protocol": {"mapping_id": "m"}}
      PUT /OS-FEDERATION/identity_providers/i/protocols/saml2 {"protocol": {"mapping_id": "m"}}
      PUT /OS-FEDERATION/identity_providers/i/protocols/x {"protocol": {"mapping_id": "nope"}}
      GET /OS-FEDERATION/identity_providers/i/protocols
      GET /OS-FEDERATION/identity_providers/i/protocols/nope
      DELETE /OS-FEDERATION/identity_providers/i/protocols/saml2
      DELETE /OS-FEDERATION/mappings/m
      PUT /OS-FEDERATION/service_providers/s {"service_provider": {"auth_url": "http://a", "sp_url": "http://b"}}
      PUT /OS-FEDERATION/service_providers/s {"service_provider": {"auth_url": "http://a", "sp_url": "http://b"}}
      GET /OS-FEDERATION/service_providers
      PATCH /OS-FEDERATION/service_providers/s {"service_provider": {"enabled": true}}
      DELETE /OS-FEDERATION/service_providers/s
      DELETE /OS-FEDERATION/identity_providers/i
    """)
