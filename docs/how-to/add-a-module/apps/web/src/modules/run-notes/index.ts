import { createRoute } from '@tanstack/react-router';
import { appRoute } from '../../shell/app-route.ts';
import type { WebModule } from '../../web-module.ts';
import { NotesPage } from './notes-page.tsx';

const notesRoute = createRoute({
  getParentRoute: () => appRoute,
  path: '/p/$projectId/runs/$runId/notes',
  component: NotesPage,
});

export const webModule: WebModule = { routes: [notesRoute] };
