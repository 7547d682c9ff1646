import type { TestcastError } from '@testcast/client/node';
import type { RunCounts } from '@testcast/contracts';
import type { SentFile } from './send-file.ts';
import type { UploadSettings } from './settings.ts';
import type { Terminal } from './status-line.ts';

export interface Io {
  stdout: Terminal;
  stderr: Terminal;
}

export type FileOutcome =
  | (SentFile & { file: string; status: 'sent' })
  /** `unsent`: the server could not be reached in time. */
  | { file: string; status: 'refused' | 'unsent'; error: { code: string; message: string; details?: unknown } };

export interface UploadOutcome {
  settings: UploadSettings;
  files: FileOutcome[];
  /** Names that stand for no file. */
  missing: string[];
  /** Why the run could not be begun or ended, or the server could not be spoken to at all. */
  failure?: TestcastError | undefined;
  /** `--finish` was asked for: the run or shard is not left open by intent. */
  finishing?: boolean | undefined;
  /** The project was not there before. */
  newProject?: boolean | undefined;
  /** What became of the run or shard, where not everything that was named is in it. */
  left?: 'no run' | 'open run' | 'interrupted run' | 'open shard' | undefined;
  counts?: RunCounts | undefined;
}
