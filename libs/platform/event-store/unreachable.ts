const retryableStates = new Set([
  '40001', // serialization failure
  '40P01', // deadlock
  '53300', // too many connections
  '55P03', // lock not available
  '57P01', // terminated by an administrator, or by a shutdown
  '57P02', // another process crashed
  '57P03', // starting up, or shutting down
  '57P05', // idle session timeout
  '25006', // read only: what we reached is a standby by now
]);

const brokenSocket = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOENT', // a Unix socket whose server is gone
]);

/** What pg says, without a code, of connections that broke or did not come up. */
const brokenClient =
  /connection terminated|connection error|not queryable|client was closed|timeout exceeded|timeout expired|query read timeout|cannot use a pool/i;

/**
 * Whether an error of pg (or of TypeORM around it) says that the server could not be reached, or lost the statement
 * through no fault of its own, so that the same statement may succeed later.
 */
export function isUnreachable(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = (error as { code?: unknown }).code;
  // An SQLSTATE of class 08 is a broken connection.
  if (typeof code === 'string') return retryableStates.has(code) || brokenSocket.has(code) || /^08\w{3}$/.test(code);
  if (error instanceof AggregateError) return error.errors.some(isUnreachable);
  const cause = (error as { driverError?: unknown }).driverError ?? error.cause;
  return brokenClient.test(error.message) || (cause !== undefined && isUnreachable(cause));
}
