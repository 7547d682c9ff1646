import type { Role } from '@testcast/contracts';
import { type Caller, holds } from './caller.ts';
import { DomainError } from './domain-error.ts';

/** What a request shows of who it is; at most one of them is used, in this order. */
export interface Credentials {
  /** From `Authorization: Bearer …`: an API key or a JWT. */
  readonly bearer?: string | undefined;
  /** From `?ticket=` of a WebSocket upgrade: used once. */
  readonly ticket?: string | undefined;
  /** From the session cookie; only for HTTP calls of the page's own origin. */
  readonly session?: string | undefined;
}

/** Port of the platform: who may connect is known by a module. */
export abstract class Authenticator {
  /** Throws `auth.required`, `auth.invalid` or `auth.expired`. */
  abstract authenticate(credentials: Credentials): Promise<Caller>;

  /**
   * Of the `credential`s of callers, those that have been withdrawn since. Asked for connections that are open, every few
   * seconds: whoever is let in only at the door would stay in for as long as the line holds.
   */
  withdrawn(_credentials: readonly string[]): Promise<readonly string[]> {
    return Promise.resolve([]);
  }
}

/** Throws `auth.forbidden` unless the caller holds the role for the project (`*`: for all projects). */
export function requireRole(caller: Caller, role: Role, projectId: string): void {
  if (holds(caller, role, projectId)) return;
  throw new DomainError('auth.forbidden', `This needs ${role} on ${projectId === '*' ? 'all projects' : projectId}.`, {
    details: { needs: { [projectId]: role } },
  });
}
