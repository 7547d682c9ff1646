import type { Reporter, TestModule, TestRunEndReason } from 'vitest/node';

interface Outcome {
  passed: number;
  failed: number;
  skipped: number;
}

/**
 * Ends the output with a plain line such as "12 passed, 0 failed, 1 skipped". A test that did not run counts as skipped,
 * whatever kept it from running; a file that did not load, or whose hooks failed, counts as failed although no test did.
 */
export default class ClosingLineReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly unknown[], reason: TestRunEndReason): void {
    const outcome: Outcome = { passed: 0, failed: unhandled.length, skipped: 0 };
    for (const module of modules) count(module, outcome);
    // A global setup that failed is told in the reason only.
    if (reason === 'failed' && outcome.failed === 0) outcome.failed = 1;
    // Other reporters print their summary after this call.
    process.once('exit', () => {
      process.stdout.write(`\n${outcome.passed} passed, ${outcome.failed} failed, ${outcome.skipped} skipped\n`);
    });
  }
}

function count(module: TestModule, outcome: Outcome): void {
  let failures = 0;
  for (const test of module.children.allTests()) {
    const { state } = test.result();
    if (state === 'passed') outcome.passed += 1;
    else if (state === 'failed') failures += 1;
    else outcome.skipped += 1;
  }
  if (failures === 0 && module.state() === 'failed') failures = 1;
  outcome.failed += failures;
}
