import { Logger } from '@nestjs/common';
import type { NextFunction, Request, Response } from 'express';

/** One line for each request, at the level `debug`: the path without its query, which may carry a ticket. */
export function requestLog(logger: Pick<Logger, 'debug'> = new Logger('http')) {
  return (request: Request, response: Response, next: NextFunction): void => {
    const began = performance.now();
    const { method, path } = request;
    response.on('close', () => {
      const outcome = response.writableFinished ? response.statusCode : 'cut off';
      logger.debug(`${method} ${path} ${outcome} ${Math.round(performance.now() - began)} ms`);
    });
    next();
  };
}
