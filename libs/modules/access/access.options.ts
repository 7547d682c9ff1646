/** How this process knows who may do what. Times are milliseconds. */
export interface AccessOptions {
  /** Checks HS256 tokens, and only those. */
  readonly jwtSecret?: string | undefined;
  /** Keys for RS256, ES256 and EdDSA tokens, and only those. */
  readonly jwksUrl?: string | undefined;
  readonly jwtIssuer?: string | undefined;
  readonly jwtAudience?: string | undefined;
  /** Where the admin key of the first start is kept; without it none is made. */
  readonly adminKeyFile?: string | undefined;
  /** Base URL of pages, where it is not what the request's Host says. */
  readonly publicUrl?: string | undefined;
  /** Full URL of the socket, where it is not `/stream` on the request's host. */
  readonly publicStreamUrl?: string | undefined;
  /** Port of the socket where it is not the HTTP port. */
  readonly streamPort?: number | undefined;
  /**
   * Names this start of this server, where it has a socket URL of its own: tickets for it say so, and it remembers in memory
   * which were used. Absent where several servers stand behind one URL: a ticket then names nobody, and its use is a row
   * that all of them see.
   */
  readonly startId?: string | undefined;
}

export const accessOptions = Symbol('testcast:access-options');
