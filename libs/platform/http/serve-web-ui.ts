import { existsSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import type { NestExpressApplication } from '@nestjs/platform-express';
import express, { type NextFunction, type Request, type Response } from 'express';

const servedByRoutes = /^\/(v1|stream|metrics|health|docs)(\/|$)/;
const hashedAsset = /^\/assets\//;

/**
 * Serves the built web UI from `root` (made by Vite: `index.html`, hashed files under `assets/`). Any other path that a
 * browser navigates to gives `index.html`, since the page does its own routing; API paths are left to the routes.
 * Without a build in `root` nothing is served and the API works alone.
 */
export function serveWebUi(app: NestExpressApplication, root: string): void {
  const index = join(root, 'index.html');
  if (!existsSync(index)) return;
  const files = express.static(root, {
    index: false,
    setHeaders(response, path) {
      // Below the root: the build itself may lie in a folder of any name. A hashed name never changes its content;
      // everything else is asked for again after each release.
      const isHashed = relative(root, path).startsWith(`assets${sep}`);
      response.setHeader('Cache-Control', isHashed ? 'public, max-age=31536000, immutable' : 'no-cache');
    },
  });
  app.use((request: Request, response: Response, next: NextFunction) => {
    const isRead = request.method === 'GET' || request.method === 'HEAD';
    if (!isRead || servedByRoutes.test(request.path)) {
      next();
      return;
    }
    files(request, response, (error?: unknown) => {
      if (error !== undefined) next(error);
      else if (isNavigation(request)) response.sendFile(index, { headers: { 'Cache-Control': 'no-cache' } });
      else next();
    });
  });
}

// A missing script must be a 404: index.html in its place would be a syntax error that hides the cause.
function isNavigation(request: Request): boolean {
  return !hashedAsset.test(request.path) && request.accepts(['html', 'json']) === 'html';
}
