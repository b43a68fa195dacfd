resource "yandex_logging_group" "this" {
  name             = var.prefix
  retention_period = "${var.log_days * 24}h0m0s"
}

locals {
  # Which settings a function reads: written by the build from shared/runtime/config.ts.
  known_settings = jsondecode(file("${path.module}/../dist/settings.json"))

  # What opens tokens goes only where serverless.yml says so; other settings go to the functions that read them.
  given = {
    for name, one in module.stack.functions : name => merge(
      local.always,
      {
        for key, value in merge(local.derived, var.settings) : key => value
        if contains(local.known_settings[name], key) && !startswith(key, "CREDENTIALS_")
      },
      { for key in one.environment : key => local.environment[key] if contains(keys(local.environment), key) },
      { DATABASE_URL = "postgresql://social_sync_${local.database_role[name]}@${local.database_host}:6432/social_sync" },
    )
  }

  # Whatever makes a new version: another archive, other secrets or settings, another size or network.
  hash = {
    for name, one in module.stack.functions : name => sha256(jsonencode([
      filesha256(local.archive[name]), local.secret_of[name], local.given[name],
      module.stack.runtime, one.entrypoint, one.memory, one.timeout, local.network_id,
      yandex_iam_service_account.function[name].id, yandex_logging_group.this.id
    ]))
  }

  # The cloud returns the environment of a version, but not its hash: this identifies the intended version.
  with_release = { for name, given in local.given : name => merge(given, { RELEASE = substr(local.hash[name], 0, 16) }) }

  function_ids = merge(
    { maintain = yandex_function.maintain.id },
    { for name, one in yandex_function.this : name => one.id },
  )
}

# Updated first, and called once before the others: it brings the schema forward.
resource "yandex_function" "maintain" {
  name               = module.stack.functions.maintain.name
  description        = "Schema, partitions, retention, tokens, checks"
  runtime            = module.stack.runtime
  entrypoint         = module.stack.functions.maintain.entrypoint
  memory             = module.stack.functions.maintain.memory
  execution_timeout  = tostring(module.stack.functions.maintain.timeout)
  service_account_id = yandex_iam_service_account.function["maintain"].id
  user_hash          = local.hash.maintain
  tags               = [] # One of the old version would be put on the new one.
  environment        = local.with_release.maintain

  content {
    zip_filename = local.archive.maintain
  }

  connectivity {
    network_id = local.network_id
  }

  dynamic "secrets" {
    for_each = local.secret_of.maintain

    content {
      id                   = secrets.value.id
      version_id           = secrets.value.version
      key                  = secrets.value.entry
      environment_variable = secrets.key
    }
  }

  log_options {
    log_group_id = yandex_logging_group.this.id
  }

  # The provider only warns when the cloud refuses a version; nothing must go on over it.
  lifecycle {
    postcondition {
      condition     = self.version != null && self.version != "" && try(self.environment["RELEASE"], "") == local.with_release.maintain.RELEASE
      error_message = "The cloud refused a version of maintain, and the warning says why. Mend it, then ${try(self.version, "") == "" ? "terraform apply -replace=yandex_function.maintain" : "apply again"}."
    }
  }

  depends_on = [
    yandex_lockbox_secret_iam_member.function,
    yandex_kms_symmetric_key_iam_member.function,
    yandex_ydb_table.raw_bodies,
    yandex_ydb_table.fast_state,
    yandex_ydb_database_iam_binding.editor,
    yandex_mdb_postgresql_user.function,
    yandex_mdb_postgresql_user.run,
    yandex_mdb_postgresql_user.read,
  ]
}

resource "terraform_data" "migrated" {
  # Not its version: that is known only after an update, so that the call would come one apply late.
  triggers_replace = local.hash.maintain

  provisioner "local-exec" {
    command     = "node invoke.mjs"
    working_dir = path.module
    environment = {
      FUNCTION_ID = yandex_function.maintain.id
      RELEASE     = local.with_release.maintain.RELEASE
    }
  }

  depends_on = [yandex_function.maintain]
}

resource "yandex_function" "this" {
  for_each = { for name, one in module.stack.functions : name => one if name != "maintain" }

  name               = each.value.name
  runtime            = module.stack.runtime
  entrypoint         = each.value.entrypoint
  memory             = each.value.memory
  execution_timeout  = tostring(each.value.timeout)
  service_account_id = yandex_iam_service_account.function[each.key].id
  user_hash          = local.hash[each.key]
  tags               = []
  environment        = local.with_release[each.key]

  content {
    zip_filename = local.archive[each.key]
  }

  connectivity {
    network_id = local.network_id
  }

  dynamic "secrets" {
    for_each = local.secret_of[each.key]

    content {
      id                   = secrets.value.id
      version_id           = secrets.value.version
      key                  = secrets.value.entry
      environment_variable = secrets.key
    }
  }

  log_options {
    log_group_id = yandex_logging_group.this.id
  }

  lifecycle {
    postcondition {
      condition     = self.version != null && self.version != "" && try(self.environment["RELEASE"], "") == local.with_release[each.key].RELEASE
      error_message = "The cloud refused a version of ${each.key}, and the warning says why. Mend it, then ${try(self.version, "") == "" ? "terraform apply -replace='yandex_function.this[\"${each.key}\"]'" : "apply again"}."
    }
  }

  depends_on = [
    terraform_data.migrated,
    yandex_lockbox_secret_iam_member.function,
    yandex_kms_symmetric_key_iam_member.function,
    yandex_ydb_table.raw_bodies,
    yandex_ydb_table.fast_state,
    yandex_ydb_database_iam_binding.editor,
  ]
}

# Ten calls at once in a zone are sure, for all functions together: none may take them all (Cloud Functions, limits).
resource "yandex_function_scaling_policy" "this" {
  for_each = module.stack.functions

  function_id = local.function_ids[each.key]

  policy {
    tag                  = var.function_tag
    zone_instances_limit = each.value.instances
    zone_requests_limit  = each.value.instances * module.stack.waiting
  }
}
