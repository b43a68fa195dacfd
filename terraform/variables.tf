variable "cloud_id" {
  description = "The cloud, as `yc config list` names it."
  type        = string

  validation {
    condition     = can(regex("^[a-z0-9]{20}$", var.cloud_id))
    error_message = "An id has 20 small letters and digits, such as b1g00000000000000000."
  }
}

variable "folder_id" {
  description = "The folder that everything is made in; best one of its own."
  type        = string

  validation {
    condition     = can(regex("^[a-z0-9]{20}$", var.folder_id))
    error_message = "An id has 20 small letters and digits, such as b1g00000000000000000."
  }
}

variable "prefix" {
  description = "Put before every name, so that several stacks fit into one folder (docs/deploy.md says what their keys share)."
  type        = string
  default     = "social-sync"
}

variable "size" {
  description = "How large the database is: small, medium or large (docs/deploy.md has the price of each)."
  type        = string
  default     = "small"

  validation {
    condition     = contains(["small", "medium", "large"], var.size)
    error_message = "small, medium or large."
  }
}

variable "deletion_protection" {
  description = "Whether the database and the key of tokens are kept from being destroyed. Set to false and apply before a destroy."
  type        = bool
  default     = true
}

variable "domain" {
  description = "A domain of your own for the gateway, with its certificate in Certificate Manager. null: the gateway's own."
  type = object({
    fqdn           = string
    certificate_id = string
  })
  default = null
}

variable "rate_limits" {
  description = "Calls of the HTTP API a minute: of an address, of an address to /health, of an ML provider for pictures and callbacks, and of all. null: none are set. Smart Web Security keeps them."
  type = object({
    address_a_minute  = optional(number, 600)
    health_a_minute   = optional(number, 60)
    provider_a_minute = optional(number, 3000)
    all_a_minute      = optional(number, 6000)
  })
  default = {}
}

variable "network" {
  description = "A network that is there already, with a subnet in each of the three zones. null: one is made. A stack stays in the network that it was made in."
  type = object({
    id      = string
    subnets = map(string)
  })
  default = null

  validation {
    condition     = var.network == null || try(length(setsubtract(local.zones, keys(var.network.subnets))) == 0, false)
    error_message = "Name a subnet for each of ru-central1-a, ru-central1-b and ru-central1-d."
  }
}

variable "readers" {
  description = "Addresses, in the network of the stack or reached from it by VPN or peering, from which people and reports may read the database, as 10.0.0.0/24."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for cidr in var.readers : can(cidrnetmask(cidr))])
    error_message = "Addresses with their length, such as 10.0.0.0/24."
  }
}

variable "web_sql" {
  description = "Whether the rows may be read in the console of the cloud (WebSQL)."
  type        = bool
  default     = false
}

variable "postgres_version" {
  description = "Version of PostgreSQL."
  type        = string
  default     = "17"

  validation {
    condition     = contains(["15", "16", "17", "18"], var.postgres_version)
    error_message = "15, 16, 17 or 18."
  }
}

variable "settings" {
  description = "Further settings of functions by their names in shared/runtime/settings.ts and shared/platforms/*/index.ts, such as YOUTUBE_UNITS_PER_DAY or INSTAGRAM_USER_ID. No secrets: these stand in the state."
  type        = map(string)
  default     = {}

  validation {
    condition     = length(setsubtract(keys(var.settings), flatten(values(local.known_settings)))) == 0
    error_message = "No function knows: ${join(", ", setsubtract(keys(var.settings), flatten(values(local.known_settings))))}."
  }

  validation {
    condition     = length([for name in keys(var.settings) : name if can(regex("SECRET|PASSWORD|TOKEN|API_KEY$|^ML_(CALLBACK_)?KEYS$|^MEDIA_KEY$|HEADERS$|^QUEUE_(ACCESS|SECRET)_|^DATABASE_URL$|^CREDENTIALS_KEY$|^STATE_REDIS_URL$|^SMTP_URL$", name))]) == 0
    error_message = "Secrets go into secrets.json, see docs/deploy.md."
  }

  validation {
    condition     = length([for name, value in var.settings : name if can(regex("://[^/@\"]*@", value))]) == 0
    error_message = "An address has a name or password in it, which would stand in the state: ${join(", ", [for name, value in var.settings : name if can(regex("://[^/@\"]*@", value))])}. It belongs into secrets.json (ML_API_KEY, ML_KEYS)."
  }
}

variable "secrets" {
  description = "Names of further secrets in secrets.json that functions are given: YOUTUBE_API_KEY, INSTAGRAM_APP_SECRET, INSTAGRAM_LOGIN_APP_SECRET, TIKTOK_CLIENT_SECRET, TIKTOK_RESEARCH_CLIENT_SECRET, ML_API_KEY, ML_KEYS, ML_CALLBACK_KEYS, MEDIA_KEY, MEDIA_BUCKET_SECRET, STATE_REDIS_URL, SMTP_URL, TELEGRAM_BOT_TOKEN, OTEL_EXPORTER_OTLP_HEADERS."
  type        = set(string)
  default     = ["YOUTUBE_API_KEY"]

  validation {
    condition = length(setsubtract(var.secrets, [
      "YOUTUBE_API_KEY", "INSTAGRAM_APP_SECRET", "INSTAGRAM_LOGIN_APP_SECRET", "TIKTOK_CLIENT_SECRET", "TIKTOK_RESEARCH_CLIENT_SECRET",
      "ML_API_KEY", "ML_KEYS", "ML_CALLBACK_KEYS", "MEDIA_KEY", "MEDIA_BUCKET_SECRET", "STATE_REDIS_URL", "SMTP_URL", "TELEGRAM_BOT_TOKEN", "OTEL_EXPORTER_OTLP_HEADERS"
    ])) == 0
    error_message = "Known are those that the description names."
  }
}

variable "secrets_version" {
  description = "Raise it by one when secrets.json has changed: its values are then read again, and functions get new versions."
  type        = number
  default     = 1

  validation {
    condition     = var.secrets_version >= 1 && floor(var.secrets_version) == var.secrets_version
    error_message = "A whole number, 1 or more."
  }
}

variable "function_tag" {
  description = "The tag of the function versions that triggers and gateway call. $latest follows each apply; another one stays until it is moved (docs/deploy.md, rollback)."
  type        = string
  default     = "$latest"

  validation {
    condition     = can(regex("^(\\$latest|[a-z][-_0-9a-z]*)$", var.function_tag))
    error_message = "A tag has small letters, digits, - and _, and begins with a letter; or it is $latest."
  }
}

variable "alarm_channels" {
  description = "Ids of channels of Monitoring that get the alarms (console: Monitoring, Alerts, Channels)."
  type        = list(string)
  default     = []
}

variable "log_days" {
  description = "Days for which logs are kept."
  type        = number
  default     = 7

  validation {
    condition     = var.log_days >= 1 && var.log_days <= 31
    error_message = "1 to 31."
  }
}

variable "ydb" {
  description = "A serverless YDB for raw answers (docs/ydb.md): request units a second beyond which requests wait, and gigabytes at most. null: they stay in PostgreSQL. Once set it stays: bodies are read from there."
  type = object({
    units_per_second = optional(number, 100)
    storage_gb       = optional(number, 50)
  })
  default = null
}
