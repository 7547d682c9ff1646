import { Module } from '@nestjs/common';
import { ParkingLot } from '#platform/messaging';
import { ParkedStreamsController } from './parked-streams.controller.ts';
import { PartitionWork } from './partition-work.ts';
import { PartitionsController } from './partitions.controller.ts';

/** What the commands `store` and `projections` do, over HTTP. */
@Module({
  controllers: [PartitionsController, ParkedStreamsController],
  providers: [PartitionWork, ParkingLot],
})
export class OperationsModule {}
