import { createHash, timingSafeEqual } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { Inject, Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import { type HttpOptions, httpOptions } from './http-options.ts';

/** As for JWT_SECRET: a shorter one can be found by trying. */
const leastCharacters = 32;

/**
 * Secrets of machines that may do one thing each: what is in a file opens the routes that name it, and nothing else. It is read
 * for each call, so that it can be changed while the server runs.
 */
@Injectable()
export class TokenFiles implements OnModuleInit {
  private readonly files: Readonly<Record<string, string>>;
  private readonly logger = new Logger('http');

  constructor(@Inject(httpOptions) { tokenFiles = {} }: HttpOptions) {
    this.files = tokenFiles;
  }

  /** Throws for a file that nobody could get in by: better now than when it is needed. */
  async onModuleInit(): Promise<void> {
    for (const file of Object.values(this.files)) await tokenIn(file);
  }

  /** Whether the bearer is the token of that name. */
  async opens(name: string, bearer: string | undefined): Promise<boolean> {
    const file = this.files[name];
    if (file === undefined || bearer === undefined) return false;
    try {
      return timingSafeEqual(digestOf(bearer), digestOf(await tokenIn(file)));
    } catch (error) {
      this.logger.warn(error instanceof Error ? error.message : error);
      return false;
    }
  }
}

async function tokenIn(file: string): Promise<string> {
  const token = await readFile(file, 'utf8').then(
    (text) => text.trim(),
    (error: NodeJS.ErrnoException) => {
      throw new Error(`${file} cannot be read: ${error.code}`);
    },
  );
  if (token.length < leastCharacters)
    throw new Error(`${file} must have a token of at least ${leastCharacters} characters`);
  return token;
}

/** Of one length, which comparing in constant time needs. */
const digestOf = (text: string): Buffer => createHash('sha256').update(text).digest();
