import { readFileSync } from 'node:fs';
import { runDescriptionSchema, runIdSchema } from '@testcast/contracts';
import { describe, expect, it } from 'vitest';
import type { Environment } from './ci-provider.ts';
import { ciProviders } from './ci-providers.ts';
import { detectCi } from './detect-ci.ts';

interface Case {
  env: Environment;
  expected: { runId: string; rerun?: number; jobUrl?: string } & Record<string, unknown>;
}

const cases: Record<string, Case> = {
  github: {
    env: {
      CI: 'true',
      GITHUB_ACTIONS: 'true',
      GITHUB_RUN_ID: '9001',
      GITHUB_RUN_ATTEMPT: '3',
      GITHUB_HEAD_REF: 'feature/x',
      GITHUB_REF_NAME: '12/merge',
      GITHUB_REF: 'refs/pull/12/merge',
      GITHUB_BASE_REF: 'main',
      GITHUB_SHA: 'abc',
      GITHUB_SERVER_URL: 'https://github.com',
      GITHUB_REPOSITORY: 'acme/shop',
      GITHUB_ACTOR: 'kim',
      GITHUB_EVENT_NAME: 'pull_request',
    },
    expected: {
      runId: 'github-9001',
      rerun: 3,
      branch: 'feature/x',
      commit: 'abc',
      url: 'https://github.com/acme/shop/actions/runs/9001',
      repositoryUrl: 'https://github.com/acme/shop',
      author: 'kim',
      trigger: 'pull_request',
      pullRequest: { number: 12, url: 'https://github.com/acme/shop/pull/12', targetBranch: 'main' },
    },
  },
  gitlab: {
    env: {
      GITLAB_CI: 'true',
      CI_PIPELINE_ID: '77',
      CI_JOB_ID: '5000000001',
      CI_COMMIT_REF_NAME: 'main',
      CI_COMMIT_SHA: 'abc',
      CI_COMMIT_MESSAGE: 'Fix the cart',
      CI_PIPELINE_URL: 'https://gitlab.com/acme/shop/-/pipelines/77',
      CI_JOB_URL: 'https://gitlab.com/acme/shop/-/jobs/5000000001',
      CI_PROJECT_URL: 'https://gitlab.com/acme/shop',
      GITLAB_USER_LOGIN: 'kim',
      CI_PIPELINE_SOURCE: 'push',
    },
    expected: {
      runId: 'gitlab-77',
      rerun: 5000000001,
      jobUrl: 'https://gitlab.com/acme/shop/-/jobs/5000000001',
      branch: 'main',
      commit: 'abc',
      commitMessage: 'Fix the cart',
      url: 'https://gitlab.com/acme/shop/-/pipelines/77',
      repositoryUrl: 'https://gitlab.com/acme/shop',
      author: 'kim',
      trigger: 'push',
    },
  },
  buildkite: {
    env: {
      BUILDKITE: 'true',
      BUILDKITE_BUILD_ID: '0190-ab',
      BUILDKITE_RETRY_COUNT: '1',
      BUILDKITE_BRANCH: 'main',
      BUILDKITE_COMMIT: 'abc',
      BUILDKITE_MESSAGE: 'Fix',
      BUILDKITE_BUILD_URL: 'https://buildkite.com/acme/shop/builds/4',
      BUILDKITE_JOB_ID: 'j1',
      BUILDKITE_REPO: 'git@github.com:acme/shop.git',
      BUILDKITE_BUILD_CREATOR: 'Kim',
      BUILDKITE_SOURCE: 'webhook',
      BUILDKITE_PULL_REQUEST: 'false',
    },
    expected: {
      runId: 'buildkite-0190-ab',
      rerun: 2,
      jobUrl: 'https://buildkite.com/acme/shop/builds/4#j1',
      branch: 'main',
      commit: 'abc',
      commitMessage: 'Fix',
      url: 'https://buildkite.com/acme/shop/builds/4',
      repositoryUrl: 'https://github.com/acme/shop',
      author: 'Kim',
      trigger: 'webhook',
    },
  },
  circleci: {
    env: {
      CIRCLECI: 'true',
      CIRCLE_WORKFLOW_ID: 'w-1',
      CIRCLE_BRANCH: 'pull/8',
      CIRCLE_SHA1: 'abc',
      CIRCLE_BUILD_URL: 'https://circleci.com/gh/acme/shop/99',
      CIRCLE_PULL_REQUEST: 'https://github.com/acme/shop/pull/8',
    },
    expected: {
      runId: 'circleci-w-1',
      jobUrl: 'https://circleci.com/gh/acme/shop/99',
      branch: 'pull/8',
      commit: 'abc',
      url: 'https://app.circleci.com/pipelines/workflows/w-1',
      pullRequest: { number: 8, url: 'https://github.com/acme/shop/pull/8' },
    },
  },
  jenkins: {
    env: {
      JENKINS_URL: 'https://ci.acme.test/',
      JOB_NAME: 'shop/feature%2Fx',
      BUILD_NUMBER: '14',
      GIT_BRANCH: 'origin/main',
      GIT_COMMIT: 'abc',
      BUILD_URL: 'https://ci.acme.test/job/shop/14/',
      GIT_URL: 'https://user:secret@git.acme.test/shop.git',
    },
    expected: {
      runId: 'jenkins-shop-feature-2Fx-14',
      branch: 'main',
      commit: 'abc',
      url: 'https://ci.acme.test/job/shop/14/',
      repositoryUrl: 'https://git.acme.test/shop',
    },
  },
  azure: {
    env: {
      TF_BUILD: 'True',
      BUILD_BUILDID: '31',
      SYSTEM_JOBATTEMPT: '2',
      BUILD_SOURCEBRANCH: 'refs/heads/release/1',
      BUILD_SOURCEVERSION: 'abc',
      SYSTEM_COLLECTIONURI: 'https://dev.azure.com/acme/',
      SYSTEM_TEAMPROJECT: 'shop',
      BUILD_REASON: 'IndividualCI',
    },
    expected: {
      runId: 'azure-31',
      rerun: 2,
      branch: 'release/1',
      commit: 'abc',
      url: 'https://dev.azure.com/acme/shop/_build/results?buildId=31',
      trigger: 'IndividualCI',
    },
  },
  travis: {
    env: {
      TRAVIS: 'true',
      TRAVIS_BUILD_ID: '5',
      TRAVIS_BRANCH: 'main',
      TRAVIS_PULL_REQUEST: '9',
      TRAVIS_COMMIT: 'abc',
    },
    expected: { runId: 'travis-5', branch: 'main', commit: 'abc', pullRequest: { number: 9, targetBranch: 'main' } },
  },
  bitbucket: {
    env: {
      BITBUCKET_BUILD_NUMBER: '6',
      BITBUCKET_PIPELINE_UUID: '{d3b0-1}',
      BITBUCKET_STEP_RUN_NUMBER: '2',
      BITBUCKET_BRANCH: 'main',
      BITBUCKET_GIT_HTTP_ORIGIN: 'https://bitbucket.org/acme/shop',
    },
    expected: {
      runId: 'bitbucket-d3b0-1',
      rerun: 2,
      branch: 'main',
      url: 'https://bitbucket.org/acme/shop/pipelines/results/6',
      repositoryUrl: 'https://bitbucket.org/acme/shop',
    },
  },
  teamcity: {
    env: {
      TEAMCITY_VERSION: '2025.1',
      TEAMCITY_PROJECT_NAME: 'Shop',
      TEAMCITY_BUILDCONF_NAME: 'Unit tests',
      BUILD_NUMBER: '7',
    },
    expected: { runId: 'teamcity-Shop-Unit-tests-7' },
  },
  woodpecker: {
    env: { CI: 'woodpecker', CI_REPO: 'acme/shop', CI_PIPELINE_NUMBER: '8', CI_COMMIT_BRANCH: 'main', DRONE: 'true' },
    expected: { runId: 'woodpecker-acme-shop-8', branch: 'main' },
  },
  drone: {
    env: {
      DRONE: 'true',
      DRONE_REPO: 'acme/shop',
      DRONE_BUILD_NUMBER: '9',
      DRONE_BRANCH: 'main',
      DRONE_PULL_REQUEST: '3',
    },
    expected: { runId: 'drone-acme-shop-9', branch: 'main', pullRequest: { number: 3 } },
  },
  appveyor: {
    env: { APPVEYOR: 'True', APPVEYOR_BUILD_ID: '10', APPVEYOR_REPO_BRANCH: 'main', APPVEYOR_REPO_COMMIT: 'abc' },
    expected: { runId: 'appveyor-10', branch: 'main', commit: 'abc' },
  },
  codebuild: {
    env: {
      CODEBUILD_BUILD_ID: 'shop:1f-2',
      CODEBUILD_WEBHOOK_HEAD_REF: 'refs/heads/main',
      CODEBUILD_SOURCE_VERSION: 'pr/4',
      CODEBUILD_RESOLVED_SOURCE_VERSION: 'abc',
    },
    expected: { runId: 'codebuild-shop-1f-2', branch: 'main', commit: 'abc', pullRequest: { number: 4 } },
  },
  semaphore: {
    env: {
      SEMAPHORE: 'true',
      SEMAPHORE_WORKFLOW_ID: 'w2',
      SEMAPHORE_PIPELINE_RERUN: 'true',
      SEMAPHORE_GIT_BRANCH: 'main',
    },
    expected: { runId: 'semaphore-w2', rerun: 2, branch: 'main' },
  },
};

