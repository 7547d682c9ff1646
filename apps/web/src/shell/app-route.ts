import { createRoute } from '@tanstack/react-router';
import { AppShell } from './app-shell.tsx';
import { rootRoute } from './root-route.tsx';

/** Parent of every page that needs a session. */
export const appRoute = createRoute({ getParentRoute: () => rootRoute, id: 'app', component: AppShell });
