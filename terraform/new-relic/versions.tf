terraform {
  required_version = ">= 1.11"

  required_providers {
    newrelic = {
      source  = "newrelic/newrelic"
      version = "3.94.0"
    }
  }
}

# The user key is read from NEW_RELIC_API_KEY, so that it stands in no file.
provider "newrelic" {
  account_id = var.account_id
  region     = var.region
}
