import { Controller, Get, HttpCode, Post } from '@nestjs/common';
import { type PartitionMove, Partitions, type PartitionStatistics } from '#platform/event-store';
import { Requires, ValidParams } from '#platform/http';
import { DataSource } from 'typeorm';
import { z } from 'zod';
import { PartitionWork, type PartitionWorkState } from './partition-work.ts';

const partitionSchema = z.object({ partition: z.coerce.number().int().min(0).max(32_767) });
/** Somebody waits for the answer. */
const sampleForMs = 1000;

/** The partitions of the log, for admins of everything. */
@Controller('v1/admin/partitions')
@Requires('admin', { project: '*' })
export class PartitionsController {
  constructor(
    private readonly database: DataSource,
    private readonly work: PartitionWork,
  ) {}

  /** `load` is the share of the measured append capacity; appends are counted for a second. */
  @Get()
  async list(): Promise<{
    items: readonly PartitionStatistics[];
    unfinished?: PartitionMove | undefined;
    work?: PartitionWorkState | undefined;
  }> {
    const partitions = new Partitions(this.database, { sampleFor: sampleForMs });
    const [items, unfinished] = await Promise.all([partitions.statistics(), partitions.unfinished()]);
    return { items, unfinished, work: this.work.state };
  }

  /** Splits what is over 0.85 until nothing is. The list says how far it is. */
  @Post('rebalance')
  @HttpCode(202)
  rebalance(): PartitionWorkState {
    return this.work.start('rebalance', (partitions) => partitions.rebalance());
  }

  @Post(':partition/split')
  @HttpCode(202)
  split(@ValidParams(partitionSchema) { partition }: z.infer<typeof partitionSchema>): PartitionWorkState {
    return this.work.start(`split of ${partition}`, (partitions) => partitions.split(partition));
  }
}
