import { expect, it } from 'vitest';
import { ClientPlaces } from './client-places.ts';
import { knownCountries, positionOfCountry } from './country-positions.ts';
import { distanceKm } from './distance.ts';

const places = new ClientPlaces();

it.each([
  ['a German university', '141.20.1.1', 'DE'],
  ['the registry of Brazil', '200.160.2.3', 'BR'],
  ['a Japanese university', '133.11.0.1', 'JP'],
  ['an address of IPv6', '2804::1', 'BR'],
  ['one of IPv4 inside IPv6', '::ffff:141.20.1.1', 'DE'],
])('%s is in its country', async (_what, address, country) => {
  expect(await places.positionOf(address)).toEqual(positionOfCountry(country));
});

it.each([
  '127.0.0.1',
  '10.1.2.3',
  '172.16.0.1',
  '192.168.0.1',
  '::ffff:192.168.0.1',
  '::1',
  'fd00::1',
  'fe80::1',
  'unknown',
  '',
  '999.1.1.1',
  '<script>',
])('nobody knows where %j is', async (address) => {
  expect(await places.positionOf(address)).toBeUndefined();
});

it('a database that is not there is an error, not a place', async () => {
  await expect(new ClientPlaces('/nowhere/places.mmdb').positionOf('141.20.1.1')).rejects.toThrow('ENOENT');
});

it('every country is somewhere on the earth', () => {
  expect(knownCountries).toHaveLength(250);
  for (const code of knownCountries) {
    const { latitude, longitude } = positionOfCountry(code)!;
    expect(code).toMatch(/^[A-Z]{2}$/);
    expect(Math.abs(latitude)).toBeLessThanOrEqual(90);
    expect(Math.abs(longitude)).toBeLessThanOrEqual(180);
  }
});

it.each([
  ['DE', 'FR', 300, 1100],
  ['DE', 'US', 7000, 9000],
  ['JP', 'AU', 6000, 7500],
  ['NZ', 'CL', 8500, 11_000],
  ['FJ', 'WS', 700, 1500],
])('from %s to %s it is between %i and %i km', (from, to, least, most) => {
  const km = distanceKm(positionOfCountry(from)!, positionOfCountry(to)!);
  expect(km).toBeGreaterThan(least);
  expect(km).toBeLessThan(most);
});
