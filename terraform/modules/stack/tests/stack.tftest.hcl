# `terraform test` in this folder; no provider is needed.

variables {
  prefix = "tests"
  serverless = {
    provider = { runtime = "nodejs22" }
    functions = {
      extract-youtube = {
        handler    = "dist/extract-youtube/index.handler"
        memorySize = 256
        timeout    = "300"
        events = [
          { cron = { expression = "*/5 * * * ? *" } },
          { ymq = { queue = "extract-youtube", batch = 10, cutoff = 1 } },
        ]
      }
      sync = { handler = "dist/sync/index.handler", memorySize = 256, timeout = "30" }
    }
    custom = {
      functions = {
        extract-youtube = { instances = 1, environment = ["TRANSFORM_QUEUE_URL"], secrets = ["DATABASE_URL"] }
        sync            = { instances = 2, environment = ["KMS_KEY_ID"], secrets = ["API_KEY"] }
      }
      queues = { extract-youtube = { visibility = 630, retention = 3600 } }
    }
  }
}

run "reads_functions_timers_and_rings" {
  assert {
    condition     = output.functions["extract-youtube"].entrypoint == "index.handler"
    error_message = "the entry point is the file without its ending, and the export"
  }
  assert {
    condition     = output.functions["sync"].name == "tests-sync" && output.functions["sync"].uses_kms
    error_message = "names have the prefix, and who names KMS_KEY_ID uses the key"
  }
  assert {
    condition     = [for timer in values(output.timers) : "${timer.function} ${timer.cron}"] == ["extract-youtube */5 * * * ? *"]
    error_message = "one timer"
  }
  assert {
    condition     = output.rings["extract-youtube"].visibility == 630
    error_message = "one ring queue"
  }
}

run "refuses_a_ring_that_is_shown_again_while_its_function_runs" {
  command = plan
  variables {
    serverless = {
      provider = { runtime = "nodejs22" }
      functions = {
        a = { handler = "dist/a/index.handler", memorySize = 256, timeout = "60", events = [{ ymq = { queue = "a", batch = 10, cutoff = 1 } }] }
      }
      custom = {
        functions = { a = { instances = 1, environment = [], secrets = [] } }
        queues    = { a = { visibility = 120, retention = 3600 } }
      }
    }
  }
  expect_failures = [output.rings]
}

run "refuses_a_cron_expression_with_two_days" {
  command = plan
  variables {
    serverless = {
      provider = { runtime = "nodejs22" }
      functions = {
        a = { handler = "dist/a/index.handler", memorySize = 256, timeout = "60", events = [{ cron = { expression = "0 2 * * * *" } }] }
      }
      custom = { functions = { a = { instances = 1, environment = [], secrets = [] } }, queues = {} }
    }
  }
  expect_failures = [output.timers]
}

run "refuses_a_prefix_that_is_too_short" {
  command = plan
  variables {
    prefix = "ab"
  }
  expect_failures = [var.prefix]
}

run "refuses_a_prefix_that_names_cannot_have" {
  command = plan
  variables {
    prefix = "Tests_"
  }
  expect_failures = [var.prefix]
}
