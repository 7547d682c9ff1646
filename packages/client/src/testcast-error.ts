import { errorCatalogue, type WireErrorBody } from '@testcast/contracts';

/** Errors that arise on this side of the wire, beside those of the server's catalogue. */
export type ClientErrorCode =
  | 'network.failed'
  | 'network.timeout'
  | 'request.aborted'
  | 'connection.closed'
  | 'connection.queue-full'
  | 'response.unreadable';

export interface TestcastErrorDetails {
  temporary: boolean;
  retryAfterMs?: number | undefined;
  details?: unknown;
  /** HTTP status, where there was an answer. */
  status?: number | undefined;
  cause?: unknown;
}

/** Every failure of this package. `temporary` means that the same request may succeed later, and repeating it is safe. */
export class TestcastError extends Error {
  override readonly name = 'TestcastError';
  readonly code: string;
  readonly temporary: boolean;
  readonly retryAfterMs: number | undefined;
  readonly details: unknown;
  readonly status: number | undefined;

  constructor(code: string, message: string, about: TestcastErrorDetails) {
    super(message, about.cause === undefined ? undefined : { cause: about.cause });
    this.code = code;
    this.temporary = about.temporary;
    this.retryAfterMs = about.retryAfterMs;
    this.details = about.details;
    this.status = about.status;
  }

  /** From an error as it stands in a reply of the socket or in a body of HTTP. */
  static fromWire(error: WireErrorBody, status?: number): TestcastError {
    const known = errorCatalogue[error.code as keyof typeof errorCatalogue];
    return new TestcastError(error.code, error.message, {
      temporary: error.temporary,
      retryAfterMs: error.retryAfterMs,
      details: error.details,
      status: status ?? known?.status,
    });
  }
}

/** Anything that was thrown, as a TestcastError: what is not one becomes a temporary `network.failed`. */
export function asTestcastError(error: unknown): TestcastError {
  if (error instanceof TestcastError) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new TestcastError('network.failed', message, { temporary: true, cause: error });
}
