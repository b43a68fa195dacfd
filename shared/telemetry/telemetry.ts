/** What a function exports, and how it is sent. */
export interface Telemetry {
  /** Whether metrics are exported; what is costly to find out is asked only then. */
  readonly enabled: boolean
  /** Sends what has been recorded. Never throws and takes a second at most, whatever the collector does. */
  flush(): Promise<void>
}

export interface TelemetrySettings {
  readonly OTEL_EXPORTER_OTLP_ENDPOINT?: string | undefined
  readonly OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf' | 'http/json'
  /** Each signal by itself: sent over OTLP, or not at all. */
  readonly OTEL_TRACES_EXPORTER: 'otlp' | 'none'
  readonly OTEL_METRICS_EXPORTER: 'otlp' | 'none'
  readonly OTEL_LOGS_EXPORTER: 'otlp' | 'none'
  /** Share of syncs that are traced, from 0 to 1. */
  readonly OTEL_TRACES_SAMPLER_ARG: number
}

const off: Telemetry = { enabled: false, flush: async () => undefined }

/** Starts the export when a collector is named; only then is the SDK loaded. A failure in that is logged and does no harm. */
export async function openTelemetry(
  settings: TelemetrySettings,
  onFault: (error: unknown) => void = () => undefined,
): Promise<Telemetry> {
  if (!settings.OTEL_EXPORTER_OTLP_ENDPOINT) return off
  try {
    const { startOtlp } = await import('./otlp.ts')
    return startOtlp(settings)
  } catch (error) {
    onFault(error)
    return off
  }
}
