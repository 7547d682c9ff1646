import { projectIdSchema, type Role, roleSchema } from '@testcast/contracts';
import { type Caller, requireRole } from '#platform/kernel';
import { z } from 'zod';

const grantedProjects = 200;

/** `{"<projectId or *>": "read" | "write" | "admin"}` with 1 to 200 entries. */
export const grantsSchema = z
  .record(z.union([z.literal('*'), projectIdSchema]), roleSchema)
  .refine((grants) => Object.keys(grants).length > 0, 'at least one grant is needed')
  .refine((grants) => Object.keys(grants).length <= grantedProjects, `at most ${grantedProjects} grants are taken`);
export type Grants = Readonly<Record<string, Role>>;

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
