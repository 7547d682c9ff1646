import type { Request } from 'express';
import { type Credentials, DomainError } from '#platform/kernel';
import { originOf } from './request-origin.ts';
import { sessionCookie } from './session-cookie.ts';

/**
 * What a request shows of who it is. The session cookie counts only for calls of the page's own origin: SameSite=Strict
 * alone would let a page on another port of the same host (another tool on localhost) post with it.
 * Throws `auth.origin` where the cookie is all there is and the call comes from elsewhere.
 */
export function credentialsOf(request: Request, publicOrigin?: string): Credentials {
  const bearer = bearerOf(request.headers.authorization);
  if (bearer !== undefined) return { bearer };
  const session = sessionCookie.read(request.headers.cookie);
  if (session === undefined) return {};
  if (!isOwnOrigin(request, publicOrigin)) {
    throw new DomainError(
      'auth.origin',
      'A session counts only for calls of its own origin; send a key as Bearer token.',
    );
  }
  return { session };
}

function bearerOf(header: string | undefined): string | undefined {
  const match = /^Bearer +(\S+) *$/i.exec(header ?? '');
  return match?.[1];
}

function isOwnOrigin(request: Request, publicOrigin: string | undefined): boolean {
  const site = request.headers['sec-fetch-site'];
  if (request.method === 'GET' || request.method === 'HEAD') return site !== 'cross-site';
  if (site !== undefined) return site === 'same-origin';
  // Browsers that send no Sec-Fetch-Site do send Origin with every call that is not a GET.
  const { origin } = request.headers;
  return origin !== undefined && (origin === originOf(request) || origin === publicOrigin);
}
