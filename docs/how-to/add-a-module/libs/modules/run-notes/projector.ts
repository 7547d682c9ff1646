import { Module } from '@nestjs/common';
import { NotesProjection } from './read-models/notes.projection.ts';

/** Keeps the rows of notes. */
@Module({ controllers: [NotesProjection] })
export class RunNotesProjectorModule {}
