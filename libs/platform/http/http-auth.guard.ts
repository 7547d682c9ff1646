import { type CanActivate, type ExecutionContext, Inject, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { Request } from 'express';
import { Authenticator, type Caller, DomainError, requireRole } from '#platform/kernel';
import { type AccessRule, accessRule } from './access-rule.ts';
import { credentialsOf } from './credentials.ts';
import { httpOptions, type HttpOptions } from './http-options.ts';
import { TokenFiles } from './token-files.ts';

export interface AuthenticatedRequest extends Request {
  caller?: Caller;
}

/** Lets a request in by the rule of its route; a route that has none is refused, so that none is open by oversight. */
@Injectable()
export class HttpAuthGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly authenticator: Authenticator,
    private readonly tokens: TokenFiles,
    @Inject(httpOptions) private readonly options: HttpOptions,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    // Nest applies global guards to sockets too; those are admitted before their upgrade.
    if (context.getType() !== 'http') return true;
    const request = context.switchToHttp().getRequest<AuthenticatedRequest>();
    const rule = this.ruleOf(context, request.path);
    if (rule.kind === 'public') return true;
    const credentials = credentialsOf(request, this.publicOrigin());
    if (rule.kind === 'role' && rule.token !== undefined && (await this.tokens.opens(rule.token, credentials.bearer)))
      return true;
    request.caller = await this.authenticator.authenticate(credentials);
    if (rule.kind === 'role') requireRole(request.caller, rule.role, projectOf(request, rule.project));
    return true;
  }

  private ruleOf(context: ExecutionContext, path: string): AccessRule {
    const own = this.reflector.getAllAndOverride<AccessRule | undefined>(accessRule, [
      context.getHandler(),
      context.getClass(),
    ]);
    if (own !== undefined) return own;
    const isOpen = this.options.openPaths?.some((open) => path === open || path.startsWith(`${open}/`)) ?? false;
    if (isOpen) return { kind: 'public' };
    throw new DomainError('auth.forbidden', 'This route says nothing about who may call it.');
  }

  private publicOrigin(): string | undefined {
    return this.options.publicUrl === undefined ? undefined : new URL(this.options.publicUrl).origin;
  }
}

function projectOf(request: Request, project: string): string {
  if (project === '*') return '*';
  const value = request.params[project];
  if (typeof value !== 'string') throw new Error(`the route has no parameter ${project}`);
  return value;
}
