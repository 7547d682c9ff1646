export { HealthModule } from './health.module.ts';
export { JsonLogger, type JsonLoggerOptions, type LogLevel, logLevels } from './json-logger.ts';
export { type MetricName, metrics } from './metrics.ts';
export { answerForMetrics, askForMetrics } from './metrics-over-ipc.ts';
export { MetricsModule, type MetricsOptions } from './metrics.module.ts';
export { CpuUsage, memoryPercent } from './process-usage.ts';
export { Readiness, type ReadinessCheck, type ReadinessReport } from './readiness.ts';
export { type OtherMetrics, type ProcessMetrics, Scrape } from './scrape.ts';
