type Settings = Readonly<Record<string, string | number>>;

/** For a small machine that PostgreSQL shares with everything else. */
export const ordinarySettings: Settings = {
  shared_buffers: '128MB',
  max_connections: 200,
  timezone: 'UTC',
  log_timezone: 'UTC',
  // Data directories lie on SSDs nowadays; the default of 4 makes the planner avoid indexes.
  random_page_cost: 1.1,
  // Compiling a plan takes longer than the short statements that we run.
  jit: 'off',
  // Two cores are busy with appends and sockets, and /dev/shm of a container (64 MB) is soon full of parallel queries.
  max_parallel_workers_per_gather: 0,
  // At the default of 1 GB a log under load is checkpointed every minute: data files are flushed under the appends, and
  // every page goes into the WAL once more as a whole. Of 2 GB at most is read again after a crash.
  max_wal_size: '2GB',
  // Segments that are used again need not be filled with zeros and flushed while appends wait for the next one.
  min_wal_size: '512MB',
};

export const ephemeralSettings: Settings = {
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
};

/** Not for callers to change: nothing outside this machine gets in, and readiness is read from what the server logs. */
export const fixedSettings: Settings = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  logging_collector: 'off',
  log_destination: 'stderr',
};
