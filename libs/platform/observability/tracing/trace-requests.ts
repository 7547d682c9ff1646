import type { NextFunction, Request, Response } from 'express';
import type { Tracing } from './tracing.ts';

/** A receipt for each request that may bring something. Its name leaves out what paths carry: ids would be a name each. */
export function traceRequests(tracing: Tracing) {
  return (request: Request, response: Response, next: NextFunction): void => {
    const { method } = request;
    if (method === 'GET' || method === 'HEAD' || method === 'OPTIONS') return next();
    const caller = tracing.callerOf(request.headers.traceparent as string | undefined);
    const last = /\/(results|reports|finish|cancel)$/.exec(request.path)?.[1];
    const receipt = tracing.begin(last === undefined ? method : `${method} ${last}`, caller, next);
    response.once('close', () => {
      const { statusCode, writableFinished } = response;
      tracing.settle(receipt, !writableFinished ? 'cut off' : statusCode >= 400 ? `answered ${statusCode}` : undefined);
    });
  };
}
