export { HealthModule } from './health.module.ts';
export { JsonLogger, type JsonLoggerOptions, type LogLevel, logLevels } from './json-logger.ts';
export { type MetricName, metrics } from './metrics.ts';
export { MetricsModule } from './metrics.module.ts';
export { Readiness, type ReadinessCheck, type ReadinessReport } from './readiness.ts';
