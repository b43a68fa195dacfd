# The HTTP API as its own document describes it, and the console beside it, led to the one function.
locals {
  # What ML providers call.
  of_providers = "/(media|v1/ml-callbacks)/.*"

  api = jsondecode(file("${path.module}/../dist/openapi.json"))

  to_sync = {
    type                   = "cloud_functions"
    function_id            = local.function_ids["sync"]
    tag                    = var.function_tag
    service_account_id     = yandex_iam_service_account.gateway.id
    payload_format_version = "1.0"
  }

  pages = {
    "/" = { get = { operationId = "getConsole", responses = { "200" = { description = "the console" } } } }
    "/assets/{file}" = {
      get = {
        operationId = "getConsoleFile"
        parameters  = [{ name = "file", in = "path", required = true, schema = { type = "string" } }]
        responses   = { "200" = { description = "a file of the console" } }
      }
    }
    "/media/{key}" = {
      get = {
        operationId = "getPicture"
        parameters = [
          { name = "key", in = "path", required = true, schema = { type = "string" } },
          { name = "until", in = "query", required = true, schema = { type = "string" } },
          { name = "sig", in = "query", required = true, schema = { type = "string" } },
        ]
        responses = { "302" = { description = "where the picture lies now" } }
      }
    }
    "/v1/ml-callbacks/{provider}" = {
      post = {
        operationId = "postMlCallback"
        parameters  = [{ name = "provider", in = "path", required = true, schema = { type = "string" } }]
        responses   = { "202" = { description = "the job is asked about soon" } }
      }
    }
    # What has a colon in its name, such as accounts:batch.
    "/v1/{action}" = {
      post = {
        operationId = "postAction"
        parameters  = [{ name = "action", in = "path", required = true, schema = { type = "string" } }]
        responses   = { "200" = { description = "done" } }
      }
    }
    # What owners of accounts see, and where they and platforms come back to.
    "/connect/{token}" = {
      for method in ["get", "post"] : method => {
        operationId = "${method}ConnectPage"
        parameters  = [{ name = "token", in = "path", required = true, schema = { type = "string" } }]
        responses   = { "200" = { description = "a page for the owner of an account" } }
      }
    }
    "/connect/deletions/{code}" = {
      get = {
        operationId = "getDeletion"
        parameters  = [{ name = "code", in = "path", required = true, schema = { type = "string" } }]
        responses   = { "200" = { description = "how the deletion that an owner asked for stands" } }
      }
    }
    "/v1/connect/{platform}/{what}" = {
      for method in ["get", "post"] : method => {
        operationId = "${method}ConnectCallback"
        parameters = [
          for name in ["platform", "what"] : { name = name, in = "path", required = true, schema = { type = "string" } }
        ]
        responses = { "200" = { description = "what a platform says of an owner" } }
      }
    }
    "/openapi.json" = { get = { operationId = "getDocument", responses = { "200" = { description = "this API" } } } }
  }

  # Keys are checked by the function, which knows their scopes.
  spec = {
    openapi = "3.0.0"
    info    = local.api.info
    paths = {
      for path, operations in merge(local.api.paths, local.pages) : path => {
        for method, operation in operations : method => merge(
          { for field, value in operation : field => value if field != "security" },
          { "x-yc-apigateway-integration" = local.to_sync },
        )
      }
    }
    components = { schemas = local.api.components.schemas }

    x-yc-apigateway = var.rate_limits == null ? {} : {
      smartWebSecurity = { securityProfileId = yandex_sws_security_profile.this[0].id }
    }
  }
}

# Two instances answer for all callers: no address takes them from the others. What is refused here is neither paid for nor
# does it reach a function. The gateway's own extension for this is supported no longer (API Gateway, x-yc-apigateway-rate-limit).
resource "yandex_sws_advanced_rate_limiter_profile" "this" {
  count = var.rate_limits == null ? 0 : 1

  name        = var.prefix
  description = "Calls of the HTTP API of ${var.prefix}"

  # Asked without a key, by balancers and monitors.
  advanced_rate_limiter_rule {
    name     = "health-by-address"
    priority = 10

    dynamic_quota {
      action = "DENY"
      limit  = var.rate_limits.health_a_minute
      period = 60

      condition {
        request_uri {
          path {
            exact_match = "/health"
          }
        }
      }

      characteristic {
        simple_characteristic {
          type = "IP"
        }
      }
    }
  }

  # ML providers fetch pictures and say that jobs have ended, all from one address.
  advanced_rate_limiter_rule {
    name     = "providers-by-address"
    priority = 20

    dynamic_quota {
      action = "DENY"
      limit  = var.rate_limits.provider_a_minute
      period = 60

      condition {
        request_uri {
          path {
            pire_regex_match = local.of_providers
          }
        }
      }

      characteristic {
        simple_characteristic {
          type = "IP"
        }
      }
    }
  }

  advanced_rate_limiter_rule {
    name     = "all-by-address"
    priority = 30

    dynamic_quota {
      action = "DENY"
      limit  = var.rate_limits.address_a_minute
      period = 60

      condition {
        request_uri {
          path {
            pire_regex_not_match = local.of_providers
          }
        }
      }

      characteristic {
        simple_characteristic {
          type = "IP"
        }
      }
    }
  }

  advanced_rate_limiter_rule {
    name     = "all"
    priority = 40

    static_quota {
      action = "DENY"
      limit  = var.rate_limits.all_a_minute
      period = 60
    }
  }
}

resource "yandex_sws_security_profile" "this" {
  count = var.rate_limits == null ? 0 : 1

  name                             = var.prefix
  description                      = "Limits calls of the HTTP API of ${var.prefix}"
  default_action                   = "ALLOW"
  disallow_data_processing         = true
  advanced_rate_limiter_profile_id = yandex_sws_advanced_rate_limiter_profile.this[0].id
}

resource "yandex_api_gateway" "this" {
  name              = var.prefix
  description       = "HTTP API and console of ${var.prefix}"
  spec              = jsonencode(local.spec)
  execution_timeout = "30"

  dynamic "custom_domains" {
    for_each = var.domain == null ? [] : [var.domain]

    content {
      fqdn           = custom_domains.value.fqdn
      certificate_id = custom_domains.value.certificate_id
    }
  }

  log_options {
    log_group_id = yandex_logging_group.this.id
    min_level    = "WARN"
  }

  depends_on = [yandex_function_iam_member.gateway]
}
