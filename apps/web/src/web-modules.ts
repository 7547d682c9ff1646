import type { WebModule } from './web-module.ts';

const found = import.meta.glob<{ webModule: WebModule }>('./modules/*/index.ts', { eager: true });

/** All modules, by the name of their folder. */
export const webModules: readonly WebModule[] = Object.keys(found)
  .sort()
  .map((path) => found[path]!.webModule);
