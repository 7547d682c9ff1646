import { createRootRouteWithContext, Outlet } from '@tanstack/react-router';
import type { NavEntry } from '../web-module.ts';
import { NotFoundPage } from './not-found-page.tsx';

/** `nav`: what the modules put into the shell's navigation. */
export const rootRoute = createRootRouteWithContext<{ nav: readonly NavEntry[] }>()({
  component: Outlet,
  notFoundComponent: NotFoundPage,
});
