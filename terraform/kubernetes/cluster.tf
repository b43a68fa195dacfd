locals {
  zones    = ["ru-central1-a", "ru-central1-b", "ru-central1-d"]
  pods     = "10.96.0.0/16"
  services = "10.97.0.0/16"

  sizes = {
    small  = { nodes = { min = 1, max = 2 }, cores = 2, memory = 4, postgres = "c3-c2-m4", disk_gb = 20, most_gb = 100, hosts = 1, connections = 60, valkey = "hm3-c2-m8" }
    medium = { nodes = { min = 2, max = 4 }, cores = 2, memory = 8, postgres = "s3-c2-m8", disk_gb = 50, most_gb = 500, hosts = 2, connections = 100, valkey = "hm3-c2-m8" }
    large  = { nodes = { min = 3, max = 10 }, cores = 4, memory = 16, postgres = "s3-c8-m32", disk_gb = 500, most_gb = 4000, hosts = 3, connections = 300, valkey = "hm3-c2-m16" }
  }
  size = local.sizes[var.size]

  accounts = {
    masters = { roles = ["k8s.clusters.agent", "vpc.publicAdmin", "load-balancer.admin"], does = "Masters of the cluster" }
    nodes   = { roles = ["container-registry.images.puller"], does = "Nodes of the cluster fetch images" }
  }
}

resource "yandex_iam_service_account" "this" {
  for_each = local.accounts

  name        = "${var.prefix}-${each.key}"
  description = each.value.does
}

resource "yandex_resourcemanager_folder_iam_member" "this" {
  for_each = merge([
    for name, account in local.accounts : { for role in account.roles : "${name} ${role}" => { name = name, role = role } }
  ]...)

  folder_id = var.folder_id
  role      = each.value.role
  member    = "serviceAccount:${yandex_iam_service_account.this[each.value.name].id}"
}

# Secrets of the cluster are encrypted with it.
resource "yandex_kms_symmetric_key" "secrets" {
  name                = "${var.prefix}-secrets"
  description         = "Encrypts Secrets of the cluster"
  default_algorithm   = "AES_256"
  rotation_period     = "8760h"
  deletion_protection = var.deletion_protection
}

resource "yandex_kms_symmetric_key_iam_member" "masters" {
  symmetric_key_id = yandex_kms_symmetric_key.secrets.id
  role             = "kms.keys.encrypterDecrypter"
  member           = "serviceAccount:${yandex_iam_service_account.this["masters"].id}"
}

resource "yandex_kubernetes_cluster" "this" {
  name                    = var.prefix
  network_id              = yandex_vpc_network.this.id
  cluster_ipv4_range      = local.pods
  service_ipv4_range      = local.services
  network_policy_provider = "CALICO"
  release_channel         = "STABLE"
  service_account_id      = yandex_iam_service_account.this["masters"].id
  node_service_account_id = yandex_iam_service_account.this["nodes"].id

  master {
    version            = var.kubernetes_version
    public_ip          = true # Only `administrators` reach it.
    security_group_ids = [yandex_vpc_security_group.cluster.id]

    dynamic "master_location" {
      for_each = slice(local.zones, 0, var.size == "small" ? 1 : 3)

      content {
        zone      = master_location.value
        subnet_id = local.subnets[master_location.value]
      }
    }

    maintenance_policy {
      auto_upgrade = true

      maintenance_window {
        day        = "sunday"
        start_time = "01:00"
        duration   = "3h"
      }
    }
  }

  kms_provider {
    key_id = yandex_kms_symmetric_key.secrets.id
  }

  depends_on = [yandex_resourcemanager_folder_iam_member.this, yandex_kms_symmetric_key_iam_member.masters]
}

resource "yandex_kubernetes_node_group" "this" {
  cluster_id = yandex_kubernetes_cluster.this.id
  name       = "${var.prefix}-nodes"
  version    = var.kubernetes_version

  instance_template {
    platform_id = "standard-v3"

    network_interface {
      nat                = false
      subnet_ids         = [local.subnets[local.zones[0]]]
      security_group_ids = [yandex_vpc_security_group.cluster.id]
    }

    resources {
      cores  = local.size.cores
      memory = local.size.memory
    }

    boot_disk {
      type = "network-ssd"
      size = 64
    }

    container_runtime {
      type = "containerd"
    }
  }

  scale_policy {
    auto_scale {
      initial = local.size.nodes.min
      min     = local.size.nodes.min
      max     = local.size.nodes.max
    }
  }

  # A group that scales is of one zone.
  allocation_policy {
    location {
      zone = local.zones[0]
    }
  }

  maintenance_policy {
    auto_upgrade = true
    auto_repair  = true

    maintenance_window {
      day        = "sunday"
      start_time = "04:00"
      duration   = "3h"
    }
  }
}
