import { z } from 'zod';

export const attemptStatuses = ['passed', 'failed', 'timedOut', 'skipped', 'interrupted'] as const;
export const attemptStatusSchema = z.enum(attemptStatuses);
export type AttemptStatus = z.infer<typeof attemptStatusSchema>;

export const outcomes = ['passed', 'failed', 'flaky', 'skipped', 'pending'] as const;
export const outcomeSchema = z.enum(outcomes);
export type Outcome = z.infer<typeof outcomeSchema>;

export const runStatuses = ['running', 'passed', 'failed', 'interrupted', 'cancelled'] as const;
export const runStatusSchema = z.enum(runStatuses);
export type RunStatus = z.infer<typeof runStatusSchema>;

/** What a sender may claim of a run at its end. */
export const claimedStatusSchema = z.enum(['passed', 'failed', 'interrupted']);
export type ClaimedStatus = z.infer<typeof claimedStatusSchema>;

export const roles = ['read', 'write', 'admin'] as const;
export const roleSchema = z.enum(roles);
export type Role = z.infer<typeof roleSchema>;
