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
   * Whether several servers stand behind one socket URL. A ticket then names no server, and its use is a row that all of
   * them see; else it names this start of this server, which remembers it in memory.
   */
  readonly sharedStreamUrl: boolean;
}

export const accessOptions = Symbol('testcast:access-options');
