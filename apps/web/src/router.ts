import { createRouter } from '@tanstack/react-router';
import { appRoute } from './shell/app-route.ts';
import { NotFoundPage } from './shell/not-found-page.tsx';
import { rootRoute } from './shell/root-route.tsx';
import { webModules } from './web-modules.ts';

export const router = createRouter({
  routeTree: rootRoute.addChildren([
    ...webModules.flatMap(({ publicRoutes = [] }) => publicRoutes),
    appRoute.addChildren(webModules.flatMap(({ routes }) => routes)),
  ]),
  context: {
    // Who administers finds those entries last, where everybody else finds none.
    nav: webModules
      .flatMap(({ nav = [] }) => nav)
      .sort((a, b) => Number(a.adminOnly ?? false) - Number(b.adminOnly ?? false)),
  },
  defaultNotFoundComponent: NotFoundPage,
  // Search parameters are words that people read in a link, not JSON in quotes.
  parseSearch: (text) => Object.fromEntries(new URLSearchParams(text)),
  stringifySearch: (search) => {
    const entries = Object.entries(search as Record<string, string | undefined>);
    const text = new URLSearchParams(
      entries.filter((entry): entry is [string, string] => entry[1] !== undefined && entry[1] !== ''),
    ).toString();
    return text === '' ? '' : `?${text}`;
  },
});
