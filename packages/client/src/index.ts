export { TestcastError, asTestcastError, type ClientErrorCode } from './testcast-error.ts';
export { TestcastHttp, type CallOptions, type HttpOptions } from './http/testcast-http.ts';
export type * from './http/http-types.ts';
export type { Fetch, TokenSource } from './http/send-request.ts';
export type { ConnectionState, ConnectionStateListener } from './connection/connection-state.ts';
export type { RunObserver, RunWatch } from './watch/watch-run.ts';
export type { ProjectObserver, ProjectWatch } from './watch/watch-project.ts';
