# Over a provider that makes everything up: what `npm run alarms` is given.
mock_provider "yandex" {
  override_during = plan

  mock_resource "yandex_function" {
    defaults = { id = "function" }
  }

  mock_resource "yandex_mdb_postgresql_cluster_v2" {
    defaults = { id = "cluster" }
  }
}

run "alarms" {
  command = plan

  variables {
    alarm_channels = ["channel-1"]
  }

  assert {
    condition = toset([for alarm in output.alarms.alarms : alarm.name]) == toset([
      "social-sync-dead-letters", "social-sync-function-errors", "social-sync-disk", "social-sync-connections"
    ])
    error_message = "four alarms, with the names of the stack"
  }

  assert {
    condition     = alltrue([for alarm in output.alarms.alarms : strcontains(alarm.query, "folderId=\"${var.folder_id}\"")])
    error_message = "each alarm looks at this folder"
  }

  assert {
    condition     = output.alarms.folder_id == var.folder_id && output.alarms.channels == tolist(["channel-1"])
    error_message = "alarms are made in this folder, for these channels"
  }
}
