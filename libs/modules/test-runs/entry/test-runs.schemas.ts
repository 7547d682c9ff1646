import {
  claimedStatusSchema,
  outcomeSchema,
  projectIdSchema,
  rerunSchema,
  runIdSchema,
  runRefSchema,
  runStatusSchema,
  shardIdSchema,
  testKeySchema,
  variantSchema,
} from '@testcast/contracts';
import { z } from 'zod';

export const projectParamsSchema = z.object({ projectId: projectIdSchema });
export const runParamsSchema = runRefSchema;
export const testParamsSchema = z.object({ projectId: projectIdSchema, runId: runIdSchema, testKey: testKeySchema });

/** An array of items as JSON, or the text of NDJSON. */
export const resultsBodySchema = z.union([z.array(z.unknown()), z.string()], {
  error: 'the body is an array of items, or NDJSON',
});
export const finishBodySchema = z.object({ status: claimedStatusSchema.optional() });

/** `?shard=&variant=&rerun=` as what a report's items do not say themselves. */
export const reportQuerySchema = z
  .object({
    shard: shardIdSchema.optional(),
    variant: variantSchema.optional(),
    rerun: z.coerce.number().pipe(rerunSchema).optional(),
  })
  .transform(({ shard, ...context }) => ({ shardId: shard, ...context }));

const searchSchema = z.string().max(200).optional();
export const testsQuerySchema = z.object({
  outcome: outcomeSchema.optional(),
  search: searchSchema,
  after: testKeySchema.optional(),
  limit: z.coerce.number().int().min(1).max(1000).default(200),
});
export const runsQuerySchema = z.object({
  status: runStatusSchema.optional(),
  branch: z.string().max(500).optional(),
  search: searchSchema,
  after: z.string().max(300).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
});
