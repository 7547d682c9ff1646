import { z } from 'zod';

export const projectIdSchema = z.string().regex(/^[a-z0-9-]{1,64}$/, 'a projectId is 1 to 64 of a-z, 0-9 and -');
export const runIdSchema = z
  .string()
  .regex(/^[A-Za-z0-9._~-]{1,128}$/, 'a runId is 1 to 128 of A-Z, a-z, 0-9 and . _ ~ -');
export const shardIdSchema = z
  .string()
  .regex(/^[A-Za-z0-9._~-]{1,128}$/, 'a shardId is 1 to 128 of A-Z, a-z, 0-9 and . _ ~ -');
export const testIdSchema = z.string().min(1).max(1000);
export const variantSchema = z.string().max(200);
/** Made by the server from testId and variant: 16 characters of base64url. */
export const testKeySchema = z.string().regex(/^[A-Za-z0-9_-]{16}$/);
/** Any integer that grows with each execution of a job; CI job ids exceed 32 bits. */
export const rerunSchema = z.int().min(1);
export const attemptSchema = z.int().min(1).max(10_000);
/** Epoch milliseconds. The upper bound is the last instant that a Date can hold. */
export const timestampSchema = z.number().min(0).max(8.64e15).transform(Math.round);
/** Milliseconds; tools write fractions, the log keeps whole ones. */
export const durationSchema = z.number().min(0).max(1e12).transform(Math.round);
/** Days for which runs are kept after their end; 0 = for ever. */
export const retentionDaysSchema = z.int().min(0).max(36_500);
/** A link that somebody gives and that others are shown: any other scheme could run in the page of who follows it. */
export const linkSchema = z.url({ protocol: /^https?$/ }).max(2000);
