/**
 * $1 key_id, $2 key_hash, $3 prefix, $4 name, $5 grants, $6 created_by, $7 created_at, $8 expires_at.
 * Returns a row when it was inserted.
 */
export const insertKey = `
  insert into api_keys (key_id, key_hash, prefix, name, grants, created_by, created_at, expires_at)
  values ($1, $2, $3, $4, $5, $6, $7, $8)
  on conflict (key_hash) do nothing
  returning key_id
`;

/** Enough of a key to tell it from others in a list, far too little to use it. */
export function displayedPrefix(key: string): string {
  return key.slice(0, 10);
}
