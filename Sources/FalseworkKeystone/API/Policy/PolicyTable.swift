// SPDX-License-Identifier: Apache-2.0

/// The rules of Keystone's API, as they are registered in 2026.1 together with those that they
/// replaced (`keystone/common/policies`; `oslopolicy-sample-generator --namespace keystone` prints
/// the same).
///
/// What is in between is told by `since` alone: the tree changed file by file in Stein (15) and
/// Train (16), and rules about the role `manager` came with 2024.2.
enum PolicyTable {
  struct Row: Sendable {
    var check: String
    /// The first release with `check`; before it `before` held, nil if the rule never was another.
    var since: Int
    var before: String?
    var scopes: Policy.Scopes
    /// Names without `identity:`, parted by blanks.
    var names: String

    init(
      _ check: String, since: Int = 0, before: String? = nil, scopes: Policy.Scopes, names: String
    ) {
      self.check = check
      self.since = since
      self.before = before
      self.scopes = scopes
      self.names = names
    }
  }

  /// Rules that others name. Those after `domain_managed_target_role` are not Keystone's own names:
  /// they stand for texts that it repeats.
  static let common: [(name: String, check: String)] = [
    ("admin_required", "role:admin or is_admin:1"),
    ("service_role", "role:service"),
    ("service_or_admin", "rule:admin_required or rule:service_role"),
    ("owner", "user_id:%(user_id)s"),
    ("admin_or_owner", "rule:admin_required or rule:owner"),
    ("token_subject", "user_id:%(target.token.user_id)s"),
    ("admin_or_token_subject", "rule:admin_required or rule:token_subject"),
    ("service_admin_or_token_subject", "rule:service_or_admin or rule:token_subject"),
    (
      "domain_managed_target_role",
      "'manager':%(target.role.name)s or 'member':%(target.role.name)s "
        + "or 'reader':%(target.role.name)s"
    ),
    ("system_reader", "role:reader and system_scope:all"),
    ("admin_or_system_reader", "rule:admin_required or rule:system_reader"),
    (
      "own_domain_of_project",
      "domain_id:%(target.project.domain_id)s and not None:%(target.project.domain_id)s"
    ),
    ("domain_reader_of_grant", "role:reader and rule:own_domain_of_grant"),
    ("domain_admin_of_grant", "role:admin and rule:own_domain_of_grant"),
    ("domain_manager_of_grant", "role:manager and rule:own_domain_of_grant"),
    (
      "own_domain_of_grant",
      "(domain_id:%(target.user.domain_id)s or domain_id:%(target.group.domain_id)s) "
        + "and (domain_id:%(target.project.domain_id)s or domain_id:%(target.domain.id)s)"
    ),
    ("assignable_role", "domain_id:%(target.role.domain_id)s or None:%(target.role.domain_id)s"),
  ]

