/** What this server can still take. Port of the platform: sockets are counted by the realtime library. */
export abstract class ServerLoad {
  abstract readonly serverId: string;
  /** Connections it holds at most. */
  abstract readonly connectionLimit: number;
  /** 0…1. */
  abstract currentLoad(): number;
}
