import { projectIdSchema, roleSchema } from '@testcast/contracts';
import { z } from 'zod';

const grantedProjects = 200;

/** `{"<projectId or *>": "read" | "write" | "admin"}` with 1 to 200 entries. */
export const grantsSchema = z
  .record(z.union([z.literal('*'), projectIdSchema]), roleSchema)
  .refine((grants) => Object.keys(grants).length > 0, 'at least one grant is needed')
  .refine((grants) => Object.keys(grants).length <= grantedProjects, `at most ${grantedProjects} grants are taken`);
