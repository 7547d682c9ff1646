/** What a connection is doing, for people to see. */
export type ConnectionState =
  /** No answer yet; nothing has been live before. */
  | { readonly name: 'connecting' }
  /** Every watched room has been read to its head. */
  | { readonly name: 'live' }
  /** Connected, and some rooms are still being read; `behind` counts the events still to come, where that is known. */
  | { readonly name: 'catchingUp'; readonly behind?: number | undefined }
  /** `since` and `retryAt` are epoch milliseconds; what was watched goes on from where it was. */
  | { readonly name: 'offline'; readonly since: number; readonly reason: string; readonly retryAt: number }
  /** Over for good: `close()` was called, or the server forbade to come again (`code` is then its close or error code). */
  | { readonly name: 'closed'; readonly reason: string; readonly code?: number | string | undefined };

export type ConnectionStateListener = (state: ConnectionState) => void;
