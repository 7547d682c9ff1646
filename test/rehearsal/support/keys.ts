import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import path from 'node:path';

/** Certificates and tokens of a control plane that lives as long as one rehearsal. */
export class Keys {
  private readonly tokens: string[] = [];

  constructor(private readonly directory: string) {
    this.authority('ca');
    // The API server vouches with it, towards what is behind it, for whoever asks.
    this.authority('proxy-ca');
    this.certificate('apiserver', 'ca', {
      names: 'IP:127.0.0.1,IP:10.96.0.1,DNS:localhost,DNS:kubernetes.default.svc',
      usage: 'serverAuth',
    });
    this.certificate('adapter', 'ca', {
      names: 'IP:127.0.0.1,DNS:localhost,DNS:custom-metrics.custom-metrics.svc',
      usage: 'serverAuth',
    });
    this.certificate('front-proxy-client', 'proxy-ca', { usage: 'clientAuth' });
    this.openssl('genrsa', '-out', this.file('accounts.key'), '2048');
    this.openssl('rsa', '-in', this.file('accounts.key'), '-pubout', '-out', this.file('accounts.pub'));
  }

  file(name: string): string {
    return path.join(this.directory, name);
  }

  /** A user with a token of its own; the kubeconfig that it comes in with. */
  user(name: string, group: string, server: string): { readonly token: string; readonly kubeconfig: string } {
    const token = randomBytes(16).toString('hex');
    this.tokens.push(`${token},${name},${name},"${group}"`);
    writeFileSync(this.file('tokens.csv'), this.tokens.join('\n'), { mode: 0o600 });
    const kubeconfig = this.file(`${name.replaceAll(':', '-')}.kubeconfig`);
    const config = {
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [{ name: 'rehearsal', cluster: { server, 'certificate-authority': this.file('ca.crt') } }],
      users: [{ name: 'user', user: { token } }],
      contexts: [{ name: 'context', context: { cluster: 'rehearsal', user: 'user' } }],
      'current-context': 'context',
    };
    writeFileSync(kubeconfig, JSON.stringify(config), { mode: 0o600 });
    return { token, kubeconfig };
  }

  private authority(name: string): void {
    const files = ['-keyout', this.file(`${name}.key`), '-out', this.file(`${name}.crt`)];
    this.openssl('req', '-x509', ...curve, '-days', '2', '-subj', `/CN=${name}`, ...files);
  }

  private certificate(name: string, authority: string, { names, usage }: { names?: string; usage: string }): void {
    const [key, request, extensions] = ['key', 'csr', 'ext'].map((ending) => this.file(`${name}.${ending}`));
    this.openssl('req', ...curve, '-subj', `/CN=${name}`, '-keyout', key!, '-out', request!);
    writeFileSync(extensions!, `extendedKeyUsage=${usage}\n${names === undefined ? '' : `subjectAltName=${names}\n`}`);
    const by = ['-CA', this.file(`${authority}.crt`), '-CAkey', this.file(`${authority}.key`), '-CAcreateserial'];
    const out = ['-days', '2', '-extfile', extensions!, '-out', this.file(`${name}.crt`)];
    this.openssl('x509', '-req', '-in', request!, ...by, ...out);
  }

  private openssl(...args: string[]): void {
    execFileSync('openssl', args, { stdio: ['ignore', 'ignore', 'pipe'] });
  }
}

const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
