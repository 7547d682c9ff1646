import type { Environment } from '@testcast/client/node';
import { exitCodes } from './exit-codes.ts';
import { findReportFiles } from './report-files.ts';
import { uploadSettingsOf, type UploadOptions } from './settings.ts';
import { Uploading } from './uploading.ts';
import type { Io, UploadOutcome } from './upload-outcome.ts';
import { jsonOf, linesOf } from './upload-summary.ts';

/** `testcast upload`. Throws UsageError; everything else is told and ends in an exit code. */
export async function upload(
  names: readonly string[],
  options: UploadOptions,
  env: Environment,
  io: Io,
): Promise<number> {
  const settings = uploadSettingsOf(options, env);
  const { files, missing } = await findReportFiles(names);
  const outcome: UploadOutcome = { settings, files: [], missing };
  await new Uploading(outcome, options, io).all(files);
  if (options.json === true) io.stdout.write(`${JSON.stringify(jsonOf(outcome))}\n`);
  for (const { text, isError } of linesOf(outcome)) {
    if (isError) io.stderr.write(`${text}\n`);
    else if (options.json !== true && options.quiet !== true) io.stdout.write(`${text}\n`);
  }
  return exitCodeOf(outcome, options, io);
}

function exitCodeOf({ files, missing, failure }: UploadOutcome, { soft }: UploadOptions, io: Io): number {
  const refused =
    missing.length > 0 ||
    failure?.temporary === false ||
    files.some((file) => file.status === 'refused' || (file.status === 'sent' && file.rejected > 0));
  if (refused) return exitCodes.notAll;
  if (failure === undefined && files.every(({ status }) => status === 'sent')) return exitCodes.ok;
  if (soft !== true) return exitCodes.notAll;
  io.stderr.write('warning: the server could not be reached; --soft lets the job pass\n');
  return exitCodes.ok;
}
