import { hash, randomBytes } from 'node:crypto';

export const apiKeyPrefix = 'tc_';

/** 256 random bits as base64url, 43 characters, behind a prefix that tells what it is. */
export function newSecret(prefix = ''): string {
  return prefix + randomBytes(32).toString('base64url');
}

/**
 * What is stored of a secret. Plain sha256 is enough, since the secret is random and cannot be guessed from its hash;
 * finding the row by the hash compares nothing of the secret itself, so its timing tells nothing.
 */
export function hashOf(secret: string): Buffer {
  return hash('sha256', secret, 'buffer');
}
