# One secret for each thing that a function may need, so that each account reads no more than its own. Values come from
# secrets.json through a command: the state keeps the command, never what it printed.

resource "yandex_kms_symmetric_key" "credentials" {
  name                = "${var.prefix}-credentials"
  description         = "Opens the data key that OAuth tokens are sealed with"
  default_algorithm   = "AES_256"
  rotation_period     = "8760h"
  deletion_protection = var.deletion_protection
}

resource "yandex_lockbox_secret" "database_migrate" {
  name                = "${var.prefix}-database-migrate"
  deletion_protection = var.deletion_protection
}

resource "yandex_lockbox_secret_version" "database_migrate" {
  secret_id = yandex_lockbox_secret.database_migrate.id

  entries {
    key = "DATABASE_URL"
    command {
      path = "node"
      args = ["${path.module}/secret.mjs", "database-url", "migrate", local.database_host, "social_sync", tostring(var.secrets_version)]
    }
  }

  # The old version is destroyed with its replacement: not before every function has the new one.
  lifecycle {
    create_before_destroy = true
  }
}

resource "yandex_lockbox_secret" "database_run" {
  name                = "${var.prefix}-database-run"
  deletion_protection = var.deletion_protection
}

resource "yandex_lockbox_secret_version" "database_run" {
  secret_id = yandex_lockbox_secret.database_run.id

  entries {
    key = "DATABASE_URL"
    command {
      path = "node"
      args = ["${path.module}/secret.mjs", "database-url", "run", local.database_host, "social_sync", tostring(var.secrets_version)]
    }
  }

  # The old version is destroyed with its replacement: not before every function has the new one.
  lifecycle {
    create_before_destroy = true
  }
}

resource "yandex_lockbox_secret" "named" {
  for_each = setunion(var.secrets, ["API_KEY"])

  name                = "${var.prefix}-${replace(lower(each.key), "_", "-")}"
  deletion_protection = var.deletion_protection
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
      condition     = !fileexists("${path.module}/secrets.json") || try(jsondecode(file("${path.module}/secrets.json"))[each.key] != "", false)
      error_message = "${each.key} is not set in terraform/secrets.json."
    }
  }
}

# The key by which functions ring queues goes straight from the service to Lockbox.
resource "yandex_lockbox_secret" "queue" {
  name                = "${var.prefix}-queue"
  deletion_protection = var.deletion_protection
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
  # Which secret holds the value of a name, for a function.
  secret_of = {
    for name, one in module.stack.functions : name => {
      for key in one.secrets : key => (
        key == "DATABASE_URL" && name == "maintain" ? {
          id = yandex_lockbox_secret.database_migrate.id, version = yandex_lockbox_secret_version.database_migrate.id
          } : key == "DATABASE_URL" ? {
          id = yandex_lockbox_secret.database_run.id, version = yandex_lockbox_secret_version.database_run.id
          } : startswith(key, "QUEUE_") ? {
          id = yandex_lockbox_secret.queue.id, version = yandex_iam_service_account_static_access_key.ringer.output_to_lockbox_version_id
          } : {
          id = yandex_lockbox_secret.named[key].id, version = yandex_lockbox_secret_version.named[key].id
        }
      ) if key == "DATABASE_URL" || key == "API_KEY" || startswith(key, "QUEUE_") || contains(var.secrets, key)
    }
  }
}
