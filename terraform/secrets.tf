# One secret for each thing that a function may need, so that each account reads no more than its own. Values come from
# secrets.json through a command: the state keeps the command, never what it printed.

resource "yandex_kms_symmetric_key" "credentials" {
  name                = "${var.prefix}-credentials"
  description         = "Opens the data key that OAuth tokens are sealed with"
  default_algorithm   = "AES_256"
  rotation_period     = "8760h"
  deletion_protection = var.deletion_protection
}

locals {
  named = setunion(var.secrets, ["API_KEY"], [for role in values(local.database_role) : "DATABASE_PASSWORD_${upper(role)}"])
}

# Not kept from being destroyed, as the database is: what they hold stands in secrets.json.
resource "yandex_lockbox_secret" "named" {
  for_each = local.named

  name = "${var.prefix}-${replace(lower(each.key), "_", "-")}"
}

resource "yandex_lockbox_secret_version" "named" {
  for_each = yandex_lockbox_secret.named

  secret_id = each.value.id

  entries {
    key = each.key
    command {
      path = "node"
      args = ["${path.module}/secret.mjs", "value", each.key, tostring(var.secrets_version)]
    }
  }

  # The old version is destroyed with its replacement: not before every function has the new one.
  lifecycle {
    create_before_destroy = true

    precondition {
      condition     = try(jsondecode(file("${path.module}/secrets.json"))[each.key] != "", false)
      error_message = fileexists("${path.module}/secrets.json") ? "${each.key} is not set in terraform/secrets.json." : "terraform/secrets.json is not there: npm run secrets makes it."
    }
  }
}

# The key by which functions ring queues goes straight from the service to Lockbox.
resource "yandex_lockbox_secret" "queue" {
  name = "${var.prefix}-queue"
}

resource "yandex_iam_service_account_static_access_key" "ringer" {
  service_account_id = yandex_iam_service_account.ringer.id
  description        = "rings queues"

  output_to_lockbox {
    secret_id            = yandex_lockbox_secret.queue.id
    entry_for_access_key = "QUEUE_ACCESS_KEY_ID"
    entry_for_secret_key = "QUEUE_SECRET_ACCESS_KEY"
  }

  lifecycle {
    create_before_destroy = true
  }
}

locals {
  # The name in secrets.json of what a function is given under a name.
  named_of = {
    for name, one in module.stack.functions : name => {
      for key in one.secrets : key => key != "DATABASE_PASSWORD" ? key : "${key}_${upper(local.database_role[name])}"
    }
  }

  # Which secret holds the value of a name, for a function.
  secret_of = {
    for name, named in local.named_of : name => {
      for key, entry in named : key => (
        startswith(key, "QUEUE_") ? {
          entry = key, id = yandex_lockbox_secret.queue.id, version = yandex_iam_service_account_static_access_key.ringer.output_to_lockbox_version_id
          } : {
          entry = entry, id = yandex_lockbox_secret.named[entry].id, version = yandex_lockbox_secret_version.named[entry].id
        }
      ) if startswith(key, "QUEUE_") || contains(local.named, entry)
    }
  }
}
