import { linkSchema } from '@testcast/contracts';

/** An item as it was sent, or without the fields named. */
export interface KeptItem {
  readonly raw: unknown;
  readonly leftOut?: string[];
}

/**
 * Leaves out a `jobUrl` that is no http or https URL: who follows `javascript:` runs it in the page. The announcement of
 * a shard without it is worth more than none, since the end of the run waits for as many as were announced.
 */
export function withoutBadLink(raw: unknown): KeptItem {
  if (raw === null || typeof raw !== 'object' || !('jobUrl' in raw)) return { raw };
  if (linkSchema.optional().safeParse(raw.jobUrl).success) return { raw };
  const { jobUrl: _, ...rest } = raw;
  return { raw: rest, leftOut: ['jobUrl'] };
}
