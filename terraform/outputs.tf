locals {
  url = "https://${var.domain == null ? yandex_api_gateway.this.domain : var.domain.fqdn}"
}

output "url" {
  description = "The HTTP API and the console."
  value       = local.url
}

output "next" {
  description = "What to do now."
  value       = <<-EOT
    Make its alarms:     npm run alarms
    Check the stack:     SOCIAL_SYNC_API_KEY=$(node terraform/secret.mjs value API_KEY) npm run smoke -- ${local.url}
    Open the console:    the address above; it asks for the API key
    Read the rows:       from an address in `readers`: host ${local.database_host}, port 6432, database social_sync, user social_sync_read
  EOT
}

output "connect" {
  description = "Where owners come back to: to be registered with each platform, to the letter (docs/CONNECT.md)."
  value       = { for platform in ["instagram", "tiktok"] : platform => "${local.url}/v1/connect/${platform}/callback" }
}

output "alarms" {
  description = "What `npm run alarms` makes, and `npm run smoke` looks for."
  value       = { folder_id = var.folder_id, channels = var.alarm_channels, alarms = local.alarms }
}

output "functions" {
  description = "Ids of the functions, for `yc serverless function invoke` and logs."
  value       = local.function_ids
}

output "function_tag" {
  description = "The tag of the versions that triggers and gateway call."
  value       = var.function_tag
}

output "triggers" {
  description = "Triggers as the console names them, by what `-replace` wants."
  value = merge(
    { for key, one in yandex_function_trigger.timer : "yandex_function_trigger.timer[\"${key}\"]" => one.name },
    { for key, one in yandex_function_trigger.ring : "yandex_function_trigger.ring[\"${key}\"]" => one.name },
  )
}

output "database_host" {
  description = "The database, reached from the network of the stack on port 6432."
  value       = local.database_host
}
