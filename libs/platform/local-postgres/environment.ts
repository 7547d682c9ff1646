const passedOn = ['PATH', 'LD_LIBRARY_PATH', 'SystemRoot', 'TMP', 'TEMP'];

/** Not all of Node's environment: its secrets are none of the database's business. English, since its output is read. */
export function postgresEnvironment(): NodeJS.ProcessEnv {
  const entries = passedOn.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]]));
  return { ...Object.fromEntries(entries), LC_ALL: 'C' } as NodeJS.ProcessEnv;
}
