import { Module } from '@nestjs/common';
import { NotesRoom } from './entry/notes.room.ts';
import { RunNotesController } from './entry/run-notes.controller.ts';
import { RunNotesGateway } from './entry/run-notes.gateway.ts';
import { RunNotesModule } from './run-notes.module.ts';

/** Notes over the socket and over HTTP, and their room. */
@Module({ imports: [RunNotesModule], controllers: [RunNotesController], providers: [RunNotesGateway, NotesRoom] })
export class RunNotesGatewayModule {}
