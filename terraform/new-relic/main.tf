locals {
  made = "${path.module}/../../observability/new-relic"
  # The same files as the API of New Relic takes.
  conditions = { for one in jsondecode(file("${local.made}/alerts.json")) : one.name => one }
}

resource "newrelic_one_dashboard_json" "this" {
  json = replace(
    jsonencode(jsondecode(file("${local.made}/dashboard.json"))),
    "\"accountIds\":[0]", "\"accountIds\":[${var.account_id}]"
  )
}

resource "newrelic_alert_policy" "this" {
  name                = "social-sync"
  incident_preference = "PER_CONDITION_AND_TARGET"
}

resource "newrelic_nrql_alert_condition" "this" {
  for_each = local.conditions

  policy_id                    = newrelic_alert_policy.this.id
  type                         = "static"
  name                         = each.value.name
  description                  = each.value.description
  enabled                      = each.value.enabled
  violation_time_limit_seconds = each.value.violationTimeLimitSeconds

  fill_option                    = lower(each.value.signal.fillOption)
  aggregation_method             = lower(each.value.signal.aggregationMethod)
  aggregation_window             = each.value.signal.aggregationWindow
  aggregation_delay              = try(each.value.signal.aggregationDelay, null)
  aggregation_timer              = try(each.value.signal.aggregationTimer, null)
  expiration_duration            = each.value.expiration.expirationDuration
  open_violation_on_expiration   = each.value.expiration.openViolationOnExpiration
  close_violations_on_expiration = each.value.expiration.closeViolationsOnExpiration

  nrql {
    query = each.value.nrql.query
  }

  critical {
    operator              = lower(each.value.terms[0].operator)
    threshold             = each.value.terms[0].threshold
    threshold_duration    = each.value.terms[0].thresholdDuration
    threshold_occurrences = lower(each.value.terms[0].thresholdOccurrences)
  }
}

output "dashboard" {
  description = "Address of the dashboard."
  value       = newrelic_one_dashboard_json.this.permalink
}
