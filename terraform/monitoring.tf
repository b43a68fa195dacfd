# What to look at first. Alerts are no resource of the provider: docs/deploy.md says which to make in the console.
locals {
  functions_of = "folderId=\"${var.folder_id}\", service=\"serverless-functions\", resource_id=\"${join("|", values(local.function_ids))}\""
  queues_of    = "folderId=\"${var.folder_id}\", service=\"message-queue\", queue=\"${var.prefix}-*\""
  cluster_of   = "folderId=\"${var.folder_id}\", service=\"managed-postgresql\", resource_id=\"${yandex_mdb_postgresql_cluster_v2.this.id}\""

  panels = [
    { title = "Calls of functions", query = "\"functions_started\"{${local.functions_of}}" },
    { title = "Errors of functions", query = "\"functions_errors\"{${local.functions_of}}" },
    { title = "Calls refused for too many at once", query = "\"functions_throttles\"{${local.functions_of}}" },
    { title = "Rings that wait", query = "\"queue.messages.stored_count\"{${local.queues_of}}" },
    { title = "Database: connections", query = "\"postgres_total_connections\"{${local.cluster_of}}" },
    { title = "Database: oldest transaction, seconds", query = "\"postgres_oldest_transaction_duration\"{${local.cluster_of}}" },
    { title = "Database: CPU idle, %", query = "\"cpu.idle\"{${local.cluster_of}}" },
    { title = "Database: disk free, bytes", query = "\"disk.free_bytes\"{${local.cluster_of}}" },
  ]
}

resource "yandex_monitoring_dashboard" "this" {
  name        = var.prefix
  title       = var.prefix
  description = "Functions, queues and database; accounts, quota and parked work are in the console of ${var.prefix} itself"

  dynamic "widgets" {
    for_each = { for index, panel in local.panels : index => panel }

    content {
      position {
        x = widgets.key % 2 * 18
        y = floor(widgets.key / 2) * 10
        w = 18
        h = 10
      }

      chart {
        chart_id = "panel-${widgets.key}"
        title    = widgets.value.title

        queries {
          target {
            query     = widgets.value.query
            text_mode = true
          }
        }
      }
    }
  }
}
