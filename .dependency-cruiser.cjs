// The boundaries of the house, as docs/explanation/architecture.md tells them. Every rule is an error.

const specs = '\\.spec\\.tsx?$';
const testCode = [specs, '^test/', '^libs/platform/testing/', '\\.contract\\.ts$', '(^|/)fixtures/'];
const insideOf = (...packages) => `^node_modules/(@types/)?(${packages.join('|')})/`;

/** The folder of one app, library or module may use itself; `doors` are the files by which others come in. */
const entered = (name, comment, from, to, doors) => ({
  name,
  comment,
  severity: 'error',
  from,
  to: { path: to, pathNot: doors },
});

const never = (name, comment, from, to) => ({ name, comment, severity: 'error', from, to });

module.exports = {
  forbidden: [
    never('no-cycles', 'A cycle cannot be understood, tested or loaded one part at a time.', {}, { circular: true }),
    never('no-unresolvable', 'Nothing is imported that is not there.', {}, { couldNotResolve: true }),
    never(
      'no-undeclared-packages',
      'What is imported stands in package.json, or an install elsewhere fails.',
      // Neither is published.
      { pathNot: [specs, '^packages/[^/]+/src/fixtures/'] },
      { dependencyTypes: ['npm-no-pkg', 'npm-unknown'] },
    ),
    never(
      'production-needs-no-dev-packages',
      'npm ci --omit=dev has to be enough to run.',
      { path: '^(apps/(gateway|projector|standalone|store-cli)|libs|migrations|packages)/', pathNot: testCode },
      { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['npm', 'type-only'] },
    ),
    never(
      'loaded-when-wanted',
      'What takes long to load is imported as the process runs, by those that need it (docs/adr/0019).',
      { path: '^(apps/(?!web/)|libs|migrations)', pathNot: testCode },
      {
        path: '^node_modules/(@opentelemetry/(?!api/)|@kubernetes/client-node/)',
        dynamic: false,
        dependencyTypesNot: ['type-only'],
      },
    ),

    // Apps
    never(
      'libs-not-apps',
      'Libraries do not know who composes them.',
      { path: '^(libs|migrations)/' },
      { path: '^apps/' },
    ),
    entered(
      'apps-not-each-other',
      'Apps meet through the log.',
      { path: '^apps/(gateway|projector|store-cli|web)/' },
      '^apps/[^/]+/',
      ['^apps/$1/'],
    ),
    entered(
      'standalone-only-the-gateway',
      'Standalone is the gateway; the projector is a process that it starts.',
      { path: '^apps/standalone/' },
      '^apps/[^/]+/',
      ['^apps/(standalone|gateway)/'],
    ),
    entered(
      'gateway-through-gateway-doors',
      'The gateway takes of a module what it offers to gateways.',
      { path: '^apps/(gateway|standalone)/' },
      '^libs/modules/',
      ['^libs/modules/[^/]+/(gateway|index)\\.ts$'],
    ),
    entered(
      'projector-through-projector-doors',
      'The projector takes of a module what it offers to projectors.',
      { path: '^apps/projector/' },
      '^libs/modules/',
      ['^libs/modules/[^/]+/(projector|index)\\.ts$'],
    ),
    never(
      'web-uses-packages-only',
      'The browser speaks the protocol like everybody else.',
      { path: '^apps/web/' },
      { path: '^(libs|migrations|apps/(?!web/))' },
    ),

    // Platform and modules
    entered(
      'platform-through-index',
      'A platform library is entered by its index.ts.',
      { path: '^(apps|migrations|packages|test|libs/modules)/' },
      '^libs/platform/[^/]+/',
      ['^libs/platform/[^/]+/index\\.ts$'],
    ),
    entered(
      'platform-through-index-also-for-platform',
      'A platform library is entered by its index.ts, also by its neighbours.',
      { path: '^libs/platform/([^/]+)/' },
      '^libs/platform/[^/]+/',
      ['^libs/platform/$1/', '^libs/platform/[^/]+/index\\.ts$'],
    ),
    never(
      'platform-not-modules',
      'The machinery knows nothing of tests; where it needs a module, it has the port.',
      { path: '^libs/platform/' },
      { path: '^libs/modules/' },
    ),
    entered(
      'modules-through-contracts',
      'Modules meet through events, the buses and contracts.',
      { path: '^libs/modules/([^/]+)/' },
      '^libs/modules/[^/]+/',
      ['^libs/modules/$1/', '^libs/modules/[^/]+/index\\.ts$'],
    ),
    entered(
      'modules-through-doors',
      'A module has three doors, for tests too.',
      { path: '^(packages|test|migrations)/' },
      '^libs/modules/[^/]+/',
      ['^libs/modules/[^/]+/(index|gateway|projector)\\.ts$'],
    ),
    entered(
      'domain-is-pure',
      'Deciding needs no framework, no I/O and no clock: domain code is tested and read by itself.',
      { path: '^libs/modules/([^/]+)/domain/', pathNot: specs },
      '.',
      ['^libs/modules/$1/domain/', '^packages/contracts/', '^libs/platform/kernel/index\\.ts$'],
    ),
    never(
      'queries-not-domain',
      'A query is SQL on a read model.',
      { path: '^libs/modules/[^/]+/queries/', pathNot: specs },
      { path: '^libs/modules/[^/]+/domain/' },
    ),
    never(
      'only-tests-use-testing',
      'Production code does not load test tools, nor the services that these start.',
      { pathNot: [...testCode, '^libs/platform/local-services/', '^bench/', '^vitest\\.config\\.ts$'] },
      { path: '^libs/platform/(testing|local-services)/' },
    ),

    // Technology in its place
    never(
      'databases-in-their-place',
      'SQL is spoken by the libraries that store things; elsewhere in platform it comes through a port.',
      {
        path: '^(libs/platform|packages)/',
        pathNot: ['^libs/platform/(database|event-store|messaging|sagas|cluster|local-postgres)/', ...testCode],
      },
      { path: insideOf('typeorm', 'pg', 'pg-pool', '@nestjs/typeorm') },
    ),
    never(
      'no-databases-in-entry',
      'An entry point parses, dispatches and replies.',
      { path: '^libs/modules/[^/]+/entry/', pathNot: testCode },
      { path: insideOf('typeorm', 'pg', 'pg-pool', '@nestjs/typeorm') },
    ),
    never(
      'kafka-in-messaging',
      'Everybody else has the feed.',
      { pathNot: ['^libs/platform/messaging/', ...testCode] },
      { path: insideOf('kafkajs') },
    ),
    never(
      'ws-in-realtime-and-client',
      'Everybody else has the engine port, or the client. Benchmarks measure both from outside, and peers made of ws.',
      { pathNot: ['^libs/platform/realtime/', '^packages/client/', '^bench/(live|peers|encode)/', ...testCode] },
      { path: insideOf('ws') },
    ),

    // Published packages
    never(
      'packages-stand-alone',
      'They are installed without the server.',
      { path: '^packages/' },
      { path: ['^(apps|libs|migrations|test)/', insideOf('@nestjs/[^/]+', 'rxjs')] },
    ),
    never(
      'contracts-need-zod-only',
      'The published language drags nothing along.',
      { path: '^packages/contracts/', pathNot: specs },
      { pathNot: ['^packages/contracts/', insideOf('zod')] },
    ),
  ],
  options: {
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    // Only our own: packages of others are known by their dist/ too.
    exclude: { path: ['^dist/', '^apps/[^/]+/dist/', '^packages/[^/]+/dist/', '^coverage/'] },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['@testcast/source', 'import', 'require', 'node', 'default', 'types'],
      extensions: ['.ts', '.tsx', '.js', '.mjs', '.cjs', '.json'],
    },
  },
};
