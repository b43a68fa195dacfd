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
  description = "Put before every name."
  type        = string
  default     = "social-sync-k8s"

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,20}[a-z0-9]$", var.prefix))
    error_message = "A prefix has 3 to 22 lower-case letters, digits and dashes, and begins with a letter."
  }
}

variable "variant" {
  description = "flow: with Managed Valkey; temporal: without, the address of your Temporal goes into the values of the chart."
  type        = string
  default     = "flow"

  validation {
    condition     = contains(["flow", "temporal"], var.variant)
    error_message = "flow or temporal."
  }
}

variable "size" {
  description = "small, medium or large (deploy/README.md says for how many accounts)."
  type        = string
  default     = "small"

  validation {
    condition     = contains(["small", "medium", "large"], var.size)
    error_message = "small, medium or large."
  }
}

variable "kubernetes_version" {
  description = "Version of Kubernetes."
  type        = string
  default     = "1.33"

  validation {
    condition     = can(regex("^1\\.(3[3-9]|[4-9][0-9])$", var.kubernetes_version))
    error_message = "1.33 or later."
  }
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

variable "administrators" {
  description = "Addresses from which the cluster is administered with kubectl and helm, as 203.0.113.7/32."
  type        = list(string)

  validation {
    condition     = alltrue([for cidr in var.administrators : can(cidrnetmask(cidr)) && cidr != "0.0.0.0/0"])
    error_message = "Addresses with their length, such as 203.0.113.7/32, and not all of them."
  }
}

variable "passwords" {
  description = "Of the database (migrate, run, read) and of Valkey; they stand neither in a plan nor in the state. TF_VAR_passwords, see deploy/README.md."
  type        = object({ migrate = string, run = string, read = string, valkey = optional(string, "") })
  sensitive   = true
  ephemeral   = true

  validation {
    condition     = alltrue([for name, one in var.passwords : length(one) >= 16 if name != "valkey" || var.variant == "flow"])
    error_message = "A password has at least 16 characters."
  }
}

variable "passwords_version" {
  description = "Raise it by one when the passwords have changed."
  type        = number
  default     = 1
}

variable "authority" {
  description = "A file with the authority of managed databases: https://storage.yandexcloud.net/cloud-certs/RootCA.pem"
  type        = string
  default     = "RootCA.pem"

  validation {
    condition     = fileexists(var.authority)
    error_message = "Fetch it first: curl -o terraform/kubernetes/RootCA.pem https://storage.yandexcloud.net/cloud-certs/RootCA.pem"
  }
}

variable "deletion_protection" {
  description = "Whether the database is kept from being destroyed. Set to false and apply before a destroy."
  type        = bool
  default     = true
}
