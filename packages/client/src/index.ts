export { TestcastError, asTestcastError, type ClientErrorCode } from './testcast-error.ts';
export { Backoff, type BackoffOptions } from './connection/backoff.ts';
export { TestcastHttp, type CallOptions, type HttpOptions } from './http/testcast-http.ts';
export type * from './http/http-types.ts';
export type { Fetch, TokenSource } from './http/send-request.ts';
export type { ConnectionState, ConnectionStateListener } from './connection/connection-state.ts';
export { createClient } from './create-client.ts';
export type { ClientOptions, TestcastClient } from './testcast-client.ts';
export { TestcastConnection, type ConnectionOptions } from './connection/testcast-connection.ts';
export type { StreamObserver, StreamReset, StreamWatch } from './connection/stream-subscription.ts';
export type { StateObserver, StateWatch } from './connection/state-subscription.ts';
export { watchRun, type RunWatch } from './watch/watch-run.ts';
export type { RunObserver } from './watch/run-observer.ts';
export { watchProject, type ProjectObserver, type ProjectWatch } from './watch/watch-project.ts';
export { createReporter } from './reporting/create-reporter.ts';
export {
  describeTotals,
  type CloseOptions,
  type ReportedItem,
  type Reporter,
  type ReporterOptions,
  type ReportProblemNote,
  type ReportTotals,
} from './reporting/reporter.ts';
export type { Spill } from './reporting/spill.ts';
export { uuidV7 } from './uuid-v7.ts';
export { detectCi, idOf, type CiRun } from './ci/detect-ci.ts';
export { ciProviders } from './ci/ci-providers.ts';
export type { CiProvider, Environment } from './ci/ci-provider.ts';
