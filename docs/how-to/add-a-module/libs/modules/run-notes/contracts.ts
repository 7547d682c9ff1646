import { projectIdSchema, runIdSchema } from '@testcast/contracts';
import { z } from 'zod';

/** What people say of a run while they look at it: the published language of this module. */
export const addNoteSchema = z.object({
  projectId: projectIdSchema,
  runId: runIdSchema,
  /** Made by the sender, so that a repeat after a lost answer is no second note. */
  noteId: z.uuid(),
  text: z.string().trim().min(1).max(2000),
});

export type AddNoteMessage = z.infer<typeof addNoteSchema>;

/** Data of the event `note.added`. */
export interface NoteAdded {
  readonly noteId: string;
  readonly text: string;
  readonly author: string;
}

export interface Note extends NoteAdded {
  /** Epoch milliseconds. */
  readonly at: number;
  /** Offset in the room. */
  readonly version: number;
}

/** The stream, and with it the room, of a run's notes. */
export function notesRoom(projectId: string, runId: string): string {
  return `notes:${projectId}/${runId}`;
}
