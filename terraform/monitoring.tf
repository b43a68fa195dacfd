# What to look at first. Alerts are no resource of the provider: `npm run alarms` makes those of the output `alarms`.
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

locals {
  dead_letters = "\"queue.messages.stored_count\"{folderId=\"${var.folder_id}\", service=\"message-queue\", queue=\"${yandex_message_queue.dead.name}\"}"

  alarms = [
    {
      # What came within the hour, not what lies there: dead letters are kept for 14 days.
      name  = "${var.prefix}-dead-letters", description = "rings that no call could process came within the last hour"
      query = "diff(${local.dead_letters})", type = "MAX", comparison = "GT", threshold = 0, window = 3600, delay = 60
    },
    {
      name  = "${var.prefix}-function-errors", description = "calls of functions failed all through a quarter of an hour"
      query = "series_sum(\"functions_errors\"{${local.functions_of}})", type = "MIN", comparison = "GT", threshold = 0, window = 900, delay = 60
    },
    {
      name  = "${var.prefix}-disk", description = "less than 10 % of the database's disk is free, and it does not grow: its limit is ${local.size.most_gb} GB"
      query = "\"disk.free_bytes\"{${local.cluster_of}} / \"disk.total_bytes\"{${local.cluster_of}} * 100", type = "MAX", comparison = "LT", threshold = 10, window = 900, delay = 60
    },
    {
      name  = "${var.prefix}-connections", description = "the database has nearly as many connections as it may"
      query = "\"postgres_total_connections\"{${local.cluster_of}}", type = "MIN", comparison = "GT", threshold = 130, window = 600, delay = 60
    },
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
