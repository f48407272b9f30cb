// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import FalseworkKeystone

@Suite struct FederationTests {
  @Test func `identity providers come with a domain of their own`() throws {
    var talk = try Talk()
    let path = "/OS-FEDERATION/identity_providers"
    try talk.run(
      #"""
      PUT \#(path)/i {"identity_provider": {"remote_ids": ["r"], "enabled": true}} = 201 >d identity_provider.domain_id
      GET \#(path)/i = 200 {"identity_provider": {"id": "i", "domain_id": "$d", "enabled": true, "description": null, "remote_ids": ["r"], "authorization_ttl": null, "links": {"self": "http://k:5000/v3/OS-FEDERATION/identity_providers/i"}}}
      GET /domains/$d = 200
      GET \#(path) = 200 "protocols": "http://k:5000/v3/OS-FEDERATION/identity_providers/i/protocols"
      PUT \#(path)/i {"identity_provider": {}} = 409 store identity_provider - Duplicate entry: None.
      PUT \#(path)/j {"identity_provider": {"remote_ids": ["r"]}} = 409 Duplicate remote ID: None.
      PUT \#(path)/j {"identity_provider": {"domain_id": "nope"}} = 404 Could not find domain: nope.
      PATCH \#(path)/i {"identity_provider": {"description": "x"}} = 200 "description": "x"
      GET \#(path)/nope = 404 Could not find Identity Provider: nope.
      GET \#(path)?enabled=false = 200 {"identity_providers": []
      DELETE \#(path)/i = 204
      GET \#(path)/i = 404
      """#)
  }

  @Test func `mappings and protocols belong together`() throws {
    var talk = try Talk()
    let rules = #"[{"local": [{"user": {"name": "{0}"}}], "remote": [{"type": "UserName"}]}]"#
    let path = "/OS-FEDERATION/identity_providers/i/protocols"
    try talk.run(
      #"""
      PUT /OS-FEDERATION/identity_providers/i {"identity_provider": {}} = 201
      PUT /OS-FEDERATION/mappings/m {"mapping": {"rules": \#(rules)}} = 201 {"mapping": {"id": "m", "rules": \#(rules), "schema_version": "1.0", "links": {"self": "http://k:5000/v3/OS-FEDERATION/mappings/m"}}}
      PUT /OS-FEDERATION/mappings/m {"mapping": {"rules": \#(rules)}} = 409 store mapping - Duplicate entry.
      PUT /OS-FEDERATION/mappings/n {"mapping": {"rules": []}} = 400 [] should be non-empty
      PUT /OS-FEDERATION/mappings/n {"mapping": {}} = 400 'rules' is a required property
      PATCH /OS-FEDERATION/mappings/m {"mapping": {"rules": \#(rules)}} = 200
      GET /OS-FEDERATION/mappings = 200 "id": "m"
      GET /OS-FEDERATION/mappings/nope = 404 Could not find mapping: nope.
      PUT \#(path)/saml2 {"protocol": {"mapping_id": "m"}} = 201 {"protocol": {"id": "saml2", "mapping_id": "m", "links": {"self": "http://k:5000/v3/protocols/saml2", "identity_provider": "http://k:5000/v3/i"}}}
      PUT \#(path)/saml2 {"protocol": {"mapping_id": "m"}} = 409 store federation_protocol - Duplicate entry found with ID saml2.
      PUT \#(path)/x {"protocol": {"mapping_id": "nope"}} = 400 Invalid mapping id: nope
      GET \#(path) = 200 {"protocols": [{"id": "saml2", "idp_id": "i", "mapping_id": "m", "remote_id_attribute": null
      GET \#(path)/nope = 404 Could not find federated protocol nope for Identity Provider: i.
      PATCH \#(path)/saml2 {"protocol": {"mapping_id": "m", "remote_id_attribute": "R"}} = 200 "remote_id_attribute": "R"
      DELETE \#(path)/saml2 = 204
      DELETE /OS-FEDERATION/mappings/m = 204
      """#)
  }

  @Test func `service providers are made, changed and deleted`() throws {
    var talk = try Talk()
    let path = "/OS-FEDERATION/service_providers"
    try talk.run(
      #"""
      PUT \#(path)/s {"service_provider": {"auth_url": "http://a", "sp_url": "http://b"}} = 201 {"service_provider": {"auth_url": "http://a", "id": "s", "enabled": false, "description": null, "relay_state_prefix": "ss:mem:", "sp_url": "http://b", "links": {"self": "http://k:5000/v3/OS-FEDERATION/service_providers/s"}}}
      PUT \#(path)/s {"service_provider": {"auth_url": "http://a", "sp_url": "http://b"}} = 409 store service_provider - Duplicate entry found with ID s.
      PUT \#(path)/t {"service_provider": {"auth_url": "x", "sp_url": "http://b"}} = 400 'x' does not match
      PATCH \#(path)/s {"service_provider": {"enabled": true}} = 200 "enabled": true
      GET \#(path) = 200 "id": "s"
      GET \#(path)/nope = 404 Could not find Service Provider: nope.
      DELETE \#(path)/s = 204
      as demo
      GET \#(path) = 403 identity:list_service_providers
      """#)
  }
}
