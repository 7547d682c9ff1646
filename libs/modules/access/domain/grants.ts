import { type Caller, requireRole } from '#platform/kernel';

export type Grants = Caller['grants'];

const subjectIsKey = /^key:[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/;

/**
 * Handing out grants needs admin on each of their projects; so nobody hands out more than they hold.
 * Throws `auth.forbidden`.
 */
export function requireAdminOf(caller: Caller, grants: Grants): void {
  for (const projectId of Object.keys(grants)) requireRole(caller, 'admin', projectId);
}

/** Subject of whoever acts under an API key, its sign-ins included: revoking the key ends them all. */
export function subjectOfKey(keyId: string): string {
  return `key:${keyId}`;
}

/** The key's id, of a subject that is a key. */
export function keyOfSubject(subject: string): string {
  return subject.slice('key:'.length);
}

/** The id of the API key that a caller acts under: by the key itself, or by a sign-in that was made under it. */
export function keyBehind({ subject, credential }: Caller): string | undefined {
  // Who comes with a token may be called anything, and hangs on no key.
  return credential !== undefined && subjectIsKey.test(subject) ? keyOfSubject(subject) : undefined;
}
