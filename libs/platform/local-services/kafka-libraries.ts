import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';

/**
 * Class path of a Kafka to run in tests: the jars in KAFKA_HOME, or in its libs folder, else in ~/.cache/testcast/kafka-libs,
 * where scripts/fetch-kafka.sh puts them. Undefined, with one loud line, when they or Java are missing; tests then skip.
 *
 * @throws Error instead when CI is set
 */
export function kafkaClassPath(): string | undefined {
  const jars = findJars();
  const missing = jars === undefined ? `no Kafka in ${folders().join(' or ')}` : hasJava() ? undefined : 'no java';
  if (missing === undefined) return jars;
  const message = `${missing}. Install Java 17 and Maven, and run scripts/fetch-kafka.sh, or set KAFKA_HOME.`;
  if (process.env['CI']) throw new Error(message);
  console.warn(`\n*** KAFKA TESTS ARE SKIPPED: ${message} ***\n`);
  return undefined;
}

function folders(): string[] {
  const home = process.env['KAFKA_HOME'];
  if (home) return [home, path.join(home, 'libs')];
  return [path.join(homedir(), '.cache', 'testcast', 'kafka-libs')];
}

function findJars(): string | undefined {
  for (const folder of folders()) {
    const jars = jarsIn(folder);
    if (jars.some((jar) => /^kafka_2\.\d+-/.test(jar))) return jars.map((jar) => path.join(folder, jar)).join(':');
  }
  return undefined;
}

function jarsIn(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter((name) => name.endsWith('.jar'))
      .sort();
  } catch {
    return [];
  }
}

function hasJava(): boolean {
  try {
    execFileSync('java', ['-version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