describe.each(Object.entries(cases))('%s', (name, { env, expected: { runId, rerun = 1, jobUrl, ...description } }) => {
  it('says which build this is', () => {
    expect(detectCi(env)).toEqual({ provider: name, runId, rerun, jobUrl, description });
  });

  it('gives what the server takes', () => {
    const detected = detectCi(env);
    expect(runIdSchema.parse(detected.runId)).toBe(detected.runId);
    expect(runDescriptionSchema.parse(detected.description)).toEqual(detected.description);
  });
});

it('knows a case for every provider, and the reference page names its variables', () => {
  const page = readFileSync(new URL('../../../../docs/reference/ci-variables.md', import.meta.url), 'utf8');
  expect(Object.keys(cases)).toEqual(ciProviders.map(({ name }) => name));
  for (const { title, runId, rerun } of ciProviders) {
    const row = page.split('\n').find((line) => line.startsWith(`| ${title} `));
    const names = [...runId, ...(Array.isArray(rerun) ? (rerun as string[]) : [])];
    expect(names.filter((name) => row?.includes(`\`${name}\``) !== true)).toEqual([]);
  }
});

it('lets TESTCAST_ variables win', () => {
  const env = { ...cases['github']!.env, TESTCAST_RUN_ID: 'nightly 7', TESTCAST_RERUN: '9', TESTCAST_BRANCH: 'other' };
  expect(detectCi(env)).toMatchObject({ runId: 'nightly-7', rerun: 9, description: { branch: 'other' } });
});

it('outside CI makes a new run each time, later ones sorting later', () => {
  const ids = Array.from({ length: 3 }, () => detectCi({}).runId);
  expect(new Set(ids).size).toBe(3);
  for (const id of ids) expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(detectCi({}).provider).toBeUndefined();
});

it('does not let builds share a run when a part of the id is missing', () => {
  expect(detectCi({ JENKINS_URL: 'x', BUILD_NUMBER: '1' }).runId).not.toContain('jenkins');
});

it('cuts what the server would refuse, and leaves out what it cannot read', () => {
  const env = { ...cases['gitlab']!.env, CI_COMMIT_MESSAGE: 'x'.repeat(5000), CI_PIPELINE_URL: 'not a url' };
  const { description } = detectCi(env);
  expect(description.commitMessage).toHaveLength(2000);
  expect(description.url).toBeUndefined();
});
