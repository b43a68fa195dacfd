locals {
  postgres_host = "c-${yandex_mdb_postgresql_cluster_v2.this.id}.rw.mdb.yandexcloud.net"
  valkey_host   = var.variant == "flow" ? "c-${yandex_mdb_redis_cluster_v2.this[0].id}.rw.mdb.yandexcloud.net" : null
}

output "cluster_id" {
  description = "For `yc managed-kubernetes cluster get-credentials --external --id`."
  value       = yandex_kubernetes_cluster.this.id
}

output "registry" {
  description = "Where the image goes."
  value       = "cr.yandex/${yandex_container_registry.this.id}/social-sync"
}

output "owner" {
  description = "OWNER_DATABASE_URL of the Secret, with the password `migrate` in place of PASSWORD."
  value       = "postgres://social_sync_migrate:PASSWORD@${local.postgres_host}:6432/social_sync"
}

output "values" {
  description = "Values of the chart: terraform output -json values > values.json"
  value = {
    variant = var.variant
    image   = { repository = "cr.yandex/${yandex_container_registry.this.id}/social-sync" }
    settings = merge(
      {
        DATABASE_URL = "postgres://social_sync_run@${local.postgres_host}:6432/social_sync"
        DATABASE_CA  = file(var.authority)
      },
      var.variant == "flow" ? { REDIS_URL = "rediss://${local.valkey_host}:6380", REDIS_CA = file(var.authority) } : {},
    )
  }
}
