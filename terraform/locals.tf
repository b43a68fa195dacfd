locals {
  zones = ["ru-central1-a", "ru-central1-b", "ru-central1-d"]

  # Managed PostgreSQL by size: its hosts, and the connections that its users share.
  sizes = {
    small  = { preset = "c3-c2-m4", disk_gb = 20, hosts = 1, run_connections = 40 }
    medium = { preset = "s3-c2-m8", disk_gb = 50, hosts = 2, run_connections = 60 }
    large  = { preset = "s3-c4-m16", disk_gb = 200, hosts = 3, run_connections = 100 }
  }
  size = local.sizes[var.size]

  # What functions get beside the settings of the stack, by name.
  environment = merge(
    {
      for queue in keys(module.stack.rings) :
      "${upper(replace(queue, "-", "_"))}_QUEUE_URL" => yandex_message_queue.ring[queue].id
    },
    { KMS_KEY_ID = yandex_kms_symmetric_key.credentials.id },
    var.domain == null ? {} : { MEDIA_URL = "https://${var.domain.fqdn}" },
    var.settings,
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
