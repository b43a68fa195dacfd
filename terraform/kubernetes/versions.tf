terraform {
  required_version = ">= 1.11"

  required_providers {
    yandex = {
      source  = "yandex-cloud/yandex"
      version = "0.222.0"
    }
  }
}

# The token is read from YC_TOKEN (`yc iam create-token`), so that it stands in no file.
provider "yandex" {
  cloud_id  = var.cloud_id
  folder_id = var.folder_id
  zone      = "ru-central1-a"
}
