resource "yandex_mdb_postgresql_cluster_v2" "this" {
  name                = var.prefix
  environment         = "PRODUCTION"
  network_id          = local.network_id
  security_group_ids  = [yandex_vpc_security_group.database.id]
  deletion_protection = var.deletion_protection

  config {
    version = var.postgres_version

    resources {
      resource_preset_id = local.size.preset
      disk_type_id       = "network-ssd"
      disk_size          = local.size.disk_gb
    }

    # A disk that is full stops everything: it grows by itself, and costs what it holds.
    disk_size_autoscaling = {
      disk_size_limit           = local.size.most_gb
      planned_usage_threshold   = 70
      emergency_usage_threshold = 85
    }

    backup_retain_period_days = 7

    access = {
      web_sql = var.web_sql
    }

    performance_diagnostics = {
      enabled                      = true
      sessions_sampling_interval   = 60
      statements_sampling_interval = 600
    }

    postgresql_config = {
      max_connections     = 160 # the same for every size: a change restarts it
      password_encryption = "PASSWORD_ENCRYPTION_SCRAM_SHA_256"
    }
  }

  maintenance_window = {
    type = "WEEKLY"
    day  = "SUN"
    hour = 3
  }

  hosts = {
    for index, zone in slice(local.zones, 0, local.size.hosts) : "host-${index + 1}" => {
      zone      = zone
      subnet_id = local.subnets[zone]
    }
  }
}

locals {
  database_host = "c-${yandex_mdb_postgresql_cluster_v2.this.id}.rw.mdb.yandexcloud.net"

  # Passwords come from secrets.json and are write-only: they stand neither in the state nor in a plan.
  passwords = {
    for role in concat(values(local.database_role), ["run", "read"]) :
    role => try(jsondecode(file("${path.module}/secrets.json"))["DATABASE_PASSWORD_${upper(role)}"], "not made yet")
  }

  # What a function is in the database: maintain owns it, each other has its own tables and columns (0041_roles.sql).
  database_role = {
    for name in keys(module.stack.functions) : name => name == "maintain" ? "migrate" : replace(name, "-", "_")
  }

  time_outs = {
    lock_timeout                        = 5000
    idle_in_transaction_session_timeout = 10000
  }
}

# Brings the schema forward, in session mode: it owns everything.
resource "yandex_mdb_postgresql_user" "migrate" {
  cluster_id          = yandex_mdb_postgresql_cluster_v2.this.id
  name                = "social_sync_migrate"
  password_wo         = local.passwords.migrate
  password_wo_version = var.secrets_version
  conn_limit          = 10
  settings            = merge(local.time_outs, { pool_mode = "session", statement_timeout = 300000 })

  depends_on = [yandex_lockbox_secret_version.named]
}

resource "yandex_mdb_postgresql_database" "this" {
  cluster_id          = yandex_mdb_postgresql_cluster_v2.this.id
  name                = "social_sync"
  owner               = yandex_mdb_postgresql_user.migrate.name
  deletion_protection = var.deletion_protection
}

# What the other functions are: thousands of clients may hold few connections, and none takes those of another.
resource "yandex_mdb_postgresql_user" "function" {
  for_each = { for name, role in local.database_role : name => role if name != "maintain" }

  cluster_id          = yandex_mdb_postgresql_cluster_v2.this.id
  name                = "social_sync_${each.value}"
  password_wo         = local.passwords[each.value]
  password_wo_version = var.secrets_version
  # The cloud takes ten at least.
  conn_limit = max(10, module.stack.functions[each.key].instances * local.size.connections)
  settings   = merge(local.time_outs, { pool_mode = "transaction", statement_timeout = 30000 })

  permission {
    database_name = yandex_mdb_postgresql_database.this.name
  }

  # A stack of before lowers the limit of `run` first: together they fit.
  depends_on = [yandex_lockbox_secret_version.named, yandex_mdb_postgresql_user.run]
}

# What workers of another driver are, where they run beside functions (docs/drivers.md).
resource "yandex_mdb_postgresql_user" "run" {
  cluster_id          = yandex_mdb_postgresql_cluster_v2.this.id
  name                = "social_sync_run"
  password_wo         = local.passwords.run
  password_wo_version = var.secrets_version
  conn_limit          = 20
  settings            = merge(local.time_outs, { pool_mode = "transaction", statement_timeout = 30000 })

  permission {
    database_name = yandex_mdb_postgresql_database.this.name
  }

  depends_on = [yandex_lockbox_secret_version.named]
}

# What people and reports are.
resource "yandex_mdb_postgresql_user" "read" {
  cluster_id          = yandex_mdb_postgresql_cluster_v2.this.id
  name                = "social_sync_read"
  password_wo         = local.passwords.read
  password_wo_version = var.secrets_version
  conn_limit          = 10
  settings            = merge(local.time_outs, { pool_mode = "session", statement_timeout = 300000 })

  permission {
    database_name = yandex_mdb_postgresql_database.this.name
  }

  depends_on = [yandex_lockbox_secret_version.named]
}
