variable "account_id" {
  description = "Number of the account of New Relic."
  type        = number
}

variable "region" {
  description = "Where the account is: US or EU."
  type        = string
  default     = "US"

  validation {
    condition     = contains(["US", "EU"], var.region)
    error_message = "region is US or EU."
  }
}
