import type { Role } from '@testcast/contracts';

/** Who sent a request, and what they may do. `grants` maps a projectId or `*` to a role. */
export interface Caller {
  readonly subject: string;
  readonly grants: Readonly<Record<string, Role>>;
  /** Epoch milliseconds; absent for credentials that do not expire. */
  readonly expiresAt?: number | undefined;
  /**
   * What the grants hang on, where it can be withdrawn before it expires: a key, a session. Only the `Authenticator` knows
   * what it means; it is no secret.
   */
  readonly credential?: string | undefined;
}

const rank: Record<Role, number> = { read: 1, write: 2, admin: 3 };

/** Whether the caller holds the role, or a higher one, for the project (`*`: for all projects). */
export function holds(caller: Caller, needed: Role, projectId: string): boolean {
  const granted = Math.max(roleRank(caller, projectId), roleRank(caller, '*'));
  return granted >= rank[needed];
}

function roleRank(caller: Caller, key: string): number {
  const role = Object.hasOwn(caller.grants, key) ? caller.grants[key] : undefined;
  return role === undefined ? 0 : rank[role];
}
