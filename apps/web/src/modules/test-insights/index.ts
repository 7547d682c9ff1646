import { createRoute } from '@tanstack/react-router';
import { appRoute } from '../../shell/app-route.ts';
import type { WebModule } from '../../web-module.ts';
import { trendsSearch } from './trends-search.ts';
import { TrendsPage } from './trends-page.tsx';

const trendsRoute = createRoute({
  getParentRoute: () => appRoute,
  path: '/p/$projectId/trends',
  validateSearch: trendsSearch,
  component: TrendsPage,
});

export const webModule: WebModule = { routes: [trendsRoute] };
