# Raw answers outside of PostgreSQL, where a gigabyte costs a fraction: a serverless database that is paid by request (docs/ydb.md).
resource "yandex_ydb_database_serverless" "this" {
  count = var.ydb == null ? 0 : 1

  name                = var.prefix
  description         = "Raw answers of social-sync"
  location_id         = "ru-central1"
  deletion_protection = var.deletion_protection

  # Beyond the limit requests wait: back-pressure, and no surprise on the bill.
  serverless_database {
    enable_throttling_rcu_limit = true
    throttling_rcu_limit        = var.ydb.units_per_second
    storage_size_limit          = var.ydb.storage_gb
  }
}

# As shared/cloud/ydb-bodies.ts describes it.
resource "yandex_ydb_table" "raw_bodies" {
  count = var.ydb == null ? 0 : 1

  connection_string = yandex_ydb_database_serverless.this[0].ydb_full_endpoint
  path              = "raw_bodies"
  primary_key       = ["key"]

  column {
    name = "key"
    type = "String"
  }
  column {
    name = "body"
    type = "String"
  }
  column {
    name = "expires_at"
    type = "Timestamp"
  }

  ttl {
    column_name     = "expires_at"
    expire_interval = "P0D"
  }

  # Keys are spread evenly: more partitions are more at once.
  partitioning_settings {
    auto_partitioning_by_load         = true
    auto_partitioning_by_size_enabled = true
  }
}

# As shared/cloud/ydb-state.ts describes it: calls counted and answers remembered for seconds (STATE_STORE = "ydb" in settings).
resource "yandex_ydb_table" "fast_state" {
  count = var.ydb == null ? 0 : 1

  connection_string = yandex_ydb_database_serverless.this[0].ydb_full_endpoint
  path              = "fast_state"
  primary_key       = ["name"]

  column {
    name = "name"
    type = "Utf8"
  }
  column {
    name = "text"
    type = "Utf8"
  }
  column {
    name = "count"
    type = "Uint32"
  }
  column {
    name = "ends_at"
    type = "Timestamp"
  }

  ttl {
    column_name     = "ends_at"
    expire_interval = "P0D"
  }
}

# For the whole of this role, but of a database that is ours alone: the provider has no members of a database, and the cloud no role for
# rows alone. Nothing in it is the truth: what it loses is read from the platforms once more.
resource "yandex_ydb_database_iam_binding" "editor" {
  count = var.ydb == null ? 0 : 1

  database_id = yandex_ydb_database_serverless.this[0].id
  role        = "ydb.editor"
  members = [
    for name, one in module.stack.functions : "serviceAccount:${yandex_iam_service_account.function[name].id}"
    if contains(one.environment, "YDB_URL")
  ]
}
