import { SetMetadata } from '@nestjs/common';
import type { Role } from '@testcast/contracts';

export type AccessRule =
  | { readonly kind: 'public' }
  | { readonly kind: 'authenticated' }
  | { readonly kind: 'role'; readonly role: Role; readonly project: string; readonly token?: string | undefined };

export const accessRule = Symbol('testcast:access-rule');

export interface RequiresOptions {
  /** Name of the route parameter that holds the projectId (default `projectId`), or `*`: the role on all projects. */
  readonly project?: string;
  /** Name of a token that opens the route as well: one of `HttpOptions.tokenFiles`. Such a call has no caller. */
  readonly token?: string;
}

/** The route needs this role on the project that its path names. A route without a rule is refused. */
export function Requires(role: Role, options: RequiresOptions = {}): MethodDecorator & ClassDecorator {
  return SetMetadata(accessRule, {
    kind: 'role',
    role,
    project: options.project ?? 'projectId',
    token: options.token,
  } satisfies AccessRule);
}

/** Any caller with valid credentials; the handler itself looks at the grants. */
export function Authenticated(): MethodDecorator & ClassDecorator {
  return SetMetadata(accessRule, { kind: 'authenticated' } satisfies AccessRule);
}

/** Open to everyone, without credentials. */
export function Public(): MethodDecorator & ClassDecorator {
  return SetMetadata(accessRule, { kind: 'public' } satisfies AccessRule);
}
