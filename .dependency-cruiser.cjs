// The order of the modules: each imports only those before it. If a real need contradicts it, change the order here, and
// say why.
const modules = [
  'kernel',
  'access',
  'identity',
  'touchpoints',
  'conditions',
  // Consents come in by touchpoints and are conditions of segments; erasure reaches what lies to the right by its reactions.
  'privacy',
  'loyalty',
  'kpis',
  'segments',
  'campaigns',
];

/** Put together from modules, and imported by none of them. */
const assemblies = ['server', 'cli', 'demo'];

const anyOf = (names) => `(${names.join('|')})`;

const order = modules.slice(0, -1).map((name, index) => ({
  name: `${name}-imports-only-to-its-left`,
  comment: `Modules import in one direction: ${modules.join(' → ')}.`,
  severity: 'error',
  from: { path: `^src/${name}/` },
  to: { path: `^src/${anyOf(modules.slice(index + 1))}/` },
}));

/** Files that announce a role. Every other file of a module is a plain one. */
const roles = ['table', 'queries', 'loader', 'service', 'events', 'type', 'input', 'enum', 'resolver'];

module.exports = {
  forbidden: [
    ...order,
    {
      name: 'nothing-imports-assemblies',
      comment: 'server, cli and demo put modules together; a module that imported them could not be used without them.',
      severity: 'error',
      from: { path: `^src/${anyOf(modules)}/` },
      to: { path: `^src/${anyOf(assemblies)}/` },
    },
    {
      name: 'no-cycles',
      comment: 'Two files that need each other are one idea, or hide a third.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'sql-only-in-queries-and-kernel',
      comment: 'SQL stands in *.queries.ts, where it can be found and named; the kernel has the connection.',
      severity: 'error',
      from: { path: '^src/', pathNot: ['^src/kernel/', '\\.queries\\.ts$', '\\.table\\.ts$'] },
      to: { path: '(^|/)node_modules/(postgres|pg|pg-copy-streams)/' },
    },
    {
      name: 'drizzle-only-in-tables',
      comment: 'Drizzle declares the tables, and thereby the migrations. It runs nothing.',
      severity: 'error',
      from: { path: '^src/', pathNot: ['\\.table\\.ts$', '^src/kernel/column-types\\.ts$'] },
      to: { path: '(^|/)node_modules/drizzle-orm/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'tables-import-only-tables',
      comment: 'drizzle-kit loads them on their own.',
      severity: 'error',
      from: { path: '\\.table\\.ts$' },
      to: {
        path: '^src/',
        pathNot: ['\\.table\\.ts$', '^src/kernel/'],
        dependencyTypesNot: ['type-only'],
      },
    },
    {
      name: 'graphql-only-in-graphql-files',
      comment:
        'Decorators stand in *.type.ts, *.input.ts, *.enum.ts and *.resolver.ts; everything else works without GraphQL.',
      severity: 'error',
      from: {
        path: '^src/',
        pathNot: [
          '\\.(type|input|enum|resolver)\\.ts$',
          '^src/kernel/scalars\\.ts$',
          '^src/server/',
          '^src/cli/schema',
        ],
      },
      to: { path: '(^|/)node_modules/type-graphql/' },
    },
    {
      name: 'resolvers-ask-services',
      comment: 'Services check the scopes; a resolver that asked the database itself would go round them.',
      severity: 'error',
      from: { path: '\\.(resolver|type|input|enum)\\.ts$' },
      to: { path: '\\.queries\\.ts$', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'queries-decide-nothing',
      comment: 'A query answers a question; what follows from the answer is for services.',
      severity: 'error',
      from: { path: '\\.queries\\.ts$' },
      to: { path: '\\.(service|loader|resolver|type|input)\\.ts$', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'services-know-no-graphql',
      comment: 'The command line and jobs use services too. Inputs are plain types.',
      severity: 'error',
      from: { path: '\\.(service|loader|queries)\\.ts$' },
      to: { path: '\\.resolver\\.ts$' },
    },
    {
      name: 'plain-files-stay-pure',
      comment: 'A file without a role decides: values in, values out. What asks the database says so in its name.',
      severity: 'error',
      from: { path: `^src/${anyOf(modules.slice(1))}/`, pathNot: `\\.${anyOf(roles)}\\.ts$` },
      to: { path: '\\.(queries|loader|service|resolver)\\.ts$', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'only-declared-dependencies',
      comment: 'What the server needs at run time is a dependency, not a development one, and stands in package.json.',
      severity: 'error',
      from: { path: '^src/' },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'], dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'everything-resolves',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'src-stands-alone',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: '^(test|scripts)/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'require', 'node', 'default'] },
  },
};
