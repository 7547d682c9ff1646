import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** @returns the path of a new certificate and its key in one file, as HAProxy reads them */
export function selfSigned(directory: string, name = 'tls'): string {
  const file = path.join(directory, `${name}.pem`);
  const certificate = path.join(directory, `${name}.crt`);
  const about = ['-subj', `/CN=${name}.example.com`, '-days', '2'];
  const keys = ['-newkey', 'rsa:2048', '-nodes', '-keyout', file, '-out', certificate];
  const { status, stderr } = spawnSync('openssl', ['req', '-x509', ...about, ...keys], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`openssl: ${stderr}`);
  writeFileSync(file, readFileSync(certificate), { flag: 'a' });
  return file;
}
