resource "yandex_mdb_postgresql_cluster_v2" "this" {
  name                = var.prefix
  environment         = "PRODUCTION"
  network_id          = yandex_vpc_network.this.id
  security_group_ids  = [yandex_vpc_security_group.data.id]
  deletion_protection = var.deletion_protection

  config {
    version = var.postgres_version

    resources {
      resource_preset_id = local.size.postgres
      disk_type_id       = "network-ssd"
      disk_size          = local.size.disk_gb
    }

    disk_size_autoscaling = {
      disk_size_limit           = local.size.most_gb
      planned_usage_threshold   = 70
      emergency_usage_threshold = 85
    }

    backup_retain_period_days = 7

    postgresql_config = {
      max_connections     = 400
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
  time_outs = {
    lock_timeout                        = 5000
    idle_in_transaction_session_timeout = 10000
  }

  # Workers of a driver do what all functions do: they are `run`, and `migrate` for what changes tables.
  users = {
    migrate = { connections = 30, settings = { pool_mode = "session", statement_timeout = 300000 } }
    run     = { connections = local.size.connections, settings = { pool_mode = "transaction", statement_timeout = 30000 } }
    read    = { connections = 10, settings = { pool_mode = "session", statement_timeout = 300000 } }
  }
}

resource "yandex_mdb_postgresql_user" "owner" {
  cluster_id          = yandex_mdb_postgresql_cluster_v2.this.id
  name                = "social_sync_migrate"
  password_wo         = var.passwords.migrate
  password_wo_version = var.passwords_version
  conn_limit          = local.users.migrate.connections
  settings            = merge(local.time_outs, local.users.migrate.settings)
}

resource "yandex_mdb_postgresql_database" "this" {
  cluster_id          = yandex_mdb_postgresql_cluster_v2.this.id
  name                = "social_sync"
  owner               = yandex_mdb_postgresql_user.owner.name
  deletion_protection = var.deletion_protection
}

resource "yandex_mdb_postgresql_user" "this" {
  for_each = toset(["run", "read"])

  cluster_id          = yandex_mdb_postgresql_cluster_v2.this.id
  name                = "social_sync_${each.key}"
  password_wo         = each.key == "run" ? var.passwords.run : var.passwords.read
  password_wo_version = var.passwords_version
  conn_limit          = local.users[each.key].connections
  settings            = merge(local.time_outs, local.users[each.key].settings)

  permission {
    database_name = yandex_mdb_postgresql_database.this.name
  }
}

# Queues of the flow. What it loses, the ledger gives back within a minute.
resource "yandex_mdb_redis_cluster_v2" "this" {
  count = var.variant == "flow" ? 1 : 0

  name               = var.prefix
  environment        = "PRODUCTION"
  network_id         = yandex_vpc_network.this.id
  security_group_ids = [yandex_vpc_security_group.data.id]
  tls_enabled        = true
  announce_hostnames = true
  persistence_mode   = "ON"

  config = {
    version             = "7.2-valkey"
    password_wo         = var.passwords.valkey
    password_wo_version = var.passwords_version
    maxmemory_policy    = "NOEVICTION"
  }

  resources = {
    resource_preset_id = local.size.valkey
    disk_type_id       = "network-ssd"
    disk_size          = 20
  }

  hosts = {
    for index, zone in slice(local.zones, 0, local.size.hosts) : "host-${index + 1}" => {
      zone      = zone
      subnet_id = local.subnets[zone]
    }
  }

  maintenance_window = {
    type = "WEEKLY"
    day  = "SUN"
    hour = 3
  }
}

# Images are pushed here.
resource "yandex_container_registry" "this" {
  name = var.prefix
}
