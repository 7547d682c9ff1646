import { type IQueryHandler, Query, QueryHandler } from '@nestjs/cqrs';
import { type Caller, holds } from '#platform/kernel';
import { DataSource } from 'typeorm';

// $1: the projects whose keys may be seen, or null for all. A key is seen by who is admin of everything it grants.
const selectKeys = `
  select key_id, prefix, name, grants, created_by, created_at, expires_at
  from api_keys
  where revoked_at is null
    and ($1::text[] is null or not exists (select from jsonb_object_keys(grants) granted where granted <> all($1)))
  order by created_at desc, key_id
  limit 1000
`;

interface KeyRow {
  key_id: string;
  prefix: string;
  name: string;
  grants: Caller['grants'];
  created_by: string;
  created_at: Date;
  expires_at: Date | null;
}

/** A key without its secret. */
export interface KeySummary {
  readonly id: string;
  readonly prefix: string;
  readonly name: string;
  readonly grants: Caller['grants'];
  readonly createdBy: string;
  readonly createdAt: number;
  readonly expiresAt?: number | undefined;
}

/** The newest 1,000 keys that the caller could revoke. */
export class ListKeys extends Query<KeySummary[]> {
  constructor(readonly caller: Caller) {
    super();
  }
}

@QueryHandler(ListKeys)
export class ListKeysHandler implements IQueryHandler<ListKeys> {
  constructor(private readonly database: DataSource) {}

  async execute({ caller }: ListKeys): Promise<KeySummary[]> {
    const managed = Object.keys(caller.grants).filter((projectId) => holds(caller, 'admin', projectId));
    const rows = await this.database.query<KeyRow[]>(selectKeys, [managed.includes('*') ? null : managed]);
    return rows.map((row) => ({
      id: row.key_id,
      prefix: row.prefix,
      name: row.name,
      grants: row.grants,
      createdBy: row.created_by,
      createdAt: row.created_at.getTime(),
      expiresAt: row.expires_at?.getTime(),
    }));
  }
}
