import { createRoute } from '@tanstack/react-router';
import { appRoute } from '../../shell/app-route.ts';
import type { WebModule } from '../../web-module.ts';
import { ProjectsPage } from './projects/projects-page.tsx';
import { RunPage } from './run/run-page.tsx';
import { RunsPage } from './runs/runs-page.tsx';
import { runSearch, runsSearch } from './search-params.ts';

const projectsRoute = createRoute({ getParentRoute: () => appRoute, path: '/', component: ProjectsPage });
const runsRoute = createRoute({
  getParentRoute: () => appRoute,
  path: '/p/$projectId',
  validateSearch: runsSearch,
  component: RunsPage,
});
const runRoute = createRoute({
  getParentRoute: () => appRoute,
  path: '/p/$projectId/runs/$runId',
  validateSearch: runSearch,
  component: RunPage,
});

export const webModule: WebModule = {
  routes: [projectsRoute, runsRoute, runRoute],
  nav: [{ label: 'Projects', to: '/' }],
};
