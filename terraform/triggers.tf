# How often a timer fires, and how many rings make a call, may be changed in the console: terraform leaves that alone.
# `terraform apply -replace` of one goes back to serverless.yml; the output `triggers` names them.

resource "yandex_function_trigger" "timer" {
  for_each = module.stack.timers

  name        = "${var.prefix}-timer-${substr(sha256(each.key), 0, 8)}"
  description = "${each.value.function}: ${each.value.cron}, UTC"

  timer {
    cron_expression = each.value.cron
  }

  function {
    id                 = local.function_ids[each.value.function]
    tag                = var.function_tag
    service_account_id = yandex_iam_service_account.triggers.id
    retry_attempts     = "1"
    retry_interval     = "10"
  }

  dlq {
    queue_id           = yandex_message_queue.dead.arn
    service_account_id = yandex_iam_service_account.triggers.id
  }

  lifecycle {
    ignore_changes = [timer[0].cron_expression]
  }

  depends_on = [
    yandex_function_iam_member.triggers,
    yandex_resourcemanager_folder_iam_member.queue,
    yandex_function_scaling_policy.this,
  ]
}

resource "yandex_function_trigger" "ring" {
  for_each = module.stack.rings

  name        = "${var.prefix}-ring-${each.key}"
  description = "${each.value.function}, when it is rung"

  message_queue {
    queue_id           = yandex_message_queue.ring[each.key].arn
    service_account_id = yandex_iam_service_account.triggers.id
    batch_size         = tostring(each.value.batch)
    batch_cutoff       = tostring(each.value.cutoff)
    visibility_timeout = tostring(each.value.visibility)
  }

  function {
    id                 = local.function_ids[each.value.function]
    tag                = var.function_tag
    service_account_id = yandex_iam_service_account.triggers.id
  }

  lifecycle {
    ignore_changes = [message_queue[0].batch_size, message_queue[0].batch_cutoff]
  }

  depends_on = [
    yandex_function_iam_member.triggers,
    yandex_resourcemanager_folder_iam_member.queue,
    yandex_function_scaling_policy.this,
  ]
}
