/**
 * Classes of SQLSTATE that tell of the server and not of the statement: 08 the connection broke, 53 its disk, memory or
 * connections are used up, 57 somebody or a shutdown stepped in, or a statement took longer than it may.
 */
const serverClasses = /^(?:08|53|57)[\dA-Z]{3}$/;

const retryableStates = new Set([
  '40001', // serialization failure
  '40P01', // deadlock
  '55P03', // lock not available
  '58030', // its disk does not read or write
  '25006', // read only: what we reached is a standby by now
  '55000', // so is what says that recovery is in progress, where it was asked for its timeline
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
 * Whether an error of pg (or of TypeORM around it) says that the server could not be reached, could not serve it for
 * now, or lost the statement through no fault of its own, so that the same statement may succeed later.
 */
export function isUnreachable(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = (error as { code?: unknown }).code;
  if (typeof code === 'string') return serverClasses.test(code) || retryableStates.has(code) || brokenSocket.has(code);
  if (error instanceof AggregateError) return error.errors.some(isUnreachable);
  const cause = (error as { driverError?: unknown }).driverError ?? error.cause;
  return brokenClient.test(error.message) || (cause !== undefined && isUnreachable(cause));
}
