import { Controller, Get, HttpCode, Post } from '@nestjs/common';
import { type ClusterMove, clusterRebalanceSchema, type ClusterView } from '@testcast/contracts';
import { ClusterMembership, Rebalancing } from '#platform/cluster';
import { Requires, ValidBody, ValidParams } from '#platform/http';
import { DomainError } from '#platform/kernel';
import { z } from 'zod';
import { ClusterViews } from './cluster-views.ts';

const serverSchema = z.object({ serverId: z.string().min(1).max(128) });
type Server = z.infer<typeof serverSchema>;
/** The next beat asks for it again. */
const retryAfterMs = 5000;

/** The gateways of the cluster, for admins of everything. */
@Controller('v1/admin/cluster')
@Requires('admin', { project: '*' })
export class ClusterController {
  constructor(
    private readonly views: ClusterViews,
    private readonly rebalancing: Rebalancing,
    private readonly membership: ClusterMembership,
  ) {}

  @Get()
  view(): Promise<ClusterView> {
    return this.views.now();
  }

  /**
   * Orders one round; while moves are under way these are the answer. Throws `store.unavailable` while the registry of
   * gateways is away: nobody knows who is full.
   */
  @Post('rebalance')
  @HttpCode(202)
  async rebalance(
    @ValidBody(clusterRebalanceSchema) { evenOut }: z.infer<typeof clusterRebalanceSchema>,
  ): Promise<{ moves: ClusterMove[] }> {
    if (!this.membership.registryUp)
      throw new DomainError('store.unavailable', 'The registry of gateways is away.', { retryAfterMs });
    return { moves: await this.rebalancing.start({ reason: 'manual', evenOut }) };
  }

  /** The gateway stays up, takes nobody and gives away whom it has, until `undrain`, also over a restart. */
  @Post('servers/:serverId/drain')
  @HttpCode(202)
  async drain(@ValidParams(serverSchema) { serverId }: Server): Promise<{ moves: ClusterMove[] }> {
    const known = [...this.membership.nodes(), ...this.membership.lost()];
    if (!known.some((node) => node.serverId === serverId)) throw new DomainError('server.unknown');
    return { moves: await this.rebalancing.drain(serverId) };
  }

  /** Also of a gateway that is not there: it may have been drained before it went. */
  @Post('servers/:serverId/undrain')
  @HttpCode(200)
  async undrain(@ValidParams(serverSchema) { serverId }: Server): Promise<object> {
    await this.rebalancing.undrain(serverId);
    return {};
  }
}
