import { Module } from '@nestjs/common';
import { ParkingLot, Rebuilds } from '#platform/messaging';
import { ClusterAlertsController } from './cluster-alerts.controller.ts';
import { ClusterController } from './cluster.controller.ts';
import { ClusterRoom } from './cluster.room.ts';
import { ClusterViews } from './cluster-views.ts';
import { ParkedStreamsController } from './parked-streams.controller.ts';
import { PartitionWork } from './partition-work.ts';
import { PartitionsController } from './partitions.controller.ts';

/** What the commands `store` and `projections` do, over HTTP, and what there is to see and to do about the cluster. */
@Module({
  controllers: [ClusterAlertsController, ClusterController, PartitionsController, ParkedStreamsController],
  providers: [ClusterRoom, ClusterViews, PartitionWork, ParkingLot, Rebuilds],
})
export class OperationsModule {}
