# An account for each function, for the triggers and for the gateway, each with no more than it needs; always members,
# never bindings, which would take the roles of everybody else away.

resource "yandex_iam_service_account" "function" {
  for_each = module.stack.functions

  name        = each.value.name
  description = "The function ${each.value.name}"
}

resource "yandex_iam_service_account" "triggers" {
  name        = "${var.prefix}-triggers"
  description = "Calls functions by timer and by ring"
}

resource "yandex_iam_service_account" "ringer" {
  name        = "${var.prefix}-ringer"
  description = "Its key rings queues"
}

resource "yandex_iam_service_account" "queues" {
  name        = "${var.prefix}-queues"
  description = "Its key makes and removes queues, for terraform alone"
}

resource "yandex_iam_service_account" "gateway" {
  name        = "${var.prefix}-gateway"
  description = "Calls the HTTP function"
}

# Roles on queues are given for a folder, not for a queue (Message Queue); readers and senders are separate.
resource "yandex_resourcemanager_folder_iam_member" "queue" {
  for_each = {
    "ringer ymq.writer"   = { member = yandex_iam_service_account.ringer.id, role = "ymq.writer" }
    "triggers ymq.reader" = { member = yandex_iam_service_account.triggers.id, role = "ymq.reader" }
    "triggers ymq.writer" = { member = yandex_iam_service_account.triggers.id, role = "ymq.writer" }
    "queues ymq.admin"    = { member = yandex_iam_service_account.queues.id, role = "ymq.admin" }
  }

  folder_id = var.folder_id
  role      = each.value.role
  member    = "serviceAccount:${each.value.member}"
}

locals {
  # Function and secret, each pair once.
  readings = merge([
    for name, secrets in local.secret_of : {
      for key, secret in secrets : "${name} ${startswith(key, "QUEUE_") ? "QUEUE" : secret.entry}" => {
        function = name
        secret   = secret.id
      }...
    }
  ]...)
}

resource "yandex_lockbox_secret_iam_member" "function" {
  for_each = local.readings

  secret_id = each.value[0].secret
  role      = "lockbox.payloadViewer"
  member    = "serviceAccount:${yandex_iam_service_account.function[each.value[0].function].id}"
}

resource "yandex_kms_symmetric_key_iam_member" "function" {
  for_each = { for name, one in module.stack.functions : name => one if one.uses_kms }

  symmetric_key_id = yandex_kms_symmetric_key.credentials.id
  role             = "kms.keys.decrypter"
  member           = "serviceAccount:${yandex_iam_service_account.function[each.key].id}"
}

resource "yandex_function_iam_member" "triggers" {
  for_each = toset(concat([for timer in values(module.stack.timers) : timer.function], [for ring in values(module.stack.rings) : ring.function]))

  function_id = local.function_ids[each.key]
  role        = "functions.functionInvoker"
  member      = "serviceAccount:${yandex_iam_service_account.triggers.id}"
}

resource "yandex_function_iam_member" "gateway" {
  function_id = local.function_ids["sync"]
  role        = "functions.functionInvoker"
  member      = "serviceAccount:${yandex_iam_service_account.gateway.id}"
}
