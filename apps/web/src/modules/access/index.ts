import { createRoute } from '@tanstack/react-router';
import { appRoute } from '../../shell/app-route.ts';
import { rootRoute } from '../../shell/root-route.tsx';
import type { WebModule } from '../../web-module.ts';
import { KeysPage } from './keys-page.tsx';
import { SignInPage } from './sign-in-page.tsx';

const signInRoute = createRoute({ getParentRoute: () => rootRoute, path: '/sign-in', component: SignInPage });
const keysRoute = createRoute({ getParentRoute: () => appRoute, path: '/keys', component: KeysPage });

export const webModule: WebModule = {
  routes: [keysRoute],
  publicRoutes: [signInRoute],
  nav: [{ label: 'Keys', to: '/keys', adminOnly: true }],
};
