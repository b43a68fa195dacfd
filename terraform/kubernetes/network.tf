resource "yandex_vpc_network" "this" {
  name = var.prefix
}

# Nodes have no addresses of their own in the internet.
resource "yandex_vpc_gateway" "this" {
  name = var.prefix
  shared_egress_gateway {}
}

resource "yandex_vpc_route_table" "this" {
  name       = var.prefix
  network_id = yandex_vpc_network.this.id

  static_route {
    destination_prefix = "0.0.0.0/0"
    gateway_id         = yandex_vpc_gateway.this.id
  }
}

resource "yandex_vpc_subnet" "this" {
  for_each = { for index, zone in local.zones : zone => index }

  name           = "${var.prefix}-${each.key}"
  zone           = each.key
  network_id     = yandex_vpc_network.this.id
  route_table_id = yandex_vpc_route_table.this.id
  v4_cidr_blocks = [cidrsubnet("10.128.0.0/16", 8, each.value)]
}

locals {
  subnets = { for zone, one in yandex_vpc_subnet.this : zone => one.id }
  inside  = [local.pods, local.services, "10.128.0.0/16"]
}

resource "yandex_vpc_security_group" "cluster" {
  name        = "${var.prefix}-cluster"
  description = "Masters and nodes of ${var.prefix}"
  network_id  = yandex_vpc_network.this.id

  ingress {
    description    = "administration"
    protocol       = "TCP"
    port           = 443
    v4_cidr_blocks = var.administrators
  }

  ingress {
    description    = "administration, by the other port of the API"
    protocol       = "TCP"
    port           = 6443
    v4_cidr_blocks = var.administrators
  }

  ingress {
    description       = "health checks of balancers"
    protocol          = "TCP"
    predefined_target = "loadbalancer_healthchecks"
    from_port         = 0
    to_port           = 65535
  }

  ingress {
    description    = "what an ingress controller serves, by ports of nodes"
    protocol       = "TCP"
    from_port      = 30000
    to_port        = 32767
    v4_cidr_blocks = ["0.0.0.0/0"]
  }

  ingress {
    description       = "masters and nodes among themselves"
    protocol          = "ANY"
    predefined_target = "self_security_group"
    from_port         = 0
    to_port           = 65535
  }

  ingress {
    description    = "pods and services"
    protocol       = "ANY"
    v4_cidr_blocks = local.inside
    from_port      = 0
    to_port        = 65535
  }

  egress {
    description    = "platforms, registries, databases"
    protocol       = "ANY"
    v4_cidr_blocks = ["0.0.0.0/0"]
    from_port      = 0
    to_port        = 65535
  }
}

resource "yandex_vpc_security_group" "data" {
  name        = "${var.prefix}-data"
  description = "PostgreSQL and Valkey for the pods of ${var.prefix}"
  network_id  = yandex_vpc_network.this.id

  dynamic "ingress" {
    for_each = { "PostgreSQL, by its pooler" = 6432, "Valkey, over TLS" = 6380 }

    content {
      description    = ingress.key
      protocol       = "TCP"
      port           = ingress.value
      v4_cidr_blocks = local.inside
    }
  }

  ingress {
    description       = "hosts among themselves"
    protocol          = "ANY"
    predefined_target = "self_security_group"
    from_port         = 0
    to_port           = 65535
  }

  egress {
    description    = "backups, and hosts among themselves"
    protocol       = "ANY"
    v4_cidr_blocks = ["0.0.0.0/0"]
    from_port      = 0
    to_port        = 65535
  }
}
