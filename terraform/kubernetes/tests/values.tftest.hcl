# Over a provider that makes everything up: what the chart is given when all is there.
mock_provider "yandex" {}

run "flow" {
  assert {
    condition     = output.values.variant == "flow" && startswith(output.values.image.repository, "cr.yandex/")
    error_message = "the chart is given the variant and the image"
  }

  assert {
    condition = (
      can(regex("^postgres://social_sync_run@c-.+\\.rw\\.mdb\\.yandexcloud\\.net:6432/social_sync$", output.values.settings.DATABASE_URL)) &&
      can(regex("^rediss://c-.+\\.rw\\.mdb\\.yandexcloud\\.net:6380$", output.values.settings.REDIS_URL)) &&
      output.values.settings.DATABASE_CA == output.values.settings.REDIS_CA
    )
    error_message = "the chart is given addresses, without passwords, and whom to trust"
  }
}

run "temporal" {
  variables {
    variant = "temporal"
  }

  assert {
    condition     = output.values.variant == "temporal" && !can(output.values.settings.REDIS_URL)
    error_message = "with Temporal there is no Redis"
  }
}
