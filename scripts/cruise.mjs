// Runs dependency-cruiser over the whole tree and answers with what it found.
import { existsSync } from 'node:fs';
import { cruise as cruiseFiles } from 'dependency-cruiser';
import readOptions from 'dependency-cruiser/config-utl/extract-depcruise-options';
import readTsConfig from 'dependency-cruiser/config-utl/extract-ts-config';

const roots = ['apps', 'libs', 'packages', 'migrations', 'test', 'bench'];

export async function cruise() {
  const options = await readOptions('./.dependency-cruiser.cjs');
  const { output } = await cruiseFiles(
    roots.filter((root) => existsSync(root)),
    options,
    undefined,
    { tsConfig: readTsConfig('./tsconfig.json') },
  );
  // With a TypeScript that it does not know it reads no file, and says that all is well.
  if (output.summary.totalCruised === 0 || output.summary.totalDependenciesCruised === 0) {
    throw new Error('dependency-cruiser read no modules, so it has checked nothing');
  }
  return output;
}
