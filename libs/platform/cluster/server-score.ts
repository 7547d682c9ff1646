import type { ClusterNode, Position } from './cluster-node.ts';
import { distanceKm } from './distance.ts';

/** Where a client is, as far as it is known. */
export interface ClientPlace {
  /** The region that it asked for, or that its address belongs to. */
  readonly region?: string | undefined;
  readonly position?: Position | undefined;
}

const weights = { cpu: 0.25, memory: 0.2, connections: 0.25, proximity: 0.15, latency: 0.15 } as const;
/** Half way round the earth. */
const farthestKm = 20_015;
/** The latency at which a server gets half of the points for it: half of what HighLatency alarms at. */
const middlingMs = 100;
/** Where either side is unknown: better than far, worse than near. */
const unknownProximity = 0.5;

/** Share of a node's places that are taken, those on their way to it included. */
export function loadOf(node: ClusterNode, inFlight: number): number {
  return node.maxConnections === 0 ? 1 : (node.connections + inFlight) / node.maxConnections;
}

/**
 * How good a server would be for a client, 0…1, each part of it normalised to 0…1.
 *
 * @param inFlight clients that have been sent there and that its own count does not hold yet
 */
export function scoreOf(node: ClusterNode, client: ClientPlace, inFlight: number): number {
  return (
    weights.cpu * (1 - node.cpu) +
    weights.memory * (1 - node.memory) +
    weights.connections * Math.max(0, 1 - loadOf(node, inFlight)) +
    weights.proximity * proximityOf(node, client) +
    weights.latency * (middlingMs / (middlingMs + clientLatencyOf(node)))
  );
}

/**
 * How long its clients wait for an event: from commit to socket, and from there to them, which is half of what a ping takes. One
 * that has no clients yet counts as near.
 */
function clientLatencyOf({ latencyMs, roundTripMs = 0 }: ClusterNode): number {
  return latencyMs + roundTripMs / 2;
}

/** 1 in the client's own region, else by distance, down to 0 on the other side of the earth. */
export function proximityOf(node: ClusterNode, client: ClientPlace): number {
  if (node.region === client.region) return 1;
  if (node.position === undefined || client.position === undefined) return unknownProximity;
  return Math.max(0, 1 - distanceKm(node.position, client.position) / farthestKm);
}
