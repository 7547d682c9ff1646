import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasHaproxy } from '#platform/local-services';
import { ClientsUnderFaults } from '../../bench/cluster/clients-under-faults.ts';
import { faults } from '../../bench/cluster/fault.ts';
import { ProductCluster } from '../../bench/cluster/product-cluster.ts';
import { isNative } from '../../bench/live/load-client.ts';

// The short form of `npm run cluster:faults`, without Kafka: test/chaos kills brokers.
describe.runIf(hasHaproxy() && isNative())('four gateways behind two balancers', () => {
  let cluster: ProductCluster;
  let crowd: ClientsUnderFaults;
  beforeAll(async () => {
    cluster = await ProductCluster.start({ gateways: 4, ownUrls: false });
    const size = { sockets: 400, rooms: 40, eventsPerSecond: 40, calmSeconds: 1, ask: false };
    crowd = await ClientsUnderFaults.start(cluster, size);
  });
  afterAll(async () => cluster?.stop());

  it('share their clients evenly', async () => {
    expect(await crowd.spread()).toBeLessThan(5);
  });

  it.each(faults)('bring everybody back in time, who then lacks nothing, when $name', async (fault) => {
    if (!fault.applies(cluster)) return;
    expect((await crowd.undergo(fault)).problems).toEqual([]);
  });

  it('have lost nothing that they acknowledged', async () => {
    expect(await crowd.stop()).toBe(0);
  });
});
