/**
 * The floor plan (docs/architecture.md) as a test. Floors point down only; apps are islands; a lib is entered by its
 * `src/index.ts`. `npm run check` runs it, and test/contract/floor-plan.spec.ts plants sins to see that it still bites.
 */
export const FLOOR = {
  core: [],
  mail: ['core'],
  rules: ['core'],
  crypto: ['core'],
  flow: ['core', 'mail', 'rules', 'crypto'],
  adapters: ['core', 'mail', 'rules', 'crypto', 'flow'],
};
const PURE = '^libs/(core|mail|rules|crypto|flow)/';
const SPEC = '\\.(spec|int-spec)\\.ts$';
const floors = Object.entries(FLOOR).map(([lib, may]) => ({
  name: `floor-${lib}`,
  severity: 'error',
  comment: `libs/${lib} may import only: ${may.join(', ') || 'nothing of ours'}`,
  from: { path: `^libs/${lib}/` },
  to: { path: '^(libs|apps)/', pathNot: `^libs/(${[lib, ...may].join('|')})/` },
}));

export default {
  forbidden: [
    ...floors,
    { name: 'never-blind', severity: 'error', from: {}, to: { couldNotResolve: true } },
    { name: 'not-to-dist', severity: 'error', from: {}, to: { path: '^dist/' } },
    { name: 'no-cycle', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'front-door-only',
      severity: 'error',
      from: { path: '^(libs|apps)/([^/]+)/' },
      to: { path: '^libs/([^/]+)/src/', pathNot: ['^libs/[^/]+/src/index\\.ts$', '^libs/$2/'] },
    },
    {
      name: 'apps-are-islands',
      severity: 'error',
      from: { path: '^apps/([^/]+)/' },
      to: { path: '^apps/', pathNot: '^apps/$1/' },
    },
    {
      name: 'pure-floor',
      severity: 'error',
      from: { path: PURE },
      to: { path: 'node_modules/(@nestjs|bullmq|ioredis|pg|@aws-sdk|nodemailer|smtp-server)/' },
    },
    {
      name: 'engine-behind-rules',
      severity: 'error',
      from: { pathNot: '^libs/rules/' },
      to: { path: 'node_modules/json-rules-engine/' },
    },
    {
      name: 'no-net-in-pure',
      severity: 'error',
      from: { path: PURE, pathNot: SPEC },
      to: {
        dependencyTypes: ['core'],
        path: '^(node:)?(fs|net|tls|http|https|http2|dns|child_process|worker_threads)(/|$)',
      },
    },
  ],
  options: {
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    tsConfig: { fileName: 'tsconfig.cruise.json' },
    // As Node resolves ESM; some packages show their files under these conditions only.
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default', 'types'] },
  },
};
