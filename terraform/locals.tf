locals {
  zones = ["ru-central1-a", "ru-central1-b", "ru-central1-d"]

  # Managed PostgreSQL by size: its hosts, its disk and up to what it grows, and connections for each instance of a function.
  sizes = {
    small  = { preset = "c3-c2-m4", disk_gb = 20, most_gb = 100, hosts = 1, connections = 4 }
    medium = { preset = "s3-c2-m8", disk_gb = 50, most_gb = 500, hosts = 2, connections = 6 }
    large  = { preset = "s3-c4-m16", disk_gb = 200, most_gb = 2000, hosts = 3, connections = 10 }
  }
  size = local.sizes[var.size]

  # What functions get beside the settings of the stack, by name.
  environment = merge(
    {
      for queue in keys(module.stack.rings) :
      "${upper(replace(queue, "-", "_"))}_QUEUE_URL" => yandex_message_queue.ring[queue].id
    },
    { KMS_KEY_ID = yandex_kms_symmetric_key.credentials.id },
    var.ydb == null ? {} : { YDB_URL = yandex_ydb_database_serverless.this[0].ydb_full_endpoint },
    var.domain == null ? {} : { MEDIA_URL = "https://${var.domain.fqdn}" },
    var.settings,
  )

  # What follows from the stack, for the functions that read it; settings of one's own come before.
  derived = merge(
    { OTEL_RESOURCE_ATTRIBUTES = "cloud.provider=yandex_cloud,cloud.platform=yandex_cloud_functions,cloud.region=ru-central1,cloud.account.id=${var.folder_id}" },
    var.ydb == null ? {} : { RAW_STORE = "ydb" },
  )

  # Of every function: whom it trusts when it speaks to the database.
  always = {
    DATABASE_CA = "/usr/local/share/ca-certificates/yandex-internal-ca.crt"
  }

  archive = { for name in keys(module.stack.functions) : name => "${path.module}/../dist/${name}.zip" }
}

module "stack" {
  source = "./modules/stack"

  serverless = yamldecode(file("${path.module}/../serverless.yml"))
  prefix     = var.prefix
}
