import { createRequire } from 'node:module';
import { BlockList, isIP } from 'node:net';
import { open, type Reader, type Response } from 'maxmind';
import type { Position } from './cluster-node.ts';
import { positionOfCountry } from './country-positions.ts';

/** What databases in MaxMind's format say of an address: the free one of countries, or one of cities. */
interface AddressRecord extends Record<string, unknown> {
  readonly country_code?: string;
  readonly country?: { readonly iso_code?: string };
  readonly location?: { readonly latitude?: number; readonly longitude?: number };
}

// Addresses that are of every country's own networks. Databases say something of them all the same.
const privateAddresses = new BlockList();
for (const [net, prefix] of [
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
] as const)
  privateAddresses.addSubnet(net, prefix, 'ipv4');
for (const [net, prefix] of [
  ['::1', 128],
  ['fc00::', 7],
  ['fe80::', 10],
] as const)
  privateAddresses.addSubnet(net, prefix, 'ipv6');

/** Where clients are, by their addresses, from a database in a file: nothing is asked of anybody outside. */
export class ClientPlaces {
  private reader: Promise<Reader<Response>> | undefined;

  /** @param file in MaxMind's format; the database of countries that comes with the product where there is none */
  constructor(private readonly file: string = databaseOfCountries()) {}

  /**
   * Where an address is, to the middle of its country or better; undefined for private and unknown ones. Rejects when the
   * database cannot be read.
   */
  async positionOf(address: string): Promise<Position | undefined> {
    const plain = address.replace(/^::ffff:(?=\d)/, '');
    // A proxy may say anything.
    const family = isIP(plain);
    if (family === 0 || privateAddresses.check(plain, family === 4 ? 'ipv4' : 'ipv6')) return undefined;
    this.reader ??= open(this.file);
    const record = (await this.reader).get(plain) as AddressRecord | null;
    const { latitude, longitude } = record?.location ?? {};
    if (latitude !== undefined && longitude !== undefined) return { latitude, longitude };
    const country = record?.country_code ?? record?.country?.iso_code;
    return country === undefined ? undefined : positionOfCountry(country);
  }
}

function databaseOfCountries(): string {
  return createRequire(import.meta.url).resolve(
    '@ip-location-db/geo-whois-asn-country-mmdb/geo-whois-asn-country.mmdb',
  );
}
