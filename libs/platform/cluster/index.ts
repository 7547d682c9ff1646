export { Assignments } from './assignments.ts';
export { ClusterMembership } from './cluster-membership.ts';
export type { ClusterNode, NodeLoad, Position } from './cluster-node.ts';
export type { ClusterOptions } from './cluster-options.ts';
export { ClusterModule } from './cluster.module.ts';
export { type ConnectionsToMove, NodeConnections } from './node-connections.ts';
export { NodeGauge } from './node-gauge.ts';
export { NodeHealth } from './node-health.ts';
export { chooseServer } from './server-choice.ts';
export { drainDelayMs, Rebalancing } from './rebalancing/index.ts';
export {
  AlertResponder,
  type AlertNotification,
  alertNotificationSchema,
  ClusterResponses,
  KubernetesAutoscaler,
  type KubernetesAutoscalerOptions,
  ResponsesModule,
} from './responses/index.ts';
export { ServerSelector } from './server-selector.ts';
