import { Inject, Injectable } from '@nestjs/common';
import { roleSchema } from '@testcast/contracts';
import {
  createRemoteJWKSet,
  decodeProtectedHeader,
  errors,
  type JWTPayload,
  type JWTVerifyOptions,
  jwtVerify,
} from 'jose';
import { type Caller, Clock, DomainError } from '#platform/kernel';
import { z } from 'zod';
import { accessOptions, type AccessOptions } from '../access.options.ts';

const claimsSchema = z.object({
  sub: z.string().min(1).max(500),
  exp: z.number(),
  projects: z.record(z.string().max(64), roleSchema),
});

const asymmetric = ['RS256', 'ES256', 'EdDSA'];

/** Callers by JWT: claims `sub`, `exp` and `projects`. */
@Injectable()
export class JsonWebTokens {
  private readonly secret: Uint8Array | undefined;
  private readonly remoteKeys: ReturnType<typeof createRemoteJWKSet> | undefined;

  constructor(
    @Inject(accessOptions) private readonly options: AccessOptions,
    private readonly clock: Clock,
  ) {
    this.secret = options.jwtSecret === undefined ? undefined : new TextEncoder().encode(options.jwtSecret);
    this.remoteKeys = options.jwksUrl === undefined ? undefined : createRemoteJWKSet(new URL(options.jwksUrl));
  }

  /** Throws `auth.invalid`, `auth.expired` or `auth.unavailable`. */
  async callerOf(token: string): Promise<Caller> {
    const claims = claimsSchema.safeParse(await this.verified(token));
    if (!claims.success) {
      throw new DomainError(
        'auth.invalid',
        'The token has no claim "projects" of the form {"<projectId or *>": "read" | "write" | "admin"}.',
      );
    }
    return { subject: claims.data.sub, grants: claims.data.projects, expiresAt: claims.data.exp * 1000 };
  }

  private async verified(token: string): Promise<JWTPayload> {
    try {
      return await this.verify(token);
    } catch (error) {
      throw translated(error);
    }
  }

  // The algorithms are pinned to where the key is from: a public key taken for an HMAC secret would let anyone sign.
  private async verify(token: string): Promise<JWTPayload> {
    const isSymmetric = decodeProtectedHeader(token).alg === 'HS256';
    if (isSymmetric && this.secret !== undefined) {
      return (await jwtVerify(token, this.secret, this.rules(['HS256']))).payload;
    }
    if (!isSymmetric && this.remoteKeys !== undefined) {
      return (await jwtVerify(token, this.remoteKeys, this.rules(asymmetric))).payload;
    }
    throw new DomainError('auth.invalid', 'This server takes no tokens of this kind.');
  }

  private rules(algorithms: string[]): JWTVerifyOptions {
    const { jwtIssuer, jwtAudience } = this.options;
    return {
      algorithms,
      requiredClaims: ['sub', 'exp'],
      currentDate: new Date(this.clock.now()),
      ...(jwtIssuer === undefined ? {} : { issuer: jwtIssuer }),
      ...(jwtAudience === undefined ? {} : { audience: jwtAudience }),
    };
  }
}

// What went wrong on the way to the keys is not the token's fault, and the client should come again.
const keysAway = new Set(['ERR_JWKS_TIMEOUT', 'ERR_JWKS_INVALID', 'ERR_JOSE_GENERIC']);

function translated(error: unknown): unknown {
  if (error instanceof DomainError) return error;
  if (error instanceof errors.JWTExpired) return new DomainError('auth.expired');
  if (error instanceof errors.JOSEError && !keysAway.has(error.code)) {
    return new DomainError('auth.invalid', 'The token is not valid.', { cause: error });
  }
  if (error instanceof TypeError && !('cause' in error))
    return new DomainError('auth.invalid', 'The token is not valid.');
  return new DomainError('auth.unavailable', undefined, { retryAfterMs: 1000, cause: error });
}
