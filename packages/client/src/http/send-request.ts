import { asTestcastError, TestcastError } from '../testcast-error.ts';

export type Fetch = typeof globalThis.fetch;
/** A token, or where to get a fresh one before each request. */
export type TokenSource = string | (() => string | Promise<string>);

export interface HttpRequest {
  method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  path: string;
  query?: Record<string, string | number | boolean | undefined> | undefined;
  /** Sent as JSON. */
  json?: unknown;
  /** Sent as it is; a stream goes out chunked. */
  body?: string | Blob | ReadableStream<Uint8Array> | undefined;
  contentType?: string | undefined;
  timeoutMs?: number | undefined;
  signal?: AbortSignal | undefined;
}

export interface HttpSettings {
  baseUrl: string;
  token: TokenSource | undefined;
  timeoutMs: number;
  fetch: Fetch;
}

/**
 * One request and its JSON answer (undefined for an empty one). Throws only TestcastError: the server's own one where it
 * sent one; no network, no answer in time and unreadable answers of a proxy are temporary.
 */
export async function sendRequest(settings: HttpSettings, request: HttpRequest): Promise<unknown> {
  const deadline = new AbortController();
  const timer = setTimeout(() => deadline.abort(), request.timeoutMs ?? settings.timeoutMs);
  const signal = request.signal === undefined ? deadline.signal : AbortSignal.any([deadline.signal, request.signal]);
  try {
    const response = await settings.fetch(urlOf(settings.baseUrl, request), await initOf(settings, request, signal));
    const text = await response.text();
    if (!response.ok) throw errorOf(response, text);
    return parsed(response, text);
  } catch (error) {
    if (error instanceof TestcastError) throw error;
    if (request.signal?.aborted === true) {
      throw new TestcastError('request.aborted', 'The request was aborted.', { temporary: true, cause: error });
    }
    if (deadline.signal.aborted) {
      throw new TestcastError('network.timeout', 'The server did not answer in time.', {
        temporary: true,
        cause: error,
      });
    }
    throw asTestcastError(describeNetworkFailure(error));
  } finally {
    clearTimeout(timer);
  }
}

function urlOf(baseUrl: string, { path, query = {} }: HttpRequest): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value !== undefined) search.set(name, String(value));
  const text = search.toString();
  return `${baseUrl}${path}${text === '' ? '' : `?${text}`}`;
}

async function initOf(settings: HttpSettings, request: HttpRequest, signal: AbortSignal): Promise<RequestInit> {
  const headers: Record<string, string> = { accept: 'application/json' };
  const token = typeof settings.token === 'function' ? await settings.token() : settings.token;
  if (token !== undefined) headers['authorization'] = `Bearer ${token}`;
  const init: RequestInit & { duplex?: 'half' } = {
    method: request.method,
    headers,
    signal,
    credentials: 'same-origin',
  };
  if (request.json !== undefined) {
    headers['content-type'] = 'application/json';
    init.body = JSON.stringify(request.json);
  } else if (request.body !== undefined) {
    if (request.contentType !== undefined) headers['content-type'] = request.contentType;
    init.body = request.body;
    // Without it fetch refuses a stream as a body.
    if (request.body instanceof ReadableStream) init.duplex = 'half';
  }
  return init;
}

function parsed(response: Response, text: string): unknown {
  if (text === '') return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    // A captive portal or a proxy's page with status 200: not our server, so it may be there later.
    throw new TestcastError('response.unreadable', 'The answer is not JSON: is this address a Testcast server?', {
      temporary: true,
      status: response.status,
      cause,
    });
  }
}

function errorOf(response: Response, text: string): TestcastError {
  const retryAfterMs = retryAfterOf(response.headers.get('retry-after'));
  const body = wireErrorOf(text);
  if (body !== undefined) {
    return new TestcastError(body.code, body.message, {
      temporary: body.temporary,
      retryAfterMs: body.retryAfterMs ?? retryAfterMs,
      details: body.details,
      status: response.status,
    });
  }
  // From something between us and the server, such as a balancer with no backend.
  const temporary = response.status >= 500 || response.status === 408 || response.status === 429;
  const code = temporary ? 'network.failed' : 'response.unreadable';
  return new TestcastError(code, `The server answered ${response.status} ${response.statusText}`.trim(), {
    temporary,
    retryAfterMs,
    status: response.status,
  });
}

interface WireError {
  code: string;
  message: string;
  temporary: boolean;
  retryAfterMs?: number;
  details?: unknown;
}

function wireErrorOf(text: string): WireError | undefined {
  try {
    const { error } = JSON.parse(text) as { error?: Partial<WireError> };
    if (typeof error?.code !== 'string') return undefined;
    return { ...error, code: error.code, message: error.message ?? error.code, temporary: error.temporary === true };
  } catch {
    return undefined;
  }
}

/** Milliseconds from a Retry-After header: seconds, or a date. */
export function retryAfterOf(header: string | null | undefined, now = Date.now()): number | undefined {
  if (header === null || header === undefined || header.trim() === '') return undefined;
  const seconds = Number(header);
  if (Number.isFinite(seconds)) return Math.max(0, seconds * 1000);
  const date = Date.parse(header);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}

// Node's fetch says only "fetch failed"; what a person needs (ECONNREFUSED, ENOTFOUND) is in its cause.
function describeNetworkFailure(error: unknown): Error {
  const cause = error instanceof Error ? error.cause : undefined;
  const known = cause as { code?: string; message?: string } | undefined;
  const reason = known?.message !== undefined && known.message !== '' ? known.message : known?.code;
  if (reason === undefined) return error instanceof Error ? error : new Error(String(error));
  return new Error(`The server cannot be reached: ${reason}`, { cause: error });
}
