import { type ErrorCode, errorCatalogue, type WireErrorBody } from '@testcast/contracts';

export interface DomainErrorOptions {
  details?: unknown;
  retryAfterMs?: number;
  cause?: unknown;
}

/** An error of the catalogue. One filter maps it for HTTP, one for the socket; anything else becomes `internal`. */
export class DomainError extends Error {
  override readonly name = 'DomainError';
  readonly temporary: boolean;
  readonly status: number;
  readonly details: unknown;
  readonly retryAfterMs: number | undefined;

  constructor(
    readonly code: ErrorCode,
    message: string = errorCatalogue[code].says,
    options: DomainErrorOptions = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.temporary = errorCatalogue[code].temporary;
    this.status = errorCatalogue[code].status;
    this.details = options.details;
    this.retryAfterMs = options.retryAfterMs;
  }

  toBody(): WireErrorBody {
    return {
      code: this.code,
      message: this.message,
      temporary: this.temporary,
      ...(this.retryAfterMs === undefined ? {} : { retryAfterMs: this.retryAfterMs }),
      ...(this.details === undefined ? {} : { details: this.details }),
    };
  }
}

/** What a caller may see of any error: one of the catalogue as it is, everything else as `internal` without a word. */
export function toDomainError(error: unknown): DomainError {
  return error instanceof DomainError ? error : new DomainError('internal', undefined, { cause: error });
}
