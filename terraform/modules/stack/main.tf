# What serverless.yml says, as terraform wants it. Knows no provider, so that it is tested without one.

terraform {
  required_version = ">= 1.11"
}

variable "serverless" {
  description = "serverless.yml, decoded."
  type        = any
}

variable "prefix" {
  description = "Put before every name, so that several stacks fit into one folder."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,20}[a-z0-9]$", var.prefix))
    error_message = "A prefix has 3 to 22 lower-case letters, digits and dashes, and begins with a letter."
  }
}

locals {
  # Calls in a zone for each instance: one that runs, and one that waits for it.
  waiting = 2

  functions = {
    for name, one in var.serverless.functions : name => {
      name        = "${var.prefix}-${name}"
      entrypoint  = "${split(".", basename(one.handler))[0]}.${split(".", basename(one.handler))[1]}"
      memory      = one.memorySize
      timeout     = tonumber(one.timeout)
      instances   = var.serverless.custom.functions[name].instances
      environment = toset(var.serverless.custom.functions[name].environment)
      secrets     = toset(var.serverless.custom.functions[name].secrets)
      uses_kms    = contains(var.serverless.custom.functions[name].environment, "KMS_KEY_ID")
    }
  }

  events = flatten([
    for name, one in var.serverless.functions : [
      for event in try(one.events, []) : merge({ function = name }, event)
    ]
  ])

  timers = {
    for event in local.events : "${event.function}-${replace(replace(replace(event.cron.expression, " ", "_"), "*", "x"), "?", "o")}" => {
      function = event.function
      cron     = event.cron.expression
    } if can(event.cron)
  }

  rings = {
    for event in local.events : event.ymq.queue => {
      function   = event.function
      batch      = event.ymq.batch
      cutoff     = event.ymq.cutoff
      visibility = var.serverless.custom.queues[event.ymq.queue].visibility
      retention  = var.serverless.custom.queues[event.ymq.queue].retention
    } if can(event.ymq)
  }
}

output "runtime" {
  description = "Runtime of every function."
  value       = var.serverless.provider.runtime
}

output "waiting" {
  description = "Calls in a zone for each instance."
  value       = local.waiting
}

output "functions" {
  description = "Functions by their names in serverless.yml."
  value       = local.functions

  precondition {
    condition     = length(local.functions) <= 8
    error_message = "A cloud has 10 functions by default: a stack takes 8 at most."
  }
}

output "timers" {
  description = "Timer triggers: each a function and a cron expression in UTC."
  value       = local.timers

  precondition {
    condition = alltrue([
      for timer in values(local.timers) :
      length(split(" ", timer.cron)) == 6 || length(split(" ", timer.cron)) == 5
    ])
    error_message = "A cron expression has five fields, and a year at will: minutes hours day-of-month month day-of-week."
  }

  precondition {
    condition = alltrue([
      for timer in values(local.timers) :
      (split(" ", timer.cron)[2] == "?") != (split(" ", timer.cron)[4] == "?")
    ])
    error_message = "Exactly one of day-of-month and day-of-week is a question mark."
  }
}

output "rings" {
  description = "Ring queues by name, with the function that each starts. Seconds."
  value       = local.rings

  precondition {
    condition     = alltrue([for ring in values(local.rings) : ring.visibility > local.waiting * local.functions[ring.function].timeout])
    error_message = "A ring stays hidden longer than its function may wait for an instance and run, or it is delivered twice."
  }

  precondition {
    condition     = alltrue([for ring in values(local.rings) : ring.cutoff <= 20 && ring.batch <= 1000])
    error_message = "A batch has 1000 messages at most and waits 20 seconds at most."
  }
}
