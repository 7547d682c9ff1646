import { createRoute } from '@tanstack/react-router';
import { appRoute } from '../../shell/app-route.ts';
import type { WebModule } from '../../web-module.ts';
import { ClusterPage } from './cluster-page.tsx';

const clusterRoute = createRoute({ getParentRoute: () => appRoute, path: '/cluster', component: ClusterPage });

export const webModule: WebModule = {
  routes: [clusterRoute],
  nav: [{ label: 'Cluster', to: '/cluster', adminOnly: true }],
};
