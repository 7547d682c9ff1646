import { z } from 'zod';

export const exportFormat = 'testcast.run-export.v1';

/** The first line of an export. */
export const exportHeaderSchema = z.object({
  format: z.literal(exportFormat),
  projectId: z.string(),
  runId: z.string(),
  /** Of the log that the positions are of. */
  epoch: z.string(),
  streams: z.int().min(0),
  /** Lines that follow. */
  events: z.int().min(0),
});
export type ExportHeader = z.infer<typeof exportHeaderSchema>;

/** Each further line: an event of the log as it was, stream after stream, in the order of the versions. */
export const exportedEventSchema = z.object({
  stream: z.string(),
  version: z.int().min(1),
  slot: z.int().min(0),
  position: z.int().min(1),
  eventId: z.uuid(),
  type: z.string(),
  at: z.number(),
  recordedAt: z.number(),
  data: z.record(z.string(), z.unknown()),
  detail: z.record(z.string(), z.unknown()).optional(),
});
export type ExportedEvent = z.infer<typeof exportedEventSchema>;
