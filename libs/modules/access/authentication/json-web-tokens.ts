import { Inject, Injectable } from '@nestjs/common';
import { roleSchema } from '@testcast/contracts';
import {
  createRemoteJWKSet,
  decodeProtectedHeader,
  errors,
  type JWTPayload,
  type JWTVerifyGetKey,
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
  private readonly publishedKeys: JWTVerifyGetKey | undefined;

  constructor(
    @Inject(accessOptions) private readonly options: AccessOptions,
    private readonly clock: Clock,
  ) {
    this.secret = options.jwtSecret === undefined ? undefined : new TextEncoder().encode(options.jwtSecret);
    this.publishedKeys = options.jwksUrl === undefined ? undefined : keysAt(options.jwksUrl);
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
      throw refusalOf(error);
    }
  }

  // The algorithms are pinned to where the key is from: a public key taken for an HMAC secret would let anyone sign.
  private async verify(token: string): Promise<JWTPayload> {
    const isSymmetric = decodeProtectedHeader(token).alg === 'HS256';
    if (isSymmetric && this.secret !== undefined) {
      return (await jwtVerify(token, this.secret, this.rules(['HS256']))).payload;
    }
    if (!isSymmetric && this.publishedKeys !== undefined) {
      return (await jwtVerify(token, this.publishedKeys, this.rules(asymmetric))).payload;
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
function keysAt(url: string): JWTVerifyGetKey {
  const remote = createRemoteJWKSet(new URL(url));
  return async (header, token) => {
    try {
      return await remote(header, token);
    } catch (error) {
      if (error instanceof errors.JWKSNoMatchingKey || error instanceof errors.JWKSMultipleMatchingKeys) throw error;
      if (error instanceof errors.JOSENotSupported) throw error;
      throw new DomainError('auth.unavailable', undefined, { retryAfterMs: 1000, cause: error });
    }
  };
}

function refusalOf(error: unknown): DomainError {
  if (error instanceof DomainError) return error;
  if (error instanceof errors.JWTExpired) return new DomainError('auth.expired');
  return new DomainError('auth.invalid', 'The token is not valid.', { cause: error });
}
