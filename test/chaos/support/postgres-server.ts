import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, chmod, chown, mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { eventually, keepLog } from '#platform/local-services';
import { freePort } from '../../e2e/support/free-port.ts';

const run = promisify(execFile);
const scripts = path.resolve('deploy/postgres');
const passwords = { app: 'app-secret', reader: 'reader-secret', replicator: 'replicator-secret' };

/** A site of PostgreSQL servers: its programs, where their files are, and who runs them. */
export class PostgresSite {
  readonly archive: string;

  private constructor(
    private readonly programs: string,
    readonly directory: string,
    readonly user: { uid?: number; gid?: number },
    private readonly logOf: ((server: string) => string) | undefined,
  ) {
    this.archive = path.join(directory, 'archive');
  }

  /**
   * @param directory an empty one, which the servers' user can enter
   * @param logOf the file to which is added what a server, by the name of its data, writes
   */
  static async at(programs: string, directory: string, logOf?: (server: string) => string): Promise<PostgresSite> {
    const site = new PostgresSite(programs, directory, await serverUser(), logOf);
    await chmod(directory, 0o755);
    await site.makeDirectory('archive');
    await site.makeDirectory('backups');
    await site.makeDirectory('deploy');
    // As installed: the tree itself may lie where the servers' user cannot look.
    for (const name of ['archive-wal.sh', 'fetch-wal.sh', 'base-backup.sh', 'restore.sh', 'standby.sh', 'roles.sql']) {
      const copy = path.join(directory, 'deploy', name);
      await writeFile(copy, await readFile(path.join(scripts, name)), { mode: 0o755 });
    }
    return site;
  }

  /** A new cluster with the roles of deploy/postgres, archiving to the site. */
  async primary(): Promise<PostgresServer> {
    const data = path.join(this.directory, 'primary');
    await this.program('initdb', ['-D', data, '-U', 'postgres', '--auth=trust', '--encoding=UTF8', '--locale=C']);
    const conf = await readFile(path.join(scripts, 'primary.conf'), 'utf8');
    await appendFile(
      path.join(data, 'postgresql.conf'),
      `${conf}
archive_command = 'WAL_ARCHIVE="${this.archive}" "${path.join(this.directory, 'deploy', 'archive-wal.sh')}" "%p" "%f"'
archive_timeout = 0
synchronous_standby_names = ''
timezone = 'UTC'
`,
    );
    const hba = (await readFile(path.join(scripts, 'pg_hba.conf'), 'utf8')).replace(/^local .*$/m, '');
    await writeFile(
      path.join(data, 'pg_hba.conf'),
      `host all postgres 127.0.0.1/32 trust\n${hba.replaceAll('samenet', '127.0.0.1/32')}`,
    );
    const server = await this.start(data);
    const variables = Object.entries(passwords).flatMap(([role, word]) => ['-v', `${role}_password=${word}`]);
    const roles = ['-v', 'ON_ERROR_STOP=1', ...variables, '-f', path.join(this.directory, 'deploy', 'roles.sql')];
    await this.program('psql', ['-q', '-d', server.superuserUrl, ...roles]);
    return server;
  }

  /** @param via port of the primary, or of what leads to it */
  async standby(via: number, name: string, settings = ''): Promise<PostgresServer> {
    const data = path.join(this.directory, name);
    await this.script('standby.sh', [this.replicatorAt(via), data, name]);
    await appendFile(path.join(data, 'postgresql.auto.conf'), settings);
    return this.start(data);
  }

  /** @returns where the backup is */
  async baseBackup(primary: PostgresServer): Promise<string> {
    const backups = path.join(this.directory, 'backups');
    return (await this.script('base-backup.sh', [this.replicatorAt(primary.port), backups])).trim();
  }

  async restore(backup: string, name: string, moment: string): Promise<PostgresServer> {
    const data = path.join(this.directory, name);
    await this.script('restore.sh', [backup, data, moment]);
    return this.start(data);
  }

