# Functions reach the database over this network. They come from 198.19.0.0/16, whatever its subnets are (Cloud Functions, networking).
resource "yandex_vpc_network" "this" {
  count = var.network == null ? 1 : 0

  name = var.prefix
}

resource "yandex_vpc_subnet" "this" {
  for_each = var.network == null ? { for index, zone in local.zones : zone => index } : {}

  name           = "${var.prefix}-${each.key}"
  zone           = each.key
  network_id     = yandex_vpc_network.this[0].id
  v4_cidr_blocks = [cidrsubnet("10.128.0.0/16", 8, each.value)]
}

# Neither the database nor its addresses can move: a plan that would take them elsewhere stops.
resource "terraform_data" "network" {
  input = local.network_kept

  lifecycle {
    ignore_changes = [input]

    postcondition {
      condition     = self.output == local.network_kept
      error_message = "A stack stays in the network that it was made in: put `network` back, or make another stack under another prefix and bring the rows along (docs/migrating.md)."
    }
  }
}

locals {
  # Known in a plan, as the id of a network that is made is not.
  network_kept = var.network == null ? "its own" : var.network.id

  network_id = var.network == null ? yandex_vpc_network.this[0].id : var.network.id
  subnets    = var.network == null ? { for zone, subnet in yandex_vpc_subnet.this : zone => subnet.id } : var.network.subnets
}

resource "yandex_vpc_security_group" "database" {
  name        = "${var.prefix}-database"
  description = "PostgreSQL for the functions of ${var.prefix}"
  network_id  = local.network_id

  ingress {
    description    = "functions"
    protocol       = "TCP"
    port           = 6432
    v4_cidr_blocks = ["198.19.0.0/16"]
  }

  dynamic "ingress" {
    for_each = length(var.readers) > 0 ? [var.readers] : []

    content {
      description    = "people and reports"
      protocol       = "TCP"
      port           = 6432
      v4_cidr_blocks = ingress.value
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
