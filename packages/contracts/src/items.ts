import { z } from 'zod';
import {
  attemptSchema,
  durationSchema,
  linkSchema,
  rerunSchema,
  shardIdSchema,
  testIdSchema,
  timestampSchema,
  variantSchema,
} from './ids.ts';
import { attemptStatusSchema } from './statuses.ts';

const common = { at: timestampSchema, itemId: z.string().min(1).max(200).optional() };

const test = {
  testId: testIdSchema,
  variant: variantSchema.optional(),
  title: z.string().max(2000).optional(),
  suite: z.array(z.string().max(1000)).max(50).optional(),
  file: z.string().max(1000).optional(),
  line: z.int().min(0).optional(),
};

export const testErrorSchema = z.object({
  message: z.string(),
  stack: z.string().optional(),
  snippet: z.string().optional(),
});

export interface Step {
  title: string;
  durationMs?: number | undefined;
  status?: string | undefined;
  error?: string | undefined;
  steps?: Step[] | undefined;
}
export const stepSchema: z.ZodType<Step> = z.object({
  title: z.string(),
  durationMs: durationSchema.optional(),
  status: z.string().max(40).optional(),
  error: z.string().optional(),
  get steps() {
    return z.array(stepSchema).optional();
  },
}) as z.ZodType<Step>;

export const testPlannedSchema = z.object({ kind: z.literal('test.planned'), ...common, ...test });
export const testStartedSchema = z.object({
  kind: z.literal('test.started'),
  ...common,
  ...test,
  attempt: attemptSchema.default(1),
  worker: z.string().max(200).optional(),
  parameters: z.record(z.string().max(200), z.string().max(2000)).optional(),
  tags: z.array(z.string().max(200)).max(100).optional(),
  owner: z.string().max(200).optional(),
});
export const testFinishedSchema = z.object({
  kind: z.literal('test.finished'),
  ...common,
  ...test,
  attempt: attemptSchema.default(1),
  status: attemptStatusSchema,
  rawStatus: z.string().max(200).optional(),
  willRetry: z.boolean().optional(),
  durationMs: durationSchema,
  worker: z.string().max(200).optional(),
  parameters: z.record(z.string().max(200), z.string().max(2000)).optional(),
  tags: z.array(z.string().max(200)).max(100).optional(),
  owner: z.string().max(200).optional(),
  error: testErrorSchema.optional(),
  steps: z.array(stepSchema).max(10_000).optional(),
});
export const shardStartedSchema = z.object({
  kind: z.literal('shard.started'),
  ...common,
  shardId: shardIdSchema,
  total: z.int().min(1).max(100_000).optional(),
  variant: variantSchema.optional(),
  rerun: rerunSchema.optional(),
  expectedTests: z.int().min(0).optional(),
  /** Left out by the server, with a word in the answer, where it is anything else than a link. */
  jobUrl: linkSchema.optional(),
});
export const shardFinishedSchema = z.object({
  kind: z.literal('shard.finished'),
  ...common,
  shardId: shardIdSchema,
  rerun: rerunSchema.optional(),
});
export const outputSchema = z.object({
  kind: z.literal('output'),
  ...common,
  testId: testIdSchema.optional(),
  variant: variantSchema.optional(),
  attempt: attemptSchema.optional(),
  stream: z.enum(['stdout', 'stderr']),
  seq: z.int().min(0),
  text: z.string(),
});

/** One thing that a sender reports; see PROTOCOL "Result items". */
export const resultItemSchema = z.discriminatedUnion('kind', [
  testPlannedSchema,
  testStartedSchema,
  testFinishedSchema,
  shardStartedSchema,
  shardFinishedSchema,
  outputSchema,
]);
export type ResultItem = z.infer<typeof resultItemSchema>;
/** The same before defaults are filled in: what a sender writes. */
export type ResultItemInput = z.input<typeof resultItemSchema>;
export type TestItem = Extract<ResultItem, { kind: 'test.planned' | 'test.started' | 'test.finished' }>;
export type ShardItem = Extract<ResultItem, { kind: 'shard.started' | 'shard.finished' }>;
export type OutputItem = Extract<ResultItem, { kind: 'output' }>;

/** What holds for all items of a request that do not say otherwise. */
export const reportContextSchema = z.object({
  shardId: shardIdSchema.optional(),
  variant: variantSchema.optional(),
  rerun: rerunSchema.optional(),
});
export type ReportContext = z.infer<typeof reportContextSchema>;

/**
 * The answer to one item, at the item's index. `rejected` is permanent. `leftOut` names fields of an item that was taken
 * without them: a `jobUrl` that is no http or https URL.
 */
export type ItemResult =
  | { index: number; status: 'appended'; offset: number; leftOut?: string[] }
  | { index: number; status: 'duplicate'; offset: number; leftOut?: string[] }
  | { index: number; status: 'rejected'; offset?: number; error: { code: string; message: string; details?: unknown } };
