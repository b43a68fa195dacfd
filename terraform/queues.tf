# Queues are made with a key of an SQS kind, which is in the state: it can make and remove queues of this folder and
# nothing else. The key that functions ring with is not.
resource "yandex_iam_service_account_static_access_key" "queues" {
  service_account_id = yandex_iam_service_account.queues.id
  description        = "makes queues, for terraform alone"

  # `-replace` of it makes a new one, hands it to every queue, and then takes the old one away.
  lifecycle {
    create_before_destroy = true
  }

  # A role takes a while to hold, and the first queue would be refused: the database takes ten minutes.
  depends_on = [yandex_resourcemanager_folder_iam_member.queue, yandex_mdb_postgresql_cluster_v2.this]
}

# Rings that no call could process; their number is a warning, since parked rows in the database are the alarm.
resource "yandex_message_queue" "dead" {
  name                      = "${var.prefix}-dead"
  message_retention_seconds = 1209600
  access_key                = yandex_iam_service_account_static_access_key.queues.access_key
  secret_key                = yandex_iam_service_account_static_access_key.queues.secret_key
}

resource "yandex_message_queue" "ring" {
  for_each = module.stack.rings

  name                       = "${var.prefix}-${each.key}"
  visibility_timeout_seconds = each.value.visibility
  message_retention_seconds  = each.value.retention
  receive_wait_time_seconds  = 20
  access_key                 = yandex_iam_service_account_static_access_key.queues.access_key
  secret_key                 = yandex_iam_service_account_static_access_key.queues.secret_key

  # A call that was refused for too many at once counts as a receipt too.
  redrive_policy = jsonencode({
    deadLetterTargetArn = yandex_message_queue.dead.arn
    maxReceiveCount     = 10
  })
}