  static let rows: [Row] = [
    Row(
      "rule:system_reader or user_id:%(target.user.id)s", scopes: [.system, .project],
      names: "get_access_rule list_access_rules"),
    Row(
      "(role:admin and system_scope:all) or user_id:%(target.user.id)s",
      scopes: [.system, .project],
      names: "delete_access_rule"),
    Row(
      "rule:admin_required", scopes: .project,
      names: """
        authorize_request_token get_access_token get_access_token_role list_access_tokens \
        list_access_token_roles delete_access_token
        """),
    Row(
      "rule:admin_or_system_reader or rule:owner", since: 16, before: "rule:admin_or_owner",
      scopes: [.system, .project],
      names: "get_application_credential list_application_credentials ec2_list_credentials"),
    Row(
      "user_id:%(user_id)s", scopes: .project,
      names: "create_application_credential"),
    Row(
      "rule:admin_or_owner", since: 16, before: "rule:admin_or_owner",
      scopes: [.system, .project],
      names: "delete_application_credential ec2_create_credential"),
    Row(
      "", scopes: [],
      names: """
        get_auth_catalog get_auth_projects get_auth_domains get_auth_system \
        list_projects_for_user list_domains_for_user
        """),
    Row(
      "rule:admin_or_system_reader", since: 16, before: "rule:admin_required",
      scopes: [.system, .project],
      names: """
        get_consumer list_consumers get_domain_config get_domain_config_default \
        list_endpoint_groups get_endpoint_group list_projects_associated_with_endpoint_group \
        list_endpoints_associated_with_endpoint_group get_endpoint_group_in_project \
        list_endpoint_groups_for_project get_implied_role list_implied_roles \
        list_role_inference_rules check_implied_role get_policy list_policies \
        check_policy_association_for_endpoint check_policy_association_for_service \
        check_policy_association_for_region_and_service get_policy_for_endpoint \
        list_endpoints_for_policy list_projects_for_endpoint check_endpoint_in_project \
        list_endpoints_for_project get_domain_role list_domain_roles list_trusts
        """),
    Row(
      "rule:admin_required", since: 16, before: "rule:admin_required",
      scopes: [.system, .project],
      names: """
        create_consumer update_consumer delete_consumer create_domain_config \
        update_domain_config delete_domain_config create_endpoint_group update_endpoint_group \
        delete_endpoint_group add_endpoint_group_to_project remove_endpoint_group_from_project \
        create_implied_role delete_implied_role create_policy update_policy delete_policy \
        create_policy_association_for_endpoint delete_policy_association_for_endpoint \
        create_policy_association_for_service delete_policy_association_for_service \
        create_policy_association_for_region_and_service \
        delete_policy_association_for_region_and_service add_endpoint_to_project \
        remove_endpoint_from_project create_domain_role update_domain_role delete_domain_role
        """),
    Row(
      "rule:admin_or_system_reader or user_id:%(target.credential.user_id)s", since: 15,
      before: "rule:admin_required",
      scopes: [.system, .domain, .project],
      names: "get_credential list_credentials"),
    Row(
      "rule:admin_required or user_id:%(target.credential.user_id)s", since: 15,
      before: "rule:admin_required",
      scopes: [.system, .domain, .project],
      names: "create_credential update_credential delete_credential"),
    Row(
      "rule:admin_or_system_reader or token.domain.id:%(target.domain.id)s or "
        + "token.project.domain.id:%(target.domain.id)s", since: 15,
      before: "rule:admin_required or token.project.domain.id:%(target.domain.id)s",
      scopes: [.system, .domain, .project],
      names: "get_domain"),
    Row(
      "rule:admin_or_system_reader or (role:reader and domain_id:%(target.domain.id)s)", since: 15,
      before: "rule:admin_required",
      scopes: [.system, .domain, .project],
      names: "list_domains"),
    Row(
      "rule:admin_required", since: 15, before: "rule:admin_required",
      scopes: [.system, .project],
      names: """
        create_domain update_domain delete_domain create_endpoint update_endpoint \
        delete_endpoint create_system_grant_for_user revoke_system_grant_for_user \
        create_system_grant_for_group revoke_system_grant_for_group create_identity_provider \
        update_identity_provider delete_identity_provider create_mapping delete_mapping \
        update_mapping create_protocol update_protocol delete_protocol create_region \
        update_region delete_region create_role update_role delete_role create_service \
        update_service delete_service create_service_provider update_service_provider \
        delete_service_provider
        """),
    Row(
      "", scopes: [.system, .domain, .project],
      names: """
        get_security_compliance_domain_config get_limit_model list_limits get_region \
        list_regions get_registered_limit list_registered_limits
        """),
    Row(
      "rule:admin_or_system_reader or user_id:%(target.credential.user_id)s", since: 16,
      before: "rule:admin_required or (rule:owner and user_id:%(target.credential.user_id)s)",
      scopes: [.system, .project],
      names: "ec2_get_credential"),
    Row(
      "rule:admin_required or user_id:%(target.credential.user_id)s", since: 16,
      before: "rule:admin_required or (rule:owner and user_id:%(target.credential.user_id)s)",
      scopes: [.system, .project],
      names: "ec2_delete_credential"),
    Row(
      "rule:service_or_admin", scopes: [.system, .domain, .project],
      names: "ec2tokens_validate s3tokens_validate"),
    Row(
      "rule:admin_or_system_reader", since: 15, before: "rule:admin_required",
      scopes: [.system, .project],
      names: """
        get_endpoint list_endpoints list_system_grants_for_user check_system_grant_for_user \
        list_system_grants_for_group check_system_grant_for_group list_identity_providers \
        get_identity_provider get_mapping list_mappings get_protocol list_protocols get_service \
        list_services list_service_providers get_service_provider
        """),
    Row(
      "rule:admin_or_system_reader or rule:domain_reader_of_grant and rule:assignable_role",
      since: 15, before: "rule:admin_required",
      scopes: [.system, .domain, .project],
      names: "check_grant"),
    Row(
      "rule:admin_or_system_reader or rule:domain_reader_of_grant", since: 15,
      before: "rule:admin_required",
      scopes: [.system, .domain, .project],
      names: "list_grants"),
    Row(
      "rule:admin_required or rule:domain_admin_of_grant and rule:assignable_role or "
        + "rule:domain_manager_of_grant and rule:domain_managed_target_role", since: 15,
      before: "rule:admin_required",
      scopes: [.system, .domain, .project],
      names: "create_grant revoke_grant"),
    Row(
      "rule:admin_or_system_reader or (role:reader and domain_id:%(target.group.domain_id)s)",
      since: 15, before: "rule:admin_required",
      scopes: [.system, .domain, .project],
      names: "get_group list_groups list_users_in_group"),
    Row(
      "rule:admin_or_system_reader or (role:reader and domain_id:%(target.user.domain_id)s) or "
        + "user_id:%(user_id)s", since: 15, before: "rule:admin_or_owner",
      scopes: [.system, .domain, .project],
      names: "list_groups_for_user"),
    Row(
      "rule:admin_required or (role:manager and domain_id:%(target.group.domain_id)s)", since: 15,
      before: "rule:admin_required",
      scopes: [.system, .domain, .project],
      names: "create_group update_group delete_group"),
    Row(
      "rule:admin_required or (role:manager and domain_id:%(target.group.domain_id)s and "
        + "domain_id:%(target.user.domain_id)s)", since: 15, before: "rule:admin_required",
      scopes: [.system, .domain, .project],
      names: "remove_user_from_group add_user_to_group"),
    Row(
      "rule:admin_or_system_reader or (role:reader and domain_id:%(target.group.domain_id)s and"
        + " domain_id:%(target.user.domain_id)s)", since: 15, before: "rule:admin_required",
      scopes: [.system, .domain, .project],
      names: "check_user_in_group"),
    Row(
      "rule:admin_or_system_reader or (domain_id:%(target.limit.domain.id)s or "
        + "domain_id:%(target.limit.project.domain_id)s) or (project_id:%(target.limit.project_id)s"
        + " and not None:%(target.limit.project_id)s)", scopes: [.system, .domain, .project],
      names: "get_limit"),
    Row(
      "rule:admin_required", scopes: [.system, .project],
      names: """
        create_limits update_limit delete_limit create_registered_limits update_registered_limit \
        delete_registered_limit
        """),
    Row(
      "rule:admin_or_system_reader or (role:reader and rule:own_domain_of_project) or "
        + "project_id:%(target.project.id)s", since: 15,
      before: "rule:admin_required or project_id:%(target.project.id)s",
      scopes: [.system, .domain, .project],
      names: "get_project"),
    Row(
      "rule:admin_or_system_reader or (role:reader and domain_id:%(target.domain_id)s)", since: 15,
      before: "rule:admin_required",
      scopes: [.system, .domain, .project],
      names: "list_projects list_role_assignments list_users"),
    Row(
      "rule:admin_or_system_reader or (role:reader and domain_id:%(target.user.domain_id)s) or "
        + "user_id:%(target.user.id)s", since: 15, before: "rule:admin_or_owner",
      scopes: [.system, .domain, .project],
      names: "list_user_projects"),
    Row(
      "rule:admin_required or (role:manager and rule:own_domain_of_project)", since: 15,
      before: "rule:admin_required",
      scopes: [.system, .domain, .project],
      names: "create_project update_project delete_project"),
    Row(
      "rule:admin_or_system_reader or (role:reader and rule:own_domain_of_project) or "
        + "project_id:%(target.project.id)s", since: 16,
      before: "rule:admin_required or project_id:%(target.project.id)s",
      scopes: [.system, .domain, .project],
      names: "list_project_tags get_project_tag"),
    Row(
      "rule:admin_required or (role:manager and rule:own_domain_of_project)", since: 16,
      before: "rule:admin_required",
      scopes: [.system, .domain, .project],
      names: "update_project_tags create_project_tag delete_project_tags delete_project_tag"),
    Row(
      "rule:service_or_admin", scopes: [.system, .project],
      names: "list_revoke_events revocation_list"),
    Row(
      "rule:admin_or_system_reader or (role:manager and rule:domain_managed_target_role)",
      since: 15, before: "rule:admin_required",
      scopes: [.system, .domain, .project],
      names: "get_role"),
    Row(
      "rule:admin_or_system_reader or (role:manager and not domain_id:None)", since: 15,
      before: "rule:admin_required",
      scopes: [.system, .domain, .project],
      names: "list_roles"),
    Row(
      "rule:admin_or_system_reader or (role:reader and domain_id:%(target.domain_id)s)", since: 16,
      before: "rule:admin_required",
      scopes: [.system, .domain, .project],
      names: "list_role_assignments_for_tree"),
    Row(
      "rule:admin_or_system_reader or rule:token_subject", since: 16,
      before: "rule:admin_or_token_subject",
      scopes: [.system, .domain, .project],
      names: "check_token"),
    Row(
      "rule:admin_or_system_reader or rule:service_role or rule:token_subject", since: 16,
      before: "rule:service_admin_or_token_subject",
      scopes: [.system, .domain, .project],
      names: "validate_token"),
    Row(
      "rule:admin_required or rule:token_subject", since: 16, before: "rule:admin_or_token_subject",
      scopes: [.system, .domain, .project],
      names: "revoke_token"),
    Row(
      "user_id:%(trust.trustor_user_id)s", scopes: .project,
      names: "create_trust"),
    Row(
      "rule:admin_required or (rule:system_reader or user_id:%(target.trust.trustor_user_id)s)",
      scopes: [.system, .project],
      names: "list_trusts_for_trustor"),
    Row(
      "rule:admin_required or (rule:system_reader or user_id:%(target.trust.trustee_user_id)s)",
      scopes: [.system, .project],
      names: "list_trusts_for_trustee"),
    Row(
      "rule:admin_required or (rule:system_reader or user_id:%(target.trust.trustor_user_id)s "
        + "or user_id:%(target.trust.trustee_user_id)s)", since: 16,
      before:
        "user_id:%(target.trust.trustor_user_id)s or user_id:%(target.trust.trustee_user_id)s",
      scopes: [.system, .project],
      names: "list_roles_for_trust get_role_for_trust get_trust"),
    Row(
      "rule:admin_required or user_id:%(target.trust.trustor_user_id)s", since: 16,
      before: "user_id:%(target.trust.trustor_user_id)s",
      scopes: [.system, .project],
      names: "delete_trust"),
    Row(
      "rule:admin_or_system_reader or (role:reader and "
        + "token.domain.id:%(target.user.domain_id)s) or user_id:%(target.user.id)s", since: 15,
      before: "rule:admin_or_owner",
      scopes: [.system, .domain, .project],
      names: "get_user"),
    Row(
      "rule:admin_required or (role:manager and token.domain.id:%(target.user.domain_id)s)",
      since: 15, before: "rule:admin_required",
      scopes: [.system, .domain, .project],
      names: "create_user update_user delete_user"),
  ]
}