  /** Starts what is in a data directory, and resolves when it takes connections. `port`: of before, when it comes back. */
  async start(data: string, samePort?: number): Promise<PostgresServer> {
    const port = samePort ?? (await freePort());
    const settings = { port, listen_addresses: '127.0.0.1', unix_socket_directories: '', shared_buffers: '32MB' };
    const flags = Object.entries(settings).flatMap(([key, value]) => ['-c', `${key}=${value}`]);
    const child = spawn(path.join(this.programs, 'postgres'), ['-D', data, ...flags], {
      ...this.user,
      cwd: data,
      env: { PATH: process.env['PATH'] ?? '', LC_ALL: 'C' },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    keepLog(child, this.logOf?.(path.basename(data)));
    const server = new PostgresServer(child, data, port);
    try {
      await server.ready();
    } catch (error) {
      await server.kill();
      throw error;
    }
    return server;
  }

  private replicatorAt(port: number): string {
    return `host=127.0.0.1 port=${port} user=testcast_replicator password=${passwords.replicator}`;
  }

  private async script(name: string, args: readonly string[]): Promise<string> {
    return this.command(path.join(this.directory, 'deploy', name), args);
  }

  private async program(name: string, args: readonly string[]): Promise<string> {
    return this.command(path.join(this.programs, name), args);
  }

  private async command(file: string, args: readonly string[]): Promise<string> {
    const env = { PATH: process.env['PATH'] ?? '', LC_ALL: 'C', PGBIN: this.programs, WAL_ARCHIVE: this.archive };
    const { stdout } = await run(file, [...args], { ...this.user, cwd: this.directory, env, timeout: 60_000 });
    return stdout;
  }

  private async makeDirectory(name: string): Promise<void> {
    const directory = path.join(this.directory, name);
    await mkdir(directory);
    if (this.user.uid !== undefined) {
      await chown(directory, this.user.uid, this.user.gid!);
      await chown(this.directory, this.user.uid, this.user.gid!);
    }
  }
}

/** One server process on its data directory. */
export class PostgresServer {
  private output = '';
  private readonly exited: Promise<unknown>;

  constructor(
    private readonly child: ChildProcess,
    readonly data: string,
    readonly port: number,
  ) {
    this.exited = once(child, 'exit');
    child.stderr!.on('data', (chunk: Buffer) => (this.output = (this.output + chunk.toString()).slice(-20_000)));
  }

  get pid(): number | undefined {
    return this.child.pid;
  }

  get superuserUrl(): string {
    return `postgres://postgres@127.0.0.1:${this.port}/postgres`;
  }

  /** Of gateways and projectors; `port` when they go another way than straight. */
  url(port = this.port): string {
    return `postgres://testcast:${passwords.app}@127.0.0.1:${port}/testcast`;
  }

  /** Of DATABASE_REPLICA_URLS. */
  readerUrl(port = this.port): string {
    return `postgres://testcast_reader:${passwords.reader}@127.0.0.1:${port}/testcast`;
  }

  /** Asks as the superuser. */
  async ask<Row extends pg.QueryResultRow>(text: string, database = 'testcast'): Promise<Row[]> {
    const client = new pg.Client({ connectionString: this.superuserUrl.replace(/postgres$/, database) });
    client.on('error', () => undefined);
    await client.connect();
    try {
      return (await client.query<Row>(text)).rows;
    } finally {
      await client.end();
    }
  }

  async ready(): Promise<void> {
    await eventually(
      async () => {
        if (this.child.exitCode !== null) throw new Error(`PostgreSQL ended with ${this.child.exitCode}`);
        await this.ask('select 1', 'postgres');
      },
      { within: 30_000 },
    ).catch((error: unknown) => {
      throw new Error(`${String(error)}\n${this.output}`);
    });
  }

  async promote(): Promise<void> {
    await this.ask('select pg_promote(true, 30)', 'postgres');
    await this.primaryAgain();
  }

  /** A restore promotes itself when it has reached its moment. */
  async primaryAgain(): Promise<void> {
    await eventually(
      async () => {
        const [row] = await this.ask<{ recovering: boolean }>('select pg_is_in_recovery() as recovering', 'postgres');
        if (row!.recovering) throw new Error(`it is still recovering:\n${this.output}`);
      },
      { within: 30_000 },
    );
  }

  /** Where a standby has caught up with. */
  async replayed(primary: PostgresServer): Promise<void> {
    const [{ lsn }] = (await primary.ask<{ lsn: string }>('select pg_current_wal_flush_lsn() as lsn')) as [
      { lsn: string },
    ];
    await eventually(
      async () => {
        const [row] = await this.ask<{ there: boolean }>(`select pg_last_wal_replay_lsn() >= '${lsn}' as there`);
        if (!row!.there) throw new Error('the standby has not replayed what the primary has written');
      },
      { within: 20_000 },
    );
  }

  /** As when its machine's power fails: neither it nor its children get to say anything. */
  async kill(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    this.child.kill('SIGKILL');
    await this.exited;
  }

  async stop(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    this.child.kill('SIGINT');
    const force = setTimeout(() => this.child.kill('SIGQUIT'), 10_000);
    await this.exited;
    clearTimeout(force);
  }
}

/** PostgreSQL does not run as root. */
async function serverUser(): Promise<{ uid?: number; gid?: number }> {
  if (process.getuid?.() !== 0) return {};
  const lines = (await readFile('/etc/passwd', 'utf8')).split('\n').map((line) => line.split(':'));
  const entry = lines.find(([name]) => name === 'postgres') ?? lines.find(([name]) => name === 'nobody');
  return { uid: Number(entry![2]), gid: Number(entry![3]) };
}
