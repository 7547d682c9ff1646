import type { CookieOptions } from 'express';

/** The cookie that carries a browser's session. */
export const sessionCookie = {
  name: 'testcast_session',

  /** HttpOnly keeps it from scripts, SameSite=Strict from other sites' requests. `secure` where the page came by https. */
  options(secure: boolean, expires?: Date): CookieOptions {
    return { httpOnly: true, sameSite: 'strict', secure, path: '/', ...(expires === undefined ? {} : { expires }) };
  },

  /** The first session among the cookies of a request. */
  read(header: string | undefined): string | undefined {
    for (const pair of header?.split(';') ?? []) {
      const [name, value] = pair.split('=', 2);
      if (name?.trim() === sessionCookie.name && value !== undefined && value.trim() !== '') return value.trim();
    }
    return undefined;
  },
} as const;
