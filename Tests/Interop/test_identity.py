# SPDX-License-Identifier: Apache-2.0
import json
import os
import urllib.request

URL = os.environ["OS_AUTH_URL"]


def test_a_token_is_issued_and_valid():
    user = {"name": os.environ["OS_USERNAME"], "password": os.environ["OS_PASSWORD"],
            "domain": {"name": os.environ["OS_USER_DOMAIN_NAME"]}}
    project = {"name": os.environ["OS_PROJECT_NAME"],
               "domain": {"name": os.environ["OS_PROJECT_DOMAIN_NAME"]}}
    body = {"auth": {"identity": {"methods": ["password"], "password": {"user": user}},
                     "scope": {"project": project}}}
    request = urllib.request.Request(URL + "/auth/tokens", json.dumps(body).encode(),
                                     {"Content-Type": "application/json"})
    with urllib.request.urlopen(request) as answer:
        assert answer.status == 201
        token = answer.headers["X-Subject-Token"]
    request = urllib.request.Request(
        URL + "/auth/tokens", headers={"X-Auth-Token": token, "X-Subject-Token": token})
    with urllib.request.urlopen(request) as answer:
        assert json.load(answer)["token"]["user"]["name"] == user["name"]
