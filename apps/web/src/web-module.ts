import type { AnyRoute } from '@tanstack/react-router';

export interface NavEntry {
  readonly label: string;
  readonly to: string;
  /** Shown only to who may administer something. */
  readonly adminOnly?: boolean | undefined;
}

/** What `src/modules/<name>/index.ts` exports as `webModule`; it is found by being there. */
export interface WebModule {
  /** Pages inside the shell, for who is signed in: children of `appRoute`. */
  readonly routes: readonly AnyRoute[];
  /** Pages for everyone: children of `rootRoute`. */
  readonly publicRoutes?: readonly AnyRoute[] | undefined;
  readonly nav?: readonly NavEntry[] | undefined;
}
