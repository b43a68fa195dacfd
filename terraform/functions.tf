resource "yandex_logging_group" "this" {
  name             = var.prefix
  retention_period = "${var.log_days * 24}h0m0s"
}

locals {
  # A new archive, other secrets or other settings make a new version (traps 11 and 15).
  hash = {
    for name, archive in local.archive : name => sha256(jsonencode([
      filesha256(archive),
      local.secret_of[name],
      { for key in module.stack.functions[name].environment : key => lookup(local.environment, key, null) },
      var.settings,
    ]))
  }

  function_ids = merge(
    { maintain = yandex_function.maintain.id },
    { for name, one in yandex_function.this : name => one.id },
  )

  with_settings = {
    for name, one in module.stack.functions : name => merge(
      local.always,
      { for key in one.environment : key => local.environment[key] if contains(keys(local.environment), key) },
      { for key, value in var.settings : key => value if contains(local.known_settings[name], key) },
    )
  }

  # Which settings a function reads beside those without a default: written by the build from shared/runtime/config.ts.
  known_settings = jsondecode(file("${path.module}/../dist/settings.json"))
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
  environment        = local.with_settings.maintain

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
      key                  = secrets.key
      environment_variable = secrets.key
    }
  }

  log_options {
    log_group_id = yandex_logging_group.this.id
  }

  depends_on = [
    yandex_lockbox_secret_iam_member.function,
    yandex_kms_symmetric_key_iam_member.function,
    yandex_mdb_postgresql_user.run,
    yandex_mdb_postgresql_user.read,
  ]
}

resource "terraform_data" "migrated" {
  triggers_replace = yandex_function.maintain.version

  provisioner "local-exec" {
    command     = "node invoke.mjs"
    working_dir = path.module
    environment = { FUNCTION_ID = yandex_function.maintain.id }
  }
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
  environment        = local.with_settings[each.key]

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
      key                  = secrets.key
      environment_variable = secrets.key
    }
  }

  log_options {
    log_group_id = yandex_logging_group.this.id
  }

  depends_on = [
    terraform_data.migrated,
    yandex_lockbox_secret_iam_member.function,
    yandex_kms_symmetric_key_iam_member.function,
  ]
}

# Ten calls at once in a zone are sure, for all functions together: none may take them all (yandex-cloud 1.4).
resource "yandex_function_scaling_policy" "this" {
  for_each = module.stack.functions

  function_id = local.function_ids[each.key]

  policy {
    tag                  = var.function_tag
    zone_instances_limit = each.value.instances
    zone_requests_limit  = each.value.instances * 2
  }
}
