import { CreateEventStore1764000000001 } from './1764000000001-create-event-store.ts';
import { CreateProjectionCheckpoints1764000000002 } from './1764000000002-create-projection-checkpoints.ts';
import { CreateAccess1764000000003 } from './1764000000003-create-access.ts';
import { CreateRunReadModels1764000000004 } from './1764000000004-create-run-read-models.ts';
import { CreateSagas1764000000005 } from './1764000000005-create-sagas.ts';
import { CreatePartitionMoves1764000000006 } from './1764000000006-create-partition-moves.ts';
import { CreateProjectionBuilds1764000000007 } from './1764000000007-create-projection-builds.ts';
import { CreateTrends1764000000008 } from './1764000000008-create-trends.ts';
import { BoundSessions1764000000009 } from './1764000000009-bound-sessions.ts';
import { AppendInOneGo1764000000010 } from './1764000000010-append-in-one-go.ts';
import { LeaseRelayPartitions1764000000011 } from './1764000000011-lease-relay-partitions.ts';
import { NameEpochsApart1764000000012 } from './1764000000012-name-epochs-apart.ts';
import { EraseStreams1764000000013 } from './1764000000013-erase-streams.ts';
import { AgeTrendTests1764000000014 } from './1764000000014-age-trend-tests.ts';
import { CreateMovedConnections1764000000018 } from './1764000000018-create-moved-connections.ts';
import { CreateClusterMoves1764000000019 } from './1764000000019-create-cluster-moves.ts';
import { CreateClusterResponses1764000000020 } from './1764000000020-create-cluster-responses.ts';
import { RebuildTrends1764000000021 } from './1764000000021-rebuild-trends.ts';
import { KeepTestRowsAsText1764000000022 } from './1764000000022-keep-test-rows-as-text.ts';
import { LockWhereWritten1764000000023 } from './1764000000023-lock-where-written.ts';
import { ForgetDrains1764000000024 } from './1764000000024-forget-drains.ts';

/** In the order in which they run. */
export const migrations = [
  CreateEventStore1764000000001,
  CreateProjectionCheckpoints1764000000002,
  CreateAccess1764000000003,
  CreateRunReadModels1764000000004,
  CreateSagas1764000000005,
  CreatePartitionMoves1764000000006,
  CreateProjectionBuilds1764000000007,
  CreateTrends1764000000008,
  BoundSessions1764000000009,
  AppendInOneGo1764000000010,
  LeaseRelayPartitions1764000000011,
  NameEpochsApart1764000000012,
  EraseStreams1764000000013,
  AgeTrendTests1764000000014,
  CreateMovedConnections1764000000018,
  CreateClusterMoves1764000000019,
  CreateClusterResponses1764000000020,
  RebuildTrends1764000000021,
  KeepTestRowsAsText1764000000022,
  LockWhereWritten1764000000023,
  ForgetDrains1764000000024,
];
